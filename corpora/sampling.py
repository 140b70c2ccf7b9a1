"""Samples that keep the balance of labels and can be grown without losing what was done."""

import hashlib
from collections import defaultdict

from corpora.examples import Corpus, CorpusError, Example


def sample(corpus: Corpus, count: int | None, seed: int) -> Corpus:
    """Draw `count` examples (all for None, or where there are fewer), each label in its share.

    The draw is decided by a hash of seed and example id alone, so it does not depend on the order of
    the corpus. A smaller draw is the beginning of a larger one with the same seed: growing an audit
    keeps every example it had, and whatever part of an audit is done is balanced too. Each label's
    count is as near to its share as rounding allows.

    Raises CorpusError for a count below 1.
    """
    if count is not None and count < 1:
        raise CorpusError(f"The number of examples is {count}; it must be at least 1.")

    def lot(example: Example) -> bytes:
        return hashlib.sha256(f"{seed}:{example.id}".encode()).digest()

    groups: defaultdict[str, list[tuple[bytes, Example]]] = defaultdict(list)
    for example in corpus.examples:
        groups[example.label].append((lot(example), example))
    # The r-th of n examples of a label stands at (r + 1/2) / n: cutting the merged line anywhere takes
    # the same share of every label.
    line = []
    for group in groups.values():
        group.sort(key=lambda pair: pair[0])
        line += [((rank + 0.5) / len(group), drawn, example) for rank, (drawn, example) in enumerate(group)]
    line.sort(key=lambda entry: entry[:2])
    drawn = tuple(example for _, _, example in line[:count])
    return Corpus(corpus.name, corpus.reference, drawn, corpus.labels)
