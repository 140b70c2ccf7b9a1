"""What a labelled data set is made of: examples, and the corpus that holds them."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

#: Between the two texts of a pair, which travel as one: ASCII's record separator, which no one types.
PAIR_MARK = "\x1e"


class CorpusError(ValueError):
    """Data that cannot be used. The message says what is wrong, where, and what to do."""


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled input: a text, or two with `PAIR_MARK` between them.

    `id` is derived from the text (see `example_ids`), so it is the same whatever file, order or
    sample the example came in. `label` is the label's name. `metadata` holds the remaining columns.
    """

    id: str
    text: str
    label: str
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Corpus:
    """A named, ordered set of examples and the label names they use."""

    name: str
    reference: str
    examples: tuple[Example, ...]
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.examples)

    @property
    def texts(self) -> list[str]:
        """The texts, in order."""
        return [example.text for example in self.examples]

    @property
    def pairs(self) -> bool:
        """Whether any example is a pair of texts."""
        return any(PAIR_MARK in example.text for example in self.examples)

    @property
    def targets(self) -> list[int]:
        """Each example's label as its index in `labels`, in order."""
        index = {label: position for position, label in enumerate(self.labels)}
        return [index[example.label] for example in self.examples]

    @property
    def metadata_columns(self) -> tuple[str, ...]:
        """The names of the metadata columns, in order of first appearance."""
        return tuple(dict.fromkeys(column for example in self.examples for column in example.metadata))

    @property
    def fingerprint(self) -> str:
        """SHA-256 over ids, labels and metadata: two corpora with the same one hold the same data."""
        digest = hashlib.sha256("\x1f".join(self.labels).encode())
        for example in self.examples:
            fields = (example.id, example.text, example.label, repr(sorted(example.metadata.items())))
            digest.update("\x1f".join(fields).encode("utf-8", "surrogatepass") + b"\x1e")
        return digest.hexdigest()


def example_ids(texts: Iterable[str]) -> list[str]:
    """Stable ids: twelve hex digits of the text's SHA-256; a repeated text gets `-2`, `-3` and so on."""
    seen: dict[str, int] = {}
    ids = []
    for text in texts:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        seen[digest] = seen.get(digest, 0) + 1
        ids.append(digest if seen[digest] == 1 else f"{digest}-{seen[digest]}")
    return ids
