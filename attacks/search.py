"""The search of one attack on one example: TextAttack's own, asking its questions elsewhere."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attacks.answers import Cancelled, Oracle, Oracles
from attacks.limits import Limits, limit_words
from attacks.outcome import Outcome, Status, failure, share_of_characters, share_of_words
from attacks.recipes import Recipe, Setup
from attacks.resources import import_textattack
from attacks.trace import Step, Trace, changes
from models.classifier import Classifier

#: Sends texts to an oracle and returns one row each; raises what a text raises.
Ask = Callable[[Oracle, Sequence[str]], list[NDArray[Any]]]

#: Under a time budget a search asks about so many texts at once, and then looks at the clock.
_BETWEEN_LOOKS = 64


class BudgetSpent(Exception):
    """The search wants to go on and may not. `limit` names the bound, as `Outcome.stopped` does."""

    def __init__(self, limit: str) -> None:
        super().__init__(limit)
        self.limit = limit


class Search:
    """One recipe on one text. Call it once; `trace` tells how far it is while it waits for an answer."""

    def __init__(
        self,
        recipe: Recipe,
        classifier: Classifier,
        oracles: Oracles,
        *,
        text: str,
        target: int,
        limits: Limits,
        traced: bool = False,
    ) -> None:
        self._recipe = recipe
        self._classifier = classifier
        self._oracles = oracles
        self._text = text
        self._target = int(target)
        self._limits = limits
        self._traced = traced
        self._began = 0.0
        self._attack: Any = None
        self._best: Any = None
        self._ranks = False
        self._stopped = ""
        self.trace = Trace()

    def __call__(self, ask: Ask) -> Outcome:
        """Searches to the end. A crash becomes an outcome of status "error"; Cancelled is raised."""
        self._began = time.monotonic()

        def ask_in_time(oracle: Oracle, texts: Sequence[str]) -> list[NDArray[Any]]:
            self._check()
            return ask(oracle, texts)

        try:
            before = ask(self._oracles.answers, [self._text])[0]
            self._attack = self._build(before, ask_in_time)
            return self._outcome(before, *self._search())
        except Cancelled:
            raise
        except Exception as problem:
            return failure(self._text, problem, self._queries)

    @property
    def _queries(self) -> int:
        return getattr(self._attack.goal_function, "num_queries", 0) if self._attack else 0

    def _build(self, before: NDArray[np.float64], ask: Ask) -> Any:
        import_textattack()
        from textattack.models.wrappers import ModelWrapper

        text, answers, vectors = self._text, self._oracles.answers, self._oracles.vectors

        class Wrapper(ModelWrapper):
            """The unchanged text's answer is known already; every other text is asked about."""

            model = None

            def __call__(self, texts: list[str], **_: Any) -> NDArray[np.float64]:
                return before[None] if texts == [text] else np.array(ask(answers, texts))

        def encode(texts: Sequence[str]) -> NDArray[np.float32]:
            return np.array(ask(vectors, texts), dtype=np.float32)

        attack = self._recipe.build(
            Setup(Wrapper(), self._target, tuple(map(float, before)), encode, self._classifier)
        )
        self._bind(attack)
        return attack

    def _bind(self, attack: Any) -> None:
        """Puts the limits and the watching into TextAttack's attack."""
        goal, method, limits = attack.goal_function, attack.search_method, self._limits
        # One question a step, however many candidates: cutting it up is the model's own business.
        goal.batch_size = 2**30 if limits.seconds is None else _BETWEEN_LOOKS
        if limits.queries is not None:
            goal.query_budget = limits.queries
        if limits.words is not None:
            limit_words(attack, limits.words)
        for constraint in attack.constraints:
            constraint.call_many = self._checked(constraint.call_many)
        attack.filter_transformations = self._checked(attack.filter_transformations)
        method.filter_transformations = attack.filter_transformations
        method.get_transformations = self._checked(attack.get_transformations)
        method.get_goal_results = self._watched(goal.get_results)
        if hasattr(method, "_get_index_order"):
            method._get_index_order = self._ranking(method._get_index_order)

    def _check(self) -> None:
        """Ends the search where the caller wants to stop or its time is up."""
        self._oracles.check()
        seconds = self._limits.seconds
        if seconds is not None and time.monotonic() - self._began > seconds:
            raise BudgetSpent("seconds")

    def _checked(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """The same work, begun only if it may."""

        def checked(*arguments: Any, **options: Any) -> Any:
            self._check()
            return work(*arguments, **options)

        return checked

    def _watched(self, get_results: Callable[..., Any]) -> Callable[..., Any]:
        """TextAttack's scoring, with the best result remembered and a spent budget said out loud.

        TextAttack cuts the candidates to what the budget leaves. Some of its searches cannot bear
        an empty list, so the search ends here instead.
        """

        def watched(candidates: list[Any], **options: Any) -> Any:
            results, over = get_results(candidates, **options)
            for result in () if self._ranks else results:
                if self._best is None or result.score > self._best.score:
                    self._best = result
            if self._traced and results:
                self._add_step(results)
            if candidates and not results:
                raise BudgetSpent("queries")
            return results, over

        return watched

    def _ranking(self, rank: Callable[..., Any]) -> Callable[..., Any]:
        """TextAttack's ranking of words. What it asks about (texts with [UNK] in them) is no candidate."""

        def ranking(*arguments: Any, **options: Any) -> Any:
            self._ranks = True
            found = rank(*arguments, **options)
            self._ranks = False
            return found

        return ranking

    def _add_step(self, results: Sequence[Any]) -> None:
        score, text = (
            (float(self._best.score), self._best.attacked_text.text) if self._best else (0.0, self._text)
        )
        tried = changes(results, self._attack.goal_function.initial_attacked_text)
        self.trace.add(Step(self._queries, score, text, len(results), tried, self._ranks))

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
        except BudgetSpent as spent:
            self._stopped = spent.limit
            won = self._best is not None and self._best.goal_status == GoalFunctionResultStatus.SUCCEEDED
            found = self._best if won else None
        else:
            if isinstance(result, SkippedAttackResult):
                return "skipped", self._text, ()
            won = isinstance(result, SuccessfulAttackResult | MaximizedAttackResult)
            found = result.perturbed_result if won else None
            # With an empty budget TextAttack ends most searches by itself.
            if not isinstance(result, SuccessfulAttackResult) and self._queries == self._limits.queries:
                self._stopped = "queries"
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
            stopped=self._stopped,
        )
