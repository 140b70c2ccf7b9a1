"""The examples that two audits answer differently."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from audits.pairing import Shared
from audits.rows import CLEAN
from audits.tables import Audit

#: How an answer can change, in the order in which people look.
Kind = Literal["right to wrong", "wrong to right", "another wrong answer"]
KINDS: tuple[Kind, ...] = ("right to wrong", "wrong to right", "another wrong answer")


class Change(BaseModel):
    """One row that the second audit answers otherwise than the first.

    `text` is the unchanged example, `before` and `after` what the first and the second model were asked: the
    same but where an attack found another text for each. Confidences are shares.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    example: str
    test: str
    seed: int
    label: str
    text: str
    before: str
    after: str
    answer_before: str
    answer_after: str
    confidence_before: float
    confidence_after: float


def changes(test: str, shared: Shared, first: Audit, second: Audit) -> list[Change]:
    """The rows of one test whose answers differ, by kind, the surest new answers first."""
    found = []
    for before, after in shared.pairs:
        answers = first.labels[before.predicted or 0], second.labels[after.predicted or 0]
        if answers[0] == answers[1]:
            continue
        right = [answer == before.label for answer in answers]
        found.append(
            Change(
                kind=KINDS[0] if right[0] else KINDS[1] if right[1] else KINDS[2],
                example=before.example,
                test=test,
                seed=before.seed,
                label=before.label,
                text=before.text,
                before=before.perturbed,
                after=after.perturbed,
                answer_before=answers[0],
                answer_after=answers[1],
                confidence_before=max(before.probabilities),
                confidence_after=max(after.probabilities),
            )
        )
    return sorted(found, key=lambda change: (KINDS.index(change.kind), -change.confidence_after))


def in_order(found: Sequence[Change]) -> tuple[Change, ...]:
    """Changes of many tests: the unchanged texts first, then the tests in their order."""
    return tuple(sorted(found, key=lambda change: change.test != CLEAN))
