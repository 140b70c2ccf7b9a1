"""Words taken away and the model asked again: leave-one-out, LIME, and two estimates of Shapley values.

Occlusion: Zeiler and Fergus, ECCV 2014; Li, Monroe and Jurafsky, "Understanding neural networks through
representation erasure", 2016. LIME: Ribeiro, Singh and Guestrin, KDD 2016. Shapley value sampling: Castro,
Gómez and Tejada, Computers & Operations Research 2009; Štrumbelj and Kononenko, JMLR 2010. Kernel SHAP:
Lundberg and Lee, NeurIPS 2017, with the paired draws of Covert and Lee, AISTATS 2021.

A text is a game whose players are its words. All inputs that a method needs are drawn first, equal
ones are asked once, and the model answers them in batches. captum has these methods too; it draws from
torch's and numpy's global state and asks equal inputs again. The tests compare with exact Shapley
values and with captum.
"""

from math import comb

import numpy as np
from numpy.typing import NDArray

from analysis.asking import Asking
from analysis.attribution.task import Scores, Task
from analysis.removal import asked, usual

#: Inputs that a method may ask the model for, unless told otherwise.
SAMPLES = 400

#: LIME as its authors' package has it for texts: how fast the weight of an input falls with its distance
#: (the cosine's, times 100), and how strongly the linear model's weights are held small.
LIME_WIDTH, LIME_RIDGE = 25.0, 1.0


def occlusion(task: Task) -> Asking[Scores]:
    """What the quantity loses when one word is taken away."""
    count = len(task.words)
    present = np.vstack([np.ones(count, bool), ~np.eye(count, dtype=bool)])
    whole, *less = yield from _play(task, present)
    return Scores(by_word=whole - np.array(less), used=_used(task))


def lime(task: Task) -> Asking[Scores]:
    """The weights of a linear model of the quantity, fitted to texts with random words taken away.

    Texts nearer to the whole one count more. How many words go is drawn evenly, then which.
    """
    count, samples = len(task.words), task.settings.samples or SAMPLES
    random = np.random.default_rng(task.settings.seed)
    present = np.ones((samples, count), bool)
    for row in present[1:]:
        row[random.permutation(count)[: random.integers(1, count + 1)]] = False
    values = yield from _play(task, present)
    distances = 100 * (1 - np.sqrt(present.mean(axis=1)))
    weights = np.sqrt(np.exp(-((distances / LIME_WIDTH) ** 2)))
    scores = weighted_ridge(present.astype(float), values, weights, LIME_RIDGE)
    return Scores(by_word=scores, used=_used(task, samples))


def weighted_ridge(
    features: NDArray[np.float64], values: NDArray[np.float64], weights: NDArray[np.float64], alpha: float
) -> NDArray[np.float64]:
    """The coefficients of a weighted least-squares fit with an intercept; alpha holds their squares down."""
    centred = features - np.average(features, axis=0, weights=weights)
    wanted = values - float(np.average(values, weights=weights))
    gram = centred.T @ (weights[:, None] * centred) + alpha * np.eye(features.shape[1])
    return np.asarray(np.linalg.solve(gram, centred.T @ (weights * wanted)))


def shapley_sampling(task: Task) -> Asking[Scores]:
    """What each word adds when the words come in a random order, averaged over orders.

    Orders are drawn in pairs, one the other's reverse. Every order hands out the whole difference
    between all words and none, so the scores add up exactly.
    """
    count, samples = len(task.words), task.settings.samples or SAMPLES
    random = np.random.default_rng(task.settings.seed)
    pairs = max(1, samples // (2 * count))
    orders = [order for _ in range(pairs) for drawn in [random.permutation(count)] for order in _both(drawn)]
    present = np.zeros((len(orders), count + 1, count), bool)
    for order, steps in zip(orders, present, strict=True):
        for place, word in enumerate(order):
            steps[place + 1 :, word] = True
    played = yield from _play(task, present.reshape(-1, count))
    values = played.reshape(len(orders), count + 1)
    scores = np.zeros(count)
    for order, gains in zip(orders, np.diff(values, axis=1), strict=True):
        scores[order] += gains / len(orders)
    ends = float(values[0, 0]), float(values[0, -1])
    return Scores(by_word=scores, ends=ends, used=(*_used(task, samples), ("orders", len(orders))))


def _both(order: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return order, order[::-1]


def kernel_shap(task: Task) -> Asking[Scores]:
    """Shapley values as the weighted least-squares fit of an additive game, adding up exactly.

    All sets of words are asked where they are no more than the samples: then the values are exact.
    Else sets are drawn by the Shapley kernel, each with its complement.
    """
    count, samples = len(task.words), task.settings.samples or SAMPLES
    if count == 1:
        none, whole = (yield from _play(task, np.array([[False], [True]]))).tolist()
        return Scores(by_word=np.array([whole - none]), ends=(none, whole), used=_used(task, 2))
    if 2**count <= max(samples, 4):
        present = (np.arange(2**count)[:, None] >> np.arange(count) & 1).astype(bool)[1:-1]
        sizes = present.sum(axis=1)
        weights = np.array([1 / (comb(count, size) * size * (count - size)) for size in sizes])
    else:
        present = _drawn(np.random.default_rng(task.settings.seed), count, samples)
        weights = np.ones(len(present))
    values = yield from _play(task, np.vstack([np.zeros(count, bool), np.ones(count, bool), present]))
    ends = float(values[0]), float(values[1])
    scores = additive_fit(present.astype(float), values[2:] - ends[0], weights, ends[1] - ends[0])
    return Scores(by_word=scores, ends=ends, used=_used(task, len(present) + 2))


def _drawn(random: np.random.Generator, count: int, samples: int) -> NDArray[np.bool_]:
    """Sets of words: the size by the Shapley kernel, then which words; each followed by its complement."""
    sizes = np.arange(1, count)
    chances = 1 / (sizes * (count - sizes))
    present = np.zeros((max(1, samples // 2 - 1), count), bool)
    for row, size in zip(
        present, random.choice(sizes, size=len(present), p=chances / chances.sum()), strict=True
    ):
        row[random.permutation(count)[:size]] = True
    return np.stack([present, ~present], axis=1).reshape(-1, count)


def additive_fit(
    present: NDArray[np.float64], gains: NDArray[np.float64], weights: NDArray[np.float64], whole: float
) -> NDArray[np.float64]:
    """The weighted least-squares scores whose sum is `whole`; the smallest where several fit alike."""
    # The constraint eats the last score: it is the whole less all others.
    last = present[:, -1]
    features = present[:, :-1] - last[:, None]
    root = np.sqrt(weights)
    found = np.linalg.lstsq(root[:, None] * features, root * (gains - last * whole), rcond=None)
    first = np.asarray(found[0], dtype=np.float64)
    return np.append(first, whole - first.sum())


def _play(task: Task, present: NDArray[np.bool_]) -> Asking[NDArray[np.float64]]:
    """The quantity for each set of words that are there."""
    removal = usual(task.classifier, task.settings.removal)
    logits = yield from asked(task.classifier, task.encoded, task.words, present, removal, known=task.logits)
    return task.question.values(logits)


def _used(task: Task, samples: int | None = None) -> tuple[tuple[str, str | int | float], ...]:
    removal = ("removal", usual(task.classifier, task.settings.removal))
    return (removal,) if samples is None else (removal, ("samples", samples))
