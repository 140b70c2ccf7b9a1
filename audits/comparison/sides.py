"""One of the audits that are compared, and what it is called beside the others."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from audits.costs import Cost
from audits.tables import Audit


class Side(BaseModel):
    """One of the audits that are compared.

    `title` tells it from the others: the name that its user gave it, or its model with what differs (the
    type of its numbers, the day, its id). `examples` counts its clean answers, `cost` is what was measured.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    model: str
    model_fingerprint: str
    dtype: str
    data: str
    state: str
    created: str
    examples: int
    cost: Cost | None = None


def dtype_of(audit: Audit) -> str:
    """The type of the numbers that the model computed with, as far as the audit knows it."""
    return audit.environment.get("dtype", audit.plan.dtype)


def titles(audits: Sequence[Audit]) -> list[str]:
    """What to call each audit beside the others: as short as tells them apart."""
    names = [audit.name or audit.model_name for audit in audits]
    for more in (dtype_of, lambda audit: audit.created[:10], lambda audit: audit.id):
        if len(set(names)) == len(names):
            break
        doubled = {name for name in names if names.count(name) > 1}
        added = [more(audit) for audit in audits]
        # What is the same for all of a name tells none of them apart.
        of_name = {
            name: {one for one, own in zip(added, names, strict=True) if own == name} for name in doubled
        }
        names = [
            f"{name}, {one}" if name in doubled and len(of_name[name]) > 1 else name
            for name, one in zip(names, added, strict=True)
        ]
    return names
