"""Rows: what an audit measures, one example under one test with one seed."""

from dataclasses import dataclass

#: The name of the test that changes nothing: the model's plain answer.
CLEAN = "clean"


@dataclass(frozen=True, slots=True)
class Row:
    """One example under one test with one seed.

    `probabilities` is the answer to `perturbed`, in the order of the audit's labels; it is empty where
    the row failed with an `error`. `characters_edited` and `words_edited` are the shares really edited
    (0 to 1; insertions can lift them above 1). `severity` is 0 for tests that have none. `seconds` is the
    time spent on the row: the only field that differs between two runs of the same plan (as long as no
    time budget ended a search). The fields from `applicable` on are those of `attacks.outcome.Outcome`.
    """

    key: str
    example: str
    text: str
    label: str
    test: str
    severity: int
    seed: int
    status: str
    perturbed: str
    probabilities: tuple[float, ...]
    queries: int = 0
    characters_edited: float = 0.0
    words_edited: float = 0.0
    error: str | None = None
    seconds: float = 0.0
    applicable: bool = True
    group_before: str = ""
    group_after: str = ""
    stopped: str = ""
    similarity: float | None = None
    fluency: float | None = None

    @property
    def predicted(self) -> int | None:
        """The index of the most probable label (the first of equals); None where the row failed."""
        if not self.probabilities:
            return None
        return max(range(len(self.probabilities)), key=self.probabilities.__getitem__)


def source(row: Row) -> str:
    """The source example of a row."""
    return source_of(row.example)


def source_of(example: str) -> str:
    """The source that an example's id names: a text that stands twice in the data is one, with a suffix."""
    return example.partition("-")[0]
