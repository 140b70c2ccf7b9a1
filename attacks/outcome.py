"""What came of one text under one test with one seed."""

from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Levenshtein

#: noise, counterfactual: perturbed, unchanged. attack: succeeded, failed, skipped (the answer was wrong
#: already). Any: error.
Status = Literal["perturbed", "unchanged", "succeeded", "failed", "skipped", "error"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One text under one test with one seed.

    `perturbed` equals `text` unless the status is "perturbed" or "succeeded": an attack that failed
    leaves the text alone, so the accuracy under the test is read off `probabilities_after` alike for
    every status. Both probability rows are in the order of the classifier's labels, rounded to nine
    decimals (see `attacks.answers`), and empty after an error. `queries` counts the texts an attack
    asked the model about, as TextAttack counts them; it is 0 for a noise. `characters_edited` and
    `words_edited` are the shares really edited (see `share_of_characters`, `share_of_words`).

    `applicable` is false where the text has nothing that a noise or counterfactual could edit.
    `group_before` and `group_after` name the groups that a counterfactual exchanged ("female", "male").
    `stopped` says which of the limits ended an attack: "queries", "seconds" or nothing.
    A successful attack carries `similarity`, the cosine of both texts' sentence vectors, and where a
    scorer is at hand `fluency`, the change of the mean log-probability a token, in nats (negative: the
    text reads worse). Both are None where they were not measured.
    """

    text: str
    perturbed: str
    status: Status
    error: str | None
    probabilities_before: tuple[float, ...]
    probabilities_after: tuple[float, ...]
    queries: int
    characters_edited: float
    words_edited: float
    applicable: bool = True
    group_before: str = ""
    group_after: str = ""
    stopped: str = ""
    similarity: float | None = None
    fluency: float | None = None


def share_of_characters(before: str, after: str) -> float:
    """Levenshtein distance in characters over the length of `before`; 0 for an empty `before`.

    A letter replaced, added or taken away counts 1, two that change places count 2. Taking everything away
    gives 1; where more is added than stood there, the share exceeds 1.
    """
    return Levenshtein.distance(before, after) / len(before) if before else 0.0


def share_of_words(before: str, after: str) -> float:
    """Levenshtein distance in words (split at white space) over the words of `before`, as for characters.

    Two words run together count 2 (one replaced, one gone), and so does one torn in two; where lines break
    or spaces are repeated no word is edited. 0 for a `before` without words.
    """
    words = before.split()
    return Levenshtein.distance(words, after.split()) / len(words) if words else 0.0


def failure(text: str, problem: BaseException, queries: int = 0) -> Outcome:
    """The outcome of an example that crashed, with the problem in one short line."""
    first_line = (str(problem).strip().splitlines() or [""])[0][:200]
    message = f"{type(problem).__name__}: {first_line}" if first_line else type(problem).__name__
    return Outcome(text, text, "error", message, (), (), queries, 0.0, 0.0)
