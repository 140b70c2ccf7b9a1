"""What is said of slices."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from audits.statistics import Estimate
from views.numbers import percent, rate

SIGNIFICANT = 0.05

Outcome = Literal["unchanged", "under noise"]


class Slice(BaseModel):
    """The examples of which `by` is `value`: how many, and their accuracy unchanged and under noise.

    Under noise every noise and severity of the audit counts alike, rows of one example together. The
    p-values are those of being weaker than the other examples, after Holm's correction. `name` is how the
    figures of the slice are called.
    """

    model_config = ConfigDict(frozen=True)

    by: str
    value: str
    examples: int
    clean: Estimate
    noisy: Estimate | None = None
    p_clean: float
    p_noisy: float | None = None
    name: str = ""

    @property
    def written(self) -> str:
        """In words, such as `length: 3–8 words`."""
        return f"{self.by}: {self.value}"

    @property
    def weak(self) -> bool:
        """Whether it is weaker than the rest beyond chance, unchanged."""
        return self.p_clean < SIGNIFICANT

    @property
    def weak_under_noise(self) -> bool:
        """Whether it is weaker than the rest beyond chance, under noise."""
        return self.p_noisy is not None and self.p_noisy < SIGNIFICANT


class Found(BaseModel):
    """A slice that was searched for: what its examples share, and what the confirming half says of it.

    `searched` is its accuracy in the half in which it was found, which flatters the search; `accuracy` and
    `rest` are those of the other half, inside and outside the slice.
    """

    model_config = ConfigDict(frozen=True)

    conditions: tuple[str, ...]
    outcome: Outcome
    searched: float
    accuracy: Estimate
    rest: Estimate
    p_adjusted: float

    @property
    def sentence(self) -> str:
        """Where, how weak and how much better elsewhere, in one plain sentence."""
        here, there = self.accuracy, self.rest
        return (
            f"Weak slice, {self.outcome}: {' and '.join(self.conditions)}, right in "
            f"{rate(here.value, here.low, here.high, here.count)}; elsewhere {percent(there.value)}."
        )

    @property
    def confirmed(self) -> bool:
        """Whether the other half agrees beyond chance."""
        return self.p_adjusted < SIGNIFICANT


class Slices(BaseModel):
    """The slices of one audit. `tried` counts the conditions and pairs that the search looked at."""

    model_config = ConfigDict(frozen=True)

    known: tuple[Slice, ...] = ()
    found: tuple[Found, ...] = ()
    tried: int = 0

    @property
    def weakest(self) -> Slice | None:
        """Of the known slices that are weak beyond chance, the one with the lowest accuracy."""
        weak = [one for one in self.known if one.weak]
        return min(weak, key=lambda one: one.clean.value, default=None)

    @property
    def weakest_under_noise(self) -> Slice | None:
        """The same for the answers under noise."""
        weak = [(one.noisy.value, one) for one in self.known if one.weak_under_noise and one.noisy]
        return min(weak, key=lambda pair: pair[0])[1] if weak else None

    @property
    def sentence(self) -> str:
        """What to take away, unchanged and under noise, in one or two plain sentences."""
        said = [_said("Unchanged", self.weakest, self.weakest.clean if self.weakest else None)]
        if any(one.noisy for one in self.known):
            worst = self.weakest_under_noise
            said.append(_said("Under noise", worst, worst.noisy if worst else None))
        return " ".join(said)

    @property
    def confirmed(self) -> tuple[Found, ...]:
        """The slices found in one half and confirmed by the other, the weakest first."""
        return tuple(sorted((one for one in self.found if one.confirmed), key=lambda one: one.accuracy.value))


def _said(when: str, worst: Slice | None, found: Estimate | None) -> str:
    if worst is None or found is None:
        return f"{when}, no slice is weaker than the others beyond chance."
    told = rate(found.value, found.low, found.high, found.count)
    return f"{when}, it is weakest where the {worst.by} is {worst.value}: right in {told}."
