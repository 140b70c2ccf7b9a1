"""Data sets from the Hugging Face hub, through the `datasets` library. Data only: no code is run."""

from collections.abc import Mapping
from typing import Any

from corpora.examples import CorpusError
from corpora.tables import Table

#: Which split to take when none is asked for: the first whose labels are published.
_SPLITS = ("test", "validation", "dev", "train")


def read(identifier: str, split: str | None, limit: int | None) -> tuple[str, Table]:
    """A short name and the columns of `owner/name` or `owner/name:config`.

    Columns that hold anything but texts and numbers (lists, pictures) are left out. What was
    downloaded once is read from the disk the next time. Raises CorpusError.
    """
    repository, _, config = identifier.partition(":")
    if not repository.strip():
        raise CorpusError("hub: needs the name of a data set, as in hub:owner/name or hub:owner/name:config.")
    splits = _download(repository, config or None)
    chosen = _chosen(splits, split, identifier)
    data = splits[chosen]
    if limit is not None:
        data = data.select(range(min(limit, len(data))))
    scalar = [name for name, feature in data.features.items() if _is_scalar(feature)]
    names = {
        name: tuple(feature.names)
        for name, feature in data.features.items()
        if getattr(feature, "names", None) and name in scalar
    }
    columns = data.select_columns(scalar).to_dict() if scalar else {}
    if not len(data):
        raise CorpusError(f"hub:{identifier}: the split {chosen!r} has no rows.")
    return f"{identifier} ({chosen})", Table(columns, lambda row: f"row {row + 1}", names)


def _download(repository: str, config: str | None) -> Mapping[str, Any]:
    import datasets

    try:
        return datasets.load_dataset(repository, config)
    # The library and those under it raise errors of many unrelated kinds; each means "not to be had".
    except Exception as error:
        reason = str(error).strip().split("\n")[0][:300] or type(error).__name__
        where = f"hub:{repository}" + (f":{config}" if config else "")
        raise CorpusError(
            f"{where} cannot be loaded: {reason} Check the name, and that this machine may reach the hub "
            "(HF_HUB_OFFLINE is not set); or download the data and give the file's path."
        ) from error


def _chosen(splits: Mapping[str, Any], split: str | None, identifier: str) -> str:
    if split is not None:
        if split not in splits:
            raise CorpusError(f"hub:{identifier} has no split {split!r}. There are {', '.join(splits)}.")
        return split
    ordered = [name for name in _SPLITS if name in splits] or list(splits)
    return next((name for name in ordered if not _hides_labels(splits[name])), ordered[0])


def _hides_labels(data: Any) -> bool:
    """Competition sets publish their test split with every class label set to -1."""
    return any(
        getattr(feature, "names", None) and len(data) and set(data[: min(len(data), 100)][name]) == {-1}
        for name, feature in data.features.items()
    )


def _is_scalar(feature: Any) -> bool:
    """A `datasets` feature that holds one text, number or date (pictures and lists have no such dtype)."""
    dtype = getattr(feature, "dtype", None)
    kinds = ("string", "large_string", "int", "uint", "float", "bool", "date", "timestamp", "decimal")
    return isinstance(dtype, str) and dtype.startswith(kinds)
