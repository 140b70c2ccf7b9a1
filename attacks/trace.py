"""The way of a search, step by step, for whoever watches it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

#: A trace has so many steps at most; a longer search keeps every second, fourth, … step and its last.
LONGEST = 256
#: So many of a step's candidates are named.
_NAMED = 8
#: A change is shown with so many words at most.
_WORDS = 6


@dataclass(frozen=True, slots=True)
class Step:
    """One round of questions of a search.

    `queries` texts have been asked about so far, `candidates` of them in this step. `best_score` is the
    goal's score of the best text so far, `text` (for most attacks 1 minus the true label's probability).
    `tried` names the step's best candidates, best first: the words before and after. `ranks` is true
    where the candidates only measure how much words matter and can never be the result.
    """

    queries: int
    best_score: float
    text: str
    candidates: int
    tried: tuple[tuple[str, str], ...] = ()
    ranks: bool = False


class Trace:
    """Steps, thinned out where there are too many."""

    def __init__(self) -> None:
        self._kept: list[Step] = []
        self._last: Step | None = None
        self._seen = 0
        self._every = 1

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps in order, the first and the latest among them."""
        if self._last is None or self._kept[-1] is self._last:
            return tuple(self._kept)
        return (*self._kept, self._last)

    def add(self, step: Step) -> None:
        """The latest step."""
        if self._seen % self._every == 0:
            self._kept.append(step)
            if len(self._kept) == LONGEST:
                self._kept = self._kept[::2]
                self._every *= 2
        self._last = step
        self._seen += 1


def changes(results: Sequence[Any], original: Any) -> tuple[tuple[str, str], ...]:
    """What the best few of TextAttack's results changed in the text that each came from."""
    best = sorted(results, key=lambda result: -float(result.score))[:_NAMED]
    texts = [result.attacked_text for result in best]
    return tuple(
        difference(text.attack_attrs.get("previous_attacked_text", original).words, text.words)
        for text in texts
    )


def difference(before: Sequence[str], after: Sequence[str]) -> tuple[str, str]:
    """The stretch of words that differs, before and after; a long one is cut with an ellipsis."""
    start, shorter = 0, min(len(before), len(after))
    while start < shorter and before[start] == after[start]:
        start += 1
    end = 0
    while end < shorter - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return _shown(before[start : len(before) - end]), _shown(after[start : len(after) - end])


def _shown(words: Sequence[str]) -> str:
    return " ".join(words[:_WORDS]) + (" …" if len(words) > _WORDS else "")
