import json
import sqlite3

import numpy as np
import pytest

from audits import archive, costs
from audits.reports import prose
from audits.run import run
from audits.store import Store
from audits.summary import summarise
from models import loading
from tests.audits.doubles import KeywordClassifier, corpus, plan
from tests.models import tiny


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tiny.save(tmp_path_factory.mktemp("costs") / "bert", "bert", ("negative", "positive"))
    return loading.load(str(folder), device="cpu")


def test_the_weights_are_what_the_parameters_take(model):
    found = costs.measure(model, [f"text {number}" for number in range(10)])
    expected = sum(one.numel() * one.element_size() for one in model.module.state_dict().values())
    assert found and found.weights == model.memory_bytes
    assert found.weights == pytest.approx(expected, rel=0.02)  # position ids are kept in no state
    assert (found.texts, found.device) == (10, "cpu")


class Counted(KeywordClassifier):
    device, memory_bytes = "cpu", 1000

    def __init__(self, seconds, monkeypatch):
        self.now, self.seconds, self.calls = 0.0, seconds, []
        monkeypatch.setattr("audits.costs.time.perf_counter", lambda: self.now)

    def probabilities(self, texts):
        self.calls.append(len(texts))
        self.now += self.seconds * len(texts) * (0.5 if len(texts) > 1 else 1)
        return np.ones((len(texts), 2)) / 2


def test_a_quick_model_is_asked_every_text_alone_and_all_together(monkeypatch):
    model = Counted(0.01, monkeypatch)
    found = costs.measure(model, ["a"] * 100)
    assert found and found.calls == found.together == costs.TEXTS
    assert (found.median, found.p95) == pytest.approx((0.01, 0.01))
    assert found.throughput == pytest.approx(200)
    assert model.calls == [1] * (costs.WARM_UP + costs.TEXTS) + [costs.TEXTS] * 3


def test_a_slow_model_is_asked_for_about_as_long(monkeypatch):
    model = Counted(1.5, monkeypatch)
    found = costs.measure(model, ["a"] * 100)
    assert found and (found.calls, found.together) == (costs.FEWEST, costs.FEWEST)
    assert len(model.calls) == costs.WARM_UP + costs.FEWEST + 1


def test_it_stops_when_told_to_and_knows_nothing_of_other_peoples_machines(model):
    assert costs.measure(model, ["a text"], lambda: True) is None
    assert costs.measure(KeywordClassifier(), ["a text"]) is None


def test_a_run_keeps_its_cost_with_the_audit_and_in_its_file(model, tmp_path, monkeypatch):
    monkeypatch.setattr(costs, "SECONDS", 0.05)
    store = Store(tmp_path / "audits.db")
    audit_id = store.create(plan(tests="casing@1"))
    texts = corpus(6)
    run(audit_id, store, load_classifier=lambda _: model, load_corpus=lambda *_: texts)
    cost = store.audit(audit_id).cost
    assert (
        cost
        and cost.weights == model.memory_bytes
        and cost.sentence.startswith(costs.milliseconds(cost.median))
    )
    other = Store(tmp_path / "other.db")
    archive.unpack(archive.pack(audit_id, store), other)
    assert other.audit(audit_id).cost == cost
    # What another Assay measured otherwise is no reason not to read the audit.
    odd = json.dumps(cost.model_dump() | {"joules": 3})
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("update audits set cost = ?", [odd])
    assert other.audit(audit_id).cost is None
    assert dict(prose.facts(summarise(other.audit(audit_id), other.rows(audit_id))))["Cost"] == "not measured"
    assert (
        costs.kept(odd) is None and costs.kept({"texts": 1}) is None and costs.kept(cost.model_dump()) == cost
    )
