"""Every figure of an audit by a written name: what the rules of a policy are about.

accuracy                           of the unchanged texts
accuracy keyboard-typos@2          under a test; so macro_f1, brier, log_loss and calibration_error
recall positive                    of one label; recall keyboard-typos@2 positive under a test
drop keyboard-typos@2              accuracy lost to a test, on the same examples
drop_if_changed keyboard-typos@2   the same, over the texts that the test changed
lost keyboard-typos@2              share that was right and became wrong; gained: the other way round
robustness keyboard-typos          mean accuracy over all that a noise edits: the area under its curve
success deepwordbug                share that an attack turned, of the examples that it could attack
success_of_all deepwordbug         the same, of all examples
valid success deepwordbug          counting only successes that kept the meaning
valid accuracy deepwordbug         accuracy where only these count as lost
words_changed deepwordbug          mean share of words that its successes change
similarity deepwordbug             how alike the texts before and after its successes are: a mean cosine
queries deepwordbug                mean number of texts that it asks about
flip_rate gender                   share of answers that a swap of groups turns
accuracy_gap gender female         accuracy of the texts about a group minus that about the others
gap_change casing topic=news       what a noise changes of a group's gap: others' drop minus the group's
accuracy [label=negative]          of a slice (`audits.slices.named`); so accuracy TEST and drop TEST
"""

import math
from collections.abc import Mapping
from fnmatch import fnmatchcase

from audits.measures import split
from audits.rows import CLEAN
from audits.slices.named import within
from audits.statistics import Estimate
from audits.summary import Summary, TestFigures
from audits.summary.quality import Quality

#: A figure of a test that has no answer at all.
NOTHING = Estimate(math.nan, -1.0, 1.0, 0)


def figures(summary: Summary) -> dict[str, Estimate]:
    """Every figure that is known, in the order of the plan's tests. Shares lie between 0 and 1."""
    found = _named({"accuracy": summary.clean_accuracy} | _scores(summary.clean_quality))
    for test in summary.tests:
        found |= _named(_of_test(test), test.test)
        for gap in test.groups.gaps if test.groups else ():
            found[f"accuracy_gap {test.test} {gap.group}"] = gap.difference
    found |= {f"robustness {one.name}": one.score for one in summary.robustness}
    for change in summary.gaps:
        found |= {f"gap_change {change.noise} {group}": one for group, one in change.by_group.items()}
    found |= {f"accuracy [{one.name}]": one.clean for one in summary.slices.known}
    for part in summary.sliced:
        behind = "" if part.test == CLEAN else part.test
        values = _named({"accuracy": part.accuracy, "drop": part.drop}, behind)
        found |= {f"{name} [{part.slice}]": value for name, value in values.items()}
    return found


def matching(pattern: str, known: Mapping[str, Estimate]) -> list[str]:
    """The names among those known that a name or pattern means: `drop *` is every test's drop.

    One without a slice means no figure of a slice; `drop *` not the figure `drop_if_changed`.
    """
    if pattern in known:
        return [pattern]
    asked = split(pattern)
    return [
        name
        for name in known
        if _is_meant(name, pattern) and (found := split(name)) and asked and found[0] == asked[0]
    ]


def _is_meant(figure: str, pattern: str) -> bool:
    (name, part), (names, parts) = within(figure), within(pattern)
    in_slice = part == parts or (bool(part) and bool(parts) and fnmatchcase(part, parts))
    return in_slice and fnmatchcase(name, names)


def asked_for(summary: Summary) -> dict[str, Estimate]:
    """The figures that the plan's `metrics` name, in their order; those that the audit lacks are left out."""
    known = figures(summary)
    return {name: known[name] for pattern in summary.plan.metrics for name in matching(pattern, known)}


def _named(values: Mapping[str, Estimate | None], test: str = "") -> dict[str, Estimate]:
    """What is known, with the test's name behind the measure's: `recall casing@1 positive`."""
    named = {}
    for name, value in values.items():
        measure, _, label = name.partition("|")
        if value is not None:
            named[" ".join(filter(None, (measure, test, label)))] = value
    return named


def _of_test(test: TestFigures) -> dict[str, Estimate | None]:
    # Where every row failed a rule must say that it knows nothing, not overlook the test.
    unknown = NOTHING if test.flips else None
    return {
        "accuracy": test.accuracy or unknown,
        "drop": test.drop or unknown,
        "drop_if_changed": test.drop_if_changed,
        "lost": test.lost_rate,
        "gained": test.gained_rate,
        **_scores(test.quality),
        "success": (test.success or (unknown if test.kind == "attack" else None)) if test.flips else None,
        "success_of_all": test.success_of_all if test.flips else None,
        "valid success": test.validity.success if test.validity else None,
        "valid accuracy": test.validity.accuracy if test.validity else None,
        "words_changed": test.effort.words if test.effort and test.flips else None,
        "similarity": test.effort.similarity if test.effort and test.flips else None,
        "queries": test.effort.queries if test.effort and test.flips else None,
        "flip_rate": test.groups.flip_rate if test.groups else None,
    }


def _scores(quality: Quality | None) -> dict[str, Estimate | None]:
    if quality is None:
        return {}
    scores = ("macro_f1", "brier", "log_loss", "calibration_error")
    recalls = {f"recall|{label}": value for label, value in quality.recalls.items()}
    return {name: getattr(quality, name) for name in scores} | recalls
