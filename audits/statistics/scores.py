"""What a model's answers are worth beyond accuracy: macro F1, recall, Brier score, log loss, R²."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from audits.statistics.drops import where_few_turned
from audits.statistics.estimates import Estimate
from audits.statistics.jackknife import average, estimate
from audits.statistics.means import mean
from audits.statistics.rates import accuracy, unseen, wilson
from audits.statistics.resampling import Clusters, by_cluster

#: With fewer source examples on which macro F1 hangs, its interval is put together from the labels' own.
ENOUGH_WRONG = 5


def macro_f1(targets: ArrayLike, predicted: ArrayLike, k: int, clusters: Clusters = None) -> Estimate:
    """The mean of the labels' F1 scores, over the labels that occur as a truth or an answer.

    Both arrays hold indices of `k` labels, one a row. The interval is the jackknife's, on the logit scale.
    Where fewer than `ENOUGH_WRONG` source examples are wrong it is the mean of the labels' own intervals:
    F1 is 2 J / (1 + J) of the share J = hits / (hits + misses + false alarms), which has Wilson's (Lam et al.
    2024, "Confidence intervals for the F1 score: a comparison of four methods"). That assumes that all
    labels miss together, which is on the safe side. Raises ValueError as `confusion` does.
    """
    columns = f1_columns(targets, predicted, k)
    true, said = np.asarray(targets, dtype=np.int64), np.asarray(predicted, dtype=np.int64)
    seen = columns[:, :k].sum(axis=0) > 0
    columns, labels = columns[:, np.concatenate([seen, seen])], int(seen.sum())
    wrong = by_cluster((true != said).astype(np.int64), clusters)[0]
    if not len(true) or (wrong > 0).sum() >= ENOUGH_WRONG:
        return estimate(columns, mean_f1, clusters, "share")
    hits = columns[:, labels:].sum(axis=0)
    touched = columns[:, :labels].sum(axis=0) - hits
    scale = len(wrong) / len(true)
    ends = np.array([wilson(hit / all_, all_ * scale) for hit, all_ in zip(hits, touched, strict=True)])
    low, high = (2 * ends / (1 + ends)).mean(axis=0)
    return Estimate(float(mean_f1(columns.sum(axis=0)[None])[0]), float(low), float(high), len(true))


def f1_columns(targets: ArrayLike, predicted: ArrayLike, k: int) -> NDArray[np.float64]:
    """For each row and label: how often it stands there as truth or answer, and (next `k`) as both.

    `mean_f1` makes macro F1 of their sums. Raises ValueError as `confusion` does.
    """
    confusion(targets, predicted, k)  # raises where the arrays do not fit
    true, said = np.asarray(targets, dtype=np.int64), np.asarray(predicted, dtype=np.int64)
    columns = np.zeros((len(true), 2 * k))
    columns[np.arange(len(true)), true] += 1
    columns[np.arange(len(true)), said] += 1
    columns[true == said, k + true[true == said]] = 1
    return columns


def mean_f1(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Macro F1 of each of n sums (n, 2k) of `f1_columns`, over the labels that occur there."""
    labels = sums.shape[1] // 2
    answers, hits = sums[:, :labels], sums[:, labels:]
    # A label that only one example has is gone without it; the mean is over the others then.
    gone = answers == 0
    return np.where(gone, 0.0, 2 * hits / np.where(gone, 1, answers)).sum(axis=1) / (~gone).sum(axis=1)


def recalls(targets: ArrayLike, predicted: ArrayLike, k: int, clusters: Clusters = None) -> list[Estimate]:
    """For each label the share of its rows that are answered right, with Wilson's interval (`accuracy`)."""
    confusion(targets, predicted, k)  # raises where the arrays do not fit
    true, said = np.asarray(targets), np.asarray(predicted)
    found = []
    for label in range(k):
        inside = np.flatnonzero(true == label).tolist()
        within = None if clusters is None else [clusters[place] for place in inside]
        found.append(accuracy(said[inside] == label, within))
    return found


def brier(probabilities: ArrayLike, targets: ArrayLike, clusters: Clusters = None) -> Estimate:
    """Half the mean squared distance of the probabilities from the truth: 0 is perfect, 1 the worst.

    For two labels it is (p - y)². Brier (1950), Monthly Weather Review 78, who did not halve it. The interval
    is the jackknife's, with room above for errors that nobody saw (`rates.unseen`), each of which costs at
    most 1. Raises ValueError for arrays that do not fit.
    """
    found = average(_distances(probabilities, targets), clusters, "share")
    found = _with_room(found, unseen(_wrong(probabilities, targets), clusters), 1.0)
    return replace(found, high=min(1.0, found.high))


