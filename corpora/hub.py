"""Data sets from the Hugging Face hub, through the `datasets` library. Data only: no code is run."""

import socket
import urllib.parse
import urllib.request
from collections.abc import Collection, Mapping
from typing import Any

from corpora.examples import CorpusError
from corpora.tables import Table

#: Which split to take when none is asked for: the first whose labels are published.
_SPLITS = ("test", "validation", "dev", "train")


def read(
    identifier: str, split: str | None, limit: int | None, lists: Collection[str] = ()
) -> tuple[str, Table]:
    """A short name and the columns of `owner/name` or `owner/name:config`.

    Columns that hold anything but texts and numbers (structures, pictures) are left out, and lists of them
    but for those whose names are among `lists`, given in lower case. What was downloaded once is read from
    the disk the next time. Raises CorpusError.
    """
    repository, _, config = identifier.partition(":")
    if not repository.strip():
        raise CorpusError("hub: needs the name of a data set, as in hub:owner/name or hub:owner/name:config.")
    splits = _download(repository, config or None)
    chosen = _chosen(splits, split, identifier)
    data = splits[chosen]
    if limit is not None:
        data = data.select(range(min(limit, len(data))))
    features = {
        name: _each(feature) if name.casefold() in lists else feature
        for name, feature in data.features.items()
    }
    kept = [name for name, feature in features.items() if _is_scalar(feature)]
    names = {name: tuple(features[name].names) for name in kept if getattr(features[name], "names", None)}
    columns = data.select_columns(kept).to_dict() if kept else {}
    if not len(data):
        raise CorpusError(f"hub:{identifier}: the split {chosen!r} has no rows.")
    left_out = tuple(name for name in features if name not in columns)
    return f"{identifier} ({chosen})", Table(columns, lambda row: f"row {row + 1}", names, left_out)


def _download(repository: str, config: str | None) -> Mapping[str, Any]:
    import datasets

    where = f"hub:{repository}" + (f":{config}" if config else "")
    offline = datasets.config.HF_HUB_OFFLINE or not _hub_has_address(datasets.config.HF_ENDPOINT)
    before, datasets.config.HF_HUB_OFFLINE = datasets.config.HF_HUB_OFFLINE, offline
    try:
        return datasets.load_dataset(repository, config)
    # The library and those under it raise errors of many unrelated kinds; each means "not to be had".
    except Exception as error:
        if offline:
            raise CorpusError(
                f"{where} has not been downloaded, and this machine cannot reach the Hugging Face hub (or "
                "HF_HUB_OFFLINE is set). Get it on a machine that can, and give the path of its file."
            ) from error
        reason = str(error).strip().split("\n")[0][:300] or type(error).__name__
        raise CorpusError(f"{where} cannot be loaded: {reason.rstrip('.')}. Check the name.") from error
    finally:
        datasets.config.HF_HUB_OFFLINE = before


def _hub_has_address(endpoint: str) -> bool:
    """False where the hub's name leads nowhere: the library would try again for half a minute."""
    if urllib.request.getproxies():
        return True
    try:
        return bool(socket.getaddrinfo(urllib.parse.urlsplit(endpoint).hostname, None))
    except OSError:
        return False


def _chosen(splits: Mapping[str, Any], split: str | None, identifier: str) -> str:
    if split is not None:
        if split not in splits:
            raise CorpusError(f"hub:{identifier} has no split {split!r}. There are {', '.join(splits)}.")
        return split
    ordered = [name for name in _SPLITS if name in splits] or list(splits)
    return next((name for name in ordered if not _hides_labels(splits[name])), ordered[0])


def _hides_labels(data: Any) -> bool:
    """Competition sets publish their test split with every class label set to -1."""
    first = range(min(len(data), 100))
    return any(
        set(data.select_columns([name]).select(first)[:][name]) == {-1}
        for name, feature in data.features.items()
        if getattr(feature, "names", None)
    )


def _each(feature: Any) -> Any:
    """What a `datasets` feature of lists holds; another feature is itself."""
    if isinstance(feature, list):
        return feature[0]
    return getattr(feature, "feature", feature)


def _is_scalar(feature: Any) -> bool:
    """A `datasets` feature that holds one text, number or date (pictures and lists have no such dtype)."""
    dtype = getattr(feature, "dtype", None)
    kinds = ("string", "large_string", "int", "uint", "float", "bool", "date", "timestamp", "decimal")
    return isinstance(dtype, str) and dtype.startswith(kinds)
