from argparse import Namespace

import pytest

from audits.store import Store
from benchmarks import scale
from benchmarks.scale import ATTACK, NOISE, Timed
from benchmarks.scaling import Costs
from tests.audits.doubles import plan, rows_of, work

COSTS = Costs(compute=0.02, start=5.0, sample=200.0, hand_out=0.004, message=0.001, messages=1, write=2e-5)


@pytest.fixture
def finished(tmp_path):
    """A store with one audit of the doubles."""
    store = Store(tmp_path / "audits.db")
    audit_id = store.create(plan())
    work(audit_id, store.url)
    return store, audit_id


def test_the_store_is_timed_and_left_as_it_was(finished):
    store, audit_id = finished
    before = rows_of(store, audit_id)
    take, message, write = scale._written(store, store.audit(audit_id), store.rows(audit_id), 5)
    assert take > 0 and message >= 0 and write >= 0
    assert [audit.id for audit in store.audits()] == [audit_id]
    assert rows_of(store, audit_id) == before


def test_every_audit_is_projected_and_its_bottleneck_named():
    lines = scale._projected({NOISE: COSTS, ATTACK: COSTS}, speed=30.0)
    rows = [line for line in lines if line.startswith("| 1")]
    assert len(rows) == len(scale.AUDITS) * 2 * len(scale.CARDS)
    assert "the one writer" in rows[-1] and "| 512 |" in rows[-1]


def test_rates_stand_against_one_local_worker(finished):
    store, audit_id = finished
    found = {("local", 1): [Timed(1, 1, 2.0), Timed(3, 3, 4.0)], ("ray", 2): [Timed(9, 12, 6.0)]}
    lines = scale._throughput(found, store.audit(audit_id), Namespace(examples=40, rounds=2), same=False)
    assert "| 1 local | 3.00 | 1.00 × | 2.0 s | 2.0 s |" in lines
    assert "| 2 on Ray | 6.00 | 2.00 × | 9.0 s | 12.0 s |" in lines
    assert "equal one another: NO" in lines[0]
