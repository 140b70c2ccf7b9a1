"""The search of one attack on one example: TextAttack's own, asking its questions elsewhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attacks.limits import Limits
from attacks.outcome import Outcome, Status, failure, share_of_characters, share_of_words
from attacks.recipes import Recipe, Setup
from attacks.resources import import_textattack
from models.classifier import Classifier

#: Sends texts to the model and returns one row of probabilities each; raises what a text raises.
Ask = Callable[[Sequence[str]], NDArray[np.float64]]


class BudgetSpent(Exception):
    """The search wants to ask about more texts than its budget allows."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far a search is: queries so far, the best score so far, and the text that has it."""

    queries: int
    best_score: float
    text: str


class Search:
    """One recipe on one text. Call it once; `step` tells how far it is while it waits for an answer."""

    def __init__(
        self, recipe: Recipe, classifier: Classifier, text: str, target: int, limits: Limits
    ) -> None:
        self._recipe = recipe
        self._classifier = classifier
        self._text = text
        self._target = int(target)
        self._limits = limits
        self._attack: Any = None
        self._best: Any = None
        self.step: Step | None = None

    def __call__(self, ask: Ask) -> Outcome:
        """Searches to the end. A crash becomes an outcome of status "error"."""
        try:
            before = ask([self._text])[0]
            self._attack = self._build(before, ask)
            return self._outcome(before, *self._search())
        except Exception as problem:
            return failure(self._text, problem, self._queries)

    @property
    def _queries(self) -> int:
        return getattr(self._attack.goal_function, "num_queries", 0) if self._attack else 0

    def _build(self, before: NDArray[np.float64], ask: Ask) -> Any:
        import_textattack()
        from textattack.models.wrappers import ModelWrapper

        text = self._text

        class Wrapper(ModelWrapper):
            """The unchanged text's answer is known already; every other text is asked about."""

            model = None

            def __call__(self, texts: list[str], **_: Any) -> NDArray[np.float64]:
                return before[None] if texts == [text] else ask(texts)

        attack = self._recipe.build(
            Setup(Wrapper(), self._target, tuple(map(float, before)), self._encode, self._classifier)
        )
        # One question a step, however many candidates: cutting it up is the model's own business.
        attack.goal_function.batch_size = 2**30
        if self._limits.queries is not None:
            attack.goal_function.query_budget = self._limits.queries
        attack.search_method.get_goal_results = self._watched(attack.goal_function.get_results)
        return attack

    def _encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        from models.encoder import load_encoder

        return load_encoder(str(getattr(self._classifier, "device", "cpu"))).vectors(texts)

    def _watched(self, get_results: Callable[..., Any]) -> Callable[..., Any]:
        """TextAttack's scoring, with the best result remembered and a spent budget said out loud.

        TextAttack cuts the candidates to what the budget leaves. Some of its searches cannot bear
        an empty list, so the search ends here instead.
        """

        def watched(candidates: list[Any], **options: Any) -> Any:
            results, over = get_results(candidates, **options)
            for result in results:
                if self._best is None or result.score > self._best.score:
                    self._best = result
            if self._best is not None:
                best = self._best
                self.step = Step(self._queries, float(best.score), best.attacked_text.text)
            if candidates and not results:
                raise BudgetSpent
            return results, over

        return watched

    def _search(self) -> tuple[Status, str, Sequence[float]]:
        """The status, and where it is "succeeded" the text found and the model's answer to it."""
        from textattack.attack_results import (
            MaximizedAttackResult,
            SkippedAttackResult,
            SuccessfulAttackResult,
        )
        from textattack.goal_function_results import GoalFunctionResultStatus

        try:
            result = self._attack.attack(self._text, self._target)
        except BudgetSpent:
            won = self._best is not None and self._best.goal_status == GoalFunctionResultStatus.SUCCEEDED
            found = self._best if won else None
        else:
            if isinstance(result, SkippedAttackResult):
                return "skipped", self._text, ()
            won = isinstance(result, SuccessfulAttackResult | MaximizedAttackResult)
            found = result.perturbed_result if won else None
        if found is None or found.attacked_text.text == self._text:
            return "failed", self._text, ()
        return "succeeded", found.attacked_text.text, found.raw_output

    def _outcome(
        self, before: NDArray[np.float64], status: Status, perturbed: str, after: Sequence[float]
    ) -> Outcome:
        return Outcome(
            text=self._text,
            perturbed=perturbed,
            status=status,
            error=None,
            probabilities_before=tuple(map(float, before)),
            probabilities_after=tuple(map(float, after if status == "succeeded" else before)),
            queries=self._queries,
            characters_edited=share_of_characters(self._text, perturbed),
            words_edited=share_of_words(self._text, perturbed),
        )
