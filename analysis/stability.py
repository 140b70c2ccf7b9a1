"""Whether an explanation stays when the text says the same in other letters, and when other draws are made.

Alvarez-Melis and Jaakkola, "On the robustness of interpretability methods", 2018: inputs that are alike, and
answered alike, should be explained alike. Here they are copies of the text with a small change that keeps the
right label. Their words are compared place by place (`analysis.layers.align`), where one word stands for two
by the sum of both scores. A copy that turns the answer is counted and left out: another answer may well
have other reasons.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.attribution import METHODS, Attribution, attribute_many
from analysis.faithfulness import Agreement, Estimate, agreement, compared, estimate, settings_of
from analysis.layers import align
from models.transformer import TransformerClassifier

#: Copies of the text that are explained, and seeds beside the one shown.
COPIES = SEEDS = 10

#: Fewer words in common have no order to speak of.
_FEWEST = 3


@dataclass(frozen=True)
class Stability:
    """How alike the explanations of several copies are to the one shown, copy by copy.

    `turned` copies more are answered otherwise, and `apart` more have fewer than three words in common with
    the text; neither has a place in `alike`.
    """

    alike: tuple[Agreement, ...]
    turned: int = 0
    apart: int = 0

    @property
    def ranks(self) -> Estimate | None:
        """The mean rank correlation with its interval over copies; None where no copy has one."""
        found = [one.spearman for one in self.alike if one.spearman is not None]
        return estimate(np.array(found)) if found else None

    @property
    def top(self) -> float:
        """The mean share of the strongest words that are the same; 0 where there are no copies."""
        return float(np.mean([one.shared / one.top for one in self.alike])) if self.alike else 0.0


def under_changes(
    classifier: TransformerClassifier,
    attribution: Attribution,
    texts: Sequence[str],
    *,
    copies: int = COPIES,
    on_progress: Callable[[int, int], None] | None = None,
) -> Stability:
    """The explanations of changed texts beside the one shown, with the same question and settings.

    Only the first `copies` of `texts` are taken that the model reads as other tokens than the text and than
    each other: what an uncased model does not see cannot unsettle it. Raises as `attribute_many` does.
    """
    read = {_ids(classifier, attribution.text)}
    chosen: list[str] = []
    for text in texts:
        ids = _ids(classifier, text)
        if len(chosen) < copies and ids not in read:
            read.add(ids)
            chosen.append(text)
    if not chosen:
        return Stability(())
    chances = classifier.answers(classifier.logits([attribution.text, *chosen]))
    own, *others = (_answer(classifier, row, attribution.target) for row in chances)
    kept = [text for text, answer in zip(chosen, others, strict=True) if answer == own]
    found = attribute_many(
        classifier,
        kept,
        attribution.method,
        target=attribution.target,
        contrast=attribution.contrast,
        quantity=attribution.quantity,
        settings=settings_of(attribution),
        on_progress=on_progress,
    )
    pairs = [_beside(attribution, one) for one in found]
    alike = tuple(one for one in pairs if one is not None)
    return Stability(alike, len(chosen) - len(kept), len(kept) - len(alike))


def across_seeds(
    classifier: TransformerClassifier,
    attribution: Attribution,
    *,
    seeds: int = SEEDS,
    on_progress: Callable[[int, int], None] | None = None,
) -> Stability:
    """The same explanation by other draws beside the one shown; nothing for a method that draws nothing."""
    if "seed" not in METHODS[attribution.method].uses:
        return Stability(())
    settings, alike = settings_of(attribution), []
    for done in range(seeds):
        if on_progress:
            on_progress(done, seeds)
        (again,) = attribute_many(
            classifier,
            [attribution.text],
            attribution.method,
            target=attribution.target,
            contrast=attribution.contrast,
            quantity=attribution.quantity,
            settings=replace(settings, seed=settings.seed + done + 1),
        )
        alike.append(compared(attribution, again))
    return Stability(tuple(alike))


def _beside(one: Attribution, other: Attribution) -> Agreement | None:
    """Both explanations' scores of the words that stand in each other's place."""
    pairs = [pair for pair in align(one.words, other.words) if pair.before and pair.after]
    if len(pairs) < _FEWEST:
        return None
    own = dict(zip(one.words, one.word_scores, strict=True))
    theirs = dict(zip(other.words, other.word_scores, strict=True))
    return agreement(
        np.array([sum(own[word] for word in pair.before) for pair in pairs]),
        np.array([sum(theirs[word] for word in pair.after) for pair in pairs]),
        signed=METHODS[one.method].signed,
    )


def _ids(classifier: TransformerClassifier, text: str) -> tuple[int, ...]:
    return classifier.encode([text])[0].ids


def _answer(classifier: TransformerClassifier, row: NDArray[np.float64], target: int) -> object:
    """What a copy must answer like the text: the label, or whether `target` holds; a number is no answer."""
    if classifier.answering == "number":
        return None
    return bool(row[target] > 0.5) if classifier.answering == "several" else int(row.argmax())
