"""How far to believe an explanation: does taking away the words it marks take away the answer?

Comprehensiveness and sufficiency: DeYoung et al., "ERASER: a benchmark to evaluate rationalized NLP models",
ACL 2020. The area over the perturbation curve (AOPC) is their mean over ERASER's shares of the words.
Both are beside what words drawn at random do, since any text loses its answer when it loses its words.
Infidelity: Yeh et al., "On the (in)fidelity and sensitivity of explanations", NeurIPS 2019, with words for
features and their removal for the perturbation (their sensitivity is `analysis.sensitivity`).
Weights at random: Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018: an explanation that
stays the same when the model forgets everything explains the text and not the model.

Words are taken away as token ids (`analysis.removal`); a text that was shortened and encoded again would
be another one.
"""

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from numpy.typing import NDArray

from analysis.attribution import METHODS, Attribution, Question, Removal, Settings, attribute
from analysis.removal import answers, usual
from models.transformer import TransformerClassifier

#: The shares of the words that ERASER takes away, each rounded up to whole words.
SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)
DRAWS = 20

#: Steps of a path through a model with random weights: its sums need not converge to be compared.
_STEPS_AT_RANDOM = 48


@dataclass(frozen=True)
class Estimate:
    """A mean over random draws with its 95 % interval (Student's t)."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Evidence:
    """What happened to the probability of `target` as words were taken away.

    A regression has no probability: in its place stands the share of what all words together do to the value,
    which is 1 for the whole text and 0 without any word.

    `probability` is that of the whole text. `removed[i]` is what it is without the `counts[i]` words that
    the explanation ranks first, `kept[i]` with these alone; `random_removed` and `random_kept` (draws,
    counts) the same for words in random order. `marked` is the number of words that stands for the
    explanation in one sentence; it is one of `counts`. `leave_one_out` is Kendall's tau between the
    scores and the effect of each word alone (None where either is constant). `infidelity` is the share of
    what the explained quantity loses that the scores leave unexplained (see `unexplained`), over all random
    sets of words, `random_infidelity` that of the same scores dealt to the words at random; None where the
    quantity loses nothing.
    """

    target: int
    probability: float
    counts: tuple[int, ...]
    words: int
    marked: int
    removed: NDArray[np.float64]
    kept: NDArray[np.float64]
    random_removed: NDArray[np.float64]
    random_kept: NDArray[np.float64]
    leave_one_out: float | None
    infidelity: Estimate | None
    random_infidelity: Estimate | None
    removal: Removal
    seed: int

    @property
    def comprehensiveness(self) -> float:
        """AOPC of what the probability loses without the marked words; the more the better."""
        return float(self._mean(self.removed))

    @property
    def sufficiency(self) -> float:
        """AOPC of what the probability loses with the marked words alone; the less the better."""
        return float(self._mean(self.kept))

    @property
    def random_comprehensiveness(self) -> Estimate:
        """Comprehensiveness of words in random order."""
        return estimate(self._mean(self.random_removed))

    @property
    def random_sufficiency(self) -> Estimate:
        """Sufficiency of words in random order."""
        return estimate(self._mean(self.random_kept))

    @property
    def taken(self) -> float:
        """The share of the probability that goes with the `marked` words; below 0 where it grows."""
        return float(self._taken(self.removed))

    @property
    def random_taken(self) -> Estimate:
        """The same for as many random words."""
        return estimate(self._taken(self.random_removed))

    @property
    def beaten(self) -> float:
        """The share of the random orders that are less comprehensive than the explanation."""
        return float((self._mean(self.random_removed) < self.comprehensiveness).mean())

    def _taken(self, curve: NDArray[np.float64]) -> NDArray[np.float64]:
        left = curve[..., self.counts.index(self.marked)]
        return np.asarray((self.probability - left) / (self.probability or 1.0))

    def _mean(self, curve: NDArray[np.float64]) -> NDArray[np.float64]:
        """The mean loss over ERASER's shares; two shares that are equally many words count twice."""
        places = [self.counts.index(count) for count in _counts(self.words)]
        return np.asarray((self.probability - curve[..., places]).mean(axis=-1))


@dataclass(frozen=True)
class Agreement:
    """How alike two explanations of one text are.

    `spearman` is the rank correlation of their scores (of the sizes, where one of them has no sign; None
    where either is constant). `shared` of the `top` strongest words are the same.
    """

    spearman: float | None
    shared: int
    top: int


