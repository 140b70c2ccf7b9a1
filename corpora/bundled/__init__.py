"""The data sets that come with Assay: one CSV file and one data card (Markdown) each."""

from pathlib import Path

_FOLDER = Path(__file__).parent


def names() -> tuple[str, ...]:
    """The names that may stand after `bundled:`, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.csv")))


def path(name: str) -> Path:
    """Where the CSV file of a bundled set lies. Raises KeyError for a name not in `names()`."""
    if name not in names():
        raise KeyError(name)
    return _FOLDER / f"{name}.csv"
