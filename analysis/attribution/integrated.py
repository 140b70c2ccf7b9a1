"""Integrated gradients, and their Monte-Carlo kin over several baselines.

Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks", ICML 2017. Gradient SHAP: Lundberg
and Lee, NeurIPS 2017, and Erion et al., "Improving performance of deep learning models with axiomatic
attribution priors and expected gradients", Nature Machine Intelligence 2021.

A logit, or a difference of two, converges in fewer steps than a probability, which is flat where the
model is sure and steep between.

The integral is a midpoint sum. Midpoints nest under tripling (those of 12 steps are every third of
36), so the steps rise 12, 36, 108, 324 until the scores add up to what they should, and every gradient
computed on the way is used again. (On 80 sentences 12 took 19.5 gradients a sentence to add up within
2 % and 16 took 20.8; the best first number took one fewer, and splitting only the steepest parts none.)
captum's `IntegratedGradients` gives the same sums, and the tests hold this file to them; it cannot
continue from gradients that it already has, which is why the sum is formed here.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from analysis.asking import Asking
from analysis.attribution.result import relative_size
from analysis.attribution.task import Scores, Task
from analysis.paths import AttributionError, Lines, paths_to
from analysis.points import Slopes

#: The first stage is the smallest number of steps, but not below this, that leads to the last by tripling.
FEWEST_STEPS = 10

#: Points that gradient SHAP draws, unless told otherwise.
SHAP_SAMPLES = 48


def integrated_gradients(task: Task) -> Asking[Scores]:
    """The integral of the gradient from each baseline to the text; the mean over the baselines.

    Steps are raised up to `max_steps` until |delta| is at most `tolerance` of the difference between
    the path's ends.
    """
    settings = task.settings
    if settings.max_steps < 2 or not settings.tolerance > 0:
        raise AttributionError("Integrated gradients need at least 2 steps and a tolerance above 0.")
    lines = yield from paths_to(task.classifier, task.encoded, settings.baseline, task.logits)
    if settings.precision == "bfloat16":
        found = yield from _integral(task, lines, half=True)
        if _converged(task, found):
            return found
        # What two stages do not bring about is the rounding's noise, and no number of steps helps.
    return (yield from _integral(task, lines, half=False))


def _integral(task: Task, lines: Lines, *, half: bool) -> Asking[Scores]:
    """The scores from as few steps as they need; in half precision from two stages at most."""
    ends, paths = lines.ends(task.question.values), lines.paths
    if half and task.classifier.device.type == "cpu":
        # Backwards through fused attention takes twice as long as all the rest of a short text in bfloat16.
        paths = tuple(replace(path, classifier=task.classifier.eager()) for path in paths)
    total = np.zeros(len(task.encoded))
    for stage, (steps, alphas) in enumerate(nested_midpoints(task.settings.max_steps), start=1):
        every = [alpha for alpha in alphas for _ in paths]
        slopes = yield Slopes(paths * len(alphas), every, task.question.of, half)
        total += slopes.sum(axis=0) / len(paths)
        used = (("steps", steps), ("precision", "bfloat16" if half else "full"))
        found = Scores(by_token=total / steps, ends=ends, used=used)
        if _converged(task, found) or (half and stage == 2):
            break
    return found


def _converged(task: Task, scores: Scores) -> bool:
    """Whether the words' scores add up to the difference between the ends, within the tolerance."""
    assert scores.by_token is not None and scores.ends is not None
    words = ~np.array(task.encoded.special)
    delta = float(scores.by_token[words].sum() - (scores.ends[1] - scores.ends[0]))
    return relative_size(delta, scores.ends, task.question.quantity) <= task.settings.tolerance


def gradient_shap(task: Task) -> Asking[Scores]:
    """The gradient at random points between random baselines and the text, times their distance.

    Integrated gradients averaged over several baselines, by drawing instead of by steps: the same in
    the mean, and so is the sum of the scores.
    """
    lines = yield from paths_to(task.classifier, task.encoded, "average", task.logits)
    count = task.settings.samples or SHAP_SAMPLES
    random = np.random.default_rng(task.settings.seed)
    chosen = random.integers(len(lines.paths), size=count)
    alphas = random.uniform(size=count)
    paths = tuple(lines.paths[index] for index in chosen)
    slopes = yield Slopes(paths, alphas.tolist(), task.question.of)
    return Scores(
        by_token=slopes.mean(axis=0), ends=lines.ends(task.question.values), used=(("samples", count),)
    )


def nested_midpoints(max_steps: int) -> Iterator[tuple[int, list[float]]]:
    """Rising numbers of steps up to `max_steps`, each with the midpoints that the ones before did not have.

    The midpoints of n equal steps are (k + 1/2) / n. Those of 3 n steps with k = 1, 4, 7, ... are the same
    points, so each stage adds only two thirds of its own. A number that does not divide is one stage.
    """
    steps = max_steps
    while steps % 3 == 0 and steps // 3 >= FEWEST_STEPS:
        steps //= 3
    yield steps, [(k + 0.5) / steps for k in range(steps)]
    while steps < max_steps:
        steps *= 3
        yield steps, [(k + 0.5) / steps for k in range(steps) if k % 3 != 1]
