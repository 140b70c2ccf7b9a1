"""The content address of a row: what it was made of, in one hash."""

import hashlib
from collections.abc import Mapping
from dataclasses import astuple
from typing import Protocol

from audits.plan import Plan
from audits.provenance import RESOURCES


class MadeOf(Protocol):
    """An audit, as far as its rows depend on it."""

    @property
    def plan(self) -> Plan:
        """The plan."""

    @property
    def model_fingerprint(self) -> str:
        """The model's hash."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Versions and hashes by name."""


def key_of(audit: MadeOf, *, text: str, label: str, test: str, severity: int, seed: int) -> str:
    """The key of one example's row under a test: SHA-256 over everything that decides it.

    The model, the text and its label, the test (a recipe of one's own is what it says, not what it is
    called), severity, seed, the limits of an attack and `RESOURCES`. Two rows with the same key hold the
    same result, whichever audit, order or machine they came from.
    """
    recipe = audit.plan.recipe(test)
    resources = (audit.environment.get(name, "") for name in RESOURCES)
    return hashed(
        audit.model_fingerprint,
        text,
        label,
        f"{test} {recipe.content}" if recipe else test,
        severity,
        seed,
        *astuple(audit.plan.limits),
        *resources,
    )


def hashed(*parts: str | float | None) -> str:
    """SHA-256 over the parts, each with its length before it, so that no two lists of parts run together."""
    digest = hashlib.sha256()
    for part in parts:
        data = str(part).encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
