"""Throughput with one worker and two, as local processes and under Ray, and what many cards would do.

Runs alternate, so that a busy minute touches all alike; medians are shown. A rate counts the attack's rows
from when all workers are on it to the end, where one may wait for the other's last chunk. The projection's
formula is in `benchmarks.scaling`.
"""

import os
import pickle
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from audits.executors import on_ray
from audits.executors.on_ray import Cluster
from audits.plan import make
from audits.rows import Row
from audits.store import Store
from audits.tables import Audit
from audits.work import CHUNK, Work
from benchmarks.scaling import Costs, Projection, project

TITLE = "Audits on several workers"

NOISE, ATTACK = "keyboard-typos@2", "deepwordbug"
CARDS = (1, 8, 64, 512)
#: Audits that are projected: what they are called, and their examples and tests.
AUDITS = (("1,000 examples × 30 tests", 1000, 30), ("100,000 examples × 30 tests", 100_000, 30))
#: The line to all workers together, and its bytes a second.
GIGABITS = 10
BANDWIDTH = GIGABITS * 1e9 / 8
#: Seconds between two looks at a run.
LOOK = 0.1


@dataclass(frozen=True)
class Timed:
    """One run: seconds until the first rows, until all workers were on the attack, and its rows a second."""

    first: float
    all: float
    rate: float


def options(parser: ArgumentParser) -> None:
    """How large an audit, how often, and how much faster a card is taken to be."""
    parser.add_argument("--examples", type=int, default=192, help="examples of each run")
    parser.add_argument("--rounds", type=int, default=2, help="runs of each kind")
    parser.add_argument("--writes", type=int, default=150, help="chunks and messages that are timed alone")
    parser.add_argument(
        "--speed", type=float, default=30.0, help="a card's speed, as a multiple of a core's here"
    )


def run(options: Namespace, say: Callable[[str], None]) -> str:
    """Runs the audits in turn, times the single steps, and projects."""
    kinds = [(executor, workers) for executor in ("local", "ray") for workers in (1, 2)]
    found: dict[tuple[str, int], list[Timed]] = {kind: [] for kind in kinds}
    with tempfile.TemporaryDirectory(prefix="assay-scale-") as folder:
        store = Store(Path(folder) / "audits.db")
        for _ in range(options.rounds):
            for executor, workers in kinds:
                timed = timed_run(store, options.examples, executor, workers)
                found[executor, workers].append(timed)
                say(f"{executor}, {workers}: {timed.rate:.2f} rows/s, first worker after {timed.first:.1f} s")
        audits = store.audits()
        same = all(_plain(store, audits[0].id) == _plain(store, each.id) for each in audits)
        audit = audits[-1]  # the first run: one local process
        costs = _costs(store, audit, median(each.first for each in found["ray", 1]), options.writes)
    say(f"rows equal in all {len(audits)} runs: {same}")
    return "\n".join(
        (
            *_throughput(found, audit, options, same),
            "",
            *_measured(costs),
            "",
            *_projected(costs, options.speed),
        )
    )


def timed_run(store: Store, examples: int, executor: str, workers: int) -> Timed:
    """One audit by the command line's own worker, watched from outside."""
    audit_id = store.create(
        make(model="bundled:sentiment", data="bundled:reviews", tests=f"{NOISE},{ATTACK}", examples=examples)
    )
    command = [
        sys.executable,
        "-m",
        "audits",
        "work",
        audit_id,
        f"--executor={executor}",
        f"--workers={workers}",
    ]
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=Path(__file__).parents[1],
        env={**os.environ, "ASSAY_STORE": store.url},
        stdout=subprocess.DEVNULL,
    )
    first = complete = None
    rows = 0
    while process.poll() is None:
        now = time.perf_counter() - began
        done = store.done(audit_id)
        first = first or (now if done else None)
        if complete is None and _attacked(done) and store.audit(audit_id).workers == workers:
            complete, rows = now, _attacked(done)
        time.sleep(LOOK)
    ended = time.perf_counter() - began
    if process.returncode or first is None or complete is None:
        cause = store.audit(audit_id).error or "the run was too short; give more examples"
        raise RuntimeError(f"{executor} with {workers} workers: {cause}")
    return Timed(first, complete, (_attacked(store.done(audit_id)) - rows) / (ended - complete))


