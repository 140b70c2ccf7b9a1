"""The folder of what Assay writes."""

from pathlib import Path

from models.home import home


def test_home_is_where_the_variable_says_or_in_the_project(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "new" / "place"))
    assert home() == tmp_path / "new" / "place"
    assert home().is_dir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASSAY_HOME", "relative")
    assert home() == tmp_path / "relative"
    monkeypatch.delenv("ASSAY_HOME")
    monkeypatch.setattr(Path, "mkdir", lambda *_, **__: None)
    assert home() == Path(__file__).parents[2] / ".assay"
