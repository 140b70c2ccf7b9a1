"""Where the mistakes lie: how many of a text's neighbours are answered wrongly, and where most are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: With fewer texts than this, half of them hold no region worth the name.
FEWEST = 60
#: A region holds this share of the texts that it is searched among, and no fewer than so many.
SHARE, SMALLEST = 0.05, 15
#: More centres than this are not tried.
MOST_CENTRES = 2000


@dataclass(frozen=True)
class Region:
    """The place where errors are densest: found among one half of the texts, counted among the other.

    `rows` are all texts in it, nearest to its centre first, the centre itself among them. `found` is (errors,
    texts) on the half that chose it, and flatters it; `inside` and `outside` are the same of the other half,
    which had no say. `p` is Fisher's exact test of these two (one-sided): how often chance alone would
    find as many errors inside.
    """

    rows: tuple[int, ...]
    found: tuple[int, int]
    inside: tuple[int, int]
    outside: tuple[int, int]
    p: float


def error_density(
    near: NDArray[np.integer], off: NDArray[np.bool_] | NDArray[np.floating]
) -> NDArray[np.float64]:
    """How far each row's neighbours, (rows, neighbours), are off on average: of wrong and right the share."""
    shares: NDArray[np.float64] = off[near].mean(axis=1)
    return shares


def worst_region(vectors: NDArray[np.floating], wrong: NDArray[np.bool_], *, seed: int = 0) -> Region | None:
    """The ball around a wrong answer that holds the most errors, put to texts that did not choose it.

    Half of the rows, drawn with `seed`, propose: of the balls that hold a twentieth of them (15 at least)
    around one of their errors, the one with the most errors, of several the smallest. The other half's rows
    inside the same ball are then counted. Without that second half the worst of many places would look bad
    by chance alone.

    None where there are fewer than 60 rows, where the first half has no error, or where the ball holds
    nothing, or all, of the second half.
    """
    from scipy.stats import fisher_exact
    from sklearn.neighbors import NearestNeighbors

    if len(vectors) < FEWEST:
        return None
    drawn = np.random.default_rng(seed).permutation(len(vectors))
    first = np.sort(drawn[: len(drawn) // 2])
    second = np.setdiff1d(drawn, first)
    centres = [row for row in drawn[: len(drawn) // 2] if wrong[row]][:MOST_CENTRES]
    if not centres:
        return None
    size = max(SMALLEST, int(SHARE * len(first)))
    far, near = (
        NearestNeighbors(n_neighbors=size, algorithm="brute").fit(vectors[first]).kneighbors(vectors[centres])
    )  # (centres, size), nearest first
    errors = wrong[first[near]].sum(axis=1)
    best = min(range(len(centres)), key=lambda place: (-errors[place], far[place, -1]))
    away = np.linalg.norm(vectors - vectors[centres[best]], axis=1)
    inside = away <= away[first[near[best]]].max()
    counted = [
        (int(wrong[rows].sum()), len(rows)) for rows in (second[inside[second]], second[~inside[second]])
    ]
    if not all(total for _, total in counted):
        return None
    table = [[bad, total - bad] for bad, total in counted]
    rows = np.flatnonzero(inside)
    return Region(
        rows=tuple(rows[np.argsort(away[rows], kind="stable")].tolist()),
        found=(int(errors[best]), size),
        inside=counted[0],
        outside=counted[1],
        p=float(fisher_exact(table, alternative="greater").pvalue),
    )


def typical_words(texts: Sequence[str], rows: Sequence[int], count: int = 3) -> list[str]:
    """The words that set these rows' texts apart from all others, the most telling first; lower case.

    A word is counted once a text and ranked by its chi-squared statistic (Yang & Pedersen 1997); it has to
    occur in two of the texts, and in a larger share of them than elsewhere.
    """
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.feature_selection import chi2

    within = np.zeros(len(texts), np.bool_)
    within[list(rows)] = True
    try:
        reader = CountVectorizer(binary=True)
        counts = reader.fit_transform(texts)
    except ValueError:  # texts of stop marks alone have no words
        return []
    inside, outside = (np.asarray(counts[chosen].sum(axis=0)).ravel() for chosen in (within, ~within))
    telling = np.nan_to_num(chi2(counts, within)[0])
    more = (inside >= 2) & (inside * max((~within).sum(), 1) > outside * max(within.sum(), 1))
    names = reader.get_feature_names_out()
    ranked = np.argsort(-np.where(more, telling, -1), kind="stable")[:count]
    return [str(names[place]) for place in ranked if more[place]]
