"""Words taken away and the model asked again: leave-one-out, LIME, and two estimates of Shapley values.

Occlusion: Zeiler and Fergus, ECCV 2014; Li, Monroe and Jurafsky, "Understanding neural networks through
representation erasure", 2016. LIME: Ribeiro, Singh and Guestrin, KDD 2016. Shapley value sampling: Castro,
Gómez and Tejada, Computers & Operations Research 2009; Štrumbelj and Kononenko, JMLR 2010. Kernel SHAP:
Lundberg and Lee, NeurIPS 2017, with the paired draws of Covert and Lee, AISTATS 2021.

A text is a game whose players are its words. All inputs that a method needs are drawn first, the text
itself among them, equal ones are asked once, and the model answers them in batches. captum has these
methods too; it draws from torch's and numpy's global state and asks equal inputs again. The tests
compare with exact Shapley values and with captum.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import comb

import numpy as np
from numpy.typing import NDArray

from analysis.asking import Asking
from analysis.attribution.task import Question, Scores, Settings
from analysis.removal import asked, usual
from analysis.words import Word
from models.transformer import EncodedText, TransformerClassifier

#: Inputs that a method may ask the model for, unless told otherwise.
SAMPLES = 400

#: LIME as its authors' package has it for texts: how fast the weight of an input falls with its distance
#: (the cosine's, times 100), and how strongly the linear model's weights are held small.
LIME_WIDTH, LIME_RIDGE = 25.0, 1.0


@dataclass(frozen=True)
class Game:
    """A method that only takes words away; which ones does not hang on what the model answers.

    `draw` gives the sets of words that are asked (inputs, words) for a number of words, all of them together
    among them. `score` turns those sets and the quantity for each into the words' scores.
    """

    draw: Callable[[int, Settings], NDArray[np.bool_]]
    score: Callable[[NDArray[np.bool_], NDArray[np.float64], Settings], Scores]


@dataclass(frozen=True)
class Played:
    """A game over one text, and the model's logits (inputs, labels) for each set of its words."""

    game: Game
    settings: Settings
    used: tuple[tuple[str, str], ...]
    present: NDArray[np.bool_]
    logits: NDArray[np.float64]

    @property
    def whole(self) -> NDArray[np.float64]:
        """The model's logits (labels,) for the text with all its words."""
        found: NDArray[np.float64] = self.logits[self.present.all(axis=1).argmax()]
        return found

    def scores(self, question: Question) -> Scores:
        """What the words carry of the number that the question asks for."""
        found = self.game.score(self.present, question.values(self.logits), self.settings)
        return replace(found, used=(*self.used, *found.used))


def play(
    game: Game,
    classifier: TransformerClassifier,
    encoded: EncodedText,
    words: Sequence[Word],
    settings: Settings,
) -> Asking[Played]:
    """Ask the model for everything that the game draws. Raises AttributionError as `usual` does."""
    removal = usual(classifier, settings.removal)
    present = game.draw(len(words), settings)
    logits = yield from asked(classifier, encoded, words, present, removal)
    return Played(game, settings, (("removal", removal),), present, logits)


def _each_left_out(count: int, settings: Settings) -> NDArray[np.bool_]:
    return np.vstack([np.ones(count, bool), ~np.eye(count, dtype=bool)])


def _losses(present: NDArray[np.bool_], values: NDArray[np.float64], settings: Settings) -> Scores:
    return Scores(by_word=values[0] - values[1:])


#: What the quantity loses when one word is taken away.
OCCLUSION = Game(_each_left_out, _losses)


def _any_left_out(count: int, settings: Settings) -> NDArray[np.bool_]:
    random = np.random.default_rng(settings.seed)
    present = np.ones((settings.samples or SAMPLES, count), bool)
    for row in present[1:]:
        row[random.permutation(count)[: random.integers(1, count + 1)]] = False
    return present


def _nearby_fit(present: NDArray[np.bool_], values: NDArray[np.float64], settings: Settings) -> Scores:
    distances = 100 * (1 - np.sqrt(present.mean(axis=1)))
    weights = np.sqrt(np.exp(-((distances / LIME_WIDTH) ** 2)))
    scores = weighted_ridge(present.astype(float), values, weights, LIME_RIDGE)
    return Scores(by_word=scores, used=(("samples", len(present)),))


