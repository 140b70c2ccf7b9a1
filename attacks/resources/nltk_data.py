"""NLTK's data: where others keep it, and a folder of Assay's own that NLTK is sure to accept.

NLTK refuses data that is reached through links or that others may write to. What is found elsewhere is
therefore copied once, and read from the copy for good.
"""

import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from models.home import home

#: A folder, or the same inside a zip file.
Source = Path | zipfile.Path


def private() -> Path:
    """Assay's own folder in NLTK's layout."""
    return home() / "textattack" / "nltk_data"


def folders() -> tuple[Path, ...]:
    """Where NLTK looks for data, told without importing it, for that takes seconds."""
    given = [Path(folder) for folder in os.environ.get("NLTK_DATA", "").split(os.pathsep) if folder]
    prefixes = (Path(sys.prefix), Path(sys.prefix, "share"), Path(sys.prefix, "lib"))
    shared = ("/usr/share", "/usr/local/share", "/usr/lib", "/usr/local/lib")
    roots = (Path("~"), *prefixes, *map(Path, shared))
    return tuple(folder.expanduser() for folder in (*given, *(root / "nltk_data" for root in roots)))


def find(kind: str, name: str, file: str) -> Source | None:
    """The first folder or zip file `kind/name` in which `file` lies; None where there is none."""
    for folder in folders():
        plain = folder / kind / name
        if (plain / file).is_file():
            return plain
        packed = folder / kind / f"{name}.zip"
        if packed.is_file() and zipfile.is_zipfile(packed):
            inside = zipfile.Path(packed, f"{name}/")
            if (inside / file).is_file():
                return inside
    return None


def lay_out(kind: str, name: str, files: Iterable[tuple[str, bytes]]) -> Path:
    """Writes files into `kind/name` of the private folder, all or none; what is there already stays."""
    folder = private() / kind / name
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Another process may be doing the same: the folder is complete when it gets its name.
        unfinished = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder.parent))
        try:
            for file, content in files:
                (unfinished / file).write_bytes(content)
                (unfinished / file).chmod(0o644)
            unfinished.chmod(0o755)
            unfinished.rename(folder)
        except OSError:
            if not folder.exists():
                raise
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    for path in (private(), folder.parent):
        path.chmod(path.stat().st_mode & ~0o022)
    return folder


@contextmanager
def private_first() -> Iterator[None]:
    """Has NLTK look into the private folder first; afterwards, and for all else, it comes last."""
    import nltk

    path, ours = nltk.data.path, str(private())
    others = [folder for folder in path if folder != ours]
    path[:] = [ours, *others]
    try:
        yield
    finally:
        path[:] = [*others, ours]
