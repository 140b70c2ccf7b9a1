"""How long an audit takes on many cards, from what each step costs here. An explicit model, and a small one.

An audit of K chunks of C rows under its tests (C = 32) is shared by W workers on a Ray cluster. With

    c   seconds that a worker computes a row, here, in one thread
    g   how much faster than that a card is
    s   seconds until a worker's model is loaded
    b   bytes of the sample that each worker gets
    B   bytes a second to the workers, together
    d   seconds that the one process which writes spends on a row

the audit takes

    T(W) = s + W b / B + max(ceil(K / W) C c / g,  K C d)

where d = (hand-out + M message) / C + write: a chunk is handed out once (a lease and a call), and sends M
messages, each a transaction: one with all its rows for a noise, one a row for an attack. The first
bottleneck is the largest part of T beyond computing that is evenly shared, K C c / (g W): the start, the
sample's way, chunks that do not divide by the workers (ceil), or the writer (K C d beyond the computing).
"""

import math
from dataclasses import dataclass

from audits.work import CHUNK


@dataclass(frozen=True)
class Costs:
    """What was measured here, in seconds and bytes; the names stand for the letters above.

    `message` and `write` are per message and per row, `hand_out` per chunk; `messages` is M.
    """

    compute: float
    start: float
    sample: float
    hand_out: float
    message: float
    messages: int
    write: float

    @property
    def writer(self) -> float:
        """Seconds a row in the process that writes: d."""
        return (self.hand_out + self.messages * self.message) / CHUNK + self.write


@dataclass(frozen=True)
class Projection:
    """An audit on so many workers: its seconds in all, shared computing, and the parts beyond that."""

    workers: int
    seconds: float
    computing: float
    parts: dict[str, float]

    @property
    def bottleneck(self) -> str:
        """What costs most beyond computing."""
        return max(self.parts, key=lambda name: self.parts[name])

    @property
    def efficiency(self) -> float:
        """The share of the workers' time that is computing, 0 to 1."""
        return self.computing / self.seconds


def project(costs: Costs, chunks: int, workers: int, speed: float, bandwidth: float) -> Projection:
    """The formula above for one number of workers. `speed` is g, `bandwidth` B."""
    even = chunks * CHUNK * costs.compute / speed / workers
    whole = math.ceil(chunks / workers) * CHUNK * costs.compute / speed
    written = chunks * CHUNK * costs.writer
    parts = {
        "the start": costs.start,
        "the sample's way": workers * costs.sample / bandwidth,
        "too few chunks": whole - even,
        "the one writer": max(0.0, written - whole),
    }
    return Projection(workers, even + sum(parts.values()), even, parts)
