"""Adapters: merged into their base they answer as PEFT does unmerged."""

import json

import numpy as np
import pytest
import torch

from models.adapters import base_of
from models.classifier import ModelError
from models.loading import load
from models.tuning import Recipe, add_adapters
from tests.models import tiny
from tests.models.conftest import SENTENCES


def _save(folder, base, own_labels=True):
    """A random adapter on the base; returns its unmerged logits of the sentences."""
    classifier = load(str(base), device="cpu")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        adapted = add_adapters(classifier.module, Recipe(rank=4))
        for parameter in adapted.parameters():
            if parameter.requires_grad:
                torch.nn.init.normal_(parameter, std=0.2)
    adapted.eval()
    adapted.save_pretrained(folder, save_embedding_layers=False)
    if own_labels:
        adapted.config.id2label = {0: "bad", 1: "good"}
        adapted.config.save_pretrained(folder)
    with torch.no_grad():
        return [
            adapted(**classifier.tokenizer(text, return_tensors="pt", truncation=True))
            .logits[0]
            .double()
            .numpy()
            for text in SENTENCES
            if text
        ]


@pytest.mark.parametrize("family", tiny.FAMILIES)
def test_merged_equals_unmerged(tmp_path, tiny_folder, family):
    base = tiny_folder(family)
    expected = _save(tmp_path, base)
    found = load(str(tmp_path), device="cpu")
    texts = [text for text in SENTENCES if text]
    np.testing.assert_allclose(found.logits(texts), expected, atol=1e-4)
    plain = load(str(base), device="cpu")
    assert not np.allclose(found.logits(texts), plain.logits(texts), atol=0.1)
    assert type(found.module) is type(plain.module)
    assert {name for name, _ in found.module.named_parameters()} == {
        name for name, _ in plain.module.named_parameters()
    }
    assert found.labels == ("bad", "good")
    assert found.fingerprint != plain.fingerprint
    assert any("merged into its base" in note for note in found.notes)


def test_one_label_of_an_adapter(tmp_path, tiny_folder):
    expected = _save(tmp_path, tiny_folder("bert"))
    path = tmp_path / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"problem_type": "multi_label_classification"}))
    alone = load(f"{tmp_path}#good", device="cpu")
    assert alone.labels == ("not good", "good")
    found = alone.logits([text for text in SENTENCES if text])
    np.testing.assert_allclose(found[:, 1], np.array(expected)[:, 1], atol=1e-4)


def test_labels_are_the_bases_where_the_adapter_names_none(tmp_path, tiny_folder):
    _save(tmp_path, tiny_folder("bert"), own_labels=False)
    assert load(str(tmp_path)).labels == ("negative", "positive")


def test_the_heads_rows_count_the_labels(tmp_path, tiny_folder):
    """An adapter with three labels, none of them named, on a base with two."""
    three = tiny.save(tmp_path / "three", labels=("a", "b", "c"))
    _save(tmp_path / "adapter", three, own_labels=False)
    settings = tmp_path / "adapter" / "adapter_config.json"
    changed = json.loads(settings.read_text()) | {"base_model_name_or_path": str(tiny_folder("bert"))}
    settings.write_text(json.dumps(changed))
    found = load(str(tmp_path / "adapter"))
    assert found.labels == ("LABEL_0", "LABEL_1", "LABEL_2")
    assert found.logits(["good"]).shape == (1, 3)


def _change(**changes):
    def spoil(folder):
        path = folder / "adapter_config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return spoil


def _pickle(folder):
    (folder / "adapter_model.safetensors").rename(folder / "adapter_model.bin")


def _drop(part, file="adapter_model.safetensors"):
    def spoil(folder):
        from safetensors.torch import load_file, save_file

        kept = {name: value for name, value in load_file(folder / file).items() if part not in name}
        save_file(kept, folder / file, metadata={"format": "pt"})

    return spoil


BROKEN = {
    "pickle": (_pickle, r"only as adapter_model\.bin.*safetensors only"),
    "no base": (_change(base_model_name_or_path=None), "does not name a base"),
    "base is gone": (
        _change(base_model_name_or_path="/gone/model"),
        "needs its base '/gone/model'.*no folder",
    ),
    "hub base": (_change(base_model_name_or_path="no-such/model"), "needs its base.*could not be reached"),
    "other layers": (_change(target_modules="nonesuch"), "cannot be merged into its base"),
    "layers missing": (_drop("layer.1.attention.self.query"), "its tensors are for other layers"),
    "other rank": (_change(r=2), "cannot be merged into its base"),
    "no settings": (lambda folder: (folder / "adapter_config.json").write_text("[]"), "a JSON object"),
    "own code": (_change(megatron_config={"x": 1}, megatron_core="antigravity"), "code of its own"),
    "unknown kind": (_change(peft_type="NONESUCH"), "'NONESUCH', which Assay does not merge"),
    "no kind": (_change(peft_type=["LORA"]), "which Assay does not merge"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_each_broken_adapter_has_its_message(tmp_path, tiny_folder, case):
    spoil, message = BROKEN[case]
    _save(tmp_path, tiny_folder("bert"))
    spoil(tmp_path)
    with pytest.raises(ModelError, match=message):
        load(str(tmp_path))


def test_an_adapter_cannot_have_a_pickle_read(tmp_path, tiny_folder, monkeypatch):
    """PEFT begins this kind of adapter with a file that its settings name."""
    read: list[object] = []
    monkeypatch.setattr("torch.load", lambda path, **_: read.append(path))
    _save(tmp_path, tiny_folder("bert"))
    (tmp_path / "adapter_config.json").write_text(
        json.dumps(
            {
                "peft_type": "MULTITASK_PROMPT_TUNING",
                "task_type": "SEQ_CLS",
                "base_model_name_or_path": str(tiny_folder("bert")),
                "num_virtual_tokens": 2,
                "prompt_tuning_init": "ONLY_SOURCE_SHARED",
                "prompt_tuning_init_state_dict_path": str(tmp_path / "weights.bin"),
            }
        )
    )
    with pytest.raises(ModelError):
        load(str(tmp_path))
    assert not read


def test_a_head_nobody_trained_is_refused(tmp_path):
    """Neither the base nor the adapter has one, so Transformers would make one up."""
    base = tiny.save(tmp_path / "base")
    _save(tmp_path / "adapter", base)
    _drop("classifier", "model.safetensors")(base)
    _drop("classifier")(tmp_path / "adapter")
    with pytest.raises(ModelError, match=r"Neither the adapter in .* has a trained classification head"):
        load(str(tmp_path / "adapter"))


def test_an_adapter_is_no_base(tmp_path, tiny_folder):
    _save(tmp_path / "first", tiny_folder("bert"))
    _save(tmp_path / "second", tiny_folder("bert"))
    _change(base_model_name_or_path=str(tmp_path / "first"))(tmp_path / "second")
    with pytest.raises(ModelError, match="is an adapter itself"):
        base_of(tmp_path / "second")
