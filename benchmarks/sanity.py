"""Three questions to every attribution method whose right answers are known.

Weights at random: Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018. A planted reason: a
model that answers by one word alone. Duplicated features: that word twice, which the model cannot tell
apart and either of which would do.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.attribution import METHODS, Attribution, Settings, attribute_many
from analysis.faithfulness import asked_again, compared, estimate, randomised
from audits.statistics.rates import accuracy
from benchmarks.planted import FILLER, KEYWORD, classifier
from corpora import loading, sampling
from models.batching import one_thread
from models.loading import load

TITLE = "Sanity checks of the attribution methods"

#: What to expect of a method, where it is not simply the reason on top and rightly signed, the twins alike,
#: and nothing under random weights.
EXPECTED = {
    "gradient-input": "its sign is not to be trusted: where the model is sure the slope says little",
    "smoothgrad": "its sign is not to be trusted: the slopes are those of noisy texts; draws differ for the "
    "twins",
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


#: Steps of a path through shuffled weights, whose sums need not converge to be compared.
_STEPS = 48


@dataclass(frozen=True)
class Answers:
    """What one method answered about the planted reason, one value a text."""

    found: tuple[bool, ...]
    signed: tuple[bool, ...] | None
    twins: tuple[float, ...]
    both: tuple[bool, ...]


def options(parser: ArgumentParser) -> None:
    """The models whose weights are shuffled, their texts, how many, the seed."""
    parser.add_argument(
        "--models", nargs="*", default=["planted", "bundled:sentiment"], help="whose weights are shuffled"
    )
    parser.add_argument("--data", default="bundled:reviews", help="the texts of models that are not planted")
    parser.add_argument("--examples", type=int, default=40, help="texts explained with shuffled weights")
    parser.add_argument(
        "--drawn", type=int, default=14, help="the same for methods that draw, which are slow"
    )
    parser.add_argument("--planted", type=int, default=100, help="texts of the planted model")
    parser.add_argument(
        "--samples", type=int, default=100, help="inputs that LIME and Shapley values ask for"
    )
    parser.add_argument("--methods", nargs="*", default=list(METHODS), help="the methods asked")
    parser.add_argument("--seed", type=int, default=0, help="of the texts, the shuffles and the methods")


def run(options: Namespace, say: Callable[[str], None]) -> str:
    """Puts the three questions to every method, in one thread."""
    random = np.random.default_rng(options.seed)
    once, twice = ([_planted(random, count) for _ in range(options.planted)] for count in (1, 2))
    with one_thread():
        likeness = [_likeness(name, once, options, say) for name in options.models]
        rows = []
        for method in options.methods:
            answers = _answers(once, twice, method, settings(options, method))
            rows.append(_row(method, answers, [found[method] for found in likeness]))
            say(rows[-1])
    chance = np.mean([1 / len(text.split()) for text in once])
    lead = (
        "Intervals are at 95 %: Wilson's for shares, Student's t for means, over texts. "
        f"Planted: {len(once)} texts, how often the one word that decides has the largest score "
        f"({100 * chance:.0f} % by chance), and how often its score also speaks for the label. Twice: that "
        f"word two times in {len(twice)} texts; the mean difference between the two scores, as a share of "
        "the larger (the model cannot tell them apart), and how often both stand above all other words. "
        "Shuffled: the rank correlation of the words' scores with those of a copy of the model whose weights "
        f"are shuffled, a copy for each text, n texts (of {options.data} where the model is not the planted "
        "one); near 0 is right, 1 means that the method explains the text and not the model. One "
        "interval in twenty leaves out the truth by chance."
    )
    shuffled = [f"shuffled: {name}" for name in options.models]
    columns = ("planted: found", "right sign", "twice: difference", "both found", *shuffled)
    head = f"| method | {' | '.join(columns)} | to be expected |\n|---|{'--:|' * len(columns)}---|"
    return "\n".join([lead, "", head, *rows])


def settings(options: Namespace, method: str) -> Settings:
    """The usual ones, but for the inputs that the slow methods ask for."""
    return Settings(samples=options.samples if METHODS[method].slow else None, seed=options.seed)


def _row(method: str, answers: Answers, likeness: Sequence[Sequence[float]]) -> str:
    """One method's row in Markdown."""
    cells = [
        _share(answers.found),
        "no sign" if answers.signed is None else _share(answers.signed),
        _mean(answers.twins, 100, "{:.1f}", " %"),
        _share(answers.both),
        *(f"{_mean(found, 1, '{:+.2f}')}, n = {len(found)}" for found in likeness),
    ]
    return f"| {METHODS[method].title} | {' | '.join(cells)} | {EXPECTED.get(method, '')} |"


