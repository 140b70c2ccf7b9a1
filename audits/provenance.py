"""What an audit was made with: versions and hardware, so that a report can be traced and recomputed."""

import hashlib
import os
import platform
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import attacks
from attacks.resources import STOP_WORDS, stop_words_sha256, wordnet
from corpora import bundled
from models.classifier import Classifier
from models.safety import MINILM_SHA256

#: Packages whose version can change a row.
PACKAGES = ("torch", "transformers", "tokenizers", "peft", "textattack", "nltk", "numpy")

#: What decides a row besides model, example, test, seed and limits: word lists, and models that judge words.
RESOURCES = ("stop words", "lexicons", "WordNet", "similarity by", "fluency by")

#: Assay's version, as pyproject.toml has it; that file does not travel to the workers of a cluster.
VERSION = "0.1.0"

#: The packages that make rows and figures.
CODE = ("analysis", "attacks", "audits", "corpora", "models", "views")

_ROOT = Path(attacks.__file__).parents[1]


def assay() -> str:
    """Assay's version, and a SHA-256 over the code that makes rows and figures."""
    files = sorted(path for folder in CODE for path in (_ROOT / folder).rglob("*.py"))
    return f"{VERSION}, code {_sha256_of(files, _ROOT)[:12]}"


def lexicons_sha256() -> str:
    """SHA-256 over the word lists that noises and counterfactuals read, by their names and contents."""
    root = Path(attacks.__file__).parent
    return _sha256_of(sorted([*root.glob("lexicons/*.tsv"), *root.glob("counterfactuals/lists/*")]), root)


def data_sha256(reference: str) -> str | None:
    """SHA-256 of the file that holds a data set, as `sha256sum` prints it; None for data on a hub."""
    kind, _, name = reference.partition(":")
    path = bundled.path(name) if kind == "bundled" else Path(reference).expanduser()
    return _sha256(path.read_bytes()) if path.is_file() else None


def _sha256_of(files: Iterable[Path], root: Path) -> str:
    parts = [f"{path.relative_to(root).as_posix()} {_sha256(path.read_bytes())}\n" for path in files]
    return _sha256("".join(parts).encode())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def environment(classifier: Classifier | None = None) -> dict[str, str]:
    """Names and values, in the order in which a report shows them; the model's come last."""
    from models import masked

    found = {"assay": assay(), "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    found["stop words"] = f"{STOP_WORDS}, {stop_words_sha256()[:12]}"
    found["lexicons"] = lexicons_sha256()[:12]
    found["WordNet"] = wordnet.fingerprint()[:12] or "none"
    found["similarity by"] = f"all-MiniLM-L6-v2, {MINILM_SHA256[:12]}"
    found["fluency by"] = f"the bundled masked language model, {masked.fingerprint()[:12]}"
    found["system"] = platform.platform(terse=True)
    found["processor"] = processor_and_cores()
    # A local Transformer knows more than the protocol asks for.
    tokenizer = getattr(classifier, "tokenizer", None)
    if isinstance(weights := getattr(classifier, "weights", None), str) and tokenizer is not None:
        # One SHA-256 a file; a model in many files is named by the hash of them all.
        files = [weights[start : start + 64] for start in range(0, len(weights), 64)]
        found["weights"] = ", ".join(files) if len(files) <= 3 else _sha256(weights.encode())
        found["tokenizer"] = _sha256(tokenizer.backend_tokenizer.to_str().encode("utf-8", "surrogatepass"))
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


def processor_and_cores() -> str:
    """The processor as an audit's environment tells it."""
    return f"{processor()}, {os.cpu_count()} cores"


def graphics_card(device: str) -> str:
    """The name of a CUDA device."""
    import torch

    return torch.cuda.get_device_name(device)
