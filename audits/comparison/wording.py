"""What a comparison comes to, in plain sentences, and its numbers as people read them."""

from collections.abc import Iterable, Iterator

from audits.comparison import costs
from audits.comparison.changes import KINDS
from audits.comparison.compared import Against, Comparison
from audits.comparison.figures import TestDifference
from audits.plan import read_test
from audits.rows import CLEAN
from audits.statistics import Estimate
from audits.summary import known, signed
from views.numbers import grouped


def difference(estimate: Estimate) -> str:
    """A difference of shares in points, with its sign and interval: `−0.4 [−1.2, +0.3]`."""
    return f"{plus(estimate.value)} [{plus(estimate.low)}, {plus(estimate.high)}]"


def plus(share: float) -> str:
    """A share as percentage points with its sign."""
    written = signed(share)
    return written if written.startswith("\u2212") or written == "0.0" else f"+{written}"


def counts(test: TestDifference) -> str:
    """How many answers changed, and which way: `12 of 500 (7 right to wrong, 5 wrong to right)`."""
    parts = [
        f"{grouped(count)} {kind}"
        for count, kind in zip((test.lost, test.gained, test.other), KINDS, strict=True)
        if count
    ]
    return f"{grouped(test.changed)} of {grouped(test.shared)}" + (f" ({', '.join(parts)})" if parts else "")


def headline(comparison: Comparison) -> list[str]:
    """What to take away: one sentence an audit on the unchanged texts, and one on the tests."""
    sentences = []
    for one in comparison.against:
        if one.clean and one.clean.accuracy:
            sentences.append(_clean(comparison, one, one.clean))
        sentences.append(_worst(comparison, one))
    return [one for one in sentences if one] or ["The audits share no test that speaks of accuracy."]


def _clean(comparison: Comparison, one: Against, clean: TestDifference) -> str:
    assert clean.accuracy is not None
    change = clean.accuracy.difference
    interval = f"[{plus(change.low)}, {plus(change.high)}]"
    if not change.value and not clean.changed:
        said = f"answers all {grouped(clean.shared)} shared texts as {comparison.first.title} does"
        return f"{one.second.title} {said}.{_cost(comparison, one)}"
    word = "more" if change.value > 0 else "less"
    size = f"{abs(100 * change.value):.1f} points"
    said = (
        f"is as accurate as {comparison.first.title} {interval}"
        if not change.value
        else f"is {size} {word} accurate than {comparison.first.title} {interval}"
    )
    if change.value and change.low <= 0 <= change.high:
        said += ", no more than chance explains"
    changed = f"{grouped(clean.changed)} of {grouped(clean.shared)} answers changed"
    ways = counts(clean).partition(" (")[2]
    return f"{one.second.title} {said}; {changed}{f' ({ways}' if ways else ''}.{_cost(comparison, one)}"


def _cost(comparison: Comparison, one: Against) -> str:
    """A sentence on speed and size, where they are known."""
    cost = costs.in_short(comparison.first, one.second)
    return f" It is {cost}." if cost else ""


def _worst(comparison: Comparison, one: Against) -> str:
    """The test under which the second loses most beyond chance, or that none does."""
    tests = [test for test in one.tests if test.accuracy and test is not one.clean]
    found = [test for test in tests if test.is_found and test.accuracy]
    if not tests:
        return ""
    name = "it" if one.clean and len(comparison.against) == 1 else one.second.title
    if not found:
        return (
            f"Under none of {grouped(len(tests))} shared tests does {name} differ beyond chance."
            if len(tests) > 1
            else f"Under {tests[0].title} {name} does not differ beyond chance."
        )
    worst = min(found, key=lambda test: test.accuracy.difference.value if test.accuracy else 0.0)
    assert worst.accuracy is not None
    change = worst.accuracy.difference
    word, kind = ("more", "gain") if change.value > 0 else ("less", "loss")
    others = f", the largest {kind} of {grouped(len(found))} beyond chance" if len(found) > 1 else ""
    return (
        f"Under {worst.title} {name} is {abs(100 * change.value):.1f} points {word} accurate "
        f"[{plus(change.low)}, {plus(change.high)}]{others}, among {grouped(len(tests))} tests."
    )


def shares(comparison: Comparison, one: Against) -> str:
    """What the two have in common, with all denominators, in one or two sentences."""
    first, second = comparison.first, one.second
    tests = sum(test.test != CLEAN for test in one.tests)
    parts = [
        f"{grouped(one.examples)} examples are in both, {grouped(one.only_first)} only in {first.title}, "
        f"{grouped(one.only_second)} only in {second.title}; "
        f"{grouped(tests)} test{'s' if tests != 1 else ''} in both."
    ]
    for title, names in ((first.title, one.tests_only_first), (second.title, one.tests_only_second)):
        if names:
            parts.append(f"Only in {title}: {'; '.join(_titled(names))}.")
    if one.only_first or one.only_second or one.tests_only_first or one.tests_only_second:
        parts.append("All figures are of what both have.")
    return " ".join(parts)


def _titled(tests: Iterable[str]) -> Iterator[str]:
    """Written tests by their titles, a noise with its severities: `Keyboard typos at severities 1 and 3`."""
    levels: dict[str, list[str]] = {}
    for test in map(read_test, tests):
        levels.setdefault(test.name, []).extend([str(test.severity)] if test.severity else [])
    for name, found in levels.items():
        entry = known(name)
        title = entry.title if entry else name
        if entry and len(found) > 1 and len(found) == len(entry.severities):
            yield f"{title} at all severities"
        elif found:
            several = f"ies {', '.join(found[:-1])} and " if len(found) > 1 else "y "
            yield f"{title} at severit{several}{found[-1]}"
        else:
            yield title
