"""WordNet from NLTK's own folders, from a zip file and from Debian's package, always read from a copy."""

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from attacks.resources import nltk_data, wordnet

ROOT = Path(__file__).parents[3]
PROBE = """
from attacks.resources import wordnet
assert wordnet.present()
reader = wordnet.load()
print(sorted(str(name) for synset in reader.synsets("film") for name in synset.lemma_names()), reader.root)
"""
needs_wordnet = pytest.mark.skipif(not wordnet.present(), reason=wordnet.NEED.remedy)

SYNSET = "00000001 04 n 02 film 0 movie 0 000 | a made-up entry\n"


def a_tiny_wordnet(folder: Path) -> None:
    """One synset, in WordNet's own format; the other parts of speech are empty."""
    folder.mkdir(parents=True)
    for part in ("adj", "adv", "noun", "verb"):
        for kind in ("index.", "data."):
            (folder / (kind + part)).write_text("")
        (folder / f"{part}.exc").write_text("")
    # A synset is found by the place of its line, which is its number.
    (folder / "data.noun").write_text("\n" + SYNSET)
    (folder / "index.noun").write_text("film n 1 0 1 0 00000001\nmovie n 1 0 1 0 00000001\n")
    (folder / "cntlist.rev").write_text("")


def ask(tmp_path, **variables):
    environment = os.environ | {"ASSAY_HOME": str(tmp_path / "assay"), "HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        cwd=ROOT,
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("packed", [False, True])
def test_nltks_own_folders_come_first_and_need_not_be_tidy(tmp_path, packed):
    given = tmp_path / "nltk" / "corpora"
    a_tiny_wordnet(tmp_path / "real")
    given.mkdir(parents=True)
    if packed:
        with zipfile.ZipFile(given / "wordnet.zip", "w") as archive:
            for file in (tmp_path / "real").iterdir():
                archive.write(file, f"wordnet/{file.name}")
    else:
        # NLTK itself would refuse both: a link, and a folder that all may write to.
        (given / "wordnet").symlink_to(tmp_path / "real")
        (tmp_path / "real").chmod(0o777)
    said = ask(tmp_path, NLTK_DATA=str(tmp_path / "nltk"))
    assert said == f"['film', 'movie'] {tmp_path}/assay/textattack/nltk_data/corpora/wordnet"
    assert (tmp_path / "assay/textattack/nltk_data/corpora/wordnet/index.sense").read_text() == ""


@pytest.mark.skipif(not wordnet.DEBIAN.is_dir(), reason="Debian's wordnet-base is not installed")
def test_debians_files_are_laid_out_for_nltk(tmp_path):
    said = ask(tmp_path, NLTK_DATA="")
    assert "'motion_picture'" in said and "'movie'" in said


@needs_wordnet
def test_synsets_antonyms_and_lexicographers_names():
    reader = wordnet.load()
    assert {"motion_picture", "movie"} <= set(reader.synset("movie.n.01").lemma_names())
    assert [lemma.antonyms()[0].name() for lemma in reader.synset("good.a.01").lemmas()] == ["bad"]
    assert reader.synset("dog.n.01").lexname() == "noun.animal"
    assert wordnet.load() is reader


def test_the_numbers_of_lexicographers_files():
    names = [line.split("\t") for line in wordnet._lexnames().splitlines()]
    assert len(names) == 45
    assert [names[number] for number in (0, 3, 5, 28, 29, 43, 44)] == [
        ["00", "adj.all", "3"],
        ["03", "noun.Tops", "1"],
        ["05", "noun.animal", "1"],
        ["28", "noun.time", "1"],
        ["29", "verb.body", "2"],
        ["43", "verb.weather", "2"],
        ["44", "adj.ppl", "3"],
    ]


def test_a_layout_is_whole_or_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path))

    def breaking():
        yield "first", b"1"
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        nltk_data.lay_out("corpora", "thing", breaking())
    assert not list((tmp_path / "textattack" / "nltk_data" / "corpora").iterdir())
    made = nltk_data.lay_out("corpora", "thing", [("first", b"1")])
    assert nltk_data.lay_out("corpora", "thing", [("first", b"2")]) == made
    assert (made / "first").read_bytes() == b"1"
    assert made.stat().st_mode & 0o777 == 0o755


def test_the_fingerprint_tells_one_wordnet_from_another_and_from_none(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path))
    monkeypatch.setattr(wordnet, "_source", lambda: None)
    assert wordnet.fingerprint() == ""
    folder = tmp_path / "theirs"
    folder.mkdir()
    for part in ("adj", "adv", "noun", "verb"):
        (folder / f"data.{part}").write_bytes(part.encode())
    monkeypatch.setattr(wordnet, "_source", lambda: folder)
    assert wordnet.fingerprint() == hashlib.sha256(b"adjadvnounverb").hexdigest()
