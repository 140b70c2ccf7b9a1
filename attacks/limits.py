"""How far an attack may go on one example."""

from dataclasses import dataclass

from attacks.entry import AttackError


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one search; None means no bound.

    `queries`: texts it may ask the model about, the first answer included. `seconds`: time it may take
    once it has begun, the time of its neighbours in a batch included; where it ends a search, the outcome
    depends on the machine. `words`: the largest share (0 to 1) of the words that it may change.

    Raises AttackError for a bound that leaves nothing to do.
    """

    queries: int | None = None
    seconds: float | None = None
    words: float | None = None

    def __post_init__(self) -> None:
        if self.queries is not None and self.queries < 1:
            raise AttackError(f"A query budget is at least 1; {self.queries} was given.")
        if self.seconds is not None and not self.seconds > 0:
            raise AttackError(f"A time budget is more than 0 seconds; {self.seconds} was given.")
        if self.words is not None and not 0 < self.words <= 1:
            raise AttackError(f"A share of words lies above 0 and up to 1; {self.words} was given.")
