"""What a user writes for a model, and the folder it means."""

import re
from pathlib import Path
from typing import NamedTuple

from models import bundled
from models.classifier import ModelError
from models.safety import trusts_code

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?", re.ASCII)
_FILES = ["*.json", "*.safetensors", "*.txt", "*.model"]


class Source(NamedTuple):
    """A folder with a model's files, and a short name for it."""

    folder: Path
    name: str


def split(reference: str) -> tuple[str, str | None]:
    """The model's own reference, and the label of it that is meant where one is: `owner/name#label`.

    What is on disk goes before: of `folder#1#label` the longest part before a # that is there, or all of it.
    """
    reference = reference.strip()
    at = [place for place, character in enumerate(reference) if character == "#"]
    if not at or _is_there(reference):
        return reference, None
    found = next((place for place in reversed(at) if _is_there(reference[:place])), at[0])
    return reference[:found].strip(), reference[found + 1 :].strip()


def _is_there(reference: str) -> bool:
    try:
        return Path(reference).expanduser().exists()
    except (OSError, RuntimeError, ValueError):
        return False


def resolve(reference: str, revision: str | None = None) -> Source:
    """Find the folder; a hub id is downloaded first (safetensors and settings only) or found in the cache.

    A hub id may name its revision itself: `owner/name@revision`.

    Raises:
        ModelError: there is no such thing, or the hub could not be reached.
    """
    reference = reference.strip()
    if not reference:
        raise ModelError("No model was named. Give bundled:sentiment, a folder, or a Hugging Face id.")
    name, at, behind = reference.rpartition("@")
    if at and revision is None and _may_be_hub_id(name.removeprefix("hub:")) and not Path(reference).exists():
        reference, revision = name, behind
    kind, colon, rest = reference.partition(":")
    if kind == "hub" and colon:
        return _from_hub(rest, revision)
    if revision is not None and not _may_be_hub_id(reference):
        raise ModelError(f"{reference}: only hub models have revisions; leave out {revision!r}.")
    if kind == "bundled" and colon:
        return _bundled(rest)
    if reference == bundled.BASE_NAME:
        return Source(bundled.base_folder(), "all-MiniLM-L6-v2")
    if _may_be_hub_id(reference):
        return _from_hub(reference, revision)
    return _local(reference)


def stamp(reference: str) -> str:
    """Changes when the files behind a reference change (names, sizes, times); empty for a hub id."""
    reference, _ = split(reference)
    kind, _, name = reference.partition(":")
    folder = bundled.FOLDER / name if kind == "bundled" else Path(reference)
    try:
        states = sorted((path.name, path.stat()) for path in folder.expanduser().iterdir())
    except (OSError, RuntimeError, ValueError):
        return ""
    return repr([(name, state.st_size, state.st_mtime_ns) for name, state in states])


def _bundled(name: str) -> Source:
    if name not in bundled.names():
        known = ", ".join(f"bundled:{known}" for known in bundled.names())
        raise ModelError(f"There is no bundled model {name!r}. There are {known}.")
    return Source(bundled.FOLDER / name, name)


def _may_be_hub_id(reference: str) -> bool:
    """Shaped like `owner/name` or `name`, and nothing on disk."""
    return bool(_HUB_ID.fullmatch(reference)) and not Path(reference).exists()


def _local(reference: str) -> Source:
    try:
        folder = Path(reference).expanduser()
        if folder.is_dir():
            return Source(folder, folder.resolve().name)
        is_file = folder.is_file()
    except (OSError, RuntimeError, ValueError) as error:
        raise ModelError(f"{reference!r:.200} cannot be opened ({error}).") from error
    if is_file:
        raise ModelError(f"{folder} is a file. Name the folder that holds the model's files.")
    raise ModelError(
        f"There is no folder {reference:.200}. "
        "Give bundled:sentiment, a folder with a model, or a Hugging Face id."
    )


def _from_hub(identifier: str, revision: str | None) -> Source:
    from huggingface_hub import errors as hub
    from huggingface_hub import snapshot_download

    where = f"{identifier!r}" + (f" at revision {revision!r}" if revision else "")
    try:
        folder = snapshot_download(
            identifier,
            revision=revision,
            allow_patterns=[*_FILES, "*.py"] if trusts_code() else _FILES,
            ignore_patterns=["*/*"],
        )
    except hub.HFValidationError as error:
        raise ModelError(f"{where} is no Hugging Face id; one looks like owner/name.") from error
    except hub.GatedRepoError as error:
        raise ModelError(
            f"The model {where} is gated: accept its terms on huggingface.co, then set HF_TOKEN."
        ) from error
    except hub.RevisionNotFoundError as error:
        raise ModelError(
            f"The Hugging Face hub has no {where}. Leave the revision out for the newest."
        ) from error
    except hub.RepositoryNotFoundError as error:
        raise ModelError(
            f"There is no folder and no public model {where} on the Hugging Face hub. "
            "Check the spelling; for a private model set HF_TOKEN."
        ) from error
    except (hub.HfHubHTTPError, OSError) as error:
        raise ModelError(
            f"There is no folder {identifier!r}, and the Hugging Face hub could not be reached to look "
            "for such a model. Check the connection, or download it elsewhere and give its folder."
        ) from error
    return Source(Path(folder), identifier.rpartition("/")[2])
