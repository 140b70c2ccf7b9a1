import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from attacks import engine
from attacks.entry import AttackError
from attacks.outcome import Outcome
from audits.run import cancel, progress, resume, run, start
from audits.store import Store, StoreError
from corpora.examples import CorpusError
from models.classifier import ModelError
from tests.audits.doubles import KeywordClassifier, corpus, plan, rows_of, wait_until, work, worker

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "audits.db")


def fresh(store, audit_id):
    store.reopen(audit_id)
    return audit_id


def test_a_run_makes_every_row(store):
    audit_id = store.create(plan())
    work(audit_id, store.url)
    audit, rows = store.audit(audit_id), store.rows(audit_id)
    assert (audit.state, audit.model_name, audit.corpus_name) == ("finished", "keywords", "films")
    assert audit.model_fingerprint == KeywordClassifier.fingerprint
    assert audit.finished and audit.environment["python"]
    assert len(rows) == 3 * 40
    assert [row.test for row in rows[:40]] == ["clean"] * 40
    texts = corpus().texts
    assert [row.text for row in rows[:40]] == texts
    assert [row.probabilities[1] for row in rows[:40]] == list(
        np.round(KeywordClassifier().probabilities(texts)[:, 1], 6)
    )
    noisy = engine.run("keyboard-typos", 3, KeywordClassifier(), texts, corpus().targets, seed=7)
    assert [row.perturbed for row in rows[80:]] == [outcome.perturbed for outcome in noisy]
    assert len({row.key for row in rows}) == len(rows)


def test_each_seed_of_a_noise_has_the_rows_that_it_has_alone(store):
    together = store.create(plan(tests="keyboard-typos@3,gender", seeds=3))
    work(together, store.url)
    rows = rows_of(store, together)
    assert progress(together, store).total == len(rows) == 40 * (1 + 3 + 1)
    noisy = [row for row in rows if row.test == "keyboard-typos"]
    assert [row.seed for row in noisy[:6]] == [7, 8, 9, 7, 8, 9]
    assert len({row.key for row in rows}) == len(rows)
    for seed in (7, 8, 9):
        alone = store.create(plan(tests="keyboard-typos@3", seed=seed))
        work(alone, store.url)
        assert rows_of(store, alone)[40:] == [row for row in noisy if row.seed == seed]


def test_a_resumed_run_asks_only_for_what_is_missing_and_keeps_what_is_there(store):
    audit_id = store.create(plan())
    work(audit_id, store.url)
    whole = store.rows(audit_id)
    second = store.create(plan())
    lease = store.claim(second)
    store.describe(
        second,
        model=("keywords", KeywordClassifier.fingerprint),
        corpus=("films", ""),
        labels=("negative", "positive"),
        environment=store.audit(audit_id).environment,
        examples=corpus().examples,
    )
    store.add(second, [*whole[:40], replace(whole[50], seconds=99.0)])
    store.release(second, lease, "interrupted")
    classifier = KeywordClassifier()
    run(
        fresh(store, second),
        store,
        load_classifier=lambda _: classifier,
        load_corpus=lambda *_: pytest.fail("loaded"),
    )
    assert rows_of(store, second) == rows_of(store, audit_id)
    assert store.rows(second)[50].seconds == 99.0
    assert classifier.asked <= 4 * 40  # no clean chunk again


def test_a_second_worker_is_turned_away(store):
    audit_id = store.create(plan())
    process = worker(audit_id, store.url, 0.02, 60)
    wait_until(lambda: store.audit(audit_id).state == "running")
    with pytest.raises(StoreError, match=f"in process {process.pid}"):
        work(audit_id, store.url)
    with pytest.raises(StoreError, match="already running"):
        resume(audit_id, store)
    process.join(60)
    assert store.audit(audit_id).state == "finished"


def test_cancel_stops_a_run_soon_and_resume_completes_it(store):
    audit_id = store.create(plan())
    thread = threading.Thread(target=work, args=(audit_id, store.url, 0.01, 200))
    thread.start()
    wait_until(lambda: len(store.rows(audit_id)) > 0)
    cancel(audit_id[:5], store)
    thread.join(20)
    assert not thread.is_alive()
    assert store.audit(audit_id).state == "cancelled"
    assert 0 < len(store.rows(audit_id)) < 600
    work(fresh(store, audit_id), store.url, count=200)
    assert len(store.rows(audit_id)) == 600


def test_stop_leaves_a_run_interrupted(store):
    audit_id = store.create(plan())
    stop = threading.Event()
    stop.set()
    audit = run(
        audit_id,
        store,
        load_classifier=lambda _: KeywordClassifier(),
        load_corpus=lambda *_: corpus(),
        stop=stop,
    )
    assert audit.state == "interrupted"


@pytest.mark.parametrize(
    ("error", "kept"),
    [(ModelError("no such model"), "no such model"), (RuntimeError("boom"), "RuntimeError: boom")],
)
def test_an_error_of_the_run_is_kept_on_the_audit(store, error, kept):
    def load(_):
        raise error

    audit_id = store.create(plan())
    with pytest.raises(type(error)):
        run(audit_id, store, load_classifier=load)
    audit = store.audit(audit_id)
    assert (audit.state, audit.error) == ("failed", kept)
    work(fresh(store, audit_id), store.url)
    assert (store.audit(audit_id).state, store.audit(audit_id).error) == ("finished", None)


def test_data_that_cannot_be_used_fail_the_run(store):
    def load(*_):
        raise CorpusError("no such column")

    audit_id = store.create(plan())
    with pytest.raises(CorpusError):
        run(audit_id, store, load_classifier=lambda _: KeywordClassifier(), load_corpus=load)
    assert store.audit(audit_id).error == "no such column"


