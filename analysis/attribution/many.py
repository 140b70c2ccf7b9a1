"""Many texts explained at once: what their computations ask the model at one time shares its batches.

The scores of a text are those it gets by itself: points and inputs do not see each other, only texts
of one length share a batch, and a text whose scores have converged asks no more.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from analysis.asking import Asking, Report, together
from analysis.attribution.games import Game, Played, play
from analysis.attribution.registry import METHODS
from analysis.attribution.result import Attribution, assembled
from analysis.attribution.task import Quantity, Scores, Settings, Task, check_question, question
from analysis.paths import AttributionError
from analysis.points import in_batches
from analysis.words import words_of
from models.batching import pad
from models.transformer import EncodedText, TransformerClassifier


def attribute_many(
    classifier: TransformerClassifier,
    texts: Sequence[str],
    method: str = "integrated-gradients",
    *,
    target: int | None = None,
    contrast: int | None = None,
    quantity: Quantity = "difference",
    settings: Settings | None = None,
    on_progress: Report | None = None,
) -> list[Attribution]:
    """One attribution a text, in the texts' order; the question is put as to `attribute`, to each text.

    `on_progress` is called with the work done and planned so far; what it raises stops the work.

    Raises:
        AttributionError: as `attribute`; an empty text is named by its place.
        ModelError: a text that does not fit the memory.
    """
    if method not in METHODS:
        raise AttributionError(f"There is no method {method!r}. Choose one of: {', '.join(METHODS)}.")
    if classifier.quantised and METHODS[method].needs != "nothing":
        raise AttributionError(
            f"An {classifier.quantised} copy has no gradients and no weights that can be followed. "
            "Choose a method that removes words, or the full model."
        )
    encoded = classifier.encode(texts)
    words = [words_of(one, text) for one, text in zip(encoded, texts, strict=True)]
    for place, found in enumerate(words, start=1):
        if not found:
            which = "the text" if len(texts) == 1 else f"text {place} of {len(texts)}"
            raise AttributionError(f"There is nothing to explain: {which} holds no word. Type at least one.")
    check_question(classifier, target, contrast, quantity)
    settings, chosen = settings or Settings(), METHODS[method]
    played: list[Played] = []
    if isinstance(chosen.run, Game):
        games = [play(chosen.run, classifier, *one, settings) for one in zip(encoded, words, strict=True)]
        played = together(games, on_progress)
    answers = [one.whole for one in played] or _logits(classifier, encoded)
    single = len(texts) == 1
    tasks = [
        Task(
            classifier=classifier,
            text=text,
            encoded=one,
            words=parts,
            logits=logits,
            question=question(classifier, logits, target, contrast, quantity),
            settings=settings,
            report=on_progress if single and on_progress else lambda done, total: None,
        )
        for text, one, parts, logits in zip(texts, encoded, words, answers, strict=True)
    ]
    if isinstance(chosen.run, Game):
        scores = [one.scores(task.question) for one, task in zip(played, tasks, strict=True)]
    else:
        scores = _scores(chosen.run, tasks, on_progress)
    return [assembled(task, method, chosen.uses, found) for task, found in zip(tasks, scores, strict=True)]


def _scores(
    run: Callable[[Task], Scores | Asking[Scores]], tasks: Sequence[Task], on_progress: Report | None
) -> list[Scores]:
    explained = 0

    def asking(task: Task) -> Asking[Scores]:
        nonlocal explained
        found = run(task)
        if not isinstance(found, Scores):
            return (yield from found)
        explained += 1  # a method that does not ask says how far it is only when it has one text
        if on_progress and len(tasks) > 1:
            on_progress(explained, len(tasks))
        return found

    return together([asking(task) for task in tasks], on_progress)


def _logits(classifier: TransformerClassifier, encoded: Sequence[EncodedText]) -> list[NDArray[np.float64]]:
    """The model's answer (labels,) to each text, without any padding."""

    def read(indices: list[int]) -> list[NDArray[np.float64]]:
        inputs = pad(classifier.tokenizer, [encoded[index] for index in indices], classifier.device)
        with torch.inference_mode():
            return list(classifier.module(**inputs).logits.double().cpu().numpy())

    return in_batches(classifier, [len(one) for one in encoded], read)