def brier_difference(
    first: ArrayLike, second: ArrayLike, targets: ArrayLike, clusters: Clusters = None, seed: int = 0
) -> Estimate:
    """The second's Brier score minus the first's, on the same rows.

    The interval is that of `mean`, with room for answers that turn too seldom to be seen
    (`drops.where_few_turned`). Raises ValueError for arrays that do not fit.
    """
    found = mean(_distances(second, targets) - _distances(first, targets), clusters, seed)
    return where_few_turned(found, first, second, clusters)


def _distances(probabilities: ArrayLike, targets: ArrayLike) -> NDArray[np.float64]:
    scores, right = probabilities_of(probabilities, targets)
    truth = np.eye(scores.shape[1])[right]
    found: NDArray[np.float64] = ((scores - truth) ** 2).sum(axis=1) / 2
    return found


def variance_explained(values: ArrayLike, foretold: ArrayLike, clusters: Clusters = None) -> Estimate:
    """R² of numbers foretold for `values`: 1 is all of their variance, 0 what their mean would do.

    It is below 0 where the mean would do better, and not a number where all values are the same. The interval
    is the jackknife's.
    """
    own = np.asarray(values, dtype=float)
    # From the first on, so that large numbers with small differences keep their digits.
    errors = np.asarray(foretold, dtype=float) - own
    own = own - (own[0] if len(own) else 0)
    if not own.any():
        return Estimate(math.nan, -math.inf, 1.0, len(own))
    columns = np.stack([np.ones_like(own), own, own**2, errors**2], axis=1)
    return estimate(
        columns, lambda sums: 1 - sums[:, 3] / (sums[:, 2] - sums[:, 1] ** 2 / sums[:, 0]), clusters
    )


def log_loss(probabilities: ArrayLike, targets: ArrayLike, clusters: Clusters = None) -> Estimate:
    """The mean surprise at the truth, -ln p of the right label, in nats; 0 is perfect.

    Probabilities below the smallest step of a double count as that step. The interval is the jackknife's,
    with room above for errors that nobody saw (`rates.unseen`): each costs what an answer like these would
    cost on average were it wrong, and the other labels equally likely. Raises ValueError for arrays that do
    not fit.
    """
    found = average(_surprises(probabilities, targets), clusters, "positive")
    scores, _ = probabilities_of(probabilities, targets)
    if not found.count:
        return found
    others = (1 - scores.max(axis=1)) / max(1, scores.shape[1] - 1)
    cost = float(-np.log(np.clip(others, np.finfo(float).eps, 1.0)).mean())
    return _with_room(found, unseen(_wrong(probabilities, targets), clusters), cost)


def _wrong(probabilities: ArrayLike, targets: ArrayLike) -> NDArray[np.bool_]:
    scores, right = probabilities_of(probabilities, targets)
    return scores.argmax(axis=1) != right if len(right) else np.zeros(0, dtype=bool)


def _with_room(found: Estimate, share: float, cost: float) -> Estimate:
    """The interval with its upper end where so large a share of rows that cost so much more would put it."""
    return replace(found, high=max(found.high, found.value + share * cost)) if found.count else found


def _surprises(probabilities: ArrayLike, targets: ArrayLike) -> NDArray[np.float64]:
    scores, right = probabilities_of(probabilities, targets)
    chosen = scores[np.arange(len(right)), right]
    return -np.log(np.clip(chosen, np.finfo(float).eps, 1.0))


def probabilities_of(
    probabilities: ArrayLike, targets: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Both as arrays, (rows, labels) and (rows,). Raises ValueError where they do not fit."""
    scores, right = np.asarray(probabilities, dtype=float), np.asarray(targets, dtype=np.int64)
    if scores.ndim != 2 or scores.shape[:1] != right.shape:
        raise ValueError(f"probabilities of shape {scores.shape} do not fit {right.shape} targets")
    return scores, right


def confusion(targets: ArrayLike, predicted: ArrayLike, k: int) -> NDArray[np.int64]:
    """Counts (k, k): a row for each true label, a column for each predicted one.

    Raises ValueError for arrays of different lengths and for indices that are not below `k`.
    """
    true, said = np.asarray(targets, dtype=np.int64), np.asarray(predicted, dtype=np.int64)
    if true.shape != said.shape or true.ndim != 1:
        raise ValueError(f"{true.shape} targets do not pair with {said.shape} predictions")
    if len(true) and (min(true.min(), said.min()) < 0 or max(true.max(), said.max()) >= k):
        raise ValueError(f"a label's index is not between 0 and {k - 1}")
    return np.bincount(true * k + said, minlength=k * k).reshape(k, k).astype(np.int64)
