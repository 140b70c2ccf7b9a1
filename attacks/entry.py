"""What the registry knows about one test: a noise or an attack recipe."""

from dataclasses import dataclass
from typing import Literal


class AttackError(ValueError):
    """A test that cannot be run. The message says what is wrong, where, and what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One test that a text can be put through.

    `kind` is "noise" (one random perturbation at a severity, no queries to search with) or "attack"
    (a search that asks the model). `severities` is empty for an attack. `goal` says what the test
    tries to do, `constraints` what it may not change, `needs` what must be installed or downloaded.
    Where `available` is false, `remedy` says how to get what is missing.

    `flips` is true where the test tries to make the model's answer wrong, so that accuracy under the
    test means something. It is false for a test that keeps the answer on purpose (input reduction):
    its outcomes describe how little text the answer rests on, and must never count as lost accuracy.
    """

    name: str
    kind: Literal["noise", "attack"]
    title: str
    description: str
    paper: str
    goal: str
    constraints: tuple[str, ...] = ()
    severities: tuple[int, ...] = ()
    needs: tuple[str, ...] = ()
    available: bool = True
    remedy: str = ""
    flips: bool = True
