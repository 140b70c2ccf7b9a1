"""Word lists that travel with the project, and how texts are matched against them.

A list is a file of tab-separated columns; lines that begin with `#` say what it is, where it comes from
and under which licence. `README.md` beside them has the whole picture.
"""

import functools
from pathlib import Path

from attacks.entry import AttackError

_FOLDER = Path(__file__).parent


@functools.cache
def rows(name: str, columns: int) -> tuple[tuple[str, ...], ...]:
    """The rows of the list `name`, each of `columns` filled cells, in the file's order.

    Raises AttackError naming file and line for a list that is missing or broken.
    """
    return read(_FOLDER / f"{name}.tsv", columns)


@functools.cache
def word_class(name: str) -> frozenset[str]:
    """The words of a class of `word_classes.tsv`, in lower case."""
    return frozenset({kind: words.split() for kind, words in rows("word_classes", 2)}[name])


def read(path: Path, columns: int) -> tuple[tuple[str, ...], ...]:
    """The rows of any file in the lists' format. Raises AttackError as `rows` does."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise AttackError(f"The word list {path} cannot be read ({problem}). {_REMEDY}") from problem
    found: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = tuple(cell.strip() for cell in line.split("\t"))
        where = f"Line {number} of the word list {path}"
        if len(cells) != columns or not all(cells):
            raise AttackError(f"{where} should have {columns} filled columns: {line!r}. {_REMEDY}")
        if cells in found:
            raise AttackError(f"{where} repeats line {found[cells]}: {line!r}. {_REMEDY}")
        found[cells] = number
    if not found:
        raise AttackError(f"The word list {path} is empty. {_REMEDY}")
    return tuple(found)


_REMEDY = "Put back the file that came with the project."
