"""Scores of a classifier against scikit-learn."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audits.statistics import confusion


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=50))
def test_confusion_against_sklearn(pairs):
    from sklearn.metrics import confusion_matrix

    true, said = zip(*pairs, strict=True)
    assert (confusion(true, said, 4) == confusion_matrix(true, said, labels=range(4))).all()


def test_confusion_refuses_what_is_no_label():
    assert confusion([], [], 2).tolist() == [[0, 0], [0, 0]]
    for true, said in (([0], [2]), ([0], [-1]), ([0, 1], [0])):
        with pytest.raises(ValueError, match=r"index|pair"):
            confusion(true, said, 2)
