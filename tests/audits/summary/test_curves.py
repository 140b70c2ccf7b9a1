"""A noise in one number, from rows."""

import numpy as np
import pytest
from sklearn.metrics import auc

from audits.rows import CLEAN
from audits.summary import Summary, summarise
from tests.audits.doubles import plan
from tests.audits.test_summary import audit, row, verdicts

TESTS = ("casing@1", "casing@2", "casing@3", "keyboard-typos@2")
RIGHT = np.random.default_rng(3).random((4, 60)) < np.array([[0.95], [0.9], [0.7], [0.5]])


@pytest.fixture
def rows():
    made = verdicts(CLEAN, 0, RIGHT[0])
    for severity in (1, 2, 3):
        made += verdicts("casing", severity, RIGHT[severity])
    return [*made, *verdicts("keyboard-typos", 2, RIGHT[2])]


def summary(rows):
    return summarise(audit(plan=plan().model_copy(update={"tests": TESTS})), rows)


def test_the_score_is_the_area_under_the_curve(rows):
    found = summary(rows)
    (casing,) = found.robustness  # one severity is no curve
    accuracies = RIGHT.mean(axis=1)
    assert casing.score.value == pytest.approx(auc([0, 0.1, 0.2, 0.3], accuracies) / 0.3)
    assert casing.score.low < casing.score.value < casing.score.high
    assert (casing.reach, casing.clean.value) == (pytest.approx(0.3), accuracies[0])
    assert casing.score.count == 60


def test_only_examples_with_every_answer_count(rows):
    holes = [
        made for made in rows if not (made.test == "casing" and made.severity == 3 and made.example == "id4")
    ]
    holes = [made for made in holes if not (made.test == CLEAN and made.example == "id7")]
    assert summary(holes).robustness[0].score.count == 58
    broken = [row(0, CLEAN), row(0, "casing", 1, probabilities=(), error="odd"), row(0, "casing", 2)]
    assert summary(broken).robustness == ()


def test_older_reports_are_still_read(rows):
    """A summary written before there were scores, directions and robustness."""
    content = summary(rows).model_dump(mode="json")
    for name in ("clean_quality", "robustness"):
        content.pop(name)
    for test in content["tests"]:
        for name in ("quality", "lost_rate", "gained_rate", "drop_if_changed", "q_value", "seeds", "effort"):
            test.pop(name)
    old = Summary.model_validate(content)
    assert old.robustness == () and old.tests[0].drop == summary(rows).tests[0].drop
