"""Recognition errors: what a scanner's software makes of printed letters."""

import random
from collections.abc import Iterator

from attacks.noise.base import Edit, Noise, noise_entry
from attacks.noise.positions import neighbouring, whole_characters

#: Shapes that are read as each other, in both directions. No figure is read as another figure, so that a
#: reader still sees which number was meant.
_SHAPES = (
    ("rn", "m"), ("nn", "m"), ("vv", "w"), ("VV", "W"), ("cl", "d"), ("ri", "n"), ("li", "h"), ("ii", "u"),
    ("fi", "ﬁ"), ("fl", "ﬂ"), ("c", "e"), ("l", "I"), ("i", "l"), ("b", "h"), ("u", "n"), ("f", "t"),
    ("v", "y"), ("a", "o"), ("C", "G"), ("E", "F"), ("D", "O"), ("P", "F"), ("l", "1"), ("I", "1"),
    ("o", "0"), ("O", "0"), ("s", "5"), ("S", "5"), ("z", "2"), ("Z", "2"), ("B", "8"), ("G", "6"),
    ("q", "9"), ("g", "9"),
)  # fmt: skip

#: For every shape those that it is read as.
CONFUSIONS: dict[str, tuple[str, ...]] = {
    shape: tuple(other for pair in _SHAPES if shape in pair for other in pair if other != shape)
    for shape in dict.fromkeys(shape for pair in _SHAPES for shape in pair)
}


class RecognitionErrors(Noise):
    """Reads letters, and pairs of letters, as those of a like shape."""

    entry = noise_entry(
        "ocr-errors",
        "Recognition errors",
        "Letters are misread as by a scanner's software: rn as m, cl as d, l as 1 (each pair edits two).",
        "van Strien et al. (2020), Assessing the Impact of OCR Quality on Downstream NLP Tasks",
        "Spelling",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every shape, pairs and single letters alike, as one that it is read as."""
        whole = list(whole_characters(text))
        pairs = set(neighbouring(whole))
        for start in whole:
            for end in (start + 1, start + 2):
                shape = text[start:end]
                if shape in CONFUSIONS and (end == start + 1 or start in pairs):
                    new = rng.choice(CONFUSIONS[shape])
                    yield Edit(start, end, new, units=max(len(shape), len(new)))


NOISES: tuple[Noise, ...] = (RecognitionErrors(),)
