"""The figures and the verdict of an audit, kept for all visitors until what they hang on changes."""

from collections.abc import Hashable

from audits import gate
from audits.policy import Verdict
from audits.slices import metadata_of
from audits.store import StoreError
from audits.summary import Summary, summarise
from audits.tables import Audit
from audits.validity import Validity
from pages import selection
from pages.auditing import store

_KEPT = selection.Kept(8)


def summary_of(audit: Audit, view: Validity) -> Summary:
    """The figures of an audit; computed once for as long as no row and no mark is added."""
    key = (store().url, *_rows_of(audit), view.thresholds, tuple(view.marks.items()))
    found = _KEPT.get(key)
    if not isinstance(found, Summary):
        found = summarise(audit, store().rows(audit.id), view, metadata_of(store().examples(audit.id)))
        _KEPT.put(key, found)
    return found


def verdict_of(audit: Audit, summary: Summary) -> Verdict | None:
    """What the plan's policy says, where it has one; kept for as long as both audits' figures are."""
    if not audit.plan.policy:
        return None
    key = ("verdict", id(summary), _baseline_of(audit))
    found = _KEPT.get(key)
    if not isinstance(found, tuple) or found[0] is not summary:
        # The summary is kept with it: no other can have its place in memory.
        found = summary, gate.verdict_of(store(), audit, store().rows(audit.id), summary)
        _KEPT.put(key, found)
    verdict: Verdict | None = found[1]
    return verdict


def _rows_of(audit: Audit) -> tuple[Hashable, ...]:
    """What an audit's figures hang on, but for verdicts of people."""
    return audit.id, audit.state, sum(count for count, _ in store().done(audit.id).values())


def _baseline_of(audit: Audit) -> Hashable:
    """What a verdict hangs on in the baseline, which may run, be reviewed or be gone."""
    if not audit.plan.baseline:
        return None
    try:
        before = store().audit(audit.plan.baseline)
    except StoreError as problem:
        return str(problem)
    return *_rows_of(before), tuple(store().marks(before.id).items())
