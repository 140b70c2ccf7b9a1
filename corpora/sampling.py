"""Samples that keep the balance of labels and can be grown without losing what was done."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from corpora.examples import Corpus, CorpusError, Example


def sample(corpus: Corpus, count: int | None, seed: int, by: Sequence[str] | None = None) -> Corpus:
    """Draw `count` examples (all for None, or where there are fewer), each label in its share.

    `by` names what else keeps its shares, or what does in the label's place: `label` and metadata columns,
    every combination of their values a group of its own. Nothing for a draw that looks at none of them; so
    it is, unless told, where the corpus names no labels: of numbers each would be a group, and rounding
    would leave out all that are rare.

    The draw is decided by a hash of seed and example id alone, so it does not depend on the order of
    the corpus. A smaller draw is the beginning of a larger one with the same seed: growing an audit
    keeps every example it had, and whatever part of an audit is done is balanced too. Each group's
    count is as near to its share as rounding allows.

    Raises CorpusError for a count below 1 and for a column that the data lacks.
    """
    if count is not None and count < 1:
        raise CorpusError(f"The number of examples is {count}; it must be at least 1.")

    if by is None:
        by = ("label",) if corpus.labels else ()
    known = ("label", *corpus.metadata_columns)
    for name in by:
        if name not in known:
            raise CorpusError(
                f"{corpus.name} has no column {name!r} to stratify by. There are {', '.join(known)}."
            )

    def lot(example: Example) -> bytes:
        return hashlib.sha256(f"{seed}:{example.id}".encode()).digest()

    groups: defaultdict[tuple[str, ...], list[tuple[bytes, Example]]] = defaultdict(list)
    for example in corpus.examples:
        group_of = tuple(example.label if name == "label" else example.metadata.get(name, "") for name in by)
        groups[group_of].append((lot(example), example))
    # The r-th of n examples of a group stands at (r + 1/2) / n: cutting the merged line anywhere takes
    # the same share of every group.
    line = []
    for group in groups.values():
        group.sort(key=lambda pair: pair[0])
        line += [((rank + 0.5) / len(group), drawn, example) for rank, (drawn, example) in enumerate(group)]
    line.sort(key=lambda entry: entry[:2])
    drawn = tuple(example for _, _, example in line[:count])
    return Corpus(corpus.name, corpus.reference, drawn, corpus.labels)
