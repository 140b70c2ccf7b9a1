"""Every figure of an audit by a written name: what the rules of a policy are about.

accuracy                           of the unchanged texts
accuracy keyboard-typos@2          under a test
drop keyboard-typos@2              accuracy lost to a test, on the same examples
success deepwordbug                share that an attack turned, of the examples that it could attack
valid success deepwordbug          the same, counting only successes that kept the meaning
valid accuracy deepwordbug         accuracy where only these count as lost
flip_rate gender                   share of answers that a swap of groups turns
accuracy_gap gender female         accuracy of the texts about a group minus that about the others
"""

from audits.statistics import Estimate
from audits.summary import Summary, TestFigures


def figures(summary: Summary) -> dict[str, Estimate]:
    """Every figure that is known, in the order of the plan's tests. Shares lie between 0 and 1."""
    found = {} if summary.clean_accuracy is None else {"accuracy": summary.clean_accuracy}
    for test in summary.tests:
        found |= {f"{name} {test.test}": value for name, value in _of_test(test).items() if value}
        for gap in test.groups.gaps if test.groups else ():
            found[f"accuracy_gap {test.test} {gap.group}"] = gap.difference
    return found


def _of_test(test: TestFigures) -> dict[str, Estimate | None]:
    return {
        "accuracy": test.accuracy,
        "drop": test.drop,
        "success": test.success if test.flips else None,
        "valid success": test.validity.success if test.validity else None,
        "valid accuracy": test.validity.accuracy if test.validity else None,
        "flip_rate": test.groups.flip_rate if test.groups else None,
    }
