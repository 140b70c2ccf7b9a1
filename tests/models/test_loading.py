"""Loading: every way in, and a message of its own for everything that can be wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from models import loading
from models.batching import pad
from models.classifier import ModelError
from tests.analysis import tiny as families
from tests.models import tiny
from tests.models.conftest import SENTENCES


def _edit(path, **changes):
    settings = json.loads(path.read_text())
    settings.update(changes)
    path.write_text(json.dumps({name: value for name, value in settings.items() if value is not None}))


def test_a_folder_loads_with_its_labels(tmp_path):
    labels = ("no", "<b>maybe</b>", "yes, \U0001f642")
    found = loading.load(str(tiny.save(tmp_path / "my model", labels=labels)))
    assert found.labels == labels
    assert found.name == "my model"
    assert found.reference == str(tmp_path / "my model")
    assert found.notes == ()


def test_devices_and_dtypes_are_checked(tmp_path):
    assert loading.devices()[:2] == ("auto", "cpu")
    folder = str(tiny.save(tmp_path))
    assert loading.load(folder, device="cpu", dtype="float16").dtype == torch.float16
    with pytest.raises(ModelError, match=r"no device 'tpu' here. Choose one of auto, cpu"):
        loading.load(folder, device="tpu")
    with pytest.raises(ModelError, match=r"no dtype 'int4'"):
        loading.load(folder, dtype="int4")


def test_a_half_checkpoint_is_float32_on_the_processor(tmp_path):
    folder = tiny.save(tmp_path)
    loading.load(str(folder), dtype="float16").module.save_pretrained(folder)
    assert json.loads((folder / "config.json").read_text())["dtype"] == "float16"
    assert loading.load(str(folder), device="cpu").dtype == torch.float32


def test_shards_load_as_one(tmp_path):
    whole = loading.load(str(tiny.save(tmp_path / "whole")))
    whole.module.save_pretrained(tmp_path / "parts", max_shard_size="20KB")
    whole.tokenizer.save_pretrained(tmp_path / "parts")
    assert len(list((tmp_path / "parts").glob("*.safetensors"))) > 1
    parts = loading.load(str(tmp_path / "parts"))
    assert (parts.logits(["a good film"]) == whole.logits(["a good film"])).all()


def test_a_missing_padding_token_is_borrowed_and_said(tmp_path):
    found = loading.load(str(tiny.save(tmp_path, "gpt2")))
    assert found.tokenizer.pad_token == found.tokenizer.eos_token
    assert found.module.config.pad_token_id == found.tokenizer.eos_token_id
    assert any("no padding token" in note for note in found.notes)


@pytest.mark.parametrize(("family", "takes"), [("distilbert", False), ("bert", True)])
def test_a_tokenizer_of_no_family_hands_a_module_only_what_it_takes(tmp_path, family, takes):
    import transformers

    folder = tiny.save(tmp_path, family)
    expected = loading.load(str(folder)).logits(SENTENCES)
    _edit(folder / "tokenizer_config.json", tokenizer_class="PreTrainedTokenizerFast", model_input_names=None)
    found = loading.load(str(folder))
    assert type(found.tokenizer) is transformers.PreTrainedTokenizerFast
    assert ("token_type_ids" in found.tokenizer.model_input_names) is takes
    assert (found.logits(SENTENCES) == expected).all()


def test_a_family_that_answers_from_the_last_position_pads_on_the_left(tmp_path):
    """XLNet, with the tokenizer of the tiny BERT: what the side is for is all that matters here."""
    import transformers

    tiny.save(tmp_path, "bert")
    shape = {"d_model": 32, "n_layer": 2, "n_head": 4, "d_inner": 64, "initializer_range": 0.3}
    config = transformers.XLNetConfig(vocab_size=200, pad_token_id=0, **shape)
    transformers.XLNetForSequenceClassification(config).save_pretrained(tmp_path)
    found = loading.load(str(tmp_path))
    assert found.tokenizer.padding_side == "left"
    together, alone = found.logits(SENTENCES), [found.logits([text])[0] for text in SENTENCES]
    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_answers_that_hang_on_the_padding_are_refused(tmp_path, monkeypatch):
    folder = str(tiny.save(tmp_path))
    monkeypatch.setattr("models.transformer.pad", _without_mask)
    with pytest.raises(ModelError, match=r"differently when it is padded"):
        loading.load(folder)


def _without_mask(*arguments):
    batch = pad(*arguments)
    batch["attention_mask"][:] = 1
    return batch


def test_labels_without_names_are_said(tmp_path):
    found = loading.load(str(tiny.save(tmp_path, labels=("LABEL_0", "LABEL_1"))))
    assert found.labels == ("LABEL_0", "LABEL_1")
    assert any("no names" in note for note in found.notes)


def _remove(name):
    return lambda folder: (folder / name).unlink()


def _pickle_only(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _cut(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-10])


def _not_finite(folder):
    from safetensors.torch import load_file, save_file

    path = folder / "model.safetensors"
    state = load_file(path)
    state["classifier.bias"][:] = float("nan")
    save_file(state, path, metadata={"format": "pt"})


def _without_head(folder):
    from safetensors.torch import load_file, save_file

    path = folder / "model.safetensors"
    state = {name: value for name, value in load_file(path).items() if not name.startswith("classifier")}
    save_file(state, path, metadata={"format": "pt"})


def _no_tokenizer(folder):
    for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"):
        (folder / name).unlink(missing_ok=True)


def _change(name, **changes):
    return lambda folder: _edit(folder / name, **changes)


BROKEN = {
    "no config": (_remove("config.json"), "holds no model: there is no config.json"),
    "no JSON": (lambda folder: (folder / "config.json").write_text("{"), "cannot be read as JSON"),
    "no weights": (_remove("model.safetensors"), "holds no weights"),
    "pickles only": (_pickle_only, "only as pytorch_model.bin.*safetensors only"),
    "cut off": (_cut, "no sound safetensors file"),
    "not finite": (_not_finite, "not finite"),
    "head not trained": (_without_head, r"lacks fitting weights.*classifier\.bias"),
    "other sizes": (_change("config.json", hidden_size=64), "lacks fitting weights"),
    "other head": (
        _change("config.json", architectures=["BertForMaskedLM"]),
        "a BertForMaskedLM.*no classification head",
    ),
    "unknown family": (_change("config.json", model_type="nonesuch"), "describes no model.*'nonesuch'"),
    "own code": (_change("config.json", auto_map={"AutoConfig": "x.Y"}), "code of its own"),
    "tokenizer's code": (
        _change("tokenizer_config.json", auto_map={"AutoTokenizer": ["x.Y", None]}),
        "code of its own",
    ),
    "regression": (_change("config.json", id2label={"0": "score"}), "lacks fitting weights|a regression"),
    "any number of labels": (
        _change("config.json", problem_type="multi_label_classification"),
        "any number of labels",
    ),
    "labels alike": (
        _change("config.json", id2label={"0": "good", "1": "good"}),
        "not one name for each class",
    ),
    "no tokenizer": (_no_tokenizer, "no tokenizer that can be read"),
    "broken tokenizer": (
        lambda folder: (folder / "tokenizer.json").write_text("{}"),
        "no tokenizer that can be read",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_each_broken_folder_has_its_message(tmp_path, case, monkeypatch):
    monkeypatch.delenv("ASSAY_TRUST_REMOTE_CODE", raising=False)
    spoil, message = BROKEN[case]
    folder = tiny.save(tmp_path / "model")
    spoil(folder)
    with pytest.raises(ModelError, match=message):
        loading.load(str(folder))


def test_a_true_regression_is_refused(tmp_path):
    folder = str(tiny.save(tmp_path, labels=("score",)))
    with pytest.raises(ModelError, match=r"a regression"):
        loading.load(folder)
    taken = loading.load(folder, any_head=True)
    assert (taken.answering, taken.labels) == ("number", ("score",))


def test_one_of_several_labels_is_named_behind_the_folder(tmp_path):
    labels = ("insult", "threat", "a#b")
    folder = str(tiny.save(tmp_path, labels=labels, problem_type="multi_label_classification"))
    with pytest.raises(
        ModelError, match=r"one of them at a time.*#insult\. Its labels are insult, threat, a#b"
    ):
        loading.load(folder)
    whole = loading.load(folder, any_head=True)
    alone = loading.load(f"{folder}#a#b", device="cpu", dtype="bfloat16")
    assert (alone.labels, alone.among, alone.answering) == (("not a#b", "a#b"), labels, "choice")
    assert (alone.reference, alone.name) == (f"{folder}#a#b", f"{whole.name}#a#b")
    assert alone.precision == "bfloat16"
    np.testing.assert_allclose(
        alone.probabilities(SENTENCES)[:, 1], whole.probabilities(SENTENCES)[:, 2], atol=0.1
    )
    whole, alone = (
        loading.load(name, device="cpu", dtype="int8", any_head=True) for name in (folder, f"{folder}#insult")
    )
    np.testing.assert_allclose(alone.logits(SENTENCES)[:, 1], whole.logits(SENTENCES)[:, 0], atol=1e-5)
    assert alone.among == labels
    with pytest.raises(ModelError, match=r"no label 'rude'. Its labels are insult, threat, a#b"):
        loading.load(f"{folder}#rude")
    with pytest.raises(ModelError, match=r"no label ''"):
        loading.load(f"{folder}#", any_head=True)


def test_one_label_of_a_choice_or_a_number_is_refused(tmp_path):
    choice = str(tiny.save(tmp_path / "choice"))
    with pytest.raises(ModelError, match=r"chooses one of its labels \(negative, positive\).*Leave out #neg"):
        loading.load(f"{choice}#negative")
    number = str(tiny.save(tmp_path / "number", labels=("score",)))
    with pytest.raises(ModelError, match=r"gives a number and no labels; leave out #score"):
        loading.load(f"{number}#score")


def test_an_empty_folder(tmp_path):
    with pytest.raises(ModelError, match=r"is empty"):
        loading.load(str(tmp_path))


def test_a_tokenizer_without_a_fast_version(tmp_path, monkeypatch):
    import transformers

    folder = tiny.save(tmp_path)
    slow = type("Slow", (), {"is_fast": False})()
    monkeypatch.setattr(transformers.AutoTokenizer, "from_pretrained", lambda *_, **__: slow)
    with pytest.raises(ModelError, match=r"no fast version"):
        loading.load(str(folder))


def test_no_token_to_pad_with(tmp_path):
    folder = tiny.save(tmp_path, "gpt2")
    _edit(folder / "tokenizer_config.json", eos_token=None, tokenizer_class="PreTrainedTokenizerFast")
    (folder / "special_tokens_map.json").unlink()
    with pytest.raises(ModelError, match=r"no padding token and no end token"):
        loading.load(str(folder))


def test_a_tokenizer_of_another_model(tmp_path):
    folder = tiny.save(tmp_path, vocab_size=40)
    with pytest.raises(ModelError, match=r"the model only 40: they do not belong together"):
        loading.load(str(folder))


def test_a_family_without_a_table_of_words_is_told_what_is_wrong_with_it(tmp_path):
    canine = families.classifier("canine", labels=2)
    canine.module.save_pretrained(tmp_path)
    canine.tokenizer.save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r"answers a text differently when it is padded"):
        loading.load(str(tmp_path))


def test_importing_the_loader_is_quick():
    code = "import sys, models.shelf; print('torch' in sys.modules, 'transformers' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_loading_asks_nobody(tmp_path):
    """Without Hugging Face's own offline switch: no name is looked up and no connection opened."""
    tiny.save(tmp_path / "model")
    code = f"""
import socket
def refuse(*args, **kwargs):
    raise SystemExit(f"asked the network: {{args}}")
socket.getaddrinfo = socket.socket.connect = refuse
from models import bundled
from models.loading import load
for reference in [{str(tmp_path / "model")!r}, *(f"bundled:{{name}}" for name in bundled.names())]:
    load(reference, device="cpu")
print("loaded")
"""
    environment = {name: value for name, value in os.environ.items() if name != "HF_HUB_OFFLINE"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.split() == ["loaded"], done.stderr
    assert "newly initialized" not in done.stderr
