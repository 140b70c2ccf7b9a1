"""Runs one test over many texts."""

from collections.abc import Callable, Sequence

from attacks import lockstep, single
from attacks.answers import Cancelled, Oracles
from attacks.cache import Cache
from attacks.entry import AttackError, Entry
from attacks.limits import Limits
from attacks.outcome import Outcome, failure
from attacks.recipes import RECIPES, Recipe
from attacks.registry import entry
from attacks.resources import import_textattack
from attacks.search import Search
from attacks.single import Draw
from attacks.trace import Step
from attacks.validity import judged
from models.classifier import Classifier

__all__ = ["Cancelled", "failure", "run"]

UNLIMITED = Limits()

OnOutcome = Callable[[int, Outcome], None]
OnStep = Callable[[int, tuple[Step, ...]], None]


def run(
    test: str | Recipe,
    severity: int | None,
    classifier: Classifier,
    texts: Sequence[str],
    targets: Sequence[int],
    *,
    seed: int,
    limits: Limits = UNLIMITED,
    on_outcome: OnOutcome | None = None,
    on_step: OnStep | None = None,
    cancelled: Callable[[], bool] | None = None,
    concurrency: int = 64,
    judge: bool = True,
    cache: Cache | None = None,
) -> list[Outcome]:
    """Puts every text through one test; the outcomes come back in the texts' order.

    `targets` are the true labels, as indices into `classifier.labels`. An outcome depends on its
    text, target, the test, severity, seed and limits alone, never on its neighbours or their number.
    A noise needs a severity; a counterfactual and an attack take None. `limits` bound an attack. `test` is
    a name of the registry, or a recipe of one's own.

    `on_outcome(index, outcome)` is called as each finishes, in the order of finishing;
    `on_step(index, steps)` after every round of queries of an attack, with all its steps so far. An
    example that crashes becomes an outcome of status "error"; the others go on.

    `concurrency` is how many searches run side by side; in one thread (`models.batching.one_thread`) it
    changes the speed and nothing else, in several the last digits of probabilities too. `cache` keeps
    what the models said, for one run or, where it is handed from one to the next, for many.

    With `judge`, successes of an attack on the answer get similarity and fluency (`attacks.validity`);
    without it they come as soon as the search has them.

    Raises AttackError for a test that cannot be run, and Cancelled soon after `cancelled()` is true.
    """
    found = test.entry if isinstance(test, Recipe) else entry(test)
    _check(found, severity, classifier, texts=texts, targets=targets, seed=seed)
    oracles = Oracles(classifier, cancelled, cache)
    if found.kind == "attack":
        # Now, and not in the middle of the first search: importing draws random numbers.
        import_textattack()
        recipe = test if isinstance(test, Recipe) else RECIPES[test]
        recipe.prepare(classifier)
        searches = (
            Search(
                recipe,
                classifier,
                oracles,
                text=text,
                target=target,
                limits=limits,
                traced=on_step is not None,
            )
            for text, target in zip(texts, targets, strict=True)
        )
        steps = _Steps(on_step)
        finished = lockstep.run(searches, oracles, seed=seed, concurrency=concurrency, on_step=steps)
    else:
        finished = single.run(texts, Draw(found.name, severity, seed), oracles.answers)
    outcomes: dict[int, Outcome] = {}
    device = str(getattr(classifier, "device", "cpu"))
    judging = judge and found.kind == "attack" and found.flips
    for index, outcome in finished:
        outcomes[index] = judged(outcome, device, oracles.check) if judging else outcome
        if on_outcome:
            on_outcome(index, outcomes[index])
    return [outcomes[index] for index in range(len(texts))]


def _check(
    found: Entry,
    severity: int | None,
    classifier: Classifier,
    *,
    texts: Sequence[str],
    targets: Sequence[int],
    seed: int,
) -> None:
    if not found.available:
        raise AttackError(f"{found.title} cannot run here. {found.remedy}")
    if found.severities and severity not in found.severities:
        raise AttackError(f"{found.name} runs at severity {found.severities}, not {severity}.")
    if not found.severities and severity is not None:
        raise AttackError(f"{found.name} has no severities; {severity} was given.")
    if len(texts) != len(targets):
        raise AttackError(f"{len(texts)} texts came with {len(targets)} labels; each text needs one.")
    if not all(0 <= target < len(classifier.labels) for target in targets):
        raise AttackError(f"A label lies outside the model's {len(classifier.labels)} labels.")
    if not 0 <= seed < 2**32:
        raise AttackError(f"A seed lies between 0 and {2**32 - 1}; {seed} was given.")


class _Steps:
    """Hands on a search's steps when there is a new one."""

    def __init__(self, on_step: OnStep | None) -> None:
        self._on_step = on_step
        self._last: dict[int, Step] = {}

    def __call__(self, index: int, search: Search) -> None:
        steps = search.trace.steps if self._on_step else ()
        if self._on_step and steps and steps[-1] is not self._last.get(index):
            self._last[index] = steps[-1]
            self._on_step(index, steps)
