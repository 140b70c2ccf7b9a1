"""Loading a classifier from what a user writes: a bundled name, a folder, or a hub id."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from models import bundled
from models.classifier import ModelError
from models.safety import sha256

if TYPE_CHECKING:
    from models.transformer import TransformerClassifier

DTYPES: tuple[str, ...] = ("auto", "float32", "bfloat16", "float16")


def devices() -> tuple[str, ...]:
    """The devices that can be chosen on this machine, `auto` first."""
    import torch

    found = ["auto", "cpu"]
    if torch.cuda.is_available():
        count = torch.cuda.device_count()
        found += ["cuda"] if count == 1 else [f"cuda:{index}" for index in range(count)]
    return tuple(found)


def stamp(reference: str) -> str:
    """Changes when the files behind a reference change (names, sizes, times); empty for a hub id."""
    kind, _, name = reference.partition(":")
    folder = bundled.FOLDER / name if kind == "bundled" else Path(reference).expanduser()
    if not folder.is_dir():
        return ""
    states = sorted((path.name, path.stat()) for path in folder.iterdir() if path.is_file())
    return repr([(name, state.st_size, state.st_mtime_ns) for name, state in states])


def load(
    reference: str, *, device: str = "auto", dtype: str = "auto", revision: str | None = None
) -> "TransformerClassifier":
    """Load a classifier (see module)."""
    import json

    import torch
    from peft import PeftModel
    from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

    from models.transformer import TransformerClassifier

    kind, _, name = reference.partition(":")
    if kind == "bundled":
        if name not in bundled.names():
            known = ", ".join(f"bundled:{known}" for known in bundled.names())
            raise ModelError(f"There is no bundled model {name!r}. There are {known}.")
        folder = bundled.FOLDER / name
    else:
        folder = Path(reference).expanduser()
        name = folder.name
        if not folder.is_dir():
            raise ModelError(f"There is no folder {folder}.")
    adapter = (folder / "adapter_config.json").is_file()
    base = folder
    if adapter:
        base_name = json.loads((folder / "adapter_config.json").read_text())["base_model_name_or_path"]
        base = bundled.base_folder() if base_name == bundled.BASE_NAME else Path(base_name)
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    module: Any = AutoModelForSequenceClassification.from_pretrained(
        base, config=config, use_safetensors=True, local_files_only=True, dtype=torch.float32
    )
    weights = sha256(base / "model.safetensors")
    if adapter:
        module = PeftModel.from_pretrained(module, folder).merge_and_unload()
        weights += sha256(folder / "adapter_model.safetensors")
    tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    if module.config.pad_token_id is None:
        module.config.pad_token_id = tokenizer.pad_token_id
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    module.to(device=device, dtype=None if dtype == "auto" else getattr(torch, dtype))
    return TransformerClassifier(module, tokenizer, reference=reference, weights=weights, name=name)
