"""Which successful attacks count: thresholds on what was measured, and the verdicts of people who looked.

An attack that changed what a text says proves nothing about the model. Morris et al. (2020), "Reevaluating
Adversarial Examples in Natural Language", had people judge the successes of two published attacks: often
the meaning was gone, and with thresholds that agree with people the success rate fell by over 70 points.
Where the line lies is the reader's to say, also after a run: it is a way of looking at rows, no part of them.

The usual thresholds come from reading 63 successes on 40 SST-2 sentences. Below a similarity of 0.8 most of
PWWS's had lost their meaning ("funny but" → "singular but", "sweet" → "odorous"), 9 of 34; above it few
("funny" → "fishy" at 0.82). But 10 of 29 of DeepWordBug's lay below it too, though a person reads most of
them: misspellings move the vector of a short text far. For attacks on letters lower it, or review.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from attacks.outcome import Outcome
from audits import statistics
from audits.rows import Row, source
from audits.statistics import Estimate

#: What a person says of a changed text: it now deserves another label, or still the old one.
Verdict = Literal["label changed", "label kept"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

#: A row within its audit: test, severity, seed, example.
Place = tuple[str, int, int, str]


class Thresholds(BaseModel):
    """What a successful attack must keep to count as valid; None switches a threshold off.

    `similarity` is the least cosine of the sentence vectors before and after (`attacks.outcome`),
    `words` the largest share of words changed, `fluency` the largest loss of mean log-probability a
    token, in nats. What was not measured on a row speaks neither for nor against it.
    """

    model_config = ConfigDict(frozen=True)

    similarity: float | None = Field(default=0.8, ge=-1, le=1, allow_inf_nan=False)
    words: float | None = Field(default=0.5, ge=0, le=1, allow_inf_nan=False)
    fluency: float | None = Field(default=None, ge=0, allow_inf_nan=False)

    @property
    def sentence(self) -> str:
        """Such as `similarity at least 0.80, at most 50 % of the words changed`."""
        parts = []
        if self.similarity is not None:
            parts.append(f"similarity at least {self.similarity:.2f}")
        if self.words is not None:
            parts.append(f"at most {100 * self.words:.0f} % of the words changed")
        if self.fluency is not None:
            parts.append(f"fluency lower by at most {self.fluency:.2f} nats a token")
        return ", ".join(parts) or "no thresholds"


@dataclass(frozen=True, slots=True)
class Mark:
    """A person's verdict on one row: what, when (`at`, an ISO time in UTC), and a note if there is one."""

    verdict: Verdict
    at: str = ""
    note: str = ""


def place(row: Row) -> Place:
    """Where the row stands in its audit, as marks name it."""
    return row.test, row.severity, row.seed, row.example


def is_valid(row: Row | Outcome, thresholds: Thresholds, mark: Mark | None = None) -> bool:
    """Whether a successful attack counts as evidence. A person's verdict outweighs every threshold."""
    if mark is not None:
        return mark.verdict == "label kept"
    low, most, lost = thresholds.similarity, thresholds.words, thresholds.fluency
    return not (
        (low is not None and row.similarity is not None and row.similarity < low)
        or (most is not None and row.words_edited > most)
        or (lost is not None and row.fluency is not None and -row.fluency > lost)
    )


def is_measured(row: Row, thresholds: Thresholds) -> bool:
    """Whether a successful attack carries all that the thresholds ask about."""
    return not (
        (thresholds.similarity is not None and row.similarity is None)
        or (thresholds.fluency is not None and row.fluency is None)
    )


@dataclass(frozen=True, slots=True)
class Validity:
    """One way of looking at an audit's successes: thresholds, and the marks that people have set."""

    thresholds: Thresholds = field(default_factory=Thresholds)
    marks: Mapping[Place, Mark] = field(default_factory=dict)

    def mark(self, row: Row) -> Mark | None:
        """The verdict on a row, if a person gave one."""
        return self.marks.get(place(row))

    def valid(self, row: Row) -> bool:
        """Whether the row, a successful attack, counts (`is_valid`)."""
        return is_valid(row, self.thresholds, self.mark(row))

    def of(self, row: Row, *, flips: bool) -> bool | None:
        """Whether a row counts as evidence; None for what is no success of an attack on the answer."""
        return self.valid(row) if flips and row.status == "succeeded" else None


#: No marks, and the thresholds that stand until somebody sets others.
PLAINLY = Validity()


class ValidFigures(BaseModel):
    """What is left of an attack when only valid successes count; the others stand as failed.

    `valid` of the successes count, `reviewed` of them bear a person's verdict, `overruled` of those lost or
    won their place by it against the thresholds. `unmeasured` bear none, and lack something that a
    threshold asks about: rows of an older Assay, or texts too long for fluency. `success` is a share of the
    examples that could be attacked, `accuracy` one of all examples that have both answers.
    """

    model_config = ConfigDict(frozen=True)

    valid: int
    reviewed: int
    overruled: int
    unmeasured: int
    success: Estimate
    accuracy: Estimate | None


def valid_figures(
    rows: Sequence[Row], answers: Sequence[tuple[Row, bool]], view: Validity
) -> ValidFigures | None:
    """The figures of one attack on the answer; None where nothing could be attacked.

    `rows` are the attack's without errors, `answers` those of them that have a clean answer beside them,
    each with whether the answer under attack is right.
    """
    attacked = [row for row in rows if row.status in ("succeeded", "failed")]
    if not attacked:
        return None
    won = [row for row in attacked if row.status == "succeeded"]
    marked = [row for row in won if view.mark(row)]
    counts = [row.status == "succeeded" and view.valid(row) for row in attacked]
    held = [right or (row.status == "succeeded" and not view.valid(row)) for row, right in answers]
    return ValidFigures(
        valid=sum(counts),
        reviewed=len(marked),
        overruled=sum(is_valid(row, view.thresholds) != view.valid(row) for row in marked),
        unmeasured=sum(not is_measured(row, view.thresholds) for row in won if not view.mark(row)),
        success=statistics.accuracy(counts, list(map(source, attacked))),
        accuracy=statistics.accuracy(held, [source(row) for row, _ in answers]) if held else None,
    )
