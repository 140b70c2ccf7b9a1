"""Corrections for several tests against statsmodels."""

import math

import pytest

from audits.statistics import benjamini_hochberg, holm


@pytest.mark.parametrize("values", [[0.01, 0.04, 0.03, 0.005], [0.2, 0.2, 0.9, 1, 0], [0.03], [0.02] * 7])
def test_holm_against_statsmodels(values):
    from statsmodels.stats.multitest import multipletests

    assert holm(values) == pytest.approx(list(multipletests(values, method="holm")[1]), abs=1e-12)


@pytest.mark.parametrize("values", [[0.01, 0.04, 0.03, 0.005], [0.2, 0.2, 0.9, 1, 0], [0.03], [0.02] * 7])
def test_benjamini_hochberg_against_statsmodels(values):
    from statsmodels.stats.multitest import multipletests

    expected = multipletests(values, method="fdr_bh")[1]
    assert benjamini_hochberg(values) == pytest.approx(list(expected), abs=1e-12)


def test_benjamini_hochberg_published():
    """Benjamini and Hochberg (1995), section 3.2: four of 15 stand at 0.05, three by Bonferroni."""
    values = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    values += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert sum(value <= 0.05 for value in benjamini_hochberg(values)) == 4
    assert sum(value <= 0.05 for value in holm(values)) == 3


def test_no_tests_need_no_correction():
    assert holm([]) == benjamini_hochberg([]) == []


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
@pytest.mark.parametrize("values", [[0.2, math.nan], [-0.1], [1.1]])
def test_a_correction_wants_p_values(adjust, values):
    with pytest.raises(ValueError, match="between 0 and 1"):
        adjust(values)
