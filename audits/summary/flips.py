"""The examples that an audit's tests turned."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from audits.rows import Row
from audits.summary.of_test import TestFigures, is_right, titled
from audits.tables import Audit
from audits.validity import Validity, Verdict


class Flip(BaseModel):
    """An example that was answered right and, under a test, wrong. Confidences are shares.

    `valid` says whether a successful attack counts (`audits.validity`); it is None for other tests.
    """

    model_config = ConfigDict(frozen=True)

    example: str
    test: str
    title: str
    label: str
    predicted: str
    text: str
    perturbed: str
    confidence_before: float
    confidence_after: float
    queries: int
    words_edited: float = 0.0
    similarity: float | None = None
    fluency: float | None = None
    valid: bool | None = None
    mark: Verdict | None = None
    seed: int = 0


def flips(
    audit: Audit,
    clean: Mapping[str, Row],
    right: Mapping[str, bool],
    tests: Mapping[str, TestFigures],
    by_test: Mapping[tuple[str, int], Sequence[Row]],
    *,
    view: Validity,
) -> tuple[Flip, ...]:
    """Right before, wrong after: in the order of tests, seeds and examples."""
    return tuple(
        Flip(
            example=row.example,
            test=test.test,
            title=titled(test),
            label=row.label,
            predicted=audit.labels[row.predicted],
            text=row.text,
            perturbed=row.perturbed,
            confidence_before=max(clean[row.example].probabilities),
            confidence_after=row.probabilities[row.predicted],
            queries=row.queries,
            seed=row.seed,
            words_edited=row.words_edited,
            similarity=row.similarity,
            fluency=row.fluency,
            valid=view.of(row, flips=True),
            mark=mark.verdict if (mark := view.mark(row)) else None,
        )
        for test in tests.values()
        if test.flips
        for row in sorted(by_test[test.name, test.severity], key=lambda row: row.seed)
        if right.get(row.example) and row.predicted is not None and not is_right(audit.labels, row)
    )
