import hashlib
import tomllib
from pathlib import Path

from audits import provenance
from corpora import bundled

ROOT = Path(provenance.__file__).parents[1]


def test_the_version_is_the_projects():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == provenance.VERSION
    assert provenance.environment()["assay"].startswith(f"{project['version']}, code ")


def test_the_code_of_another_version_has_another_hash(tmp_path, monkeypatch):
    monkeypatch.setattr(provenance, "_ROOT", tmp_path)
    (tmp_path / "audits").mkdir()
    (tmp_path / "audits" / "new.py").write_text("one = 1")
    first = provenance.assay()
    (tmp_path / "audits" / "new.py").write_text("one = 2")
    assert provenance.assay() != first


def test_a_data_file_has_the_hash_that_sha256sum_prints(tmp_path):
    file = tmp_path / "some.csv"
    file.write_bytes(b"text,label\n")
    assert provenance.data_sha256(str(file)) == hashlib.sha256(b"text,label\n").hexdigest()
    reviews = bundled.path("reviews").read_bytes()
    assert provenance.data_sha256("bundled:reviews") == hashlib.sha256(reviews).hexdigest()
    assert provenance.data_sha256("hub:owner/name") is None
