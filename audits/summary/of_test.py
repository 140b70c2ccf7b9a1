"""One test of an audit in figures."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from attacks.entry import Kind
from attacks.recipes import custom
from attacks.registry import AttackError, Entry, entry
from audits import statistics
from audits.groups import GroupFigures, group_figures
from audits.plan import PlannedTest
from audits.rows import Row, source
from audits.statistics import Estimate, SeedSpread
from audits.summary.quality import Quality, quality
from audits.summary.reach import detectable, needed
from audits.tables import Audit
from audits.validity import ValidFigures, Validity, valid_figures
from views.numbers import grouped, percent

#: Lost accuracy counts as found where its p value, corrected by Holm, is below this.
SIGNIFICANT = 0.05


class Effort(BaseModel):
    """What an attack did and spent, as means with intervals.

    `words` is the share of words changed and `similarity` the cosine of both texts' sentence vectors, over
    its successes (the similarity over those measured); `queries` are its questions to the model, over all
    examples attacked. None where there is no such row.
    """

    model_config = ConfigDict(frozen=True)

    words: Estimate | None
    similarity: Estimate | None
    queries: Estimate | None


class TestFigures(BaseModel):
    """One test of an audit.

    Figures of accuracy compare the test with the clean answers on the same examples; they are None for a
    test that keeps the answer on purpose (`flips` is false), and where there is nothing to compare yet.
    Shares lie between 0 and 1. `rows` are the texts tried, `paired` those of them that have both answers,
    `examples` the source examples of these; they differ where a noise was drawn with several seeds.

    `drop` counts every pair, whether the test found anything to edit or not (intention to treat);
    `drop_if_changed` those whose text it changed. `lost` pairs were right and became wrong, `gained` the
    other way round; `lost_rate` is the share lost of those that were right, `gained_rate` of those that were
    wrong. `p_value` is McNemar's, `p_adjusted` after Holm's correction for all tests of the audit (what a
    decision hangs on), `q_value` after Benjamini and Hochberg's (for exploring). `quality` scores the answers
    beyond accuracy, `seeds` says how far the noise's draw moves the drop. `detectable` is the smallest drop
    that so many examples would show, `needed` the examples that would settle whether there is one
    (`audits.summary.reach`).

    `success` is the share that an attack turned among the examples that it could attack (those answered
    right), `success_of_all` the share of all its examples. `characters_edited` and `words_edited` are means
    over the rows. `words_left` is the mean share of words that a successful attack leaves as they were.
    `groups` are the figures of a counterfactual that changed some text, `validity` those of an attack on the
    answer when only its valid successes count.
    """

    __test__ = False  # the name is no invitation to pytest
    model_config = ConfigDict(frozen=True)

    test: str
    name: str
    severity: int
    kind: Kind
    title: str
    family: str = ""
    variant: str = ""
    flips: bool
    rows: int
    errors: int
    changed: int
    characters_edited: float
    words_edited: float
    paired: int = 0
    examples: int = 0
    clean_accuracy: Estimate | None = None
    accuracy: Estimate | None = None
    drop: Estimate | None = None
    drop_if_changed: Estimate | None = None
    lost: int = 0
    gained: int = 0
    lost_rate: Estimate | None = None
    gained_rate: Estimate | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    q_value: float | None = None
    quality: Quality | None = None
    seeds: SeedSpread | None = None
    detectable: float | None = None
    needed: int | None = None
    attacked: int = 0
    succeeded: int = 0
    skipped: int = 0
    success: Estimate | None = None
    success_of_all: Estimate | None = None
    queries: float | None = None
    effort: Effort | None = None
    words_left: float | None = None
    groups: GroupFigures | None = None
    validity: ValidFigures | None = None

    @property
    def kept(self) -> str:
        """What a test that keeps the answer on purpose shows in the place of a drop."""
        left = "" if self.words_left is None else f" with {percent(self.words_left, 0)} of the words"
        return f"keeps the answer{left}"

    @property
    def counted(self) -> str:
        """The texts behind the figures: `100`, or `100 × 3` where a noise was drawn three times."""
        tried = grouped(self.paired or self.rows)
        if not self.seeds:
            return tried
        draws = len(self.seeds.by_seed)
        asked = f"{grouped(self.examples)}\u00a0\u00d7\u00a0{draws}"
        return asked if self.paired == self.examples * draws else f"{tried} of {asked}"

    @property
    def is_lost(self) -> bool:
        """Whether accuracy was lost beyond what chance explains, among so many tests.

        The one answer to that question: headlines, bold figures and stars all go by it.
        """
        lost = self.drop is not None and self.drop.value > 0
        return lost and self.p_adjusted is not None and self.p_adjusted < SIGNIFICANT


def titled(test: TestFigures) -> str:
    """A test's title with its severity: `Keyboard typos, severity 2`."""
    return f"{test.title}, severity {test.severity}" if test.severity else test.title


def known(name: str) -> Entry | None:
    """What the registry knows of a test, or a recipe of one's own; None for one that this version lacks."""
    try:
        return custom.outline(name) or entry(name)
    except AttackError:
        return None


def in_order(rows: Iterable[Row]) -> list[Row]:
    """The rows by example and seed: sums then come out the same to the last digit, whoever made the rows."""
    return sorted(rows, key=lambda row: (row.example, row.seed))


def is_right(labels: Sequence[str], row: Row) -> bool:
    """Whether the row's answer is its label."""
    return row.predicted is not None and labels[row.predicted] == row.label


