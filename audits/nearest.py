"""What somebody meant who wrote a name that is not known."""

import difflib
from collections.abc import Mapping, Sequence
from types import MappingProxyType

#: With more names than this a message lists only the first.
MOST_LISTED = 12


def meant(name: str, known: Sequence[str], homes: Mapping[str, str] = MappingProxyType({})) -> str:
    """The nearest of the known names, as a question; else which there are.

    `homes` say of names that are looked for in vain where they belong.
    """
    if name in homes:
        return homes[name]
    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    if near:
        return f"Did you mean {near[0]}?"
    more = " …" if len(known) > MOST_LISTED else ""
    return f"There are {', '.join(known[:MOST_LISTED])}{more}."