def _share(flags: Sequence[bool]) -> str:
    """`98 % [93, 99]`."""
    found = accuracy(flags)
    return f"{100 * found.value:.0f} % [{100 * found.low:.0f}, {100 * found.high:.0f}]"


def _mean(values: Sequence[float], times: float, form: str, unit: str = "") -> str:
    """`+0.02 [−0.10, +0.14]`; an interval only where values differ."""
    found = estimate(times * np.array(values)) if values else None
    if found is None:
        return "nothing to compare"
    mean, low, high = (form.format(value) for value in (found.mean, found.low, found.high))
    return (f"{mean}{unit}" if low == high else f"{mean}{unit} [{low}, {high}]").replace("-", "−")


def _planted(random: np.random.Generator, times: int) -> str:
    """A sentence of words that mean nothing, with the keyword at so many places."""
    words = random.choice(FILLER.split(), size=8, replace=False).tolist()
    for place in sorted(random.choice(8, size=times, replace=False), reverse=True):
        words.insert(int(place), KEYWORD)
    return " ".join(words)


def _likeness(
    name: str, planted: Sequence[str], options: Namespace, say: Callable[[str], None]
) -> dict[str, list[float]]:
    """For each method its likeness to itself in a model of shuffled weights, one a text.

    Each text has a copy of its own, so that texts are independent; a copy serves all methods.
    """
    model, texts = classifier(), planted[: options.examples]
    if name != "planted":
        model = load(name, device="cpu")
        texts = sampling.sample(loading.load(options.data), options.examples, options.seed).texts
    found: dict[str, list[float]] = {method: [] for method in options.methods}
    for number, text in enumerate(texts):
        copy = randomised(model, options.seed + number)
        for method in options.methods:
            if "samples" in METHODS[method].uses and number >= options.drawn:
                continue
            (own,) = attribute_many(model, [text], method, settings=settings(options, method))
            alike = compared(own, asked_again(copy, own, most_steps=_STEPS))
            if alike.spearman is not None:
                found[method].append(alike.spearman)
        say(f"{name}: {number + 1} of {len(texts)} texts")
    return found


def _answers(once: Sequence[str], twice: Sequence[str], method: str, settings: Settings) -> Answers:
    """What a method says of texts with the keyword once, and twice."""
    alone = attribute_many(classifier(), once, method, target=1, settings=settings)
    largest = [one.words[int(np.abs(one.word_scores).argmax())].text == KEYWORD for one in alone]
    top = [one.words[int(one.word_scores.argmax())].text == KEYWORD for one in alone]
    differences, both = [], []
    for one in attribute_many(classifier(), twice, method, target=1, settings=settings):
        own = _keywords(one)
        first, second = one.word_scores[own]
        differences.append(abs(first - second) / max(abs(first), abs(second), 1e-12))
        both.append(set(np.argsort(-np.abs(one.word_scores))[:2].tolist()) == set(own))
    return Answers(
        found=tuple(largest),
        signed=tuple(np.logical_and(largest, top).tolist()) if METHODS[method].signed else None,
        twins=tuple(map(float, differences)),
        both=tuple(both),
    )


def _keywords(found: Attribution) -> list[int]:
    return [place for place, word in enumerate(found.words) if word.text == KEYWORD]
