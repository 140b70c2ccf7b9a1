"""Which words of flipped examples spoke for the right answer: kept, for they take the model to make.

A report is a pure function of what is stored. Word scores are the one part that rows do not give; they stand
in its JSON as they were made, and where they are missing it says why.
"""

from functools import cached_property

from pydantic import BaseModel, ConfigDict

from audits.summary import Flip


class Words(BaseModel):
    """The scores of one text's words: which of them speak for `target` over `contrast`, and how much.

    `spans` are (first character, end, score); positive scores speak for the target. `converged` says whether
    the scores add up to the difference that they share out, where the method promises that.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    target: str
    contrast: str
    spans: tuple[tuple[int, int, float], ...]
    converged: bool = True
    truncated: bool = False


class Explanations(BaseModel):
    """The word scores of some texts, by one method; `missing` says why there are none."""

    model_config = ConfigDict(frozen=True)

    method: str = ""
    title: str = ""
    model_fingerprint: str = ""
    texts: tuple[Words, ...] = ()
    missing: str = "`python -m audits report ID --out DIR` asks the model for it."

    @cached_property
    def _found(self) -> dict[tuple[str, str, str], Words]:
        return {(one.text, one.target, one.contrast): one for one in self.texts}

    def of(self, flip: Flip) -> tuple[Words, Words] | None:
        """The words before and after that spoke for the right label over the wrong answer, if known."""
        before = self._found.get((flip.text, flip.label, flip.predicted))
        after = self._found.get((flip.perturbed, flip.label, flip.predicted))
        return (before, after) if before and after else None


#: What stands where nobody asked for word scores.
NONE = Explanations()