def _attacked(done: Mapping[tuple[str, int], tuple[int, float]]) -> int:
    """How many rows the attack has."""
    return done.get((ATTACK, 0), (0, 0.0))[0]


def _plain(store: Store, audit_id: str) -> list[Row]:
    return [replace(row, seconds=0.0) for row in store.rows(audit_id)]


def _costs(store: Store, audit: Audit, start: float, times: int) -> dict[str, Costs]:
    """What one noise and one attack cost, step by step."""
    rows = {
        test: [row for row in store.rows(audit.id) if row.test == test.partition("@")[0]]
        for test in (NOISE, ATTACK)
    }
    examples = store.examples(audit.id)
    take, message, write = _written(store, audit, rows[ATTACK], times)
    chunk, answer = _sent(rows[ATTACK], times)
    sample = len(pickle.dumps((audit, examples))) / len(examples)
    return {
        test: Costs(
            compute=sum(row.seconds for row in made) / len(made),
            start=start,
            sample=sample,
            hand_out=take + chunk,
            message=message + answer,
            messages=1 if test == NOISE else CHUNK,
            write=write,
        )
        for test, made in rows.items()
    }


def _written(store: Store, audit: Audit, rows: Sequence[Row], times: int) -> tuple[float, float, float]:
    """Median seconds of the store: to lease a chunk, of a transaction, and of each row within it."""
    audit_id = store.create(audit.plan)
    examples = store.examples(audit.id)
    lease = store.claim(audit_id)
    store.describe(
        audit_id, model=("m", "f"), corpus=("c", "f"), labels=audit.labels, environment={}, examples=examples
    )
    work = Work(store, store.audit(audit_id), lease, None, examples, bool, bool)  # type: ignore[arg-type]
    chunks = work.missing()
    takes = [_seconds(partial(work.take, chunks[turn % len(chunks)])) for turn in range(times)]
    many = list(rows[:CHUNK])
    ones, alls = [], []
    for turn in range(times):
        fresh = [replace(row, test=f"t{turn}") for row in many]
        ones.append(_seconds(partial(store.add, audit_id, [replace(fresh[0], test=f"o{turn}")])))
        alls.append(_seconds(partial(store.add, audit_id, fresh)))
    store.release(audit_id, lease, "cancelled")
    store.delete(audit_id)
    each = max(0.0, (median(alls) - median(ones)) / (len(many) - 1))
    return median(takes), max(0.0, median(ones) - each), each


def _seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


class _Echo:
    """A worker that computes nothing."""

    def make(self, rows: list[Row], messages: int) -> Iterator[list[Row]]:
        """The rows, as so many messages."""
        for _ in range(messages):
            yield rows


def _sent(rows: Sequence[Row], times: int) -> tuple[float, float]:
    """Seconds of this process, with two workers that answer at once: of a call, and of each message."""
    with _quiet(), on_ray.connected(Cluster(2)) as ray:
        echoes = [ray.remote(_Echo).options(num_cpus=1).remote() for _ in range(2)]

        def serve(messages: int, chunks: int) -> float:
            streams: dict[Any, Any] = {echo.make.remote([rows[0]], messages): echo for echo in echoes}
            left = chunks - len(streams)
            began = time.perf_counter()
            while streams:
                for stream in ray.wait(list(streams), timeout=1)[0]:
                    try:
                        ray.get(next(stream))
                    except StopIteration:
                        echo = streams.pop(stream)
                        if left > 0:
                            left -= 1
                            streams[echo.make.remote([rows[0]], messages)] = echo
            return (time.perf_counter() - began) / chunks

        serve(1, 10)  # whatever is only done once
        single, several = serve(1, times), serve(9, times)
        for echo in echoes:
            ray.kill(echo)
    message = max(0.0, (several - single) / 8)
    return max(0.0, single - message), message


