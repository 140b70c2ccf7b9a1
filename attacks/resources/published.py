"""What published recipes were made with and what does not come with Assay: whether it is here, how to get it.

Nothing is downloaded unless somebody says so: `python -m attacks.resources get NAME`.
"""

import functools
import hashlib
import importlib.util
import os
import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attacks.entry import AttackError, Need
from attacks.resources.importing import import_textattack
from attacks.resources.plain_pickle import load_plain
from models.home import home

#: The address that TextAttack's constraint loads.
_ENCODER = "https://tfhub.dev/google/universal-sentence-encoder/3"
_HUB_FILES = ("*.safetensors", "*.json", "*.txt")


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing to be had: its name on the command line, what it is, and how it is looked for and fetched."""

    name: str
    title: str
    present: Callable[[], bool]
    fetch: Callable[[], Any]
    packages: str = ""

    @property
    def need(self) -> Need:
        """The resource as a recipe's need."""
        first = f"`pip install {self.packages}`, then " if self.packages else ""
        remedy = f"Missing: {self.title}. Get it by {first}`python -m attacks.resources get {self.name}`."
        return Need(self.title, remedy, self.present)


def never(name: str, why: str) -> Need:
    """A need that cannot be met here, and why."""
    return Need(name, why, lambda: False)


def _counter_fitted() -> Path:
    return home() / "textattack" / "word_embeddings" / "paragramcf"


def _counter_fitted_present() -> bool:
    return (_counter_fitted() / "nn.npy").is_file()


def _fetch_counter_fitted() -> None:
    import_textattack().shared.utils.download_from_s3("word_embeddings/paragramcf")


@functools.cache
def load_counter_fitted() -> Any:
    """The published vectors as TextAttack's `WordEmbedding`, also given to TextAttack's own recipes.

    TextAttack unpickles three of the five files as they are; here they may hold plain values only.
    """
    import numpy as np

    import_textattack()
    from textattack.shared import WordEmbedding, utils

    folder = _counter_fitted()
    places = load_plain((folder / "wordlist.pickle").read_bytes())
    vectors, neighbours = (np.load(folder / f"{name}.npy", allow_pickle=False) for name in ("paragram", "nn"))
    embedding = WordEmbedding(vectors, places, {place: word for word, place in places.items()}, neighbours)
    for attribute, name in (("_mse_dist_mat", "mse_dist.p"), ("_cos_sim_mat", "cos_sim.p")):
        kept = load_plain((folder / name).read_bytes())
        setattr(embedding, attribute, defaultdict(dict, kept))
    utils.GLOBAL_OBJECTS["textattack_counterfitted_GLOVE_embedding"] = embedding
    return embedding


def _encoder_present() -> bool:
    """Whether TensorFlow Hub keeps the encoder: a folder named by the SHA-1 of its address."""
    cache = Path(os.environ.get("TFHUB_CACHE_DIR") or Path(tempfile.gettempdir(), "tfhub_modules"))
    folder = cache / hashlib.sha1(_ENCODER.encode(), usedforsecurity=False).hexdigest()
    return importlib.util.find_spec("tensorflow_hub") is not None and folder.is_dir()


@functools.cache
def hub_load(address: str) -> Any:
    """`tensorflow_hub.load`, once an address: TextAttack would load anew for every example."""
    return importlib.import_module("tensorflow_hub").load(address)


def _on_hub(name: str, title: str) -> Resource:
    def present() -> bool:
        from huggingface_hub import try_to_load_from_cache

        wanted = ("config.json", "model.safetensors")
        return all(isinstance(try_to_load_from_cache(name, file), str) for file in wanted)

    def fetch() -> None:
        from huggingface_hub import snapshot_download

        snapshot_download(name, allow_patterns=list(_HUB_FILES))

    return Resource(name, title, present, fetch)


def _sentence_transformers(name: str, title: str) -> Resource:
    found = _on_hub(name, title)

    def present() -> bool:
        return importlib.util.find_spec("sentence_transformers") is not None and found.present()

    return Resource(name, title, present, found.fetch, "sentence-transformers")


COUNTER_FITTED = Resource(
    "counter-fitted",
    "the counter-fitted word vectors",
    _counter_fitted_present,
    _fetch_counter_fitted,
)
UNIVERSAL_ENCODER = Resource(
    "universal-sentence-encoder",
    "the Universal Sentence Encoder",
    _encoder_present,
    lambda: hub_load(_ENCODER),
    "tensorflow tensorflow-hub",
)
BERT = _on_hub("bert-base-uncased", "BERT")
GPT2 = _on_hub("gpt2", "GPT-2")
SBERT = _sentence_transformers("sentence-transformers/stsb-distilbert-base", "the sentence encoder SBERT")
RESOURCES = {found.name: found for found in (COUNTER_FITTED, UNIVERSAL_ENCODER, BERT, GPT2, SBERT)}


@functools.cache
def load_language_model(name: str, kind: str) -> tuple[Any, Any]:
    """A language model of the hub and its tokenizer, loaded once, from what is here already.

    `kind` is the class of `transformers` that loads it. Raises AttackError where it cannot be loaded.
    """
    import torch
    import transformers

    try:
        with torch.random.fork_rng():
            module = getattr(transformers, kind).from_pretrained(
                name, local_files_only=True, use_safetensors=True
            )
        return module, transformers.AutoTokenizer.from_pretrained(name, local_files_only=True)
    except (OSError, ValueError) as problem:
        raise AttackError(f"{name} cannot be loaded: {str(problem).splitlines()[0]}") from None
