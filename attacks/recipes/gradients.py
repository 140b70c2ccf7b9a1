"""Recipes that look into the model: HotFlip's swaps by gradient, and A2T's ranking of words by gradient."""

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attacks.entry import Entry
from attacks.gradients import embedding_gradient, white_box
from attacks.recipes import parts
from attacks.recipes.recipe import Recipe
from attacks.recipes.setup import Setup
from attacks.recipes.words import EACH_ONCE, FLIP, STOP_WORDS
from attacks.resources import tagger, word_vectors
from models.classifier import Classifier

#: What a tokenizer writes before a piece that begins a word (byte-level and SentencePiece vocabularies).
_BEGINNINGS = ("Ġ", "▁")
_CONTINUED = "##"
_BEAM, _MOST_WORDS, _CANDIDATES, _NEAREST, _LEAST_COSINE = 10, 2, 5, 50, 0.5


@functools.lru_cache(maxsize=4)
def vocabulary(tokenizer: Any) -> dict[str, int]:
    """The words of letters that are a single piece where they stand within a sentence, and their numbers."""
    pieces = tokenizer.get_vocab()
    mark = next((mark for mark in _BEGINNINGS if any(piece.startswith(mark) for piece in pieces)), "")
    words = {
        piece.removeprefix(mark): number
        for piece, number in sorted(pieces.items(), key=lambda item: item[1])
        if piece.startswith(mark) and not piece.startswith(_CONTINUED)
    }
    special = set(tokenizer.all_special_ids)
    return {word: number for word, number in words.items() if word.isalpha() and number not in special}


def first_order(setup: Setup, text: str, spans: list[tuple[int, int]]) -> list[NDArray[np.float64]]:
    """For each span of characters, how much the loss at the true label would change, to first order, with
    each word of `vocabulary` in its place (Ebrahimi et al. 2018, equation 10); empty beyond the model's end.

    Where a word is several pieces the new word takes the place of the first; the others drop out, which
    costs every candidate the same and is left out.
    """
    classifier = white_box(setup.classifier)
    gradient = embedding_gradient(classifier, text, setup.target)
    table = classifier.module.get_input_embeddings().weight
    rows = table[list(vocabulary(classifier.tokenizer).values())].double().cpu().numpy()
    changes = []
    for start, end in spans:
        places = [
            place
            for place, (first, last) in enumerate(gradient.encoded.offsets)
            if first < end and last > start and not gradient.encoded.special[place]
        ]
        if not places:
            changes.append(np.empty(0))
            continue
        own = table[gradient.encoded.ids[places[0]]].double().cpu().numpy()
        changes.append((rows - own) @ gradient.rows[places[0]])
    return changes


def swap_by_gradient(setup: Setup, *, candidates: int = _CANDIDATES, nearest: int | None = _NEAREST) -> Any:
    """A TextAttack transformation: in place of each word, those that raise the loss most, to first order.

    `candidates` words a place; only among the `nearest` by word vectors where that is a number, and so
    none for words without vectors.
    """
    from textattack.transformations import WordSwap
    from textattack.transformations.word_swaps.word_swap_embedding import recover_word_case

    known = list(vocabulary(white_box(setup.classifier).tokenizer))

    class SwapByGradient(WordSwap):
        """Swaps by the gradient at the input embeddings of a Transformer."""

        is_black_box = False

        def _get_transformations(self, current_text: Any, indices_to_modify: Any) -> list[Any]:
            indices, words = sorted(indices_to_modify), current_text.words
            starts = [current_text._text_index_of_word_index(index) for index in indices]
            spans = [(start, start + len(words[index])) for start, index in zip(starts, indices, strict=True)]
            found = []
            for index, change in zip(indices, first_order(setup, current_text.text, spans), strict=True):
                for word in self._best(words[index], change):
                    found.append(
                        current_text.replace_word_at_index(index, recover_word_case(word, words[index]))
                    )
            return found

        def _best(self, word: str, change: NDArray[np.float64]) -> list[str]:
            allowed = None if nearest is None else _near(word.lower(), nearest)
            best: list[str] = []
            for place in np.argsort(-change, kind="stable"):
                if len(best) == candidates or change[place] <= 0:
                    break
                other = known[place]
                if other.lower() != word.lower() and (allowed is None or other.lower() in allowed):
                    best.append(other)
            return best

    return SwapByGradient()


