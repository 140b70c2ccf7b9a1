"""English contractions, and where a long or a short form may stand."""

import functools

from attacks.lexicons import rows
from attacks.lexicons.tokens import Phrasebook


@functools.cache
def contracted() -> Phrasebook:
    """Long forms, each with its contraction and the name of the rule that says where it may be contracted."""
    return Phrasebook({long: (short, rule) for long, short, rule in rows("contractions", 3)})
