"""Where a model knows something: a linear probe at every layer, beside the same probe on shuffled labels.

A probe is a small classifier that reads a property off a layer's states (Alain & Bengio 2017). What it
finds may be the probe's own learning rather than the model's knowledge; so the same probe is trained on
labels that were shuffled over the texts, and only what it can do more counts (a control task, Hewitt &
Liang 2019). Either way a probe shows what can be read off a layer, not what the model makes use of.
"""

import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.embeddings.hidden import EmbeddingError

FOLDS = 5
#: A value that fewer distinct texts have cannot be learnt and tested in every fold.
FEWEST_OF_A_VALUE = 2 * FOLDS
#: More values than this make no property that a probe could be trained for.
MOST_VALUES = 50
#: The inverse strength of the probe's L2 penalty, on standardised dimensions.
_C = 0.1
#: The strength of the same penalty of a probe for a number.
_ALPHA = 100.0


@dataclass(frozen=True)
class Probes:
    """What a probe at each layer gets right, in cross-validation: every text is answered once, unseen.

    `values` are the property's values, `rows` the texts that have one of them often enough. `right` and
    `control` are bool (layers + 1, len(rows)): with the true values, and with shuffled ones. `commonest` is
    the share of the most frequent value, which a guess without reading would get right.
    """

    values: tuple[str, ...]
    rows: NDArray[np.intp]
    right: NDArray[np.bool_]
    control: NDArray[np.bool_]
    commonest: float


@dataclass(frozen=True)
class NumberProbes:
    """What a probe at each layer foretells of a number, in cross-validation: every text once, unseen.

    `values` are the texts' numbers and `shuffled` the same ones given to other texts. `foretold` and
    `control` are float64 (layers + 1, texts): what was said of each by probes that learnt the first, and the
    second.
    """

    values: NDArray[np.float64]
    shuffled: NDArray[np.float64]
    foretold: NDArray[np.float64]
    control: NDArray[np.float64]


def usable(texts: Sequence[str], values: Sequence[str]) -> tuple[str, ...]:
    """The values that enough distinct texts have, the most frequent first; too many of them make none."""
    counts = Counter(value for _, value in dict.fromkeys(zip(texts, values, strict=True)) if value)
    found = tuple(value for value, count in counts.most_common() if count >= FEWEST_OF_A_VALUE)
    return found if 2 <= len(found) <= MOST_VALUES else ()


def probe(
    vectors: NDArray[np.floating],
    texts: Sequence[str],
    values: Sequence[str],
    *,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> Probes:
    """A logistic regression at each layer, five-fold cross-validated, for a property with a value a text.

    `vectors` is (layers + 1, texts, width), one vector a text at each layer. Equal texts share a fold, so
    that none is asked for a text that was learnt by heart; a shuffled value is a distinct text's, too.
    `on_progress` receives the number of fits done and the total.

    Raises:
        EmbeddingError: there are not two values that enough texts have, or vectors are not finite.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    kept = usable(texts, values)
    if not kept:
        raise EmbeddingError(
            f"A probe needs 2 to {MOST_VALUES} values that at least {FEWEST_OF_A_VALUE} different texts have "
            "each. Choose another column, or more examples."
        )
    _check(vectors)
    rows = np.array([row for row, value in enumerate(values) if value in kept], np.intp)
    number = {value: index for index, value in enumerate(kept)}
    targets = np.array([number[values[row]] for row in rows])
    groups = _groups([texts[row] for row in rows])
    shuffled = _shuffled(targets, groups, seed)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    sides = [(goal, list(folds.split(rows, goal, groups))) for goal in (targets, shuffled)]
    total = len(sides) * len(vectors) * FOLDS
    answers = np.zeros((len(sides), len(vectors), len(rows)), np.bool_)
    done = 0
    for layer, states in enumerate(vectors):
        here = np.asarray(states[rows], np.float64)
        for side, (goal, splits) in enumerate(sides):
            for train, test in splits:
                answers[side, layer, test] = (
                    _fitted(here[train], goal[train]).predict(here[test]) == goal[test]
                )
                done += 1
                if on_progress is not None:
                    on_progress(done, total)
    commonest = float(np.bincount(targets).max() / len(targets))
    return Probes(kept, rows, answers[0], answers[1], commonest)


def probe_number(
    vectors: NDArray[np.floating],
    texts: Sequence[str],
    values: Sequence[float] | NDArray[np.floating],
    *,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> NumberProbes:
    """A ridge regression at each layer, five-fold cross-validated, for a number a text: otherwise as `probe`.

    Raises:
        EmbeddingError: there are too few different texts or numbers, or vectors are not finite.
    """
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import GroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    groups = _groups(texts)
    if len(set(groups.tolist())) < FEWEST_OF_A_VALUE:
        raise EmbeddingError(
            f"A probe for a number needs at least {FEWEST_OF_A_VALUE} different texts. Choose more examples."
        )
    _check(vectors)
    goal = np.asarray(values, np.float64)
    if not np.ptp(goal):
        raise EmbeddingError(
            "All texts have the same number, so a probe has nothing to read off. Choose others."
        )
    both = np.stack([goal, _shuffled(goal, groups, seed)], axis=1)
    folds = list(GroupKFold(FOLDS, shuffle=True, random_state=seed).split(goal, groups=groups))
    said = np.zeros((len(vectors), len(goal), 2))
    for layer, states in enumerate(vectors):
        here = np.asarray(states, np.float64)
        for place, (train, test) in enumerate(folds):
            # One fit learns both sides, each as it would alone.
            model = make_pipeline(StandardScaler(), Ridge(_ALPHA)).fit(here[train], both[train])
            said[layer, test] = model.predict(here[test])
            if on_progress is not None:
                on_progress(layer * FOLDS + place + 1, len(vectors) * FOLDS)
    return NumberProbes(goal, both[:, 1], said[..., 0], said[..., 1])


def _check(vectors: NDArray[np.floating]) -> None:
    if not np.isfinite(vectors).all():
        raise EmbeddingError("Some vectors are infinite or undefined. Load the model as float32.")


def _groups(texts: Sequence[str]) -> NDArray[np.intp]:
    """A number for each text, equal texts having the same."""
    names = {text: index for index, text in enumerate(dict.fromkeys(texts))}
    return np.array([names[text] for text in texts], np.intp)


def _shuffled(targets: NDArray[Any], groups: NDArray[np.intp], seed: int) -> NDArray[Any]:
    """The targets given to other texts; a text keeps one wherever it stands, as in a control task."""
    first = np.unique(groups, return_index=True)[1]
    mixed: NDArray[Any] = np.random.default_rng(seed).permutation(targets[first])[groups]
    return mixed


def _fitted(states: NDArray[np.float64], targets: NDArray[np.intp]) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=_C, max_iter=200))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the last digits change no answer that counts
        return model.fit(states, targets)
