"""The work of an audit: test by test, seed by seed, chunk by chunk; a row an example."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from attacks import engine
from attacks.answers import Answer, Answers
from attacks.cache import Cache
from attacks.engine import failure
from attacks.outcome import Outcome
from attacks.registry import entry
from audits.keys import key_of
from audits.plan import Plan, PlannedTest
from audits.provenance import RESOURCES, data_sha256, environment
from audits.rows import CLEAN, Row
from audits.store import Store, StoreError, Taken
from audits.tables import Audit
from corpora.examples import Corpus, Example
from models.classifier import Classifier, ModelError

#: Examples in one chunk. Fixed, for on a graphics card a model's last digits depend on which texts share a
#: batch: a resumed audit asks whole chunks again, as an undisturbed one did.
CHUNK = 32

#: Seconds until a worker that has nothing left to take asks again for what others are on.
LOOK_AGAIN = 0.25

#: The fields that a row takes over from its outcome.
OF_OUTCOME = tuple(
    {field.name for field in fields(Row)} & {field.name for field in fields(Outcome)} - {"text"}
)


def prepare(
    store: Store, audit_id: str, classifier: Classifier, load_corpus: Callable[[Plan, Classifier], Corpus]
) -> list[Example]:
    """The audit's sample: drawn and written down at the first run, read back at every later one.

    Raises StoreError where the model, or a word list that decides rows, is not the one it began with.
    """
    audit = store.audit(audit_id)
    if not audit.model_fingerprint:
        corpus = load_corpus(audit.plan, classifier)
        # Of a model that is held elsewhere: what it was found to run on there.
        made_with = dict(getattr(classifier, "environment", None) or environment(classifier))
        if data := data_sha256(corpus.reference):
            made_with["data file"] = data
        store.describe(
            audit_id,
            model=(getattr(classifier, "name", audit.plan.model), classifier.fingerprint),
            corpus=(corpus.name, corpus.fingerprint),
            labels=classifier.labels,
            environment=made_with,
            examples=corpus.examples,
        )
    elif audit.model_fingerprint != classifier.fingerprint:
        raise StoreError(
            f"The model {audit.plan.model} has changed since audit {audit_id} began: its weights or its "
            "tokenizer are others. The rows made so far are kept. Start a new audit for the new model."
        )
    else:
        _check_resources(audit, getattr(classifier, "environment", None) or environment())
    return store.examples(audit_id)


def _check_resources(audit: Audit, here: Mapping[str, str]) -> None:
    for name in RESOURCES:
        before, now = audit.environment.get(name), here.get(name)
        if before and now and before != now:
            raise StoreError(
                f"Audit {audit.id} began with {name} {before}; here it is {now}: rows would not be alike. "
                "The rows made so far are kept. Resume where they were made, or start a new audit."
            )


@dataclass(frozen=True, slots=True)
class Chunk:
    """So many examples under one test with one seed: what one worker makes at a time.

    `first` is the place of its first example in the sample, `place` that of its first row within the test,
    seed after seed: no two chunks of a test share it.
    """

    column: PlannedTest
    seed: int
    first: int
    place: int


@dataclass(frozen=True, slots=True)
class Work:
    """Makes the rows that one audit lacks, as one of its workers: the one that holds `lease`.

    `stopping` is asked often; `on_rows` hears of saved rows.
    """

    store: Store
    audit: Audit
    lease: str
    classifier: Classifier
    examples: Sequence[Example]
    stopping: Callable[[], bool]
    on_rows: Callable[[], object]
    _answered: Cache = field(default_factory=Cache, init=False)

    def run(self) -> None:
        """Goes through every test and chunk in order, and round again for what other workers leave undone.

        Raises Cancelled soon after `stopping` says so.
        """
        missing = self.missing()
        while missing:
            held = [chunk for chunk in missing if not self._settled(chunk)]
            missing = held
            if held:
                time.sleep(LOOK_AGAIN)

    def missing(self) -> list[Chunk]:
        """The chunks that lack rows: test by test, seed by seed."""
        plan, missing = self.audit.plan, []
        for column in plan.columns:
            present = self.store.present(self.audit.id, column.name, column.severity)
            for turn, seed in enumerate(plan.seeds_of(column)):
                for first in range(0, len(self.examples), CHUNK):
                    chunk = Chunk(column, seed, first, turn * len(self.examples) + first)
                    if any((seed, example.id) not in present for example in self._of(chunk)):
                        missing.append(chunk)
        return missing

    def _of(self, chunk: Chunk) -> Sequence[Example]:
        """The examples of a chunk."""
        return self.examples[chunk.first : chunk.first + CHUNK]

    def _settled(self, chunk: Chunk) -> bool:
        """Makes one chunk unless another worker has made it or is about to; False for the latter."""
        if self.stopping():
            raise engine.Cancelled
        taken = self.take(chunk)
        if taken == "mine":
            self.make(chunk)
        return taken != "held"

    def take(self, chunk: Chunk) -> Taken:
        """Asks the store for one chunk, in the name of this worker."""
        place = (chunk.column.name, chunk.column.severity, chunk.seed, chunk.place)
        return self.store.take(self.audit.id, self.lease, place, [example.id for example in self._of(chunk)])

    def make(self, chunk: Chunk) -> None:
        """Computes one chunk whole. Rows that are there already stay as they are."""
        test = chunk.column.name
        if test == CLEAN:
            self._answer(chunk)
        elif self.audit.plan.recipe(test) or entry(test).kind == "attack":
            self._attack(chunk)
        else:
            self._disturb(chunk)

    def _answer(self, chunk: Chunk) -> None:
        """The model's plain answers."""
        began = time.perf_counter()
        examples = self._of(chunk)
        answers = Answers(self.classifier, self.stopping, self._cache)([one.text for one in examples])
        each = (time.perf_counter() - began) / len(examples)
        self._save_all(self._clean_row(chunk, one, answers[one.text], each) for one in examples)

    def _disturb(self, chunk: Chunk) -> None:
        """A noise or a counterfactual: saved together, for a chunk takes but a moment."""
        began = time.perf_counter()
        outcomes = self._engine(chunk)
        each = (time.perf_counter() - began) / len(outcomes)
        pairs = zip(self._of(chunk), outcomes, strict=True)
        self._save_all(self._row(chunk, example, outcome, each) for example, outcome in pairs)

    def _attack(self, chunk: Chunk) -> None:
        """One recipe: a row is saved as soon as its search ends, a failed one with the end of the chunk."""
        failed: list[Row] = []
        examples = self._of(chunk)
        latest = time.perf_counter()

        def on_outcome(place: int, outcome: Outcome) -> None:
            nonlocal latest
            now = time.perf_counter()
            row = self._row(chunk, examples[place], outcome, now - latest)
            latest = now
            if row.error:
                failed.append(row)
            else:
                self._save([row])

        self._engine(chunk, on_outcome)
        self._save(failed, broken=len(failed) == len(examples))

    def _engine(
        self, chunk: Chunk, on_outcome: Callable[[int, Outcome], None] | None = None
    ) -> list[Outcome]:
        examples = self._of(chunk)
        labels = {label: index for index, label in enumerate(self.audit.labels)}
        return engine.run(
            self.audit.plan.recipe(chunk.column.name) or chunk.column.name,
            chunk.column.severity or None,
            self.classifier,
            [example.text for example in examples],
            [labels[example.label] for example in examples],
            seed=chunk.seed,
            limits=self.audit.plan.limits,
            on_outcome=on_outcome,
            cancelled=self.stopping,
            cache=self._cache,
        )

    @property
    def _cache(self) -> Cache | None:
        """Answers of earlier chunks and tests, where they do not hang on their batch (see `CHUNK`)."""
        steady = getattr(self.classifier, "is_steady", True)
        return self._answered if steady else None

    def _save_all(self, made: Iterable[Row]) -> None:
        """Saves a chunk at once."""
        rows = list(made)
        self._save(rows, broken=all(row.error for row in rows))

    def _save(self, rows: Sequence[Row], *, broken: bool = False) -> None:
        """Saves rows. Where a whole chunk failed, it is the model that is broken, and nothing is saved."""
        if broken and len(rows) > 1:
            raise ModelError(
                f"Under {rows[0].test}, every one of {len(rows)} texts in a row failed: {rows[0].error}. "
                "The rows before are kept. Mend the cause, then resume."
            )
        self.store.add(self.audit.id, rows)
        self.on_rows()

    def _clean_row(self, chunk: Chunk, example: Example, answer: Answer, seconds: float) -> Row:
        if isinstance(answer, Exception):
            return self._row(chunk, example, failure(example.text, answer), seconds)
        return Row(
            **self._about(chunk, example),
            status="clean",
            perturbed=example.text,
            probabilities=tuple(map(float, answer)),
            seconds=seconds,
        )

    def _row(self, chunk: Chunk, example: Example, outcome: Outcome, seconds: float) -> Row:
        return Row(
            **self._about(chunk, example),
            **{name: getattr(outcome, name) for name in OF_OUTCOME},
            probabilities=outcome.probabilities_after,
            seconds=seconds,
        )

    def _about(self, chunk: Chunk, example: Example) -> dict[str, Any]:
        """What identifies a row."""
        what: dict[str, Any] = {
            "text": example.text,
            "label": example.label,
            "test": chunk.column.name,
            "severity": chunk.column.severity,
            "seed": chunk.seed,
        }
        return what | {"key": key_of(self.audit, **what), "example": example.id}