def measure(
    classifier: TransformerClassifier,
    attribution: Attribution,
    *,
    removal: Removal | None = None,
    draws: int = DRAWS,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> Evidence:
    """Take the words away that an explanation marks, and as many random ones, and ask the model.

    All inputs are asked in one go, equal ones once. `removal` is the model's usual one unless named.
    Raises ModelError for a text that does not fit the memory.
    """
    removal = usual(classifier, removal)
    count = len(attribution.words)
    marked = max(1, min(3, count // 2))
    counts = tuple(sorted({*_counts(count), marked}))
    random = np.random.default_rng(seed)
    number = classifier.answering == "number"
    lowered = number and lowers(classifier, attribution, removal)
    orders = [ranked(attribution, lowered), *(random.permutation(count) for _ in range(draws))]
    gone = np.zeros((len(orders), len(counts), count), bool)
    for order, rows in zip(orders, gone, strict=True):
        for row, most in zip(rows, counts, strict=True):
            row[order[:most]] = True
    flat = gone.reshape(-1, count)
    none_there = np.zeros((1, count), bool)[: int(number)]
    present = np.vstack([np.ones((1, count), bool), ~np.eye(count, dtype=bool), ~flat, flat, none_there])
    encoded = classifier.encode([attribution.text])[0]
    logits = answers(classifier, encoded, attribution.words, present, removal, report=on_progress)
    asked = 1 + count + 2 * len(flat)
    logits, nothing = logits[:asked], logits[asked:]
    chances = classifier.answers(logits)[:, attribution.target]
    if number:
        none = nothing[0, attribution.target]
        chances = (chances - none) / ((chances[0] - none) or 1.0)
    removed, kept = chances[1 + count :].reshape(2, len(orders), len(counts))
    apart = classifier.answering == "several"
    question = Question(attribution.target, attribution.contrast, attribution.quantity, apart)
    values = question.values(logits)
    lost = values[0] - values[1:]
    lost = lost if _signed(attribution) else np.abs(lost)
    # The sets of one random order share its words: an order is one draw, whole.
    sets = (~present[1 + count : asked]).reshape(2, len(orders), -1, count)[:, 1:].swapaxes(0, 1)
    losses = lost[count:].reshape(2, len(orders), -1)[:, 1:].swapaxes(0, 1)
    own, dealt = _infidelity(attribution.word_scores, sets, losses, random)
    return Evidence(
        target=attribution.target,
        probability=float(chances[0]),
        counts=counts,
        words=count,
        marked=marked,
        removed=removed[0],
        kept=kept[0],
        random_removed=removed[1:],
        random_kept=kept[1:],
        leave_one_out=_kendall(attribution.word_scores, lost[:count]),
        infidelity=own,
        random_infidelity=dealt,
        removal=removal,
        seed=seed,
    )


def unexplained(told: NDArray[np.float64], lost: NDArray[np.float64]) -> float:
    """Infidelity as a share: what of the squared losses stays when the scores' sums foretell them.

    `told` is the sum of the scores of the words that went, `lost` what the quantity lost, an entry a set of
    words. The scores may be in any unit: they are brought to the scale that fits best (Yeh et al.'s
    normalisation), but never turned round. 0 is perfect, 1 no better than foretelling nothing.
    """
    fits, size = float((told * lost).sum()), float((told**2).sum() * (lost**2).sum())
    return 1 - fits**2 / size if fits > 0 else 1.0


def _infidelity(
    scores: NDArray[np.float64],
    sets: NDArray[np.bool_],
    losses: NDArray[np.float64],
    random: np.random.Generator,
) -> tuple[Estimate | None, Estimate | None]:
    """That of the scores, with the jackknife's interval over draws, and of the same scores dealt at random.

    `sets` (draws, 2, sets, words) are the words that went, `losses` (draws, 2, sets) what the quantity lost.
    """
    if not losses.any():
        return None, None
    told, draws = sets @ scores, len(sets)
    whole = unexplained(told, losses)
    without = [unexplained(np.delete(told, i, 0), np.delete(losses, i, 0)) for i in range(draws)]
    own = estimate(draws * whole - (draws - 1) * np.array(without))
    dealt = [unexplained(sets @ random.permutation(scores), losses) for _ in range(draws)]
    return replace(own, mean=whole), estimate(np.array(dealt))


def ranked(attribution: Attribution, lowered: bool = False) -> NDArray[np.int64]:
    """The words' numbers, the one that speaks most for the target first.

    Of a number that the words have `lowered`, those come first that speak most for a lower one.
    """
    towards = -1 if lowered and _signed(attribution) else 1
    return np.argsort(-towards * attribution.word_scores, kind="stable")


def lowers(classifier: TransformerClassifier, attribution: Attribution, removal: Removal | None) -> bool:
    """Whether all words of a text together make a regression's value lower than it is without them."""
    none_and_all = np.repeat([[False], [True]], len(attribution.words), axis=1)
    encoded = classifier.encode([attribution.text])[0]
    way = usual(classifier, removal)
    none, whole = answers(classifier, encoded, attribution.words, none_and_all, way)[:, attribution.target]
    return bool(whole < none)


def compared(one: Attribution, other: Attribution) -> Agreement:
    """How alike two explanations of one text are. Raises ValueError where their words differ."""
    if one.words != other.words:
        raise ValueError("Only explanations of one text, read by one tokenizer, can be compared.")
    return agreement(one.word_scores, other.word_scores, signed=_signed(one) and _signed(other))


def agreement(one: NDArray[np.float64], other: NDArray[np.float64], *, signed: bool = True) -> Agreement:
    """How alike two rows of scores of the same words are; those without a sign are compared by size."""
    top = max(1, min(5, len(one) // 2))
    scores = [one, other] if signed else [np.abs(one), np.abs(other)]
    strongest = [set(np.argsort(-np.abs(each), kind="stable")[:top].tolist()) for each in scores]
    return Agreement(_spearman(*scores), len(strongest[0] & strongest[1]), top)


def randomised(classifier: TransformerClassifier, seed: int) -> TransformerClassifier:
    """A copy of a model that has forgotten all: every tensor's numbers are shuffled among themselves."""
    module = copy.deepcopy(classifier.module)
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weights in module.parameters():
            order = torch.randperm(weights.numel(), generator=random).to(weights.device)
            weights.copy_(weights.flatten()[order].view_as(weights))
    return TransformerClassifier(
        module,
        classifier.tokenizer,
        reference=classifier.reference,
        weights=f"{classifier.fingerprint} shuffled by {seed}",
        name=f"{classifier.name} with shuffled weights",
    )


def under_random_weights(
    classifier: TransformerClassifier,
    attribution: Attribution,
    *,
    seeds: Sequence[int] = (0, 1, 2),
    on_progress: Callable[[int, int], None] | None = None,
) -> list[Agreement]:
    """How alike the explanation is to those of models with shuffled weights, one a seed.

    Little likeness is good: then the explanation depends on what the model has learnt.
    """
    found = []
    for done, seed in enumerate(seeds):
        if on_progress:
            on_progress(done, len(seeds))
        other = asked_again(randomised(classifier, seed), attribution, most_steps=_STEPS_AT_RANDOM)
        found.append(compared(attribution, other))
    return found


def asked_again(
    classifier: TransformerClassifier, attribution: Attribution, *, most_steps: int
) -> Attribution:
    """The same question about the same text, put to another model of the same labels."""
    settings = settings_of(attribution)
    return attribute(
        classifier,
        attribution.text,
        attribution.method,
        target=attribution.target,
        contrast=attribution.contrast,
        quantity=attribution.quantity,
        settings=replace(settings, max_steps=min(settings.max_steps, most_steps)),
    )


def settings_of(attribution: Attribution) -> Settings:
    """The settings that an attribution was made with, to ask the same once more."""
    known = {field.name for field in fields(Settings)}
    settings = {name: value for name, value in attribution.settings.items() if name in known}
    return Settings(**settings)  # type: ignore[arg-type]


def estimate(values: NDArray[np.float64]) -> Estimate:
    """The mean of some draws with its interval; of a single draw nothing is known but itself."""
    from scipy.stats import t

    mean = float(np.mean(values))
    if len(values) < 2:
        return Estimate(mean, -math.inf, math.inf)
    half = float(t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / math.sqrt(len(values)))
    return Estimate(mean, mean - half, mean + half)


def _counts(words: int) -> list[int]:
    return [math.ceil(share * words) for share in SHARES]


def _signed(attribution: Attribution) -> bool:
    return METHODS[attribution.method].signed


def _kendall(one: NDArray[np.float64], other: NDArray[np.float64]) -> float | None:
    from scipy.stats import kendalltau

    return None if _constant(one, other) else float(kendalltau(one, other).statistic)


def _spearman(one: NDArray[np.float64], other: NDArray[np.float64]) -> float | None:
    from scipy.stats import spearmanr

    return None if _constant(one, other) else float(spearmanr(one, other).statistic)


def _constant(*scores: NDArray[np.float64]) -> bool:
    return any(len(each) < 2 or bool(np.all(each == each[0])) for each in scores)
