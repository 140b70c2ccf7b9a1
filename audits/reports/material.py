"""Everything that a report is made from: rows, and ways of looking at them. No model, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from audits import gate
from audits.policy import Verdict
from audits.reports.explanations import NONE, Explanations
from audits.reports.sections import Section, asked_for
from audits.rows import Row
from audits.slices import Metadata, metadata_of
from audits.store import Store, StoreError
from audits.summary import Summary, summarise
from audits.tables import Audit
from audits.validity import PLAINLY, Thresholds, Validity


@dataclass(frozen=True)
class Material:
    """What a report is a pure function of.

    `view` says which successful attacks are valid, `metadata` holds the data's other columns by example.
    `verdict` is that of the plan's policy, where it has one; it may rest on another audit's rows.
    `explanations` are the word scores of flipped examples: they took a model to make, and so are kept.
    """

    audit: Audit
    rows: Sequence[Row]
    view: Validity = PLAINLY
    metadata: Metadata = field(default_factory=dict)
    verdict: Verdict | None = None
    explanations: Explanations = NONE
    sections: tuple[Section, ...] = ()

    @cached_property
    def summary(self) -> Summary:
        """Every figure of the rows."""
        return summarise(self.audit, self.rows, self.view, self.metadata)

    @property
    def others(self) -> tuple[str, ...]:
        """The ids of the other audits that something here rests on, without repeats."""
        named = [self.verdict.baseline] if self.verdict and self.verdict.baseline else []
        return tuple(dict.fromkeys([*named, *(one for section in self.sections for one in section.audits)]))


def gather(
    store: Store,
    audit_id: str,
    thresholds: Thresholds | None = None,
    explanations: Explanations = NONE,
) -> Material:
    """What the store knows of an audit, its verdict decided. Raises StoreError for an unknown one."""
    audit = store.audit(audit_id)
    rows = store.rows(audit.id)
    view = Validity(thresholds or Thresholds(), store.marks(audit.id))
    metadata = metadata_of(store.examples(audit.id))
    plain = Material(audit, rows, view, metadata)
    verdict = gate.verdict_of(store, audit, rows, plain.summary)
    sections = (*asked_for(plain.summary), *_compared(store, audit, rows))
    return Material(audit, rows, view, metadata, verdict, explanations, sections)


def _compared(store: Store, audit: Audit, rows: Sequence[Row]) -> tuple[Section, ...]:
    """The comparison with the plan's baseline; nothing without one, or where they cannot be compared."""
    from audits import comparison
    from audits.reports import comparing

    if not audit.plan.baseline:
        return ()
    try:
        before = store.audit(audit.plan.baseline)
        found = comparison.compare([(before, store.rows(before.id)), (audit, rows)])
    except (StoreError, comparison.ComparisonError):
        return ()  # a baseline that is gone is told by the verdict
    return (comparing.section(found),)
