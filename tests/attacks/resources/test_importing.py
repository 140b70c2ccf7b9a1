import hashlib
import os
import subprocess
import sys
from pathlib import Path

from attacks.resources import importing

PROBE = """
import logging, os, random, socket

def refuse(*arguments, **options):
    raise SystemExit(f"a connection was attempted: {arguments}")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
mine = logging.getLogger("mine")
import huggingface_hub.constants
before = {name: os.environ.get(name) for name in ("HF_HOME", "XDG_CACHE_HOME", "TA_CACHE_DIR")}
from attacks.resources import import_textattack
import nltk
path = list(nltk.data.path)
textattack = import_textattack()
assert textattack is import_textattack()
assert before == {name: os.environ.get(name) for name in before}, "the environment changed"
assert not mine.disabled, "a logger was switched off"
assert nltk.data.path[:-1] == path, "NLTK's path lost what it had"
from textattack.constraints.pre_transformation import StopwordModification
assert len(StopwordModification().stopwords) == 179
from textattack.attack_recipes import DeepWordBugGao2018, Pruthi2019, InputReductionFeng2018
import huggingface_hub.constants
print(huggingface_hub.constants.HF_HOME)
"""


def test_importing_needs_no_network_and_leaves_the_home_folder_empty(tmp_path):
    home, assay = tmp_path / "home", tmp_path / "assay"
    home.mkdir()
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("XDG_", "HF_", "TA_", "MPL", "NLTK_", "FLAIR_"))
    }
    environment = kept | {
        "HOME": str(home),
        "ASSAY_HOME": str(assay),
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }
    # The folder is there already, as an older version and a careless umask would have left it.
    words = assay / "textattack" / "nltk_data" / "corpora" / "stopwords" / "english"
    words.parent.mkdir(parents=True)
    words.write_text("the\n")
    words.chmod(0o664)
    words.parent.chmod(0o775)
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        env=environment,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(home / ".cache" / "huggingface")
    assert not list(home.rglob("*"))
    assert hashlib.sha256(words.read_bytes()).hexdigest() == importing.stop_words_sha256()


def test_the_stop_words_are_the_well_known_list():
    words = importing._STOP_WORDS_FILE.read_text().split()
    assert len(words) == len(set(words)) == 179
    assert {"i", "me", "not", "wouldn't"} <= set(words)


def test_nothing_imports_textattack_when_it_is_imported_itself():
    code = (
        "import sys, attacks.engine, attacks.registry, attacks.recipes, attacks.lockstep;"
        "assert attacks.registry.entries();"
        "assert not {'textattack', 'torch', 'nltk', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])
