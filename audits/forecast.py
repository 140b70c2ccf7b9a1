"""How long a plan will take on this machine, from what earlier audits of the same model took here."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from audits.pairing import same_test
from audits.plan import Plan, PlannedTest
from audits.progress import kind_of
from audits.provenance import processor_and_cores
from audits.rows import CLEAN
from audits.store import Store
from audits.tables import Audit

#: So many earlier audits are looked at, those of the same data first and then the newest.
MOST_LOOKED_AT = 10


@dataclass(frozen=True, slots=True)
class Forecast:
    """The seconds that a plan's rows will take, but for those of the tests of which nobody knows.

    `measured` says whether earlier audits told some of it. `unknown` are attacks that this model has not been
    put through here with the same limits: a search takes a hundredth of a second a text or ten seconds, and
    neither the model's speed nor the number of questions says which (`benchmarks/RESULTS.md`).
    """

    seconds: float
    measured: bool
    unknown: tuple[str, ...]


def forecast(
    plan: Plan, store: Store, *, fingerprint: str, examples: int, seconds_a_text: float, workers: int = 1
) -> Forecast:
    """The forecast for so many examples, shared between so many workers.

    `fingerprint` is the model's, `seconds_a_text` what it takes for one answer, where no audit tells that: a
    noise that was never timed costs a row about as much.
    """
    paces = _paces(plan, fingerprint, store)
    one_answer = paces.get(PlannedTest(CLEAN), seconds_a_text)
    seconds, unknown = 0.0, []
    for column in plan.columns:
        rows = examples * len(plan.seeds_of(column))
        if column in paces:
            seconds += rows * paces[column]
        elif kind_of(column.name) == "attack":
            unknown.append(column.name)
        else:
            seconds += rows * one_answer
    return Forecast(seconds / max(1, workers), bool(paces), tuple(unknown))


def _paces(plan: Plan, fingerprint: str, store: Store) -> dict[PlannedTest, float]:
    """Seconds a row of those of the plan's tests that an audit like it had."""
    found: dict[PlannedTest, float] = {}
    for audit in islice(_alike(plan, fingerprint, store), MOST_LOOKED_AT):
        missing = [column for column in plan.columns if column not in found]
        if not missing:
            break
        done = store.done(audit.id)
        for column in missing:
            rows, seconds = done.get((column.name, column.severity), (0, 0.0))
            if rows and same_test(column.name, plan, audit.plan):
                found[column] = seconds / rows
    return found


def _alike(plan: Plan, fingerprint: str, store: Store) -> Iterator[Audit]:
    """Audits of the model on this machine, those of the same data first, then the newest."""
    audits = [
        audit
        for audit in store.audits()
        if audit.model_fingerprint == fingerprint
        and audit.environment.get("processor") == processor_and_cores()
        and (audit.plan.device, audit.plan.dtype) == (plan.device, plan.dtype)
    ]
    yield from sorted(audits, key=lambda audit: audit.plan.data != plan.data)
