"""What the registry knows about one test: a noise, a counterfactual or an attack recipe."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["noise", "counterfactual", "attack"]


class AttackError(ValueError):
    """A test that cannot be run. The message says what is wrong, where, and what to do."""


def _present() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a test cannot run without: its name, whether it is here, and how to get it.

    `present` is asked whenever the answer is wanted, for resources come while the program runs.
    """

    name: str
    remedy: str = ""
    present: Callable[[], bool] = _present


@dataclass(frozen=True, slots=True)
class Entry:
    """One test that a text can be put through.

    `kind` is "noise" (one random perturbation at a severity, no queries to search with),
    "counterfactual" (one swap of a protected attribute) or "attack" (a search that asks the model).
    `severities` is empty for all but noises. `family` is the heading it is shown under. `goal` says what
    the test tries to do, `constraints` what it may not change, `needs` what must be at hand.

    `variant` is empty for a test as it was published; otherwise it says in one sentence what was
    replaced. `may_break` is empty for a test that keeps the right label whatever the task; otherwise it
    says where the label may change, and the test runs only where it is asked for by name.

    `fast` is true for an attack that asks the model some hundred times a text at most.
    `flips` is true where the test tries to make the model's answer wrong, so that accuracy under the
    test means something. It is false for a test that keeps the answer on purpose (input reduction):
    its outcomes describe how little text the answer rests on, and must never count as lost accuracy.
    """

    name: str
    kind: Kind
    title: str
    description: str
    paper: str
    goal: str
    constraints: tuple[str, ...] = ()
    severities: tuple[int, ...] = ()
    needs: tuple[Need, ...] = ()
    family: str = ""
    variant: str = ""
    may_break: str = ""
    fast: bool = True
    flips: bool = True

    @property
    def missing(self) -> tuple[Need, ...]:
        """The needs that are not met here."""
        return tuple(need for need in self.needs if not need.present())

    @property
    def available(self) -> bool:
        """Whether the test can run here."""
        return not self.missing

    @property
    def remedy(self) -> str:
        """How to get what is missing; empty where nothing is."""
        return " ".join(need.remedy for need in self.missing)
