from dataclasses import dataclass, field
from typing import Any

import pytest

from audits.keys import hashed, key_of
from audits.plan import Plan
from audits.provenance import RESOURCES
from tests.audits.doubles import plan


@dataclass
class Audit:
    plan: Plan = field(default_factory=plan)
    model_fingerprint: str = "model"
    environment: dict[str, str] = field(default_factory=lambda: dict.fromkeys(RESOURCES, "as it was"))


ROW: dict[str, Any] = {"text": "text", "label": "label", "test": "keyboard-typos", "severity": 3, "seed": 7}


def test_a_key_hangs_on_every_part_of_a_row():
    keys = {key_of(Audit(), **ROW)}
    keys |= {key_of(Audit(), **ROW | {name: "x"}) for name in ROW}
    assert len(keys) == 1 + len(ROW)


@pytest.mark.parametrize(
    "other",
    [
        Audit(model_fingerprint="another"),
        Audit(plan=plan(query_budget=9)),
        *[Audit(environment=dict.fromkeys(RESOURCES, "as it was") | {name: "x"}) for name in RESOURCES],
    ],
)
def test_a_key_hangs_on_what_made_the_row(other):
    assert key_of(other, **ROW) != key_of(Audit(), **ROW)


def test_a_key_does_not_hang_on_versions_and_hardware():
    here = dict.fromkeys(RESOURCES, "as it was") | {"torch": "1.0", "processor": "slow"}
    assert key_of(Audit(environment=here), **ROW) == key_of(Audit(), **ROW)


def test_parts_do_not_run_together():
    assert hashed("ab", "c") != hashed("a", "bc")
