"""Static word embeddings: rows of the input embedding matrix, before any layer has read a context."""

import re
from typing import TYPE_CHECKING, Any

from analysis.embeddings.hidden import EmbeddingError

if TYPE_CHECKING:
    from models.transformer import TransformerClassifier

#: Placeholders that BERT's vocabulary reserves; they were never trained.
_UNUSED = re.compile(r"\[unused\d+\]|<unused\d+>")


def nearest_words(classifier: "TransformerClassifier", word: str, count: int = 15) -> list[tuple[str, float]]:
    """The `count` vocabulary entries whose input embeddings have the largest cosine with the word's.

    A word of several pieces is represented by the mean of its pieces' embeddings. Special tokens,
    reserved placeholders and the word's own pieces are left out. Case is the tokenizer's affair.

    Returns:
        (entry, cosine), best first; an entry that continues a word is written `##entry`.

    Raises:
        EmbeddingError: no word given, a word that the vocabulary cannot write, or a model without an
            input embedding matrix.
    """
    import torch

    pieces = _ids(classifier, word)
    tokenizer = classifier.tokenizer
    layer = classifier.module.get_input_embeddings()
    weight = getattr(layer, "weight", None)
    if weight is None or weight.ndim != 2:
        raise EmbeddingError(f"{classifier.architecture} has no table of word embeddings.")
    with torch.inference_mode():
        query = weight[pieces].float().mean(0)
        cosines = torch.nn.functional.cosine_similarity(weight.float(), query.unsqueeze(0))
        # A table padded beyond the vocabulary, and rows of zeros, hold no words.
        cosines[len(tokenizer) :] = -torch.inf
        cosines[(weight == 0).all(1)] = -torch.inf
        cosines[[*pieces, *_reserved(tokenizer)]] = -torch.inf
        values, indices = cosines.topk(min(count, len(cosines)))
    found = zip(indices.tolist(), values.tolist(), strict=True)
    return [(_shown(tokenizer, index), value) for index, value in found if value > -2]


def word_pieces(classifier: "TransformerClassifier", word: str) -> tuple[str, ...]:
    """The vocabulary entries that the tokenizer writes the word with, as `nearest_words` shows them.

    Raises:
        EmbeddingError: as `nearest_words`.
    """
    return tuple(_shown(classifier.tokenizer, index) for index in _ids(classifier, word))


def _ids(classifier: "TransformerClassifier", word: str) -> list[int]:
    word = word.strip()
    if not word:
        raise EmbeddingError("Type a word to see its neighbours.")
    # With a space before it, as inside a sentence: byte-level vocabularies write both differently.
    encoded = classifier.encode([f" {word}"])[0]
    ids = [index for index, special in zip(encoded.ids, encoded.special, strict=True) if not special]
    if not ids or classifier.tokenizer.unk_token_id in ids:
        raise EmbeddingError(
            f"The vocabulary of {classifier.name} cannot write “{word[:40]}”, so it has no embedding."
        )
    return ids


def _reserved(tokenizer: Any) -> list[int]:
    vocabulary: dict[str, int] = tokenizer.get_vocab()
    special = set(tokenizer.all_special_tokens)
    return [index for token, index in vocabulary.items() if token in special or _UNUSED.fullmatch(token)]


def _shown(tokenizer: Any, index: int) -> str:
    """A vocabulary entry in WordPiece's manner: `film` starts a word, `##ing` continues one."""
    token: str = tokenizer.convert_ids_to_tokens(index)
    if type(tokenizer.backend_tokenizer.model).__name__ == "WordPiece":
        return token
    text: str = tokenizer.decode([index]).strip()
    return text if token.startswith(("Ġ", "▁")) else f"##{text}"
