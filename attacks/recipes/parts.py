"""Parts of recipes: what stands for a part that cannot be had here.

TextAttack's classes are known only inside functions, so each class that builds on one is made there.
"""

from collections.abc import Callable, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any

from attacks.recipes.setup import Setup
from attacks.resources import labelled, tagger, word_vectors, wordnet

#: Names in a recipe's module, and what they stand for.
Parts = Mapping[str, Any]

ENCODER = "the MiniLM sentence encoder instead of the Universal Sentence Encoder"
EMBEDDING = (
    "neighbours among MiniLM's word vectors (fitted to WordNet's synonyms where it is present, their cosines "
    "lifted to the bounds that recipes set) instead of counter-fitted GloVe vectors"
)
TAGGER = "TextBlob's part-of-speech tagger instead of NLTK's"
#: Tokens that the bundled masked language model was trained on.
_LONGEST = 128
_WORDNETS = {"NOUN": "n", "VERB": "v", "ADJ": "a", "ADV": "r"}


def encoder(setup: Setup) -> Any:
    """For a class of sentence encoders: MiniLM, asked through `setup.encode`."""
    from textattack.constraints.semantics.sentence_encoders.sentence_encoder import SentenceEncoder

    class MiniLM(SentenceEncoder):
        """all-MiniLM-L6-v2's sentence vectors, with the defaults of the Universal Sentence Encoder."""

        def __init__(self, *, model_name: str = "", metric: str = "angular", **options: Any) -> None:
            super().__init__(metric=metric, **options)
            self.model = SimpleNamespace(encode=self.encode)

        def encode(self, sentences: Any) -> Any:
            import torch

            return torch.from_numpy(setup.encode(list(sentences)))

    return MiniLM


def embedded() -> Parts:
    """The parts that know words by their vectors, with vectors made here."""
    from textattack.constraints.semantics import WordEmbeddingDistance
    from textattack.constraints.semantics.sentence_encoders import ThoughtVector
    from textattack.transformations import WordSwapEmbedding

    parts = {
        "WordSwapEmbedding": WordSwapEmbedding,
        "WordEmbeddingDistance": WordEmbeddingDistance,
        "ThoughtVector": ThoughtVector,
    }
    vectors = word_vectors.embedding()
    return {name: partial(part, embedding=vectors) for name, part in parts.items()}


def tagged() -> Parts:
    """The part that keeps parts of speech, with TextBlob's tagger."""
    from textattack.constraints.grammaticality import PartOfSpeech

    return {"PartOfSpeech": partial(PartOfSpeech, language_nltk=tagger.TEXTBLOB)}


def unconstrained() -> Any:
    """For a constraint that cannot be had: none."""
    from textattack.constraints import Constraint

    class Unconstrained(Constraint):
        """Lets every text pass."""

        def __init__(self, *, compare_against_original: bool = True, **_: Any) -> None:
            super().__init__(compare_against_original)

        def _check_constraint(self, transformed_text: Any, reference_text: Any) -> bool:
            return True

    return Unconstrained


def synonyms_of_same_part() -> Any:
    """For synonyms that share a sememe: WordNet's, of the same part of speech."""
    from textattack.shared.utils import is_one_word
    from textattack.transformations import WordSwap
    from textattack.transformations.word_swaps.word_swap_embedding import recover_word_case

    class WordNetOfSamePart(WordSwap):
        """WordNet's synonyms of a word, as the part of speech that TextBlob takes it for."""

        def _get_transformations(self, current_text: Any, indices_to_modify: Any) -> list[Any]:
            words = current_text.words
            tags = tagger.pos_tag(words, tagset="universal", lang=tagger.TEXTBLOB)
            return [
                current_text.replace_word_at_index(index, recover_word_case(other, words[index]))
                for index in indices_to_modify
                for other in self._synonyms(words[index].lower(), tags[index][1])
            ]

        def _synonyms(self, word: str, tag: str) -> list[str]:
            if tag not in _WORDNETS:
                return []
            synsets = wordnet.load().synsets(word, pos=_WORDNETS[tag])
            found = {name.lower() for synset in synsets for name in synset.lemma_names()} - {word}
            return sorted(name for name in found if "_" not in name and is_one_word(name))

    return WordNetOfSamePart


