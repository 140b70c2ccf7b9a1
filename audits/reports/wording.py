"""What a report says of one row."""

from audits.rows import Row
from audits.summary import Flip
from audits.validity import Verdict
from views.numbers import percent


def evidence(shown: Flip | Row, *, valid: bool | None, mark: Verdict | None) -> str:
    """What was measured on a successful attack, and whether it counts, in one line."""
    parts = [] if shown.similarity is None else [f"similarity {shown.similarity:.2f}"]
    parts.append(f"{percent(shown.words_edited, 0)} of the words changed")
    if shown.fluency is not None:
        parts.append(f"fluency {shown.fluency:+.2f}".replace("-", "\u2212"))
    parts.append("valid" if valid else "not valid")
    if mark:
        parts.append(f"reviewed: {mark}")
    return " · ".join(parts)
