"""What TextAttack wants to find on disk, and importing it without network or clutter.

TextAttack and NLTK look for data in the home directory, download what they miss, and change the
process around them: environment variables, every logger there is, the random state. The one door
here gives them a folder of Assay's own and puts everything else back as it was.
"""

import functools
import hashlib
import io
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, SimpleNamespace

from attacks.resources import nltk_data, tagger
from models.home import home

#: The stop words that recipes leave alone take part in every result; these two say which they were.
STOP_WORDS = "nltk-english-179"
_STOP_WORDS_FILE = Path(__file__).parents[1] / "stopwords" / "english"

#: TextAttack points these at its own cache folder for the whole process and all its children.
_VARIABLES = (
    "TA_CACHE_DIR",
    "TFHUB_CACHE_DIR",
    "PYTORCH_TRANSFORMERS_CACHE",
    "HF_HOME",
    "XDG_CACHE_HOME",
    "FLAIR_CACHE_ROOT",
    "MPLCONFIGDIR",
    "WANDB_SILENT",
    "TOKENIZERS_PARALLELISM",
)
_lock = threading.Lock()
_LONGEST_WORD = 40


def stop_words_sha256() -> str:
    """The SHA-256 of the stop-word file, as hex digits."""
    return hashlib.sha256(_STOP_WORDS_FILE.read_bytes()).hexdigest()


def import_textattack() -> ModuleType:
    """TextAttack, imported offline and without a trace outside Assay's home. Slow only the first time.

    Nothing else in the project imports TextAttack at import time. NLTK's search path keeps what it
    had and gets one folder more; its English stop words are always the ones Assay ships.
    """
    with _lock:
        return _import_once()


@functools.cache
def _import_once() -> ModuleType:
    # These read HF_HOME when they are imported, so they must be there before it is changed.
    import datasets  # noqa: F401
    import transformers  # noqa: F401

    cache = home() / "textattack"
    cache.mkdir(exist_ok=True)
    # The marker that stops TextAttack's downloads.
    (cache / "post_install_check_3").touch()
    _lay_out_stop_words()
    with _as_it_was(), nltk_data.private_first():
        import nltk

        # The corpus is found at its first use and stays where it was found.
        nltk.corpus.stopwords.words("english")
        os.environ["TA_CACHE_DIR"] = str(cache)
        os.environ["FLAIR_CACHE_ROOT"] = str(cache / "flair")
        os.environ.setdefault("MPLCONFIGDIR", str(cache / "matplotlib"))
        import textattack

        # It would print a line about unknown model classes for every example.
        textattack.shared.logger.setLevel(logging.ERROR)
        _mend()
    return textattack


def _mend() -> None:
    """Some of its modules get another `nltk`, `open` or `hub`; the words of a word are looked up once."""
    from textattack.constraints.grammaticality import part_of_speech
    from textattack.constraints.semantics.sentence_encoders.universal_sentence_encoder import (
        universal_sentence_encoder,
    )
    from textattack.shared import attacked_text
    from textattack.transformations.word_swaps import word_swap_homoglyph_swap, word_swap_wordnet

    from attacks.noise.lookalikes import CONFUSABLES
    from attacks.resources import published

    # This one asks the network for translations of WordNet at every construction.
    word_swap_wordnet.nltk = SimpleNamespace(download=lambda *_: False)
    # This one would read the tagger's data anew for every sentence.
    part_of_speech.nltk = SimpleNamespace(pos_tag=tagger.pos_tag)
    # For every word that is changed, every word of the text is cut into words twice.
    attacked_text.words_from_text = _remembering(attacked_text.words_from_text)
    # This one would load the encoder anew for every example.
    universal_sentence_encoder.hub = SimpleNamespace(load=published.hub_load)
    # This one reads a table of homoglyphs that TextAttack's wheel forgot; it reads Assay's instead.
    lines = [f"x # ( {ours} → {other} )\n" for ours, others in CONFUSABLES.items() for other in others]
    word_swap_homoglyph_swap.open = lambda *_, **__: io.StringIO("".join(lines))


def _remembering(words_from_text: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    """The same function, which keeps the answers for what is no longer than a word."""
    remembered = functools.lru_cache(maxsize=2**14)(lambda text: tuple(words_from_text(text)))

    @functools.wraps(words_from_text)
    def words(text: str) -> list[str]:
        return list(remembered(text)) if len(text) <= _LONGEST_WORD else words_from_text(text)

    return words


def _lay_out_stop_words() -> None:
    """NLTK's English stop words, where an older version of Assay may have left others."""
    wanted = _STOP_WORDS_FILE.read_bytes()
    folder = nltk_data.lay_out("corpora", "stopwords", [("english", wanted)])
    words = folder / "english"
    if not words.exists() or words.read_bytes() != wanted:
        unfinished = folder / f".english-{os.getpid()}"
        unfinished.write_bytes(wanted)
        unfinished.replace(words)
    for path in (folder, words):
        path.chmod(path.stat().st_mode & ~0o022)


@contextmanager
def _as_it_was() -> Iterator[None]:
    """Puts back the environment and the loggers, which TextAttack's import switches off by name."""
    variables = {name: os.environ.get(name) for name in _VARIABLES}
    loggers = [
        logger for logger in logging.root.manager.loggerDict.values() if isinstance(logger, logging.Logger)
    ]
    switched_off = [(logger, logger.disabled) for logger in loggers]
    try:
        yield
    finally:
        for name, value in variables.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        for logger, disabled in switched_off:
            logger.disabled = disabled