def test_another_model_under_the_same_name_is_refused(store):
    audit_id = store.create(plan())
    stop = threading.Event()
    stop.set()
    classifier = KeywordClassifier()
    run(audit_id, store, load_classifier=lambda _: classifier, load_corpus=lambda *_: corpus(), stop=stop)
    classifier.fingerprint = "other"
    with pytest.raises(StoreError, match="has changed since"):
        run(fresh(store, audit_id), store, load_classifier=lambda _: classifier)
    assert store.audit(audit_id).state == "failed"


def test_other_word_lists_than_at_the_start_are_refused(store, monkeypatch):
    audit_id = store.create(plan())
    stop = threading.Event()
    stop.set()
    run(
        audit_id,
        store,
        load_classifier=lambda _: KeywordClassifier(),
        load_corpus=lambda *_: corpus(),
        stop=stop,
    )
    monkeypatch.setattr("audits.provenance.lexicons_sha256", lambda: "0" * 64)
    with pytest.raises(StoreError, match="began with lexicons"):
        run(fresh(store, audit_id), store, load_classifier=lambda _: KeywordClassifier())


class Allergic(KeywordClassifier):
    """Cannot answer some texts."""

    def __init__(self, allergen):
        super().__init__()
        self.allergen = allergen

    def probabilities(self, texts):
        if any(self.allergen in text for text in texts):
            raise RuntimeError(f"allergic to {self.allergen}")
        return super().probabilities(texts)


def test_one_rows_error_stays_on_the_row(store):
    audit_id = store.create(plan(tests="casing@1"))
    run(
        audit_id,
        store,
        load_classifier=lambda _: Allergic("number 7"),
        load_corpus=lambda *_: corpus(),
    )
    wrong = [row for row in store.rows(audit_id) if row.error]
    assert {row.text for row in wrong} == {corpus().texts[7]}
    assert all(row.probabilities == () and row.status == "error" for row in wrong)
    assert wrong[0].error == "RuntimeError: allergic to number 7"
    assert store.audit(audit_id).state == "finished"


def test_a_model_that_answers_nothing_fails_the_run_and_saves_nothing(store):
    audit_id = store.create(plan())
    with pytest.raises(ModelError, match="every one of 32 texts"):
        run(audit_id, store, load_classifier=lambda _: Allergic("film"), load_corpus=lambda *_: corpus())
    assert store.rows(audit_id) == []
    assert "allergic" in (store.audit(audit_id).error or "")


def test_an_attacks_rows_are_saved_as_they_finish(store, monkeypatch):
    seen = []

    def attack(test, severity, classifier, texts, targets, *, on_outcome, cancelled, **_):
        for place in reversed(range(len(texts))):
            text = texts[place]
            error = "odd" if place == 3 else None
            probabilities = () if error else (0.2, 0.8)
            outcome = Outcome(text, text + "!", "failed", error, (0.3, 0.7), probabilities, 12, 0.1, 0.2)
            on_outcome(place, outcome)
            seen.append(len(store.rows(audit_id)))
        return []

    monkeypatch.setattr(engine, "run", attack)
    monkeypatch.setattr("audits.work.entry", lambda name: type("Entry", (), {"kind": "attack"}))
    audit_id = store.create(plan().model_copy(update={"tests": ("deepwordbug",)}))
    audit = run(
        audit_id,
        store,
        load_classifier=lambda _: KeywordClassifier(),
        load_corpus=lambda *_: corpus(),
    )
    assert audit.state == "finished"
    assert seen[:3] == [41, 42, 43]
    assert seen[27:30] == [68, 68, 69]  # the failed one waits for the end of its chunk
    rows = [row for row in store.rows(audit_id) if row.test == "deepwordbug"]
    assert [row.error for row in rows] == [None] * 3 + ["odd"] + [None] * 31 + ["odd"] + [None] * 4
    assert rows[0].queries == 12


def test_progress_from_any_process(store):
    audit_id = store.create(plan())
    assert progress(audit_id, store).total is None
    reports = []
    run(
        audit_id,
        store,
        load_classifier=lambda _: KeywordClassifier(0.001),
        load_corpus=lambda *_: corpus(),
        tell=lambda: reports.append(progress(audit_id, store)),
    )
    assert [report.done for report in reports] == [32, 40, 72, 80, 112, 120]
    assert all(report.total == 120 for report in reports)
    assert reports[0].seconds_left == pytest.approx(88 * reports[0].tests[0].seconds / 32)
    assert [report.current.written for report in reports[:5] if report.current] == [
        "clean",
        "keyboard-typos@1",
        "keyboard-typos@1",
        "keyboard-typos@3",
        "keyboard-typos@3",
    ]
    assert reports[-1].current is None
    assert reports[-1].seconds_left == 0.0


def test_start_spawns_a_worker_that_lives_on_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path))
    spawned = []

    class Process:
        def __init__(self, command, **options):
            spawned.append((command, options))

        def wait(self):
            return 0

    monkeypatch.setattr("subprocess.Popen", Process)
    audit_id = start(plan())
    command, options = spawned[0]
    assert command[1:] == ["-m", "audits", "work", audit_id, "--workers=1"]
    assert options["start_new_session"]
    assert options["env"]["ASSAY_HOME"] == str(tmp_path)
    assert options["env"]["ASSAY_STORE"] == Store().url
    assert Store().audit(audit_id).state == "waiting"


def test_an_unknown_test_in_a_stored_plan_fails_plainly(store):
    audit_id = store.create(plan().model_copy(update={"tests": ("long-gone",)}))
    with pytest.raises(AttackError, match="long-gone"):
        work(audit_id, store.url)
    assert "long-gone" in (store.audit(audit_id).error or "")
