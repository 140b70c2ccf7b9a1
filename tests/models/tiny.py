"""Tiny models of several families, made on the spot: `tiny.save(folder, "bert", ("no", "yes"))`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

FAMILIES = ("bert", "distilbert", "roberta", "gpt2")
WORDS = [
    "a",
    "the",
    "film",
    "was",
    "is",
    "not",
    "never",
    "very",
    "dull",
    "bright",
    "good",
    "bad",
    "great",
    "awful",
    "plot",
    "story",
    "actor",
    "but",
    "and",
    "of",
    "it",
    "this",
    "good",
    "movie",
    "boring",
    "fine",
    "wonderful",
    "terrible",
    "match",
    "bank",
    "planet",
    "vote",
    "team",
    "money",
    "atom",
    "law",
]
MAX_LENGTH = 48
"""Tokens that each of these models takes at most, special ones included."""


def save(
    folder: Path,
    family: str = "bert",
    labels: Sequence[str] = ("negative", "positive"),
    seed: int = 0,
    **changes: Any,
) -> Path:
    """Write a random two-layer classifier with a fast tokenizer; `changes` go to its config."""
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer(family)
    tokenizer.save_pretrained(folder)
    config = _config(family, tokenizer)
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: index for index, label in enumerate(labels)}
    for name, value in changes.items():
        setattr(config, name, value)
    from transformers import AutoModelForSequenceClassification

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        AutoModelForSequenceClassification.from_config(config).save_pretrained(folder)
    return folder


def _config(family: str, tokenizer: Any) -> Any:
    import transformers

    # A wide start, so that different texts get clearly different answers.
    wide = {"vocab_size": len(tokenizer), "initializer_range": 0.3}
    if family in {"bert", "roberta"}:
        kind = transformers.BertConfig if family == "bert" else transformers.RobertaConfig
        sizes = {
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "intermediate_size": 64,
            # RoBERTa's first position is number 2.
            "max_position_embeddings": MAX_LENGTH + (2 if family == "roberta" else 0),
        }
        if family == "roberta":
            sizes |= {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2, "type_vocab_size": 1}
        return kind(**sizes, **wide)
    if family == "distilbert":
        return transformers.DistilBertConfig(
            dim=32, n_layers=2, n_heads=4, hidden_dim=64, max_position_embeddings=MAX_LENGTH, **wide
        )
    ends = {"bos_token_id": tokenizer.eos_token_id, "eos_token_id": tokenizer.eos_token_id}
    return transformers.GPT2Config(n_embd=32, n_layer=2, n_head=4, n_positions=MAX_LENGTH, **ends, **wide)


def _tokenizer(family: str) -> Any:
    import transformers

    if family in {"bert", "distilbert"}:
        kind = transformers.BertTokenizerFast if family == "bert" else transformers.DistilBertTokenizerFast
        return kind(tokenizer_object=_word_pieces(), model_max_length=MAX_LENGTH)
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"] if family == "roberta" else ["<|endoftext|>"]
    backend = _bytes(special)
    if family == "roberta":
        from tokenizers.processors import RobertaProcessing

        backend.post_processor = RobertaProcessing(("</s>", 2), ("<s>", 0))
        return transformers.RobertaTokenizerFast(tokenizer_object=backend, model_max_length=MAX_LENGTH)
    return transformers.GPT2TokenizerFast(tokenizer_object=backend, model_max_length=MAX_LENGTH)


def _word_pieces() -> Any:
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,!?'-"
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = [*special, *letters, *(f"##{letter}" for letter in letters), *WORDS]
    vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    backend = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    backend.normalizer = normalizers.BertNormalizer(lowercase=True)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    backend.decoder = decoders.WordPiece()
    backend.add_special_tokens(special)
    return backend


def _bytes(special: list[str]) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=special,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    backend.train_from_iterator([" ".join(WORDS)] * 3, trainer)
    return backend
