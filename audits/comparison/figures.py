"""One test in two audits: the figures of both on their shared rows, and the differences."""

from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from attacks.entry import Kind
from audits import statistics
from audits.pairing import Place, Shared, mean_difference, place
from audits.rows import Row, source
from audits.statistics import Estimate
from audits.summary.of_test import is_right
from audits.tables import Audit

Pairs = Sequence[tuple[Row, Row]]


class Difference(BaseModel):
    """A figure of both audits on shared rows. `difference` is the second's minus the first's."""

    model_config = ConfigDict(frozen=True)

    first: float
    second: float
    difference: Estimate


class AttackFigures(BaseModel):
    """An attack's success among the shared examples that it could attack: those each model answered right."""

    model_config = ConfigDict(frozen=True)

    attacked_first: int
    attacked_second: int
    succeeded_first: int
    succeeded_second: int
    success: Difference


class RobustnessFigures(BaseModel):
    """One noise over its severities, on the texts that both audits answered at every one."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    score: Difference


class TestDifference(BaseModel):
    """One test, or the clean answers, in two audits.

    `shared` rows have the same example, label, severity and seed, and an answer in both; `unanswered` lack
    one in either; `only_first` and `only_second` have no partner. Of the shared rows `lost` went from right
    to wrong, `gained` the other way, `other` from one wrong answer to another. `p_value` is McNemar's of
    lost against gained, `p_adjusted` after Holm's correction for all tests of the comparison, `q_value` after
    Benjamini and Hochberg's. `drop` is lost accuracy against the clean answers of the same audit. Figures are
    None where there is nothing shared.
    """

    __test__ = False
    model_config = ConfigDict(frozen=True)

    test: str
    title: str
    kind: Kind | None
    severity: int
    shared: int
    unanswered: int
    only_first: int
    only_second: int
    examples: int = 0
    lost: int = 0
    gained: int = 0
    other: int = 0
    accuracy: Difference | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    q_value: float | None = None
    macro_f1: Difference | None = None
    calibration_error: Difference | None = None
    drop: Difference | None = None
    attack: AttackFigures | None = None

    @property
    def changed(self) -> int:
        """Shared rows whose answer is another."""
        return self.lost + self.gained + self.other

    @property
    def is_found(self) -> bool:
        """Whether accuracy differs beyond what chance explains, among so many tests."""
        return self.p_adjusted is not None and self.p_adjusted < 0.05


def figures(shared: Shared, first: Audit, second: Audit, seed: int) -> dict[str, object]:
    """The figures of the shared rows of one test, as fields of `TestDifference`."""
    if not shared.pairs:
        return {}
    sources = [source(before) for before, _ in shared.pairs]
    answers = [
        [audit.labels[row.predicted or 0] for row in rows]
        for audit, rows in zip((first, second), zip(*shared.pairs, strict=True), strict=True)
    ]
    labels = [before.label for before, _ in shared.pairs]
    right = np.array([[said == label for said, label in zip(one, labels, strict=True)] for one in answers])
    before, after = right
    return {
        "examples": len(set(sources)),
        "lost": int((before & ~after).sum()),
        "gained": int((~before & after).sum()),
        "other": sum(
            one != two and not known
            for one, two, known in zip(*answers, (before | after).tolist(), strict=True)
        ),
        "accuracy": Difference(
            first=float(before.mean()),
            second=float(after.mean()),
            difference=statistics.drop(after, before, clusters=sources, seed=seed),
        ),
        "p_value": statistics.mcnemar(before, after, sources),
        **_scores(shared.pairs, first, second),
    }


def _scores(pairs: Pairs, first: Audit, second: Audit) -> dict[str, object]:
    """Macro F1 and calibration error; nothing where a label is none of the model's."""
    sources = [source(before) for before, _ in pairs]
    place_of = {label: index for index, label in enumerate(first.labels)}
    if any(before.label not in place_of for before, _ in pairs):
        return {}
    truth = np.array([place_of[before.label] for before, _ in pairs])
    k = len(first.labels)
    # The second model's labels may stand in another order.
    order = [second.labels.index(label) for label in first.labels]
    scores = (
        np.array([before.probabilities for before, _ in pairs]),
        np.array([after.probabilities for _, after in pairs])[:, order],
    )
    said = [one.argmax(axis=1) for one in scores]
    f1 = [statistics.mean_f1(statistics.f1_columns(truth, one, k).sum(axis=0)[None])[0] for one in said]
    errors = [statistics.expected_calibration_error(one, truth).ece for one in scores]
    return {
        "macro_f1": Difference(
            first=float(f1[0]),
            second=float(f1[1]),
            difference=statistics.macro_f1_difference(truth, said[0], said[1], k, sources),
        ),
        "calibration_error": Difference(
            first=errors[0],
            second=errors[1],
            difference=statistics.calibration_difference(*scores, truth, sources),
        ),
    }


