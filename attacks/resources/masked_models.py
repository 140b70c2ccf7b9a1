"""Masked language models for recipes: the bundled one, and those of the hub."""

from typing import Any

from attacks.entry import Need
from models.bundled import FOLDER


def present() -> bool:
    """Whether the bundled model's weights are here. Asks the folder, for Torch takes seconds to import."""
    return any((FOLDER / "masked").glob("*.safetensors"))


NEED = Need(
    "the bundled masked language model",
    "The weights of the bundled masked language model are missing: `python -m models.train_masked --help`.",
    present,
)


def bundled() -> tuple[Any, Any]:
    """The bundled model's module and tokenizer, on the device that TextAttack uses."""
    from textattack.shared import utils

    from models import masked

    found = masked.load_masked(str(utils.device))
    return found.module, found.tokenizer
