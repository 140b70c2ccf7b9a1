"""What a report says of its plan."""

import pytest

from audits.reports import prose
from audits.rows import CLEAN
from audits.summary import summarise
from tests.audits.doubles import plan
from tests.audits.test_summary import audit, row


@pytest.mark.parametrize(
    ("changes", "drawn"),
    [
        ({}, "3, all there are"),
        ({"examples": 3}, "3, each label in its share"),
        ({"examples": 3, "stratify": "none"}, "3, drawn without regard to their labels"),
        ({"examples": 3, "stratify": "label,domain"}, "3, keeping the shares of label, domain"),
    ],
)
def test_the_sample_is_told_as_it_was_drawn(changes, drawn):
    made = summarise(audit(plan=plan(**changes)), [row(place, CLEAN) for place in range(3)])
    assert dict(prose.facts(made))["Examples"] == drawn


def test_every_limit_of_an_attack_is_told():
    made = audit(plan=plan(query_budget=50, time_budget=2.5, max_words=0.3))
    told = dict(prose.facts(summarise(made, [row(0, CLEAN)])))
    assert told["Query budget"] == "50" and told["Time budget"].startswith("2.5 s a text")
    assert told["Words changed at most"] == "30 %"
