"""How far one set of texts is from another where the model places them: can they be told apart?

Two answers, from vectors alone. A *domain classifier* is trained to say which set a vector is from; the area
under its curve (AUC) on vectors that it has not seen is 0.5 where it can only guess and 1 where it is never
wrong (Lopez-Paz and Oquab 2017, "Revisiting classifier two-sample tests", ICLR). The *maximum mean
discrepancy* (MMD²) compares the means of both sets under a kernel; its p value says how often sets drawn from
one source would lie so far apart (Gretton et al. 2012, "A kernel two-sample test", JMLR 13).

Neither says whether the model is worse over there: that is for its accuracy.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.classifier import ModelError

FOLDS = 5
#: The variance of a mean over folds beside that over independent texts: the folds' classifiers were trained
#: on much the same texts. Nadeau and Bengio (2003), "Inference for the generalization error", Machine
#: Learning 52. Without it the interval of two halves of SST-2 covered one half in 21 of 24 draws.
SPREAD = 1 + FOLDS / (FOLDS - 1)
#: What progress counts: the folds, and the kernel's test.
STEPS = FOLDS + 1
#: Fewer distinct texts a set give no figure.
FEWEST = 20
#: Permutations behind a p value; the smallest that there can be is one in this number and one.
PERMUTATIONS = 999
#: The inverse strength of the classifier's L2 penalty, on standardised dimensions.
_C = 0.01


class ShiftError(ModelError):
    """Two sets between which no distance can be measured. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Shift:
    """How far two sets of texts are apart.

    `auc` is the domain classifier's, cross-validated, with its 95 % interval from `auc_low` to `auc_high`;
    `mmd2` is unbiased and may be a little below 0 where there is no distance; `p` is its permutation p value.
    `counts` are the distinct texts of the first set and of the other.
    """

    auc: float
    auc_low: float
    auc_high: float
    mmd2: float
    p: float
    counts: tuple[int, int]


def between(
    first: NDArray[np.floating],
    other: NDArray[np.floating],
    texts: tuple[Sequence[str], Sequence[str]],
    *,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda *step: None,
) -> Shift:
    """The distance between two sets, a vector a text, (n, width) and (m, width); `texts` are theirs.

    A text that a set has twice counts once. `on_progress` receives the number of steps done and the total.
    Raises ShiftError for too few texts and for vectors that are not finite.
    """
    first, other = _distinct(first, texts[0]), _distinct(other, texts[1])
    counts = (len(first), len(other))
    if min(counts) < FEWEST:
        raise ShiftError(
            f"A distance needs at least {FEWEST} different texts on either side; there are {counts[0]} and "
            f"{counts[1]}. Take more examples."
        )
    if not (np.isfinite(first).all() and np.isfinite(other).all()):
        raise ShiftError("Some vectors are infinite or undefined. Load the model as float32.")
    area = domain_auc(first, other, seed=seed, on_fold=lambda done: on_progress(done, STEPS))
    low, high = auc_interval(area, counts[0] / SPREAD, counts[1] / SPREAD)
    distance, p = mmd2_test(first, other, seed=seed)
    on_progress(STEPS, STEPS)
    return Shift(area, low, high, distance, p, counts)


def _distinct(vectors: NDArray[np.floating], texts: Sequence[str]) -> NDArray[np.float64]:
    if len(vectors) != len(texts):
        raise ValueError(f"{len(texts)} texts for {len(vectors)} vectors")
    places = list({text: place for place, text in reversed(list(enumerate(texts)))}.values())
    return np.asarray(vectors, np.float64)[sorted(places)]


def domain_auc(
    first: NDArray[np.floating],
    other: NDArray[np.floating],
    *,
    seed: int = 0,
    on_fold: Callable[[int], None] = lambda done: None,
) -> float:
    """The mean area under the curve, over five folds, of a logistic regression that tells the sets apart.

    The mean over folds, not one curve over all answers: each fold's classifier has a scale of its own, and
    pooling them pulls the area of sets that are alike below one half.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    vectors = np.concatenate([first, other])
    side = np.repeat([0, 1], [len(first), len(other)])
    areas = []
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(vectors, side):
        model = make_pipeline(
            StandardScaler(), LogisticRegression(C=_C, max_iter=1000, class_weight="balanced")
        ).fit(vectors[train], side[train])
        areas.append(roc_auc_score(side[test], model.decision_function(vectors[test])))
        on_fold(len(areas))
    return float(np.mean(areas))


def auc_interval(area: float, first: float, other: float, confidence: float = 0.95) -> tuple[float, float]:
    """The interval of an area under the curve, from the sizes of both sets; it is never empty at 0 and 1.

    Newcombe (2006), "Confidence intervals for an effect size measure based on the Mann-Whitney statistic",
    part 2, Statistics in Medicine 25, method 5: the areas whose own standard error (Hanley and McNeil's, with
    both sizes replaced by their mean) reaches what was found.
    """
    from scipy import optimize, stats

    z = float(stats.norm.ppf((1 + confidence) / 2))
    size = (first + other) / 2 - 1

    def error(true: float) -> float:
        spread = 1 + size * (1 - true) / (2 - true) + size * true / (1 + true)
        return math.sqrt(true * (1 - true) * spread / (first * other))

    def end(outermost: float) -> float:
        sign = 1 if outermost > area else -1
        if area == outermost:
            return area
        start = min(max(area, 1e-9), 1 - 1e-9)  # where it is 0 or 1 itself, its own error is none
        return float(optimize.brentq(lambda true: sign * (true - area) - z * error(true), start, outermost))

    return end(0.0), end(1.0)


def mmd2(kernel: NDArray[np.float64], first: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The unbiased MMD² (Gretton et al. 2012, equation 3) for each division of all vectors in two.

    `kernel` is (n + m, n + m), symmetric; `first` is (divisions, n + m), true for the n vectors of one side.
    """
    within = kernel - np.diag(np.diag(kernel))
    side = first.astype(np.float64)
    n = side.sum(axis=1)
    m = side.shape[1] - n
    both = ((side @ within) * side).sum(axis=1)
    across = side @ within.sum(axis=1) - both
    neither = within.sum() - 2 * across - both
    return both / (n * (n - 1)) + neither / (m * (m - 1)) - 2 * across / (n * m)


def mmd2_test(
    first: NDArray[np.floating],
    other: NDArray[np.floating],
    *,
    seed: int = 0,
    permutations: int = PERMUTATIONS,
) -> tuple[float, float]:
    """The unbiased MMD² of two sets, and its permutation p value (what was found counts as one of them).

    The kernel is Gaussian, as wide as the median distance between two of all vectors (Gretton et al. 2012,
    section 8); every dimension is standardised over both sets, for some dwarf the others in many models.
    """
    from scipy.spatial.distance import pdist, squareform

    vectors = np.concatenate([first, other]).astype(np.float64)
    spread = vectors.std(axis=0)
    vectors = (vectors - vectors.mean(axis=0)) / np.where(spread > 0, spread, 1)
    squares = pdist(vectors, "sqeuclidean")
    middle = float(np.median(squares))
    if middle == 0:
        return 0.0, 1.0
    kernel = np.exp(-squareform(squares) / (2 * middle))
    rng = np.random.default_rng(seed)
    true = np.arange(len(vectors)) < len(first)
    divisions = rng.permuted(np.tile(true, (permutations, 1)), axis=1)
    found = float(mmd2(kernel, true[None])[0])
    # As large up to the rounding of sums: two divisions that mirror one another are equal.
    as_far = int((mmd2(kernel, divisions) >= found - 1e-12).sum())
    return found, (1 + as_far) / (1 + permutations)