@contextmanager
def _quiet() -> Iterator[None]:
    """A cluster in this process leaves the environment as it was."""
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _throughput(
    found: dict[tuple[str, int], list[Timed]], audit: Audit, options: Namespace, same: bool
) -> list[str]:
    """The table of what was run."""
    lines = [
        f"{audit.plan.model} on {options.examples} of {audit.plan.data}, {NOISE} and {ATTACK}; one thread "
        f"a worker, medians of {options.rounds} runs in turn. "
        f"Rows of all runs equal one another: {'yes' if same else 'NO'}.",
        "",
        f"| workers | {ATTACK}, rows a second | against one local | first rows after | all at it after |",
        "|---|--:|--:|--:|--:|",
    ]
    alone = median(each.rate for each in found["local", 1])
    for (executor, workers), timed in found.items():
        rate = median(each.rate for each in timed)
        first, complete = (median(values) for values in zip(*((t.first, t.all) for t in timed), strict=True))
        lines.append(
            f"| {workers} {'local' if executor == 'local' else 'on Ray'} | {rate:.2f} | {rate / alone:.2f} × "
            f"| {first:.1f} s | {complete:.1f} s |"
        )
    return lines


def _measured(costs: dict[str, Costs]) -> list[str]:
    """The table of single steps."""
    noise, attack, kinds = costs[NOISE], costs[ATTACK], f"{NOISE} / {ATTACK}"
    return [
        "| step | costs here |",
        "|---|--:|",
        f"| computing a row: {kinds} | {1e3 * noise.compute:.1f} / {1e3 * attack.compute:.0f} ms |",
        f"| handing out a chunk of {CHUNK}: its lease and the call | {1e3 * noise.hand_out:.2f} ms |",
        f"| a message of rows: its way, and the transaction | {1e3 * noise.message:.2f} ms |",
        f"| each row within one | {1e3 * noise.write:.3f} ms |",
        f"| the writer's time for a row: {kinds} | {1e3 * noise.writer:.2f} / {1e3 * attack.writer:.2f} ms |",
        f"| the sample, for each worker | {noise.sample:.0f} bytes an example |",
        f"| until the first worker stands | {noise.start:.1f} s |",
    ]


def _projected(costs: dict[str, Costs], speed: float) -> list[str]:
    """The table of what many cards would do."""
    lines = [
        f"Projected (`benchmarks/scaling.py` has the formula), assuming: a card computes {speed:g} times as "
        f"fast as a core here; the sample goes to the workers over {GIGABITS:g} Gbit/s in all; a "
        "start as here, for all at once; a SQLite store beside the process that writes; tests of one kind. "
        "The writer's seconds were measured with two workers beside it on this machine's cores.",
        "",
        "| audit | kind of test | cards | takes | rows a second | cards busy | first bottleneck |",
        "|---|---|--:|--:|--:|--:|---|",
    ]
    for called, examples, tests in AUDITS:
        for test, measured in costs.items():
            each = replace(measured, sample=measured.sample * examples)
            chunks = tests * -(-examples // CHUNK)
            for cards in CARDS:
                found = project(each, chunks, cards, speed, BANDWIDTH)
                rate = examples * tests / found.seconds
                lines.append(
                    f"| {called} | {test} | {cards} | {_long(found.seconds)} | {rate:,.0f} "
                    f"| {found.efficiency:.0%} | {_named(found)} |"
                )
    return lines


def _named(found: Projection) -> str:
    """The bottleneck with its share of the time."""
    return f"{found.bottleneck} ({found.parts[found.bottleneck] / found.seconds:.0%} of the time)"


def _long(seconds: float) -> str:
    return (
        f"{seconds:.0f} s"
        if seconds < 120
        else f"{seconds / 60:.0f} min"
        if seconds < 7200
        else f"{seconds / 3600:.1f} h"
    )
