"""PEFT adapters: which base they want, which labels they bring, and merging them into the base."""

from pathlib import Path
from typing import Any

from models.classifier import ModelError
from models.references import Source, resolve
from models.safety import read_json, tensor_shapes

#: The kinds of adapter that are nothing but tensors to be added to a base. Others make PEFT read more
#: files that they name: a pickle (MULTITASK_PROMPT_TUNING), further adapters (XLORA), a model (SHADOW).
_KINDS = (
    "LORA",
    "ADALORA",
    "IA3",
    "LOHA",
    "LOKR",
    "OFT",
    "BOFT",
    "VERA",
    "HRA",
    "FOURIERFT",
    "RANDLORA",
    "VBLORA",
    "LN_TUNING",
)
_PREFIX = "base_model.model."
_HEADS = ("score.weight", "classifier.weight", "classifier.out_proj.weight")
"""The last layer of Transformers' classification heads; it has one row a label."""


def is_adapter(folder: Path) -> bool:
    """Whether the folder holds an adapter and not a whole model."""
    return (folder / "adapter_config.json").is_file()


def base_of(folder: Path) -> Source:
    """The adapter's base, as a folder. Raises ModelError where it cannot be found."""
    settings = read_json(folder / "adapter_config.json")
    name = settings.get("base_model_name_or_path")
    if not isinstance(name, str) or not name:
        raise ModelError(f"{folder / 'adapter_config.json'} does not name a base (base_model_name_or_path).")
    try:
        base = resolve(name, settings.get("revision"))
    except ModelError as error:
        raise ModelError(f"The adapter in {folder} needs its base {name!r}. {error}") from error
    if is_adapter(base.folder):
        raise ModelError(f"The base of the adapter in {folder} is an adapter itself; merge that one first.")
    return base


def set_labels(config: Any, folder: Path) -> None:
    """Give the base's configuration the labels of the adapter.

    Their names stand in a config.json beside the adapter (ours, and many others); their number is
    also the number of rows of the adapter's head.
    """
    path = folder / "config.json"
    own = read_json(path) if path.is_file() else {}
    names = own.get("id2label")
    if isinstance(names, dict) and all(str(index).isdecimal() for index in names):
        config.id2label = {int(index): str(name) for index, name in names.items()}
        config.label2id = {name: index for index, name in config.id2label.items()}
        config.problem_type = own.get("problem_type", config.problem_type)
        return
    shapes = tensor_shapes(folder / "adapter_model.safetensors")
    rows = [shapes[_PREFIX + head][0] for head in _HEADS if _PREFIX + head in shapes]
    if rows and rows[0] != config.num_labels:
        config.num_labels = rows[0]


def merge(module: Any, folder: Path, missing: list[str]) -> Any:
    """The base with the adapter's weights added in: a plain module again.

    Args:
        module: the base, in float32.
        folder: the adapter's.
        missing: parameters that the base's own weights lack; the adapter must bring them.

    Raises:
        ModelError: the adapter does not fit the base, leaves parameters at random, or cannot be merged.
    """
    from peft import PeftModel, get_peft_model_state_dict

    kind = read_json(folder / "adapter_config.json").get("peft_type")
    if kind not in _KINDS:
        raise ModelError(
            f"The adapter in {folder} is of the kind {kind!r:.60}, which Assay does not merge. "
            f"Take one of {', '.join(_KINDS)}."
        )
    brought = set(tensor_shapes(folder / "adapter_model.safetensors"))
    lacking = [name for name in missing if _PREFIX + name not in brought]
    if lacking:
        raise ModelError(
            f"Neither the adapter in {folder} nor its base has a trained classification head "
            f"({', '.join(lacking[:4])} missing). Save the adapter with the head (`modules_to_save`)."
        )
    try:
        adapted = PeftModel.from_pretrained(module, folder)
        # With embedding layers "auto", PEFT would look the base up on the hub.
        wanted = set(get_peft_model_state_dict(adapted, save_embedding_layers=False))
        if wanted != brought:
            raise ModelError(f"its tensors are for other layers, such as {min(wanted ^ brought)}")
        return adapted.merge_and_unload()
    except Exception as error:  # PEFT raises many kinds, and each means the same here
        raise ModelError(
            f"The adapter in {folder} cannot be merged into its base "
            f"({str(error).strip().splitlines()[0] if str(error) else type(error).__name__:.200}). "
            "Check base_model_name_or_path in its adapter_config.json."
        ) from error
