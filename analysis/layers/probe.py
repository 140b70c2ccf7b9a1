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
    if not np.isfinite(vectors).all():
        raise EmbeddingError("Some vectors are infinite or undefined. Load the model as float32.")
    rows = np.array([row for row, value in enumerate(values) if value in kept], np.intp)
    number = {value: index for index, value in enumerate(kept)}
    targets = np.array([number[values[row]] for row in rows])
    names = {text: index for index, text in enumerate(dict.fromkeys(texts[row] for row in rows))}
    groups = np.array([names[texts[row]] for row in rows])
    random = np.random.default_rng(seed)
    # A text keeps one value wherever it stands, as words keep theirs in a control task.
    first = np.unique(groups, return_index=True)[1]
    shuffled = random.permutation(targets[first])[groups]
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


def _fitted(states: NDArray[np.float64], targets: NDArray[np.intp]) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=_C, max_iter=200))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the last digits change no answer that counts
        return model.fit(states, targets)
