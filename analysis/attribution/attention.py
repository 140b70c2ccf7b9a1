"""Scores from the attention weights: rollout, and gradient-weighted relevance.

Rollout: Abnar and Zuidema, "Quantifying attention flow in Transformers", ACL 2020. Relevance: Chefer, Gur
and Wolf, "Generic attention-model explainability for interpreting bi-modal and encoder-decoder
Transformers", ICCV 2021 (the model-agnostic form).

Neither has a sign: they say how much of a word reached the place that the classifier reads.
Rollout does not even know which label is asked about.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from analysis.attention import Part, attend, rollout_to_answer, weights_and_gradients
from analysis.attribution.task import Scores, Task
from analysis.paths import AttributionError
from models.classifier import ModelError


def rollout(task: Task) -> Scores:
    """The attention weights, averaged over heads and multiplied through the layers."""
    return Scores(by_token=rollout_to_answer(attend(task.classifier, task.text)))


def relevance(task: Task) -> Scores:
    """Attention weights times their gradients, negative products left out, followed through the layers.

    What a position holds of itself from the start is not counted: only what attention brought.
    """
    if task.classifier.module.config.is_encoder_decoder:
        return Scores(by_token=_through_the_decoder(task))
    gained = _followed(task, "self", len(task.encoded)) - np.eye(len(task.encoded))
    return Scores(by_token=reached(gained, attend(task.classifier, task.text).pooled))


def _through_the_decoder(task: Task) -> NDArray[np.float64]:
    """What reached the decoder's place that is read, from the encoder and from the decoder's own tokens.

    The decoder of a classifier reads the text as well, one place later; both ways count for a token.
    """
    count = len(task.encoded)
    of_encoder = _followed(task, "encoder", count)
    own, across = np.eye(count), np.zeros((count, count))
    steps = zip(_mixings(task, "decoder"), _mixings(task, "cross"), strict=True)
    for inside, between in steps:
        across = across + inside @ across
        own = own + inside @ own
        across = across + _evened(own).T @ between @ _evened(of_encoder)
    pooled = attend(task.classifier, task.text, "cross").pooled
    return reached(across, pooled) + read_later(reached(own - np.eye(count), pooled))


def read_later(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """What belongs to each token of what a decoder's places have: it reads each token one place later."""
    return np.append(places[1:], 0.0)


def _followed(task: Task, part: Part, count: int) -> NDArray[np.float64]:
    """Self-attention followed through a stack of layers, beginning with each token itself."""
    flow = np.eye(count)
    for mixed in _mixings(task, part):
        flow = flow + mixed @ flow
    return flow


def _evened(flow: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a stack gained, each row made to sum to 1, and the tokens themselves beside it."""
    gained = flow - np.eye(len(flow))
    return gained / np.maximum(gained.sum(axis=1, keepdims=True), 1e-12) + np.eye(len(flow))


def _mixings(task: Task, part: Part) -> Iterator[NDArray[np.float64]]:
    """Each layer's positive products of weight and gradient, the mean over its heads (tokens, tokens)."""
    try:
        for weights, gradients in weights_and_gradients(
            task.classifier, task.encoded, task.question.of, part
        ):
            yield np.maximum(weights * gradients, 0).mean(axis=0)
    except ModelError as error:
        raise AttributionError(
            f"{task.classifier.architecture} does not compute with the attention weights that it shows, so "
            "they have no gradient. Choose a method that removes words instead."
        ) from error


def reached(flow: NDArray[np.float64], pooled: int | None) -> NDArray[np.float64]:
    """What reached the position that the classifier reads, or all of them on average."""
    return flow.mean(axis=0) if pooled is None else flow[pooled]