#: The weights of a linear model of the quantity, fitted to texts with random words taken away. Texts nearer
#: to the whole one count more. How many words go is drawn evenly, then which.
LIME = Game(_any_left_out, _nearby_fit)


def weighted_ridge(
    features: NDArray[np.float64], values: NDArray[np.float64], weights: NDArray[np.float64], alpha: float
) -> NDArray[np.float64]:
    """The coefficients of a weighted least-squares fit with an intercept; alpha holds their squares down."""
    centred = features - np.average(features, axis=0, weights=weights)
    wanted = values - float(np.average(values, weights=weights))
    gram = centred.T @ (weights[:, None] * centred) + alpha * np.eye(features.shape[1])
    return np.asarray(np.linalg.solve(gram, centred.T @ (weights * wanted)))


def _in_orders(count: int, settings: Settings) -> NDArray[np.bool_]:
    random = np.random.default_rng(settings.seed)
    pairs = max(1, (settings.samples or SAMPLES) // (2 * count))
    orders = [order for _ in range(pairs) for drawn in [random.permutation(count)] for order in _both(drawn)]
    present = np.zeros((len(orders), count + 1, count), bool)
    for order, steps in zip(orders, present, strict=True):
        for place, word in enumerate(order):
            steps[place + 1 :, word] = True
    return present.reshape(-1, count)


def _both(order: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return order, order[::-1]


def _mean_gains(present: NDArray[np.bool_], values: NDArray[np.float64], settings: Settings) -> Scores:
    count = present.shape[1]
    steps = present.reshape(-1, count + 1, count)
    gains = np.diff(values.reshape(len(steps), count + 1))
    came = (steps[:, 1:] & ~steps[:, :-1]).argmax(axis=2)
    scores = np.zeros(count)
    np.add.at(scores, came, gains / len(steps))
    used = (("samples", settings.samples or SAMPLES), ("orders", len(steps)))
    return Scores(by_word=scores, ends=(float(values[0]), float(values[count])), used=used)


#: What each word adds when the words come in a random order, averaged over orders. Orders are drawn in
#: pairs, one the other's reverse. Every order hands out the whole difference between all words and none, so
#: the scores add up exactly.
SHAPLEY_SAMPLING = Game(_in_orders, _mean_gains)


def _all_sets(count: int, settings: Settings) -> bool:
    """Whether every set of words is asked, and Shapley values are exact."""
    return 2**count <= max(settings.samples or SAMPLES, 4)


def _by_kernel(count: int, settings: Settings) -> NDArray[np.bool_]:
    if count == 1:
        return np.array([[False], [True]])
    if _all_sets(count, settings):
        present = (np.arange(2**count)[:, None] >> np.arange(count) & 1).astype(bool)[1:-1]
    else:
        present = _drawn(np.random.default_rng(settings.seed), count, settings.samples or SAMPLES)
    return np.vstack([np.zeros(count, bool), np.ones(count, bool), present])


def _additive(present: NDArray[np.bool_], values: NDArray[np.float64], settings: Settings) -> Scores:
    count = present.shape[1]
    ends = float(values[0]), float(values[1])
    between = present[2:]
    scores = np.array([ends[1] - ends[0]])
    if count > 1:
        sizes = between.sum(axis=1)
        weights = np.ones(len(between))
        if _all_sets(count, settings):
            weights = np.array([1 / (comb(count, size) * size * (count - size)) for size in sizes])
        scores = additive_fit(between.astype(float), values[2:] - ends[0], weights, ends[1] - ends[0])
    return Scores(by_word=scores, ends=ends, used=(("samples", len(present)),))


#: Shapley values as the weighted least-squares fit of an additive game, adding up exactly. All sets of words
#: are asked where they are no more than the samples: then the values are exact. Else sets are drawn by the
#: Shapley kernel, each with its complement.
KERNEL_SHAP = Game(_by_kernel, _additive)


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
