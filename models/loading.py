"""Loading a classifier from what a user writes: a bundled name, a folder, or a hub id.

Only safetensors are read, and no code comes with a model (see `models.safety`). Adapters are merged
into their base, so that what is analysed is a plain sequence classifier.
"""

import inspect
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models import adapters
from models.classifier import ModelError
from models.references import resolve, split, stamp
from models.safety import read_json, refuse_code, sha256, trusts_code, weight_files

if TYPE_CHECKING:
    import torch

    from models.transformer import TransformerClassifier

__all__ = ["DTYPES", "devices", "load", "stamp"]

DTYPES: tuple[str, ...] = ("auto", "float32", "bfloat16", "float16", "int8")
_HEAD = "ForSequenceClassification"


def devices() -> tuple[str, ...]:
    """The devices that can be chosen on this machine, `auto` (CUDA where present) first."""
    import torch

    found = ["auto", "cpu"]
    if torch.cuda.is_available():
        count = torch.cuda.device_count()
        found += ["cuda"] if count == 1 else [f"cuda:{index}" for index in range(count)]
    return tuple(found)


def load(
    reference: str,
    *,
    device: str = "auto",
    dtype: str = "auto",
    revision: str | None = None,
    any_head: bool = False,
) -> "TransformerClassifier":
    """Load a sequence classifier.

    Args:
        reference: `bundled:sentiment`, a folder with a model or a PEFT adapter, or a Hugging Face id; with
            `#label` behind it, one label of a model whose labels each hold or do not (`models.one_label`).
        device: one of `devices()`.
        dtype: one of `DTYPES`; `auto` is float32, or on CUDA a half type that the checkpoint is stored in;
            `int8` is float32 with its linear layers quantised (`models.quantised`).
        revision: a branch, tag or commit, for hub models.
        any_head: take models that give several labels or a number as well; they can be explained, and nothing
            else but one label of them.

    Raises:
        ModelError: it cannot be found, is not safe to read, is broken, or is no sequence classifier.
    """
    import torch

    from models.transformer import TransformerClassifier

    chosen = find_device(device)
    if dtype not in DTYPES:
        raise ModelError(f"There is no dtype {dtype!r}. Choose one of {', '.join(DTYPES)}.")
    of, label = split(reference)
    source = resolve(of, revision)
    notes: list[str] = []
    with quiet():
        if adapters.is_adapter(source.folder):
            module, tokenizer_folder, files = _load_adapted(source.folder, notes)
        else:
            config = load_config(source.folder)
            _check_head(config, source.folder)
            files = weight_files(source.folder)
            module, missing = load_module(source.folder, config, _dtype(dtype, chosen, config))
            if missing:
                raise ModelError(
                    f"{source.folder} lacks fitting weights for its classification head or body "
                    f"({', '.join(missing[:4])}). A head made up at random would answer at random: "
                    "fine-tune the model, or choose another."
                )
            tokenizer_folder = source.folder
        tokenizer = load_tokenizer(tokenizer_folder)
    if not any_head and label is None:
        _check_choice(module.config, of)
    _settle(module, tokenizer, source.folder, notes)
    try:
        module = module.to(device=chosen, dtype=_dtype(dtype, chosen, module.config))
    except torch.OutOfMemoryError as error:
        raise ModelError(
            f"{source.name} does not fit the memory of {chosen}. Choose a smaller dtype, or cpu."
        ) from error
    weights = "".join(sha256(path) for path in files)
    classifier = TransformerClassifier(
        module, tokenizer, reference=of, weights=weights, name=source.name, notes=notes
    )
    _try(classifier)
    if label is not None:
        from models.one_label import one_label

        classifier = one_label(classifier, label)
    if dtype == "int8":
        from models.quantised import int8

        return int8(classifier)
    return classifier


