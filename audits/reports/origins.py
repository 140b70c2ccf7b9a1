"""Are the rows what they say they are: of these examples, this plan and this model?

What follows from a bundle alone is checked. That the model really gave these answers does not: only making
the rows again, or trusting whoever signed them, tells that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import astuple

from audits.keys import hashed, key_of
from audits.plan import PlannedTest
from audits.rows import Row, source_of
from audits.tables import Audit
from corpora.examples import Corpus, Example, example_ids
from views.numbers import grouped


def unsound(audit: Audit, examples: Sequence[Example], rows: Sequence[Row]) -> Iterator[str]:
    """What does not hold, in words: examples that are not the sample, rows whose keys are not theirs.

    That no row is missing or stands there twice is `archive.unpack`'s to tell.
    """
    renamed = [one.id for one in examples if example_ids([one.text])[0] != source_of(one.id)]
    if renamed:
        many = f"{_count(len(renamed), 'example')} {_have(renamed)}"
        yield f"{many} another text than the id says: {_some(renamed)}"
    sample = Corpus(audit.corpus_name, audit.plan.data, tuple(examples), audit.labels)
    if audit.corpus_fingerprint and sample.fingerprint != audit.corpus_fingerprint:
        yield (
            f"the examples are not the sample: their fingerprint is {sample.fingerprint[:12]}…, the audit's "
            f"{audit.corpus_fingerprint[:12]}…"
        )
    wrong: dict[str, list[str]] = {}
    for row in rows:
        if row.key not in _keys(audit, row):
            wrong.setdefault(PlannedTest(row.test, row.severity).written, []).append(row.example)
    parts = "model, text, label, test, severity, seed, limits, word lists"
    for test, where in wrong.items():
        many = f"{_count(len(where), 'row')} {_have(where)}"
        yield f"{test}: {many} another key than what decides it gives ({parts}): example {_some(where)}"


def _keys(audit: Audit, row: Row) -> Iterator[str]:
    """The key of a row; of an audit that an older Assay began, also without the word lists."""
    yield key_of(audit, text=row.text, label=row.label, test=row.test, severity=row.severity, seed=row.seed)
    if "assay" not in audit.environment:
        recipe = audit.plan.recipe(row.test)
        test = f"{row.test} {recipe.content}" if recipe else row.test
        parts = (row.text, row.label, test, row.severity, row.seed)
        yield hashed(audit.model_fingerprint, *parts, *astuple(audit.plan.limits))


def _count(count: int, what: str) -> str:
    return f"{grouped(count)} {what}{'s' if count > 1 else ''}"


def _have(found: Sequence[str]) -> str:
    return "have" if len(found) > 1 else "has"


def _some(names: Sequence[str]) -> str:
    """The first few of many."""
    distinct = list(dict.fromkeys(names))
    return ", ".join(distinct[:3]) + (f" and {grouped(len(distinct) - 3)} more" if len(distinct) > 3 else "")
