"""The masked language model against Transformers alone, and what its card promises."""

import json
import math

import numpy as np
import pytest
import torch

from models import bundled, masked
from models.batching import one_thread
from models.masked import FOLDER, STEM, MaskedLanguageModel, load_masked
from models.safety import tensor_shapes

TEXTS = (
    "the film is a quiet , moving story .",
    "film the is a quiet , story moving .",
    "Stocks fell sharply in Tokyo on Monday.",
    "unbelievably wonderful",
    "x",
)


def one_at_a_time(module, tokenizer, text):
    """Salazar et al. (2020), sentence by sentence and token by token."""
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    total = 0.0
    for place in range(1, ids.shape[1] - 1):
        hidden = ids.clone()
        hidden[0, place] = tokenizer.mask_token_id
        with torch.no_grad():
            logits = module(input_ids=hidden).logits[0, place].double()
        total += float(logits.log_softmax(-1)[ids[0, place]])
    return total / (ids.shape[1] - 2)


@pytest.fixture(scope="module")
def model():
    return load_masked("cpu")


def test_log_probabilities_are_those_of_a_plain_loop(model):
    from transformers import BertForMaskedLM

    module, tokenizer = masked.assemble(FOLDER)
    assert isinstance(module, BertForMaskedLM)
    with one_thread():
        expected = [one_at_a_time(module.eval(), tokenizer, text) for text in TEXTS]
        found = model.log_probabilities(TEXTS)
    np.testing.assert_allclose(found, expected, atol=2e-4)
    assert (found < 0).all()
    assert found[0] > found[1]


def test_a_text_reads_the_same_in_any_company(model):
    more = [f"{word} film about the {word}" for word in ("dull", "great", "war", "love", "old", "new")]
    with one_thread():
        together = model.log_probabilities([*more, *TEXTS, *more])[len(more) : len(more) + len(TEXTS)]
        alone = np.concatenate([model.log_probabilities([text]) for text in TEXTS])
        backwards = model.log_probabilities(TEXTS[::-1])[::-1]
    assert (together == alone).all()
    assert (backwards == alone).all()


def test_what_cannot_be_read_whole_is_no_number(model):
    found = model.log_probabilities(["", "   ", "word " * 200, "a film"])
    assert np.isnan(found[:3]).all() and not np.isnan(found[3])
    assert model.log_probabilities([]).shape == (0,)


def test_it_can_be_stopped_between_batches(model):
    class Enough(Exception):
        pass

    def stop():
        raise Enough

    with pytest.raises(Enough):
        model.log_probabilities(["a film"], stop)


def test_it_is_a_plain_module_for_whoever_wants_words(model):
    assert type(model.module).__name__ == "BertForMaskedLM" and not model.module.training
    inputs = model.tokenizer("the film is [MASK] good .", return_tensors="pt")
    with torch.no_grad():
        logits = model.module(**inputs).logits
    place = inputs["input_ids"][0].tolist().index(model.tokenizer.mask_token_id)
    guesses = model.tokenizer.convert_ids_to_tokens(logits[0, place].topk(20).indices.tolist())
    assert {"very", "not", "a", "so", "too", "as", "pretty"} & set(guesses)


def test_the_head_is_tied_and_only_the_difference_is_shipped():
    module, _ = masked.assemble(FOLDER)
    plain, _ = masked.bare()
    assert module.cls.predictions.decoder.weight is module.get_input_embeddings().weight
    assert torch.equal(module.get_input_embeddings().weight, plain.get_input_embeddings().weight)
    shapes = tensor_shapes(FOLDER / f"{STEM}.safetensors")
    assert sum(math.prod(shape) for shape in shapes.values()) < 900_000
    assert not [path for path in FOLDER.iterdir() if path.suffix in {".bin", ".pt", ".pkl"}]


def test_loading_draws_no_random_number():
    load_masked.cache_clear()
    before = torch.get_rng_state()
    load_masked("cpu")
    assert torch.equal(torch.get_rng_state(), before)


def test_the_fingerprint_is_known_without_loading(model):
    assert masked.fingerprint() == model.fingerprint and len(model.fingerprint) == 64


def test_it_is_no_classifier_to_choose():
    assert "masked" not in bundled.names()


def test_the_card_is_portable_and_promises_enough():
    record = json.loads((FOLDER / "training.json").read_text())
    card = (FOLDER / "README.md").read_text()
    assert (FOLDER / "ABOUT.md").read_text().strip() in card
    assert record["command"] in card
    for text in (card, json.dumps(record)):
        assert "/work" not in text and "/tmp" not in text
    for figures in record["figures"]:
        trained, untrained, frequencies = (figures[key] for key in ("trained", "untrained", "frequencies"))
        assert trained["loss"] < frequencies["loss"] - 1 < untrained["loss"] - 2
        assert trained["first"]["right"] > 2 * frequencies["first"]["right"]


def test_the_cards_figure_is_found_again(shared_data):
    """The first guesses on the very texts of the card, give or take what another processor rounds."""
    import random

    from corpora.loading import load
    from models import masking, train_masked
    from models.encoding import Encoder

    record = json.loads((FOLDER / "training.json").read_text())
    promised = record["figures"][0]
    texts = list(load(str(shared_data / promised["name"])).texts)
    chosen = random.Random(record["recipe"]["seed"]).sample(texts, train_masked.JUDGED)
    module, tokenizer = masked.assemble(FOLDER)
    found = masking.judge(module, tokenizer, Encoder(tokenizer, record["recipe"]["max_length"])(chosen))
    assert found.loss == pytest.approx(promised["trained"]["loss"], abs=1e-3)
    assert found.first.total == promised["trained"]["first"]["total"]
    assert found.first.right == pytest.approx(promised["trained"]["first"]["right"], abs=2)


def test_any_masked_model_can_be_wrapped():
    from transformers import BertConfig, BertForMaskedLM

    _, tokenizer = masked.bare()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            initializer_range=0.2,
        )
        module = BertForMaskedLM(config).eval()
    found = MaskedLanguageModel(module, tokenizer, "tiny").log_probabilities(TEXTS)
    expected = [one_at_a_time(module, tokenizer, text) for text in TEXTS]
    np.testing.assert_allclose(found, expected, atol=1e-4)