def load_module(folder: Path, config: Any, dtype: "torch.dtype") -> tuple[Any, list[str]]:
    """The sequence classifier, and the parameters that the folder's weights lack or have in another shape.

    These are left as the architecture begins them: at random.
    """
    from transformers import AutoModelForSequenceClassification

    try:
        module, report = AutoModelForSequenceClassification.from_pretrained(
            folder,
            config=config,
            dtype=dtype,
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=trusts_code(),
            ignore_mismatched_sizes=True,
            output_loading_info=True,
        )
    except Exception as error:  # Transformers raises a dozen kinds, and each means the same here.
        raise ModelError(
            f"The weights in {folder} do not make the model of its config.json ({_brief(error)}). "
            "Get the model's files again, all of the same version."
        ) from error
    # Some versions of Transformers give the two shapes with the name.
    mismatched = {key if isinstance(key, str) else key[0] for key in report["mismatched_keys"]}
    return module, sorted(mismatched.union(report["missing_keys"]))


def load_tokenizer(folder: Path) -> Any:
    """The folder's fast tokenizer."""
    from transformers import AutoTokenizer

    refuse_code(folder)
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            folder, use_fast=True, local_files_only=True, trust_remote_code=trusts_code()
        )
    except Exception as error:  # as above
        raise ModelError(
            f"{folder} has no tokenizer that can be read ({_brief(error)}). Put the model's tokenizer files "
            "(tokenizer.json, tokenizer_config.json) beside its weights."
        ) from error
    if not getattr(tokenizer, "is_fast", False):
        raise ModelError(
            f"The tokenizer in {folder} has no fast version, which knows where in the text a token stands. "
            "Convert it to a tokenizer.json (see Transformers' `convert_slow_tokenizer`)."
        )
    return tokenizer


def _load_adapted(folder: Path, notes: list[str]) -> tuple[Any, Path, list[Path]]:
    """The base with the adapter merged in float32, where its tokenizer lies, and all weight files."""
    import torch

    refuse_code(folder)
    adapter_files = weight_files(folder, "adapter_model")
    base = adapters.base_of(folder)
    config = load_config(base.folder)
    adapters.set_labels(config, folder)
    base_files = weight_files(base.folder)
    module, missing = load_module(base.folder, config, torch.float32)
    merged = adapters.merge(module, folder, missing)
    notes.append(f"The adapter was merged into its base, {base.name}.")
    own_tokenizer = (folder / "tokenizer.json").is_file()
    return merged, folder if own_tokenizer else base.folder, base_files + adapter_files


def load_config(folder: Path) -> Any:
    """The folder's config.json. Raises ModelError where it is missing, broken, or wants to bring code."""
    from transformers import AutoConfig

    path = folder / "config.json"
    if not path.is_file():
        what = "is empty" if not any(folder.iterdir()) else "holds no model: there is no config.json"
        raise ModelError(f"{folder} {what}. Name the folder that holds config.json and model.safetensors.")
    refuse_code(folder)
    kind = read_json(path).get("model_type")
    try:
        return AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=trusts_code())
    except Exception as error:  # as above
        raise ModelError(
            f"{path} describes no model that this version of Transformers knows "
            f"(model_type {kind!r}; {_brief(error)})."
        ) from error


def _check_head(config: Any, folder: Path) -> None:
    named = [str(name) for name in config.architectures or []]
    if named and not any(name.endswith(_HEAD) for name in named):
        raise ModelError(
            f"The model in {folder} is a {', '.join(named)}, which has no classification head. "
            f"Choose a model fine-tuned for sequence classification (its config.json says ...{_HEAD}), "
            "or train one with `python -m models.train`."
        )


def _check_choice(config: Any, reference: str) -> None:
    if config.num_labels < 2 or config.problem_type == "regression":
        raise ModelError(f"{reference} gives one number (a regression); Assay tests a choice between labels.")
    if config.problem_type == "multi_label_classification":
        labels = [str(config.id2label.get(index)) for index in range(config.num_labels)]
        raise ModelError(
            f"{reference} gives each text any number of labels; audits, attacks and checks take "
            f"one of them at a time. Put it behind the model: {reference}#{labels[0]}. Its labels are "
            f"{', '.join(labels[:40])}."
        )


def _settle(module: Any, tokenizer: Any, folder: Path, notes: list[str]) -> None:
    """Check labels and vocabulary, and see that texts can be padded."""
    config = module.config
    labels = [str(config.id2label.get(index)) for index in range(config.num_labels)]
    if len(set(labels)) < len(labels) or "None" in labels:
        raise ModelError(
            f"The labels in {folder}/config.json ({', '.join(labels):.200}) are not one name for each class."
        )
    if len(labels) > 1 and all(re.fullmatch(r"LABEL_\d+", label) for label in labels):
        notes.append(f"The model gives its labels no names; they are shown as {labels[0]} to {labels[-1]}.")
    rows = _rows(module)
    if rows is not None and len(tokenizer) > rows:
        raise ModelError(
            f"The tokenizer in {folder} knows {len(tokenizer)} tokens, "
            f"the model only {rows}: they do not belong together."
        )
    notes += make_paddable(module, tokenizer, folder)


