"""Which letters a PDF can show. Texts come from strangers, in any script.

The fonts that travel with Assay hold Latin, Greek, Cyrillic, Hebrew and Arabic letters. Whatever they lack
(Chinese, emoji, characters that cannot be seen) is written as its code point, `[U+1F600]`: no letter is
silently lost or shown as a box, and the PDF says so where it happens. The HTML report shows them all.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[3] / "static" / "fonts"
#: The files by family and style; the first is the one that everything is set in.
FONTS = {
    ("plex", ""): "IBMPlexSans-Regular.woff",
    ("plex", "B"): "IBMPlexSans-SemiBold.woff",
    ("hebrew", ""): "IBMPlexSansHebrew-Regular.woff",
    ("arabic", ""): "IBMPlexSansArabic-Regular.woff",
}
#: A longer run of letters that are not there is told by its first and its length.
LONGEST_RUN = 6

_SCRIPTS = {
    "hebrew": re.compile("[\u0590-\u05ff\ufb1d-\ufb4f]"),
    "arabic": re.compile("[\u0600-\u06ff\u0750-\u077f]"),
}


@cache
def covered(family: str) -> frozenset[int]:
    """The code points that a family's regular font has."""
    from fontTools.ttLib import TTFont

    with TTFont(FOLDER / FONTS[family, ""], lazy=True) as font:
        return frozenset(font.getBestCmap())


def family(text: str) -> str:
    """The family that a passage is set in: that of its script, for one script's words are set together."""
    return next((name for name, letters in _SCRIPTS.items() if letters.search(text)), "plex")


def shown(text: str) -> tuple[str, bool]:
    """A passage with what its fonts lack written as code points, and whether anything was."""
    has = covered(family(text)) | covered("plex")
    plain = re.sub(r"[^\S\u00a0\u202f]+", " ", text)  # these two hold figures together
    out: list[str] = []
    missing: list[str] = []

    def flush() -> None:
        if len(missing) > LONGEST_RUN:
            out.append(f"[U+{ord(missing[0]):04X} and {len(missing) - 1} more]")
        elif missing:
            out.append("".join(f"[U+{ord(one):04X}]" for one in missing))
        missing.clear()

    replaced = False
    for character in plain:
        if ord(character) in has and unicodedata.category(character) not in ("Cf", "Cc", "Cs", "Co"):
            flush()
            out.append(character)
        else:
            missing.append(character)
            replaced = True
    flush()
    return "".join(out), replaced
