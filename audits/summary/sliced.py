"""Figures of the parts of the data that a plan or a policy names: accuracy, and what each test costs."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from audits import statistics
from audits.rows import CLEAN, Row, source
from audits.slices import Metadata, conditions_of, named
from audits.statistics import Estimate
from audits.summary.of_test import TestFigures, in_order, is_right


class SlicedTest(BaseModel):
    """One test on the examples of one slice; `clean` for their unchanged texts, which have no drop.

    `drop` compares with the clean answers on the same examples, as for all of them.
    """

    model_config = ConfigDict(frozen=True)

    slice: str
    test: str
    accuracy: Estimate
    drop: Estimate | None = None


def sliced(
    clean: Sequence[Row],
    tests: Sequence[TestFigures],
    by_test: Mapping[tuple[str, int], Sequence[Row]],
    labels: Sequence[str],
    metadata: Metadata | None,
    *,
    asked: Sequence[str],
    seed: int,
) -> tuple[SlicedTest, ...]:
    """The figures of every slice that is asked for; `clean` are the plain answers, without errors."""
    rows = in_order(clean)
    right = {row.example: is_right(labels, row) for row in rows}
    found = []
    for one in conditions_of(rows, metadata or {}, map(named.read, asked)):
        inside = [row for row, holds in zip(rows, one.holds, strict=True) if holds]
        names = {row.example for row in inside}
        unchanged = statistics.accuracy([right[row.example] for row in inside], list(map(source, inside)))
        found.append(SlicedTest(slice=one.name, test=CLEAN, accuracy=unchanged))
        for test in tests:
            if not test.flips:
                continue
            answered = [
                row
                for row in in_order(by_test[test.name, test.severity])
                if row.example in names and not row.error
            ]
            sources = list(map(source, answered))
            after = [is_right(labels, row) for row in answered]
            before = [right[row.example] for row in answered]
            found.append(
                SlicedTest(
                    slice=one.name,
                    test=test.test,
                    accuracy=statistics.accuracy(after, sources),
                    drop=statistics.drop(before, after, clusters=sources, seed=seed),
                )
            )
    return tuple(found)
