"""Which flipped examples a report shows: some of every test, the smallest changes and valid ones first."""

from collections.abc import Mapping

from audits import folding
from audits.summary import Flip, Summary, titled


def by_test(summary: Summary) -> Mapping[str, list[Flip]]:
    """The flips of each test that has some, by its title.

    With many tests a noise's severities share one place; the lowest, whose changes are the smallest, come
    first. Of an attack's successes, those that do not count as valid come last: they prove the least.
    """
    many = len(summary.tests) > folding.MANY
    of_test = {test.test: test for test in summary.tests}
    found: dict[str, list[Flip]] = {}

    def order_of(flip: Flip) -> tuple[int, bool]:
        return of_test[flip.test].severity if many else 0, flip.valid is False

    for flip in sorted(summary.flips, key=order_of):
        test = of_test[flip.test]
        found.setdefault(test.title if many else titled(test), []).append(flip)
    order = dict.fromkeys(test.title if many else titled(test) for test in summary.tests)
    return {title: found[title] for title in order if title in found}
