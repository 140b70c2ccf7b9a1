"""All tests in words and as JSON: what `python -m audits tests` prints."""

import json
from collections.abc import Iterable, Sequence
from textwrap import wrap

from attacks.registry import FAMILIES, Entry, entries

#: The kinds in the plural, as headings.
KINDS = {"noise": "Noises", "counterfactual": "Counterfactuals", "attack": "Attacks"}
#: The version of the JSON's shape; it changes when a reader of the old one would stumble.
SCHEMA = "assay.tests/1"

#: Columns in front of what a test does, and the narrowest screen that is written for.
_INDENT, _NARROWEST = 30, 70


def by_family(kind: str) -> dict[str, list[Entry]]:
    """The tests of a kind under the headings of their families, each in the order of the registry."""
    found: dict[str, list[Entry]] = {}
    for entry in entries():
        if entry.kind == kind:
            found.setdefault(entry.family, []).append(entry)
    return found


def families() -> str:
    """The names that stand for many tests, and how single ones are named; for the help of `run`."""
    lines = ["tests: names with commas between them"]
    lines += [f"  {name:<24} {about}, as far as it can run here" for name, (about, _) in FAMILIES.items()]
    lines += [
        f"  {'keyboard-typos':<24} one noise at all its severities",
        f"  {'keyboard-typos@2':<24} … at severity 2; noise@2 is every noise at severity 2",
        f"  {'deepwordbug':<24} one attack",
        "`python -m audits tests` lists all of them.",
    ]
    return "\n".join(lines)


def as_text(width: int) -> str:
    """Every test under its kind and family, then the families, in lines of at most `width` columns."""
    width = max(width, _NARROWEST)
    lines: list[str] = []
    for kind, title in KINDS.items():
        grouped = by_family(kind)
        tests = [entry for members in grouped.values() for entry in members]
        if not tests:
            continue
        here = sum(entry.available for entry in tests)
        lines += [f"{title}: {len(tests)}, {'all' if here == len(tests) else here} of them can run here"]
        for family, members in grouped.items():
            lines += ["", f"  {family}"] if family else [""]
            for entry in members:
                lines += _lines(entry, width)
        lines += ["", ""]
    lines += ["Families (each means those of its tests that can run here)", ""]
    for name, (about, takes_in) in FAMILIES.items():
        members = [entry for entry in entries() if takes_in(entry)]
        here = sum(entry.available for entry in members)
        count = f"{here}" if here == len(members) else f"{here} of {len(members)}"
        lines += _item(name, f"{about}: {count}", width)
    return "\n".join([*lines, ""])


def _lines(entry: Entry, width: int) -> list[str]:
    """What is to say of one test; what hinders it stands on lines of its own."""
    lines = _item(entry.name + levels(entry.severities), entry.description, width)
    more = [("Variant: ", entry.variant), ("May break: ", entry.may_break)]
    for need in entry.needs:
        more.append(("Has: ", need.name) if need.present() else ("Lacks: ", f"{need.name}. {need.remedy}"))
    for name, told in more:
        if told:
            lines += _item("", name + told, width)
    return lines


def levels(severities: Sequence[int]) -> str:
    """The severities behind a name: `@1…5`."""
    return f"@{severities[0]}…{severities[-1]}" if severities else ""


def _item(name: str, told: str, width: int) -> list[str]:
    """A name and what is said of it, in two columns."""
    wrapped = wrap(told, width - _INDENT) or [""]
    if len(name) + 5 > _INDENT:
        return [f"    {name}", *(" " * _INDENT + line for line in wrapped)]
    return [f"    {name}".ljust(_INDENT) + wrapped[0], *(" " * _INDENT + line for line in wrapped[1:])]


def as_json() -> str:
    """Everything that is known of every test and family, as JSON."""
    content = {
        "schema": SCHEMA,
        "tests": [_record(entry) for entry in entries()],
        "families": [
            {"name": name, "about": about} | _members(entry for entry in entries() if takes_in(entry))
            for name, (about, takes_in) in FAMILIES.items()
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _members(tests: Iterable[Entry]) -> dict[str, list[str]]:
    """A family's tests, those that can run here apart from those left out."""
    listed = list(tests)
    return {
        "tests": [entry.name for entry in listed if entry.available],
        "left_out": [entry.name for entry in listed if not entry.available],
    }


def _record(entry: Entry) -> dict[str, object]:
    plain = (
        "name", "kind", "family", "title", "description", "paper", "goal", "constraints", "severities",
        "variant", "may_break", "fast", "flips", "available", "remedy",
    )  # fmt: skip
    needs = [{"name": need.name, "present": need.present(), "remedy": need.remedy} for need in entry.needs]
    return {name: getattr(entry, name) for name in plain} | {"needs": needs}
