"""Slices of the data in links: their rows' ids, or a name that follows from them where they are too many."""

import hashlib
from collections.abc import Sequence

from pages.selection.kept import Kept

#: Slices whose ids take more characters than this are named.
LONGEST_LISTED = 4000
#: A name begins with this, which no row's id does.
_MARK = "~"
_NAMED = Kept(128)


def written(ids: Sequence[str]) -> str:
    """A slice as it stands in a link. A named one is kept, for all visitors, until the server ends."""
    listed = ",".join(ids)
    if len(listed) <= LONGEST_LISTED:
        return listed
    name = _MARK + hashlib.sha256(listed.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    _NAMED.put(name, tuple(ids))
    return name


def read(asked: str, in_use: Sequence[str] = ()) -> tuple[str, ...] | None:
    """The rows' ids that a link asks for; None for a name that is not (or no longer) known.

    `in_use` is the slice that the visitor has, which may have been forgotten for others.
    """
    if not asked.startswith(_MARK):
        return tuple(dict.fromkeys(filter(None, asked.split(","))))
    if in_use and written(in_use) == asked:
        return tuple(in_use)
    found = _NAMED.get(asked)
    return found if isinstance(found, tuple) else None
