"""How far an attack may go on one example."""

from dataclasses import dataclass
from typing import Any

from attacks.entry import AttackError
from attacks.outcome import share_of_words


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


def limit_words(attack: Any, share: float) -> None:
    """Holds a TextAttack attack to changing no more than this share of the text's words.

    By a constraint. `textattack.constraints.overlap.MaxWordsPerturbed` rounds the number of words up and
    compares them place by place, so that one deletion counts as a change of every later word. Here it
    is the edit distance in words, and never more than the share.
    """
    from textattack.constraints import Constraint
    from textattack.search_methods import DifferentialEvolution

    class WithinWords(Constraint):
        """At most a share of the words changed."""

        def _check_constraint(self, transformed_text: Any, reference_text: Any) -> bool:
            return share_of_words(reference_text.text, transformed_text.text) <= share

    within = WithinWords(compare_against_original=True)
    if not isinstance(attack.search_method, DifferentialEvolution):
        # First, for it costs least.
        attack.constraints.insert(0, within)
        return
    # SciPy crashes where a constraint leaves it nothing to choose from: limit the goal instead.
    goal = attack.goal_function
    reached = goal._is_goal_complete

    def reached_within(output: Any, text: Any) -> Any:
        return reached(output, text) and within._check_constraint(text, goal.initial_attacked_text)

    goal._is_goal_complete = reached_within
