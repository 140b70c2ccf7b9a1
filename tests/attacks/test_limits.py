import pytest

from attacks.entry import AttackError
from attacks.limits import Limits


@pytest.mark.parametrize(
    ("bounds", "message"),
    [({"queries": 0}, "at least 1"), ({"seconds": 0.0}, "more than 0"), ({"words": 1.2}, "up to 1")],
)
def test_a_bound_that_leaves_nothing_to_do_is_refused(bounds, message):
    with pytest.raises(AttackError, match=message):
        Limits(**bounds)