def _rows(module: Any) -> int | None:
    """How many tokens the module has vectors for; None where it takes any number (CANINE hashes them)."""
    try:
        embeddings = module.get_input_embeddings()
    except NotImplementedError:
        return None
    rows: int | None = getattr(embeddings, "num_embeddings", None)
    return rows


def make_paddable(module: Any, tokenizer: Any, folder: Path) -> list[str]:
    """See that a batch of the tokenizer's suits the module; the notes say where a padding token was borrowed.

    A tokenizer of no particular family hands out segment numbers (`token_type_ids`) by default; a module
    without segments does not take them.

    Raises:
        ModelError: there is none, and no end token to take its place.
    """
    taken = inspect.signature(module.forward).parameters
    tokenizer.model_input_names = [
        name for name in tokenizer.model_input_names if name != "token_type_ids" or name in taken
    ]
    if tokenizer.pad_token_id is None:
        if tokenizer.eos_token is None:
            raise ModelError(
                f"The tokenizer in {folder} has no padding token and no end token to pad with. "
                "Name a `pad_token` in its tokenizer_config.json."
            )
        tokenizer.pad_token = tokenizer.eos_token
        module.config.pad_token_id = tokenizer.pad_token_id
        return [f"The tokenizer has no padding token; its end token {tokenizer.eos_token} pads."]
    if module.config.pad_token_id is None:
        module.config.pad_token_id = tokenizer.pad_token_id
    return []


def _try(classifier: "TransformerClassifier") -> None:
    """Ask once, so that a model that cannot answer is found now, and find the side to pad on.

    Most families read a batch padded on the right as they read each text alone; XLNet, which answers
    from the last position, wants the left.
    """
    import numpy as np
    import torch

    from models.batching import pad

    texts = ["a film", "a good film and a long one"]
    tolerance = 1e-3 if classifier.dtype == torch.float32 else 0.1
    try:
        unpadded = [pad(classifier.tokenizer, [one], classifier.device) for one in classifier.encode(texts)]
        with torch.inference_mode():
            alone = np.vstack([classifier.module(**one).logits.double().cpu().numpy() for one in unpadded])
        if not np.isfinite(alone).all():
            raise ModelError(
                f"{classifier.name} answers with numbers that are not finite in {classifier.dtype}. "
                "Choose float32, or get the weights again."
            )
        for side in ("right", "left"):
            classifier.tokenizer.padding_side = side
            if np.allclose(classifier.logits(texts), alone, rtol=tolerance, atol=tolerance):
                return
    except ModelError:
        raise
    except Exception as error:  # whatever it is, the model is of no use
        raise ModelError(f"{classifier.name} was loaded but cannot answer ({_brief(error)}).") from error
    raise ModelError(
        f"{classifier.name} answers a text differently when it is padded, on whichever side, "
        "so its figures would mean nothing. Its padding token may be wrong."
    )


def find_device(name: str) -> "torch.device":
    """The device of this name, `auto` being CUDA where present. Raises ModelError where it is not here."""
    import torch

    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name not in devices() and not (name == "cuda" and torch.cuda.is_available()):
        raise ModelError(f"There is no device {name!r} here. Choose one of {', '.join(devices())}.")
    return torch.device(name)


def _dtype(name: str, device: "torch.device", config: Any) -> "torch.dtype":
    import torch

    if name == "int8":
        return torch.float32  # what is quantised then
    if name != "auto":
        return getattr(torch, name)
    stored = getattr(config, "dtype", None)
    halves = {torch.float16, torch.bfloat16}
    return stored if device.type == "cuda" and stored in halves else torch.float32


def _brief(error: Exception) -> str:
    """The first line of an error, of a length that a message can hold."""
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"[:200]


@contextmanager
def quiet() -> Iterator[None]:
    """Transformers without its progress bars and advice: what matters is said by this module."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
