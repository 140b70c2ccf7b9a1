"""A text as a model's tokens."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from corpora.examples import PAIR_MARK

_NO_LIMIT = 512
"""Tokens, where neither the tokenizer nor the model names a limit."""
_LONE_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class EncodedText:
    """One text, or pair of texts, as tokens, special ones included, without padding.

    All tuples are equally long. `offsets` are (start, end) in characters of the text (of a pair: of both
    texts with the mark between them), and (0, 0) for special tokens. `truncated` says that the text's end
    did not fit the model.
    """

    ids: tuple[int, ...]
    type_ids: tuple[int, ...]
    tokens: tuple[str, ...]
    offsets: tuple[tuple[int, int], ...]
    special: tuple[bool, ...]
    truncated: bool

    def __len__(self) -> int:
        return len(self.ids)


class Encoder:
    """A fast tokenizer with its truncation fixed: safe to call from many threads at once.

    A lone surrogate (half of a character, which no encoding can carry) is read as U+FFFD, the
    replacement character; it is one character as well, so offsets stay true. A text without any
    token becomes a single end (or begin, or padding) token, because no model answers an empty sequence.
    What stands behind a `PAIR_MARK` is the second text of a pair, and encoded as the tokenizer does it.
    """

    def __init__(self, tokenizer: Any, max_length: int):
        """`max_length` is in tokens, special ones included."""
        from tokenizers import Tokenizer

        ends = (tokenizer.eos_token_id, tokenizer.bos_token_id, tokenizer.pad_token_id)
        empty_id = next(index for index in ends if index is not None)
        self._backend = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
        self._backend.no_padding()
        self._backend.enable_truncation(max_length, direction=tokenizer.truncation_side)
        self._empty = EncodedText(
            (empty_id,), (0,), (tokenizer.convert_ids_to_tokens(empty_id),), ((0, 0),), (True,), False
        )

    def __call__(self, texts: Sequence[str]) -> list[EncodedText]:
        """Encode each text by itself."""
        clean = [_LONE_SURROGATES.sub("\ufffd", text) for text in texts]
        inputs = [tuple(text.split(PAIR_MARK, 1)) if PAIR_MARK in text else text for text in clean]
        found = self._backend.encode_batch(inputs)
        return [
            self._convert(each, len(given[0]) + 1 if isinstance(given, tuple) else 0)
            for each, given in zip(found, inputs, strict=True)
        ]

    def _convert(self, found: Any, second: int) -> EncodedText:
        """`second` is where a pair's second text begins, in characters."""
        if not found.ids:
            return self._empty
        special = tuple(bool(flag) for flag in found.special_tokens_mask)
        offsets = tuple(
            (0, 0) if flag else (start + shift, end + shift)
            for (start, end), flag, text in zip(found.offsets, special, found.sequence_ids, strict=True)
            for shift in [second if text == 1 else 0]
        )
        return EncodedText(
            tuple(found.ids),
            tuple(found.type_ids),
            tuple(found.tokens),
            offsets,
            special,
            bool(found.overflowing),
        )


def longest_input(module: Any, tokenizer: Any) -> int:
    """The most tokens the model takes: what its tokenizer and its table of positions allow."""
    limits = [tokenizer.model_max_length, getattr(module.config, "max_position_embeddings", None)]
    for name, part in module.named_modules():
        if name.endswith("position_embeddings") and getattr(part, "padding_idx", None) is not None:
            # RoBERTa and its kin begin to count behind the padding's index.
            limits.append(part.num_embeddings - part.padding_idx - 1)
    known = [int(limit) for limit in limits if limit is not None and 0 < limit < 10**9]
    return min(known, default=_NO_LIMIT)
