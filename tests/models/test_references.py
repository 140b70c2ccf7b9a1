"""From what a user writes to a folder."""

from typing import Any

import huggingface_hub
import pytest
import requests
from huggingface_hub import errors

from models import bundled
from models.classifier import ModelError
from models.references import resolve, split, stamp


def test_bundled_names(tmp_path):
    assert resolve("bundled:sentiment") == (bundled.FOLDER / "sentiment", "sentiment")
    assert resolve(" bundled:topics\n").name == "topics"
    with pytest.raises(
        ModelError, match=r"no bundled model 'nonesuch'. There are bundled:sentiment, bundled:topics"
    ):
        resolve("bundled:nonesuch")
    with pytest.raises(ModelError, match=r"no bundled model"):
        resolve(f"bundled:../../{tmp_path.name}")


def test_local_folders_come_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "owner" / "name").mkdir(parents=True)
    found = resolve("owner/name")
    assert found.folder.samefile(tmp_path / "owner" / "name")
    assert found.name == "name"


def test_what_is_no_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match=r"is a file. Name the folder"):
        resolve(str(tmp_path / "file"))
    for reference in (
        str(tmp_path / "gone"),
        "./gone",
        "a/b/c",
        "~nobody-here/x",
        "what is\x00this",
        "<img src=x>",
    ):
        with pytest.raises(ModelError, match=r"no folder|cannot be opened"):
            resolve(reference)
    with pytest.raises(ModelError, match=r"No model was named"):
        resolve("  ")


def test_only_hub_models_have_revisions(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a@b").mkdir()
    assert resolve("a@b").name == "a@b"
    with pytest.raises(ModelError, match=r"no bundled model 'sentiment@main'"):
        resolve("bundled:sentiment@main")
    with pytest.raises(ModelError, match=r"only hub models have revisions"):
        resolve(str(tmp_path), "main")
    with pytest.raises(ModelError, match=r"only hub models have revisions"):
        resolve("bundled:sentiment", "main")


def test_a_hub_model_is_downloaded_without_pickles_or_code(tmp_path, monkeypatch):
    asked: dict[str, Any] = {}

    def download(identifier, **options):
        asked.update(options, identifier=identifier)
        return str(tmp_path)

    monkeypatch.delenv("ASSAY_TRUST_REMOTE_CODE", raising=False)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert resolve("owner/name-1.0", "abc") == (tmp_path, "name-1.0")
    assert resolve("hub:owner/name-1.0", "abc") == (tmp_path, "name-1.0")
    assert (asked["identifier"], asked["revision"]) == ("owner/name-1.0", "abc")
    for written in ("owner/name-1.0@refs/pr/1", "hub:owner/name-1.0@refs/pr/1"):
        assert resolve(written) == (tmp_path, "name-1.0")
        assert (asked["identifier"], asked["revision"]) == ("owner/name-1.0", "refs/pr/1")
    assert not {"*.bin", "*.py", "*"} & set(asked["allow_patterns"])
    assert asked["ignore_patterns"] == ["*/*"]
    monkeypatch.setenv("ASSAY_TRUST_REMOTE_CODE", "1")
    resolve("owner/name-1.0")
    assert "*.py" in asked["allow_patterns"]


ANSWER = requests.Response()


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (errors.HFValidationError("x"), "is no Hugging Face id"),
        (errors.GatedRepoError("x", response=ANSWER), "is gated.*HF_TOKEN"),
        (errors.RevisionNotFoundError("x", response=ANSWER), "hub has no 'owner/name' at revision 'v9'"),
        (errors.RepositoryNotFoundError("x", response=ANSWER), "no public model 'owner/name'"),
        (errors.LocalEntryNotFoundError("x"), "could not be reached"),
        (errors.OfflineModeIsEnabled("x"), "could not be reached"),
        (ConnectionError("x"), "could not be reached"),
    ],
)
def test_each_trouble_with_the_hub_has_its_message(monkeypatch, error, message):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)
    with pytest.raises(ModelError, match=message):
        resolve("owner/name", "v9")


def test_offline_says_so_by_itself():
    with pytest.raises(
        ModelError, match=r"no folder 'no-such-owner/no-such-model', and the Hugging Face hub could not"
    ):
        resolve("no-such-owner/no-such-model")


def test_a_label_stands_behind_the_model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert split(" owner/name@v1#threat ") == ("owner/name@v1", "threat")
    assert split("owner/name") == ("owner/name", None)
    assert split("gone#a#b") == ("gone", "a#b")
    (tmp_path / "c#").mkdir()
    assert split("c#") == ("c#", None)
    assert split("c##threat") == ("c#", "threat")
    assert split("c##c#") == ("c#", "c#")
    (tmp_path / "c##threat").mkdir()  # what is there goes before
    assert split("c##threat") == ("c##threat", None)
    assert split("what\x00is#this") == ("what\x00is", "this")
    (tmp_path / "c#" / "config.json").touch()
    assert stamp("c##x") == stamp("c#") != ""


def test_the_stamp_follows_the_files(tmp_path):
    assert stamp("owner/name") == stamp(str(tmp_path / "gone")) == stamp("a\x00b") == ""
    first = stamp(str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"1")
    second = stamp(str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"22")
    assert len({first, second, stamp(str(tmp_path)), stamp("bundled:sentiment")}) == 4
