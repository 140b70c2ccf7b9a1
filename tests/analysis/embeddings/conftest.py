"""Tiny models of four families, with random weights: the mechanics are the same at any size."""

import pytest
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

from models.transformer import TransformerClassifier

WORDS = [
    "the",
    "film",
    "was",
    "not",
    "good",
    "but",
    "bad",
    "actors",
    "saved",
    "it",
    "in",
    "end",
    "and",
    "never",
    "dull",
]
TEXTS = [
    "the film was good",
    "bad",
    "the actors never saved the film in the end but it was not dull and not bad",
    "good and good and unfilmable",
    "",
]
FAMILIES = ["bert", "distilbert", "roberta", "gpt2"]
SIZE = {"num_labels": 2, "pad_token_id": 0}
NO_TYPES = {"model_input_names": ["input_ids", "attention_mask"]}


def fast(backend, **settings):
    return transformers.PreTrainedTokenizerFast(tokenizer_object=backend, model_max_length=48, **settings)


def wordpiece(types):
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[unused0]", "[unused1]"]
    pieces += [*WORDS, "un", "##film", "##able", *"abcdefghijklmnopqrstuvwxyz"]
    vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    backend = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.decoder = decoders.WordPiece()
    ends = [("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])]
    backend.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    inputs = {} if types else NO_TYPES
    return fast(backend, **names, **inputs)


def byte_level(roberta):
    special = ["<pad>", "<unk>", "<s>", "</s>", "<mask>"] if roberta else ["<pad>", "<|endoftext|>"]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges, known = [], []
    for word in WORDS:
        built = "Ġ"
        for letter in word:
            if (built, letter) not in merges:
                merges.append((built, letter))
                known.append(built + letter)
            built += letter
    vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys([*special, *alphabet, *known]))}
    backend = Tokenizer(models.BPE(vocabulary, merges))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    names = {"pad_token": "<pad>", "eos_token": "</s>" if roberta else "<|endoftext|>"}
    if roberta:
        ends = [("<s>", vocabulary["<s>"]), ("</s>", vocabulary["</s>"])]
        backend.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=ends)
        names |= {"bos_token": "<s>", "cls_token": "<s>", "sep_token": "</s>", "unk_token": "<unk>"}
    return fast(backend, **names, **NO_TYPES)


def build(family):
    tokenizer = (
        byte_level(family == "roberta") if family in ("roberta", "gpt2") else wordpiece(family == "bert")
    )
    size = SIZE | {"vocab_size": len(tokenizer)}
    common = {"hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 24}
    config = {
        "bert": lambda: transformers.BertConfig(**size, **common),
        "distilbert": lambda: transformers.DistilBertConfig(
            **size, dim=16, n_layers=3, n_heads=2, hidden_dim=24
        ),
        "roberta": lambda: transformers.RobertaConfig(**size, **common, max_position_embeddings=60),
        "gpt2": lambda: transformers.GPT2Config(**size, n_embd=16, n_layer=3, n_head=2, n_positions=60),
    }[family]()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = transformers.AutoModelForSequenceClassification.from_config(config)
        for parameter in module.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
    return TransformerClassifier(module, tokenizer, reference=family, weights=family, name=f"tiny {family}")


@pytest.fixture(scope="session")
def tiny():
    """The tiny classifier of each family by name."""
    return {family: build(family) for family in FAMILIES}
