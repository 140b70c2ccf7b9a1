"""One word in the contexts of many texts: what the layers make of it from text to text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.embeddings.hidden import EmbeddingError, hidden_states
from analysis.words import words_of

if TYPE_CHECKING:
    from models.transformer import TransformerClassifier


@dataclass(frozen=True)
class InContext:
    """A word's vectors in the texts that hold it.

    `rows` are the numbers of those texts. `vectors` is float32 (layers + 1, rows, width), layer 0 being the
    embedding layer's output; `probabilities` is float64 (rows, labels), from the same pass.
    """

    rows: tuple[int, ...]
    vectors: NDArray[np.float32]
    probabilities: NDArray[np.float64]


def in_context(
    classifier: "TransformerClassifier",
    texts: Sequence[str],
    word: str,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> InContext:
    """The hidden states of a word wherever it stands, at every layer: one vector for each text that holds it.

    A word is what a reader sees as one (`analysis.words`), in whatever case; the states of its tokens are
    averaged, and so are its occurrences in one text. What lies beyond the model's reach is not looked at.
    `on_progress` receives the number of texts done and the total.

    Raises:
        EmbeddingError: no word is given, or the model keeps no state for each token.
    """
    import torch

    from analysis.points import in_batches
    from models.batching import pad

    wanted = word.strip().casefold()
    if not wanted:
        raise EmbeddingError("No word is given. Type one.")
    near = [row for row, text in enumerate(texts) if wanted in text.casefold()]
    places: dict[int, list[int]] = {}
    encoded = dict(zip(near, classifier.encode([texts[row] for row in near]), strict=True))
    for row, item in encoded.items():
        same = [one.tokens for one in words_of(item, texts[row]) if one.text.casefold() == wanted]
        if same:
            places[row] = [place for tokens in same for place in tokens]
    rows = tuple(places)
    if not rows:
        empty = np.zeros((classifier.layers + 1, 0, classifier.hidden_size), np.float32)
        return InContext((), empty, np.zeros((0, len(classifier.labels))))
    done = 0

    def read(indices: list[int]) -> list[tuple[NDArray[np.float32], NDArray[np.float64]]]:
        nonlocal done
        batch = [rows[index] for index in indices]
        inputs = pad(classifier.tokenizer, [encoded[row] for row in batch], classifier.device)
        with torch.inference_mode():
            output = classifier.module(**inputs, output_hidden_states=True)
            states = hidden_states(classifier, output)
            if any(state.shape[1] != len(encoded[batch[0]]) for state in states):
                raise EmbeddingError(
                    f"{classifier.architecture} does not keep one state for each token, so a word has no "
                    "vector in its context. Choose another way to make one vector a text."
                )
            vectors = [
                torch.stack([state[place, places[row]].float().mean(0) for state in states]).cpu().numpy()
                for place, row in enumerate(batch)
            ]
            answers = classifier.answers(output.logits.double().cpu().numpy())
        done += len(batch)
        if on_progress is not None:
            on_progress(done, len(rows))
        return list(zip(vectors, answers, strict=True))

    found = in_batches(classifier, [len(encoded[row]) for row in rows], read)
    return InContext(
        rows,
        np.stack([vectors for vectors, _ in found], axis=1),
        np.stack([answers for _, answers in found]),
    )
