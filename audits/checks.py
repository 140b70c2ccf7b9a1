"""A suite of checks run on a model: which cases fail, how often a test fails, and all of it as a file."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict

from attacks.answers import Answer, Answers
from attacks.entry import AttackError
from attacks.templates import Case, Direction, Invariance, Minimum, Suite, cases
from audits import statistics
from audits.statistics import Estimate
from corpora.examples import Corpus, CorpusError, Example
from corpora.labels import align
from models.classifier import Classifier
from views.numbers import grouped, percent, rate
from views.tables import to_csv

#: The version of the JSON's shape; it changes when a reader of the old one would stumble.
SCHEMA = "assay.checks/1"
#: Cases of a suite unless somebody asks for more: some forty a test.
USUAL_CASES = 1200
#: So many failing cases of a test are shown.
EXAMPLES = 10

#: How many texts are asked about between two words of progress.
_TOGETHER = 256


@dataclass(frozen=True, slots=True)
class Checked:
    """One case with the model's answers: one text for an MFT, before and after for the others.

    `expected` says what must hold, in words, `watched` is the label whose probability that is about (none
    for an INV), and `got` the model's label for each text. `error` is set, and `failed` is false, where
    the model could not answer.
    """

    test: str
    capability: str
    type: str
    texts: tuple[str, ...]
    expected: str
    watched: str
    got: tuple[str, ...]
    probabilities: tuple[tuple[float, ...], ...]
    failed: bool
    error: str | None = None


class TestResult(BaseModel):
    """One test of a suite, or one capability: `failures` of `cases`, those with an `error` left out."""

    __test__ = False  # the name is no invitation to pytest
    model_config = ConfigDict(frozen=True)

    name: str
    capability: str
    type: str
    cases: int
    failures: int
    errors: int
    failure_rate: Estimate


@dataclass(frozen=True, slots=True)
class CheckReport:
    """A suite's cases under one model, in the suite's order. `labels` are the model's."""

    suite: str
    model: str
    fingerprint: str
    labels: tuple[str, ...]
    seed: int
    checked: tuple[Checked, ...]

    @property
    def tests(self) -> list[TestResult]:
        """The figures of every test, in the suite's order."""
        return [_result(of_test) for of_test in _grouped(self.checked, "test").values()]

    @property
    def capabilities(self) -> list[TestResult]:
        """The figures of every capability, in the suite's order; their `name` is empty."""
        found = _grouped(self.checked, "capability").values()
        return [_result(of_capability).model_copy(update={"name": "", "type": ""}) for of_capability in found]

    @property
    def failures(self) -> int:
        """How many cases failed."""
        return sum(case.failed for case in self.checked)

    @property
    def answered(self) -> int:
        """How many cases the model could answer."""
        return sum(case.error is None for case in self.checked)

    @property
    def headline(self) -> str:
        """The outcome in a sentence, with the capability that fails most surely."""
        first = f"Fails {grouped(self.failures)} of {grouped(self.answered)} cases"
        worst = max(self.capabilities, key=lambda one: one.failure_rate.low, default=None)
        if worst is None or not worst.failures:
            return f"{first}."
        value = worst.failure_rate
        return f"{first}; worst: {worst.capability}, {rate(value.value, value.low, value.high)}."

    def failing(self, test: str) -> list[Checked]:
        """The failing cases of a test, the most confident answers first."""
        failed = [case for case in self.checked if case.test == test and case.failed]
        return sorted(failed, key=lambda case: -max(case.probabilities[-1]))


def _grouped(checked: Sequence[Checked], field: str) -> dict[str, list[Checked]]:
    found: dict[str, list[Checked]] = {}
    for case in checked:
        found.setdefault(getattr(case, field), []).append(case)
    return found


def _result(checked: Sequence[Checked]) -> TestResult:
    failed = [case.failed for case in checked if case.error is None]
    return TestResult(
        name=checked[0].test,
        capability=checked[0].capability,
        type=checked[0].type,
        cases=len(failed),
        failures=sum(failed),
        errors=len(checked) - len(failed),
        failure_rate=statistics.accuracy(np.array(failed, dtype=bool)),
    )


def fitting(suite: Suite, labels: Sequence[str]) -> dict[str, str]:
    """For each label of the suite the model's that it means. Raises AttackError where one fits none."""
    examples = tuple(Example(label, label, label) for label in suite.labels)
    try:
        aligned = align(Corpus(suite.name, "", examples, suite.labels), labels)
    except CorpusError:
        raise AttackError(
            f"The suite {suite.name} speaks of {', '.join(suite.labels)}; the model's labels are "
            f"{', '.join(labels)}. Take a suite that uses them, or write one."
        ) from None
    return {example.id: example.label for example in aligned.examples}


