"""Many computations that ask a model, side by side: what they ask at one time is answered in one go.

A computation is a generator. It yields what it wants to know and is sent the answer, so that the code
for one text reads from top to bottom, and many texts share their batches all the same.
"""

from collections.abc import Callable, Generator, Sequence
from typing import Any, Protocol, Self, TypeVar

T = TypeVar("T")

#: Told (done, planned) as work goes on; what it raises stops the work.
Report = Callable[[int, int], None]


class Request(Protocol):
    """What a computation wants to know."""

    @property
    def work(self) -> int:
        """How much of the work that is reported it is; 0 for what is quick."""

    @classmethod
    def answered(cls, requests: Sequence[Self], report: Callable[[int], None]) -> Sequence[Any]:
        """One answer a request. `report` is told the work done since it was told last."""


#: A computation that may ask, and its result.
Asking = Generator[Request, Any, T]


def together(computations: Sequence[Asking[T]], report: Report | None = None) -> list[T]:
    """Run computations side by side, in rounds: all requests of one kind are answered at once.

    A computation that has its result asks no more, so the rounds grow smaller.
    """
    results: dict[int, T] = {}
    replies: dict[int, Any] = dict.fromkeys(range(len(computations)))
    done = planned = 0

    def finished(work: int) -> None:
        nonlocal done
        done += work
        if report and work:
            report(done, planned)

    while replies:
        asked: dict[int, Request] = {}
        for index, reply in replies.items():
            try:
                asked[index] = computations[index].send(reply)
            except StopIteration as ended:
                results[index] = ended.value
        planned += sum(request.work for request in asked.values())
        replies = {}
        for kind in dict.fromkeys(type(request) for request in asked.values()):
            same = {index: request for index, request in asked.items() if type(request) is kind}
            replies.update(zip(same, kind.answered(list(same.values()), finished), strict=True))
    return [results[index] for index in range(len(computations))]


def alone(computation: Asking[T], report: Report | None = None) -> T:
    """One computation by itself."""
    return together([computation], report)[0]
