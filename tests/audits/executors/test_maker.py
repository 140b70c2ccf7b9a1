from dataclasses import replace

import pytest

from audits.executors.maker import Maker
from audits.store import Store
from audits.work import CHUNK, Work, prepare
from models.classifier import ModelError
from tests.audits.doubles import KeywordClassifier, corpus, plan, rows_of, work


@pytest.fixture
def begun(tmp_path):
    """A store with an audit that has its sample, and the audit's id."""
    store = Store(tmp_path / "audits.db")
    audit_id = store.create(plan())
    prepare(store, audit_id, KeywordClassifier(), lambda *_: corpus())
    return store, audit_id


def made(begun, classifier):
    """All that a maker yields, chunk by chunk, and the chunks."""
    store, audit_id = begun
    audit, examples = store.audit(audit_id), store.examples(audit_id)
    chunks = Work(store, audit, "", classifier, examples, bool, bool).missing()
    maker = Maker(audit.plan, lambda _: classifier)
    about = maker.open()
    assert (about.name, about.fingerprint, about.labels) == ("keywords", classifier.fingerprint, audit.labels)
    maker.begin((audit, examples))
    return [(chunk, maker.make(chunk)) for chunk in chunks]


def test_its_rows_are_those_of_a_run(begun):
    store, audit_id = begun
    found = [rows for _, stream in made(begun, KeywordClassifier()) for rows in stream]
    assert [len(rows) for rows in found] == [CHUNK, 40 - CHUNK] * 3
    work(audit_id, store.url)
    assert [replace(row, seconds=0.0) for rows in found for row in rows] == rows_of(store, audit_id)


def test_the_audit_says_what_its_worker_runs_on(tmp_path):
    store = Store(tmp_path / "audits.db")
    audit_id = store.create(plan())
    elsewhere = replace(Maker(plan(), lambda _: KeywordClassifier()).open(), environment={"device": "a card"})
    prepare(store, audit_id, elsewhere, lambda *_: corpus())
    assert store.audit(audit_id).environment == {"device": "a card"}
    assert store.audit(audit_id).model_name == "keywords"


def test_what_goes_wrong_is_raised_and_the_next_chunk_is_made(begun):
    class Moody(KeywordClassifier):
        broken = True

        def probabilities(self, texts):
            if self.broken:
                raise RuntimeError("no power")
            return super().probabilities(texts)

    classifier = Moody()
    (_, first), (_, second), *_ = made(begun, classifier)
    with pytest.raises(ModelError, match="no power"):
        list(first)
    classifier.broken = False
    assert len(next(iter(second))) == 40 - CHUNK


def test_a_card_that_the_plan_names_is_the_one_that_the_worker_was_given():
    asked = []

    def load(loaded):
        asked.append(loaded.device)
        return KeywordClassifier()

    for device in ("cuda:3", "cuda", "auto", "cpu"):
        Maker(plan(device=device), load).open()
    assert asked == ["cuda", "cuda", "auto", "cpu"]
