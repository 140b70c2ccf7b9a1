"""Which other audit to hold one against."""

from collections.abc import Callable, Sequence

from audits.comparison.sides import dtype_of
from audits.plan import NOT_ROWS
from audits.tables import Audit

#: The fields of a plan that decide what is asked, whoever answers.
_OF_THE_DATA = ("data", "examples", "stratify", "seed", "text_column", "label_column", "label_map")


def same_plan(audit: Audit, audits: Sequence[Audit]) -> Audit | None:
    """The last audit before this one that was asked the same of the same model: yesterday against today."""

    def asked(one: Audit) -> dict[str, object]:
        return one.plan.model_dump(exclude=NOT_ROWS)

    return _last(audit, audits, lambda one: asked(one) == asked(audit))


def same_data(audit: Audit, audits: Sequence[Audit]) -> Audit | None:
    """The last audit before this one of the same sample by another model, copy or version."""

    def fits(one: Audit) -> bool:
        alike = all(getattr(one.plan, name) == getattr(audit.plan, name) for name in _OF_THE_DATA)
        return alike and (one.plan.model, dtype_of(one)) != (audit.plan.model, dtype_of(audit))

    return _last(audit, audits, fits)


def _last(audit: Audit, audits: Sequence[Audit], fits: Callable[[Audit], bool]) -> Audit | None:
    """The newest that fits, of those begun no later than the audit itself."""
    found = [one for one in audits if one.id != audit.id and one.created <= audit.created and fits(one)]
    return max(found, key=lambda one: one.created, default=None)