@functools.lru_cache(maxsize=4096)
def _near(word: str, nearest: int) -> frozenset[str]:
    embedding = word_vectors.embedding()
    try:
        own = embedding.word2index(word)
    except KeyError:
        return frozenset()
    return frozenset(embedding.index2word(other) for other in embedding.nearest_neighbours(own, nearest))


def _hotflip(setup: Setup) -> Any:
    from textattack import Attack
    from textattack.constraints.overlap import MaxWordsPerturbed
    from textattack.constraints.pre_transformation import RepeatModification, StopwordModification
    from textattack.goal_functions import UntargetedClassification
    from textattack.search_methods import BeamSearch

    constraints = [
        RepeatModification(),
        StopwordModification(),
        MaxWordsPerturbed(max_num_words=_MOST_WORDS),
        parts.embedded()["WordEmbeddingDistance"](min_cos_sim=_LEAST_COSINE),
        parts.tagged()["PartOfSpeech"](),
    ]
    goal = UntargetedClassification(setup.wrapper)
    return Attack(goal, constraints, swap_by_gradient(setup), BeamSearch(beam_width=_BEAM))


def _prepare(classifier: Classifier) -> None:
    white_box(classifier)
    word_vectors.load()
    tagger.pos_tag(["ready"], lang=tagger.TEXTBLOB)


def with_gradients(setup: Setup) -> Any:
    """The wrapper, with what TextAttack's gradient ranking asks of one.

    TextAttack takes its gradients with dropout switched on, at the model's first answer; here the model
    stays as it is.
    """
    classifier = white_box(setup.classifier)

    def get_grad(text: str) -> dict[str, Any]:
        answer = int(classifier.probabilities([text])[0].argmax())
        gradient = embedding_gradient(classifier, text, answer)
        return {"ids": list(gradient.encoded.ids), "gradient": gradient.rows}

    def tokenize(texts: list[str], strip_prefix: bool = False) -> list[list[str]]:
        marks = (_CONTINUED, *_BEGINNINGS) if strip_prefix else ()
        return [[_stripped(token, marks) for token in found.tokens] for found in classifier.encode(texts)]

    setup.wrapper.get_grad = get_grad
    setup.wrapper.tokenize = tokenize
    setup.wrapper.max_length = classifier.max_length
    return setup.wrapper


def _stripped(token: str, marks: tuple[str, ...]) -> str:
    for mark in marks:
        token = token.removeprefix(mark)
    return token


RECIPES = (
    Recipe(
        Entry(
            name="hotflip",
            kind="attack",
            family="White box",
            title="HotFlip",
            description="Follows the model's gradient to the swaps that should raise its loss most.",
            paper="Ebrahimi et al. (2018), HotFlip: White-Box Adversarial Examples for Text Classification",
            goal=FLIP,
            constraints=(
                EACH_ONCE,
                STOP_WORDS,
                f"at most {_MOST_WORDS} words",
                f"words alike: among the {_NEAREST} nearest, cosine of {_LEAST_COSINE} or more",
                "part of speech stays, nouns and verbs exchangeable",
            ),
            variant="HotFlip on the input embeddings of any Transformer (TextAttack's refuses them), "
            f"{_CANDIDATES} candidates a word, with {parts.EMBEDDING} (a cosine of {_LEAST_COSINE} or more "
            f"instead of 0.8), and {parts.TAGGER}.",
        ),
        _hotflip,
        _prepare,
    ),
)
