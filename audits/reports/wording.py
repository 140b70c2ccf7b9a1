"""What a report says of one row, and of one rule."""

from audits.measures import split
from audits.policy import RuleVerdict
from audits.rows import Row
from audits.slices.named import within
from audits.summary import Flip, known
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


def demand(rule: RuleVerdict) -> str:
    """What a rule demands, in words: `Drop, Keyboard typos, severity 5: at most 5.0 points`."""
    return f"{spoken(rule.figure)}{rule.demand.removeprefix(rule.figure)}"


def spoken(figure: str) -> str:
    """A figure's written name in words, with its test's title; as it is where nobody knows it."""
    found, (bare, part) = split(figure), within(figure)
    if found is None:
        return figure
    measure = found[0]
    test, _, behind = bare.removeprefix(measure.name).strip().partition(" ")
    name, _, severity = test.partition("@")
    title = entry.title if (entry := known(name)) else test
    called = measure.name.replace("_", " ").capitalize().replace(" f1", " F1")
    under = f"{title}, severity {severity}" if severity else title
    return ", ".join(filter(None, (called, under, behind, part)))