def corrected(tests: Sequence[TestFigures]) -> list[TestFigures]:
    """The tests of one audit with their p-values corrected for being several."""
    values = [test.p_value for test in tests if test.p_value is not None]
    both = iter(zip(statistics.holm(values), statistics.benjamini_hochberg(values), strict=True))
    return [
        test
        if test.p_value is None
        else test.model_copy(update=dict(zip(("p_adjusted", "q_value"), next(both), strict=True)))
        for test in tests
    ]


def figures_of(
    audit: Audit,
    column: PlannedTest,
    rows: Sequence[Row],
    clean: Mapping[str, Row],
    right: Mapping[str, bool],
    *,
    view: Validity,
) -> TestFigures:
    """The figures of one test from its rows, without corrections for the others.

    `clean` holds the plain answers by example, `right` whether each that is one is right.
    """
    found = known(column.name)
    sound = in_order(row for row in rows if not row.error)
    figures = TestFigures(
        test=column.written,
        name=column.name,
        severity=column.severity,
        kind=found.kind if found else ("noise" if column.severity else "attack"),
        title=found.title if found else column.name,
        family=found.family if found else "",
        variant=found.variant if found else "",
        flips=found.flips if found else True,
        rows=len(rows),
        errors=len(rows) - len(sound),
        changed=sum(row.perturbed != row.text for row in sound),
        characters_edited=_mean([row.characters_edited for row in sound]),
        words_edited=_mean([row.words_edited for row in sound]),
    )
    more = _attack_figures(sound) if figures.kind == "attack" else {}
    if figures.kind == "counterfactual":
        more["groups"] = group_figures(sound, clean, audit.labels, audit.plan.seed)
    if figures.flips:
        paired = [row for row in sound if row.example in right]
        more |= _accuracy_figures(audit, paired, right)
        if figures.kind == "attack":
            answers = [(row, is_right(audit.labels, row)) for row in paired]
            more["validity"] = valid_figures(sound, answers, view)
        else:
            more |= _if_changed(audit, paired, right)
    return figures.model_copy(update=more)


def _accuracy_figures(audit: Audit, paired: Sequence[Row], right: Mapping[str, bool]) -> dict[str, object]:
    """What a test does to accuracy, on the examples that have both answers."""
    if not paired:
        return {}
    before, after, sources = _pairs(audit, paired, right)
    names, examples = np.array(sources, dtype=object), len(set(sources))
    drop = statistics.drop(before, after, clusters=sources, seed=audit.plan.seed)
    lost, gained = int((before & ~after).sum()), int((~before & after).sum())
    seeds = [row.seed for row in paired]
    spread = (
        statistics.seed_spread(before.astype(float) - after, seeds, sources) if len(set(seeds)) > 1 else None
    )
    return {
        "paired": len(paired),
        "examples": examples,
        "clean_accuracy": statistics.accuracy(before, sources),
        "accuracy": statistics.accuracy(after, sources),
        "drop": drop,
        "lost": lost,
        "gained": gained,
        "detectable": detectable(examples, gained / len(paired), spread),
        "needed": needed(drop, lost, gained, examples, spread),
        "lost_rate": statistics.accuracy(~after[before], names[before].tolist()) if before.any() else None,
        "gained_rate": statistics.accuracy(after[~before], names[~before].tolist())
        if not before.all()
        else None,
        "p_value": statistics.mcnemar(before, after, sources),
        "quality": quality(paired, audit.labels),
        "seeds": spread,
    }


def _if_changed(audit: Audit, paired: Sequence[Row], right: Mapping[str, bool]) -> dict[str, object]:
    """The drop on the texts that were changed; nothing where none was."""
    changed = [row for row in paired if row.perturbed != row.text]
    if not changed:
        return {}
    before, after, sources = _pairs(audit, changed, right)
    return {"drop_if_changed": statistics.drop(before, after, clusters=sources, seed=audit.plan.seed)}


def _pairs(
    audit: Audit, rows: Sequence[Row], right: Mapping[str, bool]
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Right before, right after, and the source example of each row."""
    return (
        np.array([right[row.example] for row in rows], dtype=bool),
        np.array([is_right(audit.labels, row) for row in rows], dtype=bool),
        [source(row) for row in rows],
    )


def _attack_figures(sound: Sequence[Row]) -> dict[str, object]:
    """How an attack fared among the examples that it could attack."""
    attacked = [row for row in sound if row.status in ("succeeded", "failed")]
    won = [row for row in attacked if row.status == "succeeded"]
    turned = np.array([row.status == "succeeded" for row in attacked], dtype=bool)
    return {
        "words_left": 1.0 - _mean([row.words_edited for row in won]) if won else None,
        "attacked": len(attacked),
        "succeeded": len(won),
        "skipped": sum(row.status == "skipped" for row in sound),
        # A share of successes has the same (Wilson) interval as a share of right answers.
        "success": statistics.accuracy(turned, list(map(source, attacked))) if attacked else None,
        "success_of_all": statistics.accuracy(
            [row.status == "succeeded" for row in sound], list(map(source, sound))
        )
        if attacked
        else None,
        "queries": _mean([row.queries for row in attacked]) if attacked else None,
        "effort": _effort(attacked, won) if attacked else None,
    }


def _effort(attacked: Sequence[Row], won: Sequence[Row]) -> Effort:
    measured = [row for row in won if row.similarity is not None]
    return Effort(
        words=statistics.average([row.words_edited for row in won], list(map(source, won))) if won else None,
        similarity=statistics.mean([row.similarity or 0.0 for row in measured], list(map(source, measured)))
        if measured
        else None,
        queries=statistics.average([row.queries for row in attacked], list(map(source, attacked))),
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0
