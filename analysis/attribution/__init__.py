"""How much each word of a text carries of the model's answer, by many methods with one call.

A text is explained as the token ids that the model reads: never decoded and encoded again.
"""

import logging
from collections.abc import Callable

from analysis.attribution.many import attribute_many
from analysis.attribution.registry import METHODS, Group, Method
from analysis.attribution.result import SMALLEST_DIFFERENCE, Attribution, record
from analysis.attribution.task import (
    MAX_STEPS,
    QUANTITIES,
    Precision,
    Quantity,
    Question,
    Settings,
)
from analysis.paths import BASELINES, AttributionError, Baseline, baseline_title, why_not
from analysis.removal import Removal, removals
from models.classifier import ModelError
from models.transformer import TransformerClassifier

log = logging.getLogger(__name__)

__all__ = [
    "BASELINES",
    "MAX_STEPS",
    "METHODS",
    "QUANTITIES",
    "SMALLEST_DIFFERENCE",
    "Attribution",
    "AttributionError",
    "Baseline",
    "Group",
    "Method",
    "Precision",
    "Quantity",
    "Question",
    "Removal",
    "Settings",
    "attribute",
    "attribute_many",
    "baseline_title",
    "record",
    "removals",
    "unusable",
    "why_not",
]


def attribute(
    classifier: TransformerClassifier,
    text: str,
    method: str = "integrated-gradients",
    *,
    target: int | None = None,
    contrast: int | None = None,
    quantity: Quantity = "difference",
    settings: Settings | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Attribution:
    """Scores of a text's tokens and words, by any method of `METHODS`.

    `target` is the label explained (default: the predicted one). `quantity` "difference" explains why
    the target rather than `contrast` (default: the most likely other label); "logit", "probability" and
    "log-odds" explain the target alone. `on_progress` is called with the work done and planned so far;
    what it raises stops the work.

    Raises `AttributionError` for an empty text, a method or label that is not there, settings that make
    no sense for the model, or a family that cannot be explained this way; `ModelError` for a text that
    does not fit the memory.
    """
    (found,) = attribute_many(
        classifier,
        [text],
        method,
        target=target,
        contrast=contrast,
        quantity=quantity,
        settings=settings,
        on_progress=on_progress,
    )
    return found


def unusable(classifier: TransformerClassifier) -> dict[str, str]:
    """The methods that do not work for a model, each with the reason in one sentence.

    Found out by trying one method of each need on a few words.
    """
    baseline: Baseline = "pad" if why_not(classifier, "pad") is None else "mean"
    reasons: dict[str, str | None] = {"nothing": None}
    for method in METHODS.values():
        if method.needs not in reasons:
            try:
                attribute(
                    classifier,
                    "a few words, to see whether it works",
                    method.name,
                    settings=Settings(baseline=baseline, max_steps=2, samples=2),
                )
            except ModelError as error:
                reasons[method.needs] = str(error)
            except Exception as error:  # of a family that nobody has met: its own error says the most
                log.info("%s fails for %s", method.name, classifier.architecture, exc_info=error)
                found = f"{type(error).__name__}: {error}".splitlines()[0][:200]
                reasons[method.needs] = (
                    f"{classifier.architecture} cannot be explained by {method.title} ({found})."
                )
            else:
                reasons[method.needs] = None
    return {name: reason for name, method in METHODS.items() if (reason := reasons[method.needs])}