def named() -> Parts:
    """The parts that change names and places, which are known by lists instead of a tagger."""
    from textattack.transformations import WordSwapChangeLocation, WordSwapChangeName

    def listed(swap: Any) -> Any:
        class Listed(swap):
            def _get_transformations(self, current_text: Any, indices_to_modify: Any) -> list[Any]:
                if not current_text._ner_tags:
                    current_text._ner_tags = labelled.names(current_text.words)
                found: list[Any] = super()._get_transformations(current_text, indices_to_modify)
                return found

        return Listed

    return {
        "WordSwapChangeName": listed(WordSwapChangeName),
        "WordSwapChangeLocation": listed(WordSwapChangeLocation),
    }


def masked(module: Any, tokenizer: Any, longest: int = _LONGEST) -> Parts:
    """The parts that ask a masked language model, with this one, and texts padded no more than need be."""
    from textattack.shared.utils import device
    from textattack.transformations import (
        WordInsertionMaskedLM,
        WordMergeMaskedLM,
        WordSwapMaskedLM,
    )

    def light(part: Any) -> Callable[..., Any]:
        class Light(part):
            def _encode_text(self, text: Any) -> Any:
                encoding = self._lm_tokenizer(
                    text, max_length=self.max_length, truncation=True, padding=True, return_tensors="pt"
                )
                return encoding.to(device)

            def _get_transformations(self, current_text: Any, indices_to_modify: Any) -> list[Any]:
                # Merging looks at parts of speech, for which TextAttack would fetch flair's tagger.
                if not current_text._pos_tags:
                    current_text._pos_tags = labelled.parts_of_speech(current_text.words)
                found: list[Any] = super()._get_transformations(current_text, indices_to_modify)
                return found

        def made(**options: Any) -> Any:
            ours = {"masked_language_model": module, "tokenizer": tokenizer, "max_length": longest}
            return Light(**{**options, **ours})

        return made

    class Loader:
        """CLARE's recipe loads its model and tokenizer itself."""

        def __init__(self, loaded: Any) -> None:
            self.from_pretrained = lambda *_, **__: loaded

    return {
        "WordSwapMaskedLM": light(WordSwapMaskedLM),
        "WordInsertionMaskedLM": light(WordInsertionMaskedLM),
        "WordMergeMaskedLM": light(WordMergeMaskedLM),
        "transformers": SimpleNamespace(AutoModelForCausalLM=Loader(module), AutoTokenizer=Loader(tokenizer)),
    }


def masked_scores(module: Any, tokenizer: Any) -> Any:
    """For a causal model's constraint: a masked model's opinion of the word, with both its sides in view."""
    from textattack.constraints.grammaticality.language_models.language_model_constraint import (
        LanguageModelConstraint,
    )

    class MaskedScores(LanguageModelConstraint):
        """How likely the word's first piece is where the word is hidden."""

        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self._known: dict[str, Any] = {}

        def get_log_probs_at_index(self, text_list: Any, word_index: int) -> list[float]:
            hidden = text_list[0].replace_word_at_index(word_index, tokenizer.mask_token).text
            if hidden not in self._known:
                self._known[hidden] = self._scores(hidden)
            scores = self._known[hidden]
            if scores is None:
                return [0.0] * len(text_list)
            pieces = [
                tokenizer.encode(text.words[word_index], add_special_tokens=False) for text in text_list
            ]
            return [float(scores[piece[0] if piece else tokenizer.unk_token_id]) for piece in pieces]

        def _scores(self, hidden: str) -> Any:
            import torch

            inputs = tokenizer(hidden, max_length=_LONGEST, truncation=True, return_tensors="pt")
            places = (inputs["input_ids"][0] == tokenizer.mask_token_id).nonzero().flatten()
            if not len(places):
                return None
            with torch.inference_mode():
                logits = module(**inputs.to(module.device)).logits[0, places[0]]
            return logits.float().log_softmax(-1).cpu()

    return MaskedScores