def robustness_difference(
    levels: Sequence[Shared], first: Audit, second: Audit, clean: Mapping[Place, tuple[bool, bool]]
) -> Difference | None:
    """The areas under the curves of one noise, on what both audits answered clean and at every severity."""
    lines: dict[tuple[Place, int], list[tuple[Row, Row]]] = {}
    for level in levels:
        for pair in level.pairs:
            if place(pair[0]) in clean:
                lines.setdefault((place(pair[0]), pair[0].seed), []).append(pair)
    whole = {key: line for key, line in sorted(lines.items()) if len(line) == len(levels)}
    if len(levels) < 2 or not whole:
        return None
    columns = [
        statistics.robustness_columns(
            [
                [clean[where][side], *(is_right(audit.labels, pair[side]) for pair in line)]
                for (where, _), line in whole.items()
            ],
            [[0.0, *(pair[side].characters_edited for pair in line)] for line in whole.values()],
        )
        for side, audit in enumerate((first, second))
    ]
    sources = [source(line[0][0]) for line in whole.values()]
    areas = [statistics.mean_accuracy(one.sum(axis=0)[None])[0] for one in columns]
    return Difference(
        first=float(areas[0]),
        second=float(areas[1]),
        difference=statistics.difference(columns[0], columns[1], statistics.mean_accuracy, sources),
    )


def drop_difference(
    shared: Shared, clean: Mapping[Place, tuple[bool, bool]], first: Audit, second: Audit, seed: int
) -> Difference | None:
    """How much more accuracy the test takes from the second, on rows whose clean answers are shared too."""
    pairs = [pair for pair in shared.pairs if place(pair[0]) in clean]
    if not pairs:
        return None
    lost = np.array(
        [
            [
                float(was) - is_right(audit.labels, row)
                for was, audit, row in zip(clean[place(pair[0])], (first, second), pair, strict=True)
            ]
            for pair in pairs
        ]
    )
    change = mean_difference(lost[:, 1] - lost[:, 0], [source(before) for before, _ in pairs], seed)
    return Difference(first=float(lost[:, 0].mean()), second=float(lost[:, 1].mean()), difference=change)


def attack_difference(shared: Shared) -> AttackFigures | None:
    """The success of an attack in both audits, each among the examples that it could attack."""
    columns = [
        np.array(
            [[row.status == "succeeded", row.status in ("succeeded", "failed")] for row in rows], dtype=float
        )
        for rows in zip(*shared.pairs, strict=True)
    ]
    if not columns or not all(one[:, 1].any() for one in columns):
        return None
    (won_first, could_first), (won_second, could_second) = (
        one.sum(axis=0).astype(int).tolist() for one in columns
    )
    return AttackFigures(
        attacked_first=could_first,
        attacked_second=could_second,
        succeeded_first=won_first,
        succeeded_second=won_second,
        success=Difference(
            first=won_first / could_first,
            second=won_second / could_second,
            difference=statistics.success_difference(
                columns[0], columns[1], [source(before) for before, _ in shared.pairs]
            ),
        ),
    )
