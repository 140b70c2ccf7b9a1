"""What is refused before any weight is read: unexpected bytes, pickles, and code from a model's folder."""

import hashlib
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from models.classifier import ModelError

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of the official `model.safetensors` of sentence-transformers/all-MiniLM-L6-v2."""

TRUST_VARIABLE = "ASSAY_TRUST_REMOTE_CODE"
_CODE = {
    "config.json": "auto_map",
    "tokenizer_config.json": "auto_map",
    "adapter_config.json": "megatron_config",  # PEFT imports the module that it goes with, by name
}
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack", ".pkl")


def sha256(path: Path) -> str:
    """The file's SHA-256 as hex digits; remembered until the file changes."""
    stat = path.stat()
    return _sha256(path.resolve(), stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=256)
def _sha256(path: Path, size: int, modified: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def trusts_code() -> bool:
    """Whether the operator of this machine lets models bring code of their own; off by default."""
    return os.environ.get(TRUST_VARIABLE) == "1"


def read_json(path: Path) -> dict[str, Any]:
    """A model's JSON file as a dictionary. Raises ModelError where it is not one."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path} cannot be read as JSON ({error}). Get the file again.") from error
    if not isinstance(found, dict):
        raise ModelError(f"{path} should hold a JSON object. Get the file again.")
    return found


def refuse_code(folder: Path) -> None:
    """Raise ModelError where a model wants to run code of its own and the operator did not allow it."""
    for name, key in _CODE.items():
        path = folder / name
        if path.is_file() and read_json(path).get(key) and not trusts_code():
            raise ModelError(
                f"The model in {folder} wants to run Python code of its own (`{key}` in {name}), "
                "which is switched off. If the operator of this machine trusts it, start Assay with "
                f"{TRUST_VARIABLE}=1."
            )


def weight_files(folder: Path, stem: str = "model") -> list[Path]:
    """The safetensors files that hold a model's (or with `adapter_model` an adapter's) weights.

    Each was opened: its header is sound and its size is what the header says.

    Raises:
        ModelError: there are none, only pickled ones (which can run code when they are read), or a
            file is missing or broken.
    """
    single, index = folder / f"{stem}.safetensors", folder / f"{stem}.safetensors.index.json"
    if single.is_file():
        files = [single]
    elif index.is_file():
        files = _shards(index)
    else:
        pickles = sorted(path.name for path in folder.iterdir() if path.suffix in _PICKLES)
        if pickles:
            raise ModelError(
                f"{folder} holds its weights only as {', '.join(pickles[:3])}: such files can run code "
                "when they are read, so Assay takes safetensors only. If you trust the file, convert it: "
                "load the model with Transformers and call `save_pretrained(folder)`."
            )
        raise ModelError(f"{folder} holds no weights: there is no {single.name}. Download the whole model.")
    for path in files:
        tensor_shapes(path)
    return files


def _shards(index: Path) -> list[Path]:
    mapped = read_json(index).get("weight_map")
    names = sorted({str(name) for name in mapped.values()}) if isinstance(mapped, dict) else []
    if not names:
        raise ModelError(f"{index} names no files. Get the file again.")
    for name in names:
        if Path(name).name != name or not name.endswith(".safetensors"):
            raise ModelError(f"{index} names {name!r}, which is no safetensors file beside it.")
        if not (index.parent / name).is_file():
            raise ModelError(f"{index.parent} lacks {name}, a part of its weights. Download the whole model.")
    return [index.parent / name for name in names]


def tensor_shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Names and shapes of a safetensors file's tensors. Raises ModelError where it is broken."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            return {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise ModelError(
            f"{path} is no sound safetensors file ({error}). It may be a partial download; get it again."
        ) from error
