"""Where a model is weak: its accuracy on parts of the data, unchanged and under noise.

Known slices are those of the label, the text's length, the model's confidence and the data's other columns.
Weak ones that nobody named are searched for among words, and pairs of conditions: on one half of the
examples, and only what the other half confirms is said (the halves share no text). Every p-value is
one-sided, for being weaker than the rest, and corrected by Holm for all that were asked at once.

Plans and policies name slices (`audits.slices.named`); then these are the known ones.

Chung et al. (2019), "Slice Finder: automated data slicing for model validation", ICDE, for the search.
"""

from audits.slices.conditions import FEWEST, Metadata, by_name, conditions_of, members, metadata_of
from audits.slices.figures import Found, Slice, Slices
from audits.slices.search import slices

__all__ = [
    "FEWEST",
    "Found",
    "Metadata",
    "Slice",
    "Slices",
    "by_name",
    "conditions_of",
    "members",
    "metadata_of",
    "slices",
]
