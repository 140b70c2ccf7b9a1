"""What is refused before any weight is read: unexpected bytes, pickles, and code from a model's folder."""

import hashlib
from functools import lru_cache
from pathlib import Path

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of the official `model.safetensors` of sentence-transformers/all-MiniLM-L6-v2."""


def sha256(path: Path) -> str:
    """The file's SHA-256 as hex digits; remembered until the file changes."""
    stat = path.stat()
    return _sha256(path.resolve(), stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=256)
def _sha256(path: Path, size: int, modified: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
