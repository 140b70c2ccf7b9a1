"""What pages keep of an audit's figures, and when they make it anew."""

import pytest

from audits.store import Store
from audits.validity import PLAINLY
from pages import summaries
from tests.audits.doubles import plan, work


@pytest.fixture
def store(tmp_path, monkeypatch):
    made = Store(tmp_path / "audits.db")
    monkeypatch.setattr(summaries, "store", lambda: made)
    return made


def test_a_verdict_follows_its_baseline(store):
    """The baseline is not finished, then it is, then it is gone; the audit itself never changes."""
    before = store.create(plan())
    judged = store.create(plan(policy=[{"figure": "accuracy", "worse_by_at_most": 0.5}], baseline=before))
    work(judged, store.url, count=20)
    audit = store.audit(judged)
    summary = summaries.summary_of(audit, PLAINLY)
    assert summaries.summary_of(audit, PLAINLY) is summary

    def found():
        verdict = summaries.verdict_of(audit, summary)
        return verdict and (verdict.kind, verdict.problem)

    kind, problem = found()
    assert kind == "inconclusive" and "waiting" in problem
    work(before, store.url, count=20)
    assert found() == ("pass", "")
    store.delete(before)
    assert "no audit" in found()[1]
