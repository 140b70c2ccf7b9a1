"""Classifiers that answer at once, the same way in every process."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class WordCounter:
    """Weighs words by a fixed table and by a hash of every other word; remembers what it was asked."""

    labels: tuple[str, ...] = ("negative", "positive")

    def __init__(self, labels: Sequence[str] = ("negative", "positive")) -> None:
        self.labels = tuple(labels)
        self.calls: list[list[str]] = []

    @property
    def fingerprint(self) -> str:
        return "word-counter-" + "-".join(self.labels)

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        self.calls.append(list(texts))
        scores = np.array([self._scores(text) for text in texts]).reshape(len(texts), len(self.labels))
        exponents = np.exp(scores - scores.max(axis=1, keepdims=True))
        return exponents / exponents.sum(axis=1, keepdims=True)

    def _scores(self, text: str) -> NDArray[np.float64]:
        total = np.zeros(len(self.labels))
        for word in text.lower().split():
            total += self._weight(word.strip(".,!?'\""))
        return total

    def _weight(self, word: str) -> NDArray[np.float64]:
        known = {"good": 1, "great": 1, "superb": 1, "bad": 0, "dull": 0, "awful": 0}
        if word in known:
            weight = np.zeros(len(self.labels))
            weight[known[word]] = 1.5
            return weight
        digest = hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest()
        return np.array([digest[column] / 255 - 0.5 for column in range(len(self.labels))])


class Fragile(WordCounter):
    """Crashes whenever a text holds the word `poison`, and so for the whole call."""

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        if any("poison" in text for text in texts):
            raise RuntimeError("cannot digest this\nsecond line")
        return super().probabilities(texts)
