"""Three questions to every attribution method whose right answers are known.

Weights at random: Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018. A planted reason: a
model that answers by one word alone. Duplicated features: that word twice, which the model cannot tell
apart and either of which would do.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.attribution import METHODS, Attribution, Settings, attribute
from analysis.faithfulness import under_random_weights
from benchmarks.planted import FILLER, KEYWORD, classifier
from corpora import loading, sampling
from models.batching import one_thread
from models.loading import load
from models.transformer import TransformerClassifier

TITLE = "Sanity checks of the attribution methods"

#: What to expect of a method, where it is not simply the reason on top and rightly signed, the twins alike,
#: and nothing under random weights.
EXPECTED = {
    "gradient-input": "its sign is not to be trusted: where the model is sure the slope says little",
    "smoothgrad": "as gradient × input; draws differ for the twins",
    "saliency": "no sign; the reason, where the slope is not flat",
    "gradient-shap": "draws treat twins alike where positions do not count",
    "occlusion": "without one twin the other still does, so both scores are small, if the largest",
    "lime": "draws differ for the twins",
    "shapley-sampling": "orders come in pairs, one the other's reverse, so that twins come out alike",
    "rollout": "no sign, and does not see the head: it finds what is attended to, which need not be the "
    "reason; two models that attend alike explain alike",
    "value-zeroing": "no sign, and does not see the head: what turns the states need not turn the answer",
    "relevance": "no sign; the reason, for the gradient sees the head",
}


@dataclass(frozen=True)
class Answers:
    """What one method answered. Shares are of texts; `likeness` is the mean rank correlation, one a copy."""

    likeness: tuple[float, ...]
    found: float
    signed: float | None
    twins: float
    both: float

    def written(self, method: str) -> str:
        """A row in Markdown."""
        mean = np.mean(self.likeness) if self.likeness else float("nan")
        half = (
            2 * np.std(self.likeness, ddof=1) / len(self.likeness) ** 0.5 if len(self.likeness) > 1 else 0.0
        )
        sign = "no sign" if self.signed is None else f"{100 * self.signed:.0f} %"
        return (
            f"| {METHODS[method].title} | {mean:+.2f} ± {half:.2f} | {100 * self.found:.0f} % | {sign} "
            f"| {100 * self.twins:.1f} % | {100 * self.both:.0f} % | {EXPECTED.get(method, '')} |"
        )


def options(parser: ArgumentParser) -> None:
    """The model whose weights are shuffled, its texts, how many, the seed."""
    parser.add_argument("--model", default="planted", help="whose weights are shuffled: planted, or a name")
    parser.add_argument("--data", default="bundled:reviews", help="the texts of a model that is not planted")
    parser.add_argument("--examples", type=int, default=8, help="texts explained with shuffled weights")
    parser.add_argument("--copies", type=int, default=3, help="shuffled copies of the model")
    parser.add_argument("--planted", type=int, default=20, help="texts of the planted model")
    parser.add_argument("--samples", type=int, default=100, help="inputs that a drawing method asks for")
    parser.add_argument("--methods", nargs="*", default=list(METHODS), help="the methods asked")
    parser.add_argument("--seed", type=int, default=0, help="of the texts, the shuffles and the methods")


def run(options: Namespace, say: Callable[[str], None]) -> str:
    """Puts the three questions to every method, in one thread."""
    settings = Settings(samples=options.samples, seed=options.seed)
    random = np.random.default_rng(options.seed)
    once, twice = ([_planted(random, count) for _ in range(options.planted)] for count in (1, 2))
    model, texts = classifier(), once[: options.examples]
    if options.model != "planted":
        model = load(options.model, device="cpu")
        texts = sampling.sample(loading.load(options.data), options.examples, options.seed).texts
    rows = []
    with one_thread():
        for method in options.methods:
            likeness = _likeness(model, texts, method, settings, range(options.copies))
            answers = Answers(likeness, *_reason(once, method, settings), *_twins(twice, method, settings))
            rows.append(answers.written(method))
            say(rows[-1])
    chance = np.mean([1 / len(text.split()) for text in once])
    lead = (
        f"Weights at random: the model {options.model}, {len(texts)} texts, {options.copies} "
        "shuffled copies; rank correlation of the words' scores with those of the model itself, mean ± 2 "
        f"standard errors; near 0 is right. Planted: {len(once)} texts, how often the one word that "
        f"decides has the largest score ({100 * chance:.0f} % by chance), and how often its score also "
        f"speaks for the label. Twice: that word two times in {len(twice)} texts; the mean difference "
        "between the two scores, as a share of the larger (the model cannot tell them apart), and how "
        "often both stand above all other words."
    )
    columns = ("weights at random", "planted: found", "right sign", "twice: difference", "both found")
    head = f"| method | {' | '.join(columns)} | expected |\n|---|--:|--:|--:|--:|--:|---|"
    return "\n".join([lead, "", head, *rows])


def _planted(random: np.random.Generator, times: int) -> str:
    """A sentence of words that mean nothing, with the keyword at so many places."""
    words = random.choice(FILLER.split(), size=8, replace=False).tolist()
    for place in sorted(random.choice(8, size=times, replace=False), reverse=True):
        words.insert(int(place), KEYWORD)
    return " ".join(words)


def _likeness(
    model: TransformerClassifier, texts: Sequence[str], method: str, settings: Settings, seeds: Sequence[int]
) -> tuple[float, ...]:
    found = [attribute(model, text, method, settings=settings) for text in texts]
    alike = [each for one in found for each in under_random_weights(model, one, seeds=seeds)]
    return tuple(each.spearman for each in alike if each.spearman is not None)


def _reason(texts: Sequence[str], method: str, settings: Settings) -> tuple[float, float | None]:
    """How often the keyword's score is the largest, and largest and for the label that it decides."""
    found = [attribute(classifier(), text, method, target=1, settings=settings) for text in texts]
    largest = [one.words[int(np.abs(one.word_scores).argmax())].text == KEYWORD for one in found]
    if not METHODS[method].signed:
        return float(np.mean(largest)), None
    top = [one.words[int(one.word_scores.argmax())].text == KEYWORD for one in found]
    return float(np.mean(largest)), float(np.mean(np.logical_and(largest, top)))


def _twins(texts: Sequence[str], method: str, settings: Settings) -> tuple[float, float]:
    """How far the two keywords' scores differ, and how often both are above all others."""
    found = [attribute(classifier(), text, method, target=1, settings=settings) for text in texts]
    differences, both = [], []
    for one in found:
        own = _keywords(one)
        first, second = np.abs(one.word_scores[own])
        differences.append(abs(one.word_scores[own[0]] - one.word_scores[own[1]]) / max(first, second, 1e-12))
        both.append(set(np.argsort(-np.abs(one.word_scores))[:2].tolist()) == set(own))
    return float(np.mean(differences)), float(np.mean(both))


def _keywords(found: Attribution) -> list[int]:
    return [place for place, word in enumerate(found.words) if word.text == KEYWORD]
