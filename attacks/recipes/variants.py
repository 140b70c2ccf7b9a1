"""Local variants: TextAttack's own recipes with named parts replaced, and nothing else changed.

A recipe names its parts (an encoder, an embedding, a tagger) in its module. While one is built, the
names stand for what is at hand here.
"""

import importlib
import threading
from collections.abc import Callable, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any

from attacks.recipes.setup import Setup
from attacks.resources import tagger, word_vectors

#: Names in a recipe's module, and what they stand for.
Parts = Mapping[str, Any]

ENCODER = "the MiniLM sentence encoder instead of the Universal Sentence Encoder"
EMBEDDING = (
    "neighbours among MiniLM's word vectors (fitted to WordNet's synonyms where it is present) instead of "
    "counter-fitted GloVe vectors"
)
#: Names belong to a module, so only one recipe may be built with replaced ones at a time.
_lock = threading.Lock()


def build_with(module: str, name: str, parts: Callable[[Setup], Parts], **options: Any) -> Callable:
    """How to build the recipe `name` of `textattack.attack_recipes.<module>` with `parts` in place."""

    def build(setup: Setup) -> Any:
        found = importlib.import_module(f"textattack.attack_recipes.{module}")
        replaced = parts(setup)
        with _lock:
            before = {part: getattr(found, part) for part in replaced}
            vars(found).update(replaced)
            try:
                return getattr(found, name).build(setup.wrapper, **options)
            finally:
                vars(found).update(before)

    return build


def encoder(setup: Setup) -> Any:
    """What stands for a class of sentence encoders: MiniLM, asked through `setup.encode`."""
    from textattack.constraints.semantics.sentence_encoders.sentence_encoder import SentenceEncoder

    class MiniLM(SentenceEncoder):
        """all-MiniLM-L6-v2's sentence vectors. A name or address of a model is accepted and ignored."""

        def __init__(self, *, model_name: str = "", **options: Any) -> None:
            super().__init__(**options)
            self.model = SimpleNamespace(encode=self.encode)

        def encode(self, sentences: Any) -> Any:
            import torch

            return torch.from_numpy(setup.encode(list(sentences)))

    return MiniLM


def embedded() -> Parts:
    """The parts that know words by their vectors, with vectors made here."""
    from textattack.constraints.semantics import WordEmbeddingDistance
    from textattack.transformations import WordSwapEmbedding

    vectors = word_vectors.embedding()
    return {
        "WordSwapEmbedding": partial(WordSwapEmbedding, embedding=vectors),
        "WordEmbeddingDistance": partial(WordEmbeddingDistance, embedding=vectors),
    }


def tagged() -> Parts:
    """The part that keeps parts of speech, with TextBlob's tagger."""
    from textattack.constraints.grammaticality import PartOfSpeech

    return {"PartOfSpeech": partial(PartOfSpeech, language_nltk=tagger.TEXTBLOB)}
