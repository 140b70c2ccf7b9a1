"""What an audit was made with: versions and hardware, so that a report can be traced and recomputed."""

import os
import platform
from importlib import metadata
from pathlib import Path

from attacks.resources import STOP_WORDS, stop_words_sha256, wordnet
from models.classifier import Classifier
from models.safety import MINILM_SHA256

#: Packages whose version can change a row.
PACKAGES = ("torch", "transformers", "tokenizers", "peft", "textattack", "nltk", "numpy")


def environment(classifier: Classifier | None = None) -> dict[str, str]:
    """Names and values, in the order in which a report shows them; the model's come last."""
    from models import masked

    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    found["stop words"] = f"{STOP_WORDS}, {stop_words_sha256()[:12]}"
    found["WordNet"] = wordnet.fingerprint()[:12] or "none"
    found["similarity by"] = f"all-MiniLM-L6-v2, {MINILM_SHA256[:12]}"
    found["fluency by"] = f"the bundled masked language model, {masked.fingerprint()[:12]}"
    found["system"] = platform.platform(terse=True)
    found["processor"] = f"{processor()}, {os.cpu_count()} cores"
    # A local Transformer knows more than the protocol asks for.
    for name, value in (
        ("architecture", getattr(classifier, "architecture", None)),
        ("parameters", getattr(classifier, "parameters", None)),
        ("device", getattr(classifier, "device", None)),
        ("dtype", getattr(classifier, "precision", None)),
        ("longest input", getattr(classifier, "max_length", None)),
    ):
        if value is not None:
            found[name] = str(value).removeprefix("torch.")
    if found.get("device", "").startswith("cuda"):
        found["device"] = f"{found['device']} ({graphics_card(found['device'])})"
    return found


def processor() -> str:
    """The processor's name, as the system tells it."""
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def graphics_card(device: str) -> str:
    """The name of a CUDA device."""
    import torch

    return torch.cuda.get_device_name(device)