def run(
    suite: Suite,
    classifier: Classifier,
    *,
    model: str = "",
    seed: int = 0,
    most: int = USUAL_CASES,
    on_progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> CheckReport:
    """Runs at most `most` cases of a suite; suite, seed, `most` and model decide the report.

    `model` is the name that the report shows. `on_progress(answered, texts)` is called after every few
    hundred texts. A text that crashes the model becomes an error of its case.

    Raises AttackError where the model's labels do not fit the suite's, and attacks.answers.Cancelled soon
    after `cancelled()` is true.
    """
    meant = fitting(suite, classifier.labels)
    drawn = cases(suite, seed, most)
    texts = list(dict.fromkeys(text for case in drawn for text in case.texts))
    ask = Answers(classifier, cancelled)
    answers: dict[str, Answer] = {}
    for start in range(0, len(texts), _TOGETHER):
        answers |= ask(texts[start : start + _TOGETHER])
        if on_progress:
            on_progress(len(answers), len(texts))
    checked = tuple(_checked(suite, case, answers, classifier.labels, meant) for case in drawn)
    return CheckReport(suite.name, model, classifier.fingerprint, tuple(classifier.labels), seed, checked)


def _checked(
    suite: Suite, case: Case, answers: Mapping[str, Answer], labels: Sequence[str], meant: Mapping[str, str]
) -> Checked:
    """One case judged."""
    test = suite.tests[case.test]
    given = [answers[text] for text in case.texts]
    error = next(
        (str(answer) or type(answer).__name__ for answer in given if isinstance(answer, Exception)), None
    )
    rows = [] if error else [np.asarray(answer, dtype=float) for answer in given]
    got = tuple(labels[int(row.argmax())] for row in rows)
    return Checked(
        test=test.name,
        capability=test.capability,
        type=test.type,
        texts=case.texts,
        expected=expectation(test, meant),
        watched="" if isinstance(test, Invariance) else meant[test.label],
        got=got,
        probabilities=tuple(tuple(map(float, row)) for row in rows),
        failed=error is None and _fails(test, rows, labels, meant),
        error=error,
    )


def _fails(
    test: Minimum | Invariance | Direction,
    rows: Sequence[np.ndarray],
    labels: Sequence[str],
    meant: Mapping[str, str],
) -> bool:
    """Whether the answers break what the test expects."""
    if isinstance(test, Minimum):
        return labels[int(rows[0].argmax())] != meant[test.label]
    if isinstance(test, Invariance):
        return int(rows[0].argmax()) != int(rows[1].argmax())
    column = list(labels).index(meant[test.label])
    change = float(rows[1][column] - rows[0][column])
    return change < -test.tolerance if test.must_not == "fall" else change > test.tolerance


def expectation(test: Minimum | Invariance | Direction, meant: Mapping[str, str]) -> str:
    """What a test expects, in words."""
    if isinstance(test, Minimum):
        return meant[test.label]
    if isinstance(test, Invariance):
        return "the same label"
    by = f" by more than {percent(test.tolerance, 0)}" if test.tolerance else ""
    return f"{meant[test.label]} must not {test.must_not}{by}"


def as_json(report: CheckReport) -> str:
    """Every figure and every case."""
    content = {
        "schema": SCHEMA,
        "headline": report.headline,
        "suite": report.suite,
        "model": report.model,
        "fingerprint": report.fingerprint,
        "labels": report.labels,
        "seed": report.seed,
        "capabilities": [
            result.model_dump(mode="json", exclude={"name", "type"}) for result in report.capabilities
        ],
        "tests": [result.model_dump(mode="json") for result in report.tests],
        "cases": [_record(case) for case in report.checked],
    }
    return json.dumps(content, ensure_ascii=True, indent=1)


def _record(case: Checked) -> dict[str, object]:
    return {name: getattr(case, name) for name in Checked.__slots__}


def as_csv(report: CheckReport) -> str:
    """A line a case; cells that a spreadsheet would run as a formula begin with an apostrophe."""
    return to_csv(_cells(case, report.labels) for case in report.checked).decode()


def _cells(case: Checked, labels: Sequence[str]) -> dict[str, object]:
    cells: dict[str, object] = {
        "capability": case.capability,
        "test": case.test,
        "type": case.type,
        "expected": case.expected,
        "failed": case.failed,
        "error": case.error,
    }
    for place, when in enumerate(("", " after")):
        answered = place < len(case.probabilities)
        cells[f"text{when}"] = case.texts[place] if place < len(case.texts) else None
        cells[f"got{when}"] = case.got[place] if answered else None
        for column, label in enumerate(labels):
            cells[f"p({label}){when}"] = case.probabilities[place][column] if answered else None
    return cells
