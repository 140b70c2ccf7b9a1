"""Texts and their changed versions on one plane, and which of them cross a line drawn between answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.embeddings.hidden import EmbeddingError

#: The inverse strength of the L2 penalty of the line, on standardised dimensions.
_C = 0.1
#: Each side of the line is learnt from so many texts at least.
FEWEST_OF_A_SIDE = 10


@dataclass(frozen=True)
class Moves:
    """Where texts were and went: `before` and `after` are (texts, 2), on the same axes.

    `crossed` says which texts went over to the other side, None where the plane has no sides. `fit` is the
    share of the texts, before their change, that lie on the side of their answer.
    """

    before: NDArray[np.float64]
    after: NDArray[np.float64]
    crossed: NDArray[np.bool_] | None
    fit: float | None


def across(
    others: NDArray[np.floating],
    sides: Sequence[bool] | NDArray[np.bool_],
    before: NDArray[np.floating],
    after: NDArray[np.floating],
    answers: Sequence[bool] | NDArray[np.bool_],
) -> Moves:
    """A plane whose first axis is the way across the line between two answers.

    The line is a logistic regression's, learnt from `others` (texts, width) and on which side of it the
    model's answer to each lies; none of the texts that move is among them, or the line would bend around
    them. The first coordinate is the signed distance to it, true being positive, in standard deviations;
    the second one is the direction of greatest variance in what of `others` is not correlated with the first.
    `answers` are the sides of the unchanged texts.

    Raises:
        EmbeddingError: one of the sides has too few texts to learn from, or vectors are not finite.
    """
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    goal = np.asarray(sides, np.bool_)
    if min(int(goal.sum()), int((~goal).sum())) < FEWEST_OF_A_SIDE:
        raise EmbeddingError(
            f"A line between two answers needs at least {FEWEST_OF_A_SIDE} other texts of each to learn "
            "from. Choose another label, or more examples; the plane of PCA needs none."
        )
    _check(others, before, after)
    scaler = StandardScaler().fit(others)
    known, old, new = (scaler.transform(each).astype(np.float64) for each in (others, before, after))
    line = LogisticRegression(C=_C, max_iter=500).fit(known, goal)
    length = float(np.linalg.norm(line.coef_))
    if length == 0:
        raise EmbeddingError("All these texts have the same vector here. Choose another layer or pooling.")
    normal = line.coef_[0] / length

    # What goes along with the way across would draw everything as one diagonal.
    ways = known @ normal
    slope = known.T @ (ways - ways.mean()) / float(np.square(ways - ways.mean()).sum())

    def along(states: NDArray[np.float64]) -> NDArray[np.float64]:
        return states - np.outer(states @ normal, slope)

    second = PCA(1, random_state=0).fit(along(known))

    def place(states: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(
            [line.decision_function(states) / length, second.transform(along(states))[:, 0]]
        )

    here, there = place(old), place(new)
    return Moves(
        here,
        there,
        (here[:, 0] > 0) != (there[:, 0] > 0),
        float(((here[:, 0] > 0) == np.asarray(answers, np.bool_)).mean()) if len(here) else None,
    )


def on_plane(
    others: NDArray[np.floating], before: NDArray[np.floating], after: NDArray[np.floating]
) -> Moves:
    """The plane of greatest variance of `others` and the unchanged texts; the changed ones are placed on it.

    Raises EmbeddingError where vectors are not finite.
    """
    from sklearn.decomposition import PCA

    _check(others, before, after)
    fitted = PCA(2, random_state=0).fit(np.concatenate([others, before]).astype(np.float64))
    here, there = (fitted.transform(np.asarray(each, np.float64)) for each in (before, after))
    return Moves(here, there, None, None)


def _check(*vectors: NDArray[np.floating]) -> None:
    if not all(np.isfinite(each).all() for each in vectors):
        raise EmbeddingError(
            "Some vectors are infinite or undefined. Choose another layer, or load the model as float32."
        )
