"""What heads do, on planted weights whose pattern is known."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.attention import glance
from tests.analysis.attention.planted import attention_of


@pytest.mark.parametrize(
    ("name", "matrix"),
    [
        ("next", np.eye(5, k=1) + np.diag([0, 0, 0, 0, 1.0])),
        ("previous", np.eye(5, k=-1) + np.diag([1.0, 0, 0, 0, 0])),
        ("same", np.eye(5)),
        ("special", np.tile([1.0, 0, 0, 0, 0], (5, 1))),
        ("everywhere", np.full((5, 5), 0.2)),
    ],
)
def test_plain_patterns_are_named(name, matrix):
    # Five tokens of which the first and the last are special, as in most classifiers.
    special = [True, False, False, False, name == "special"]
    found, share = glance(attention_of(matrix[None, None], special)).profiles.pattern(0, 0)
    assert found == name
    assert share > 0.7


def test_profiles_against_closed_forms():
    found = glance(attention_of(np.full((2, 3, 8, 8), 1 / 8))).profiles
    np.testing.assert_allclose(found.spread, 1, atol=1e-6)
    np.testing.assert_allclose(found.same, 1 / 8, atol=1e-6)
    np.testing.assert_allclose(found.next, 7 / 64, atol=1e-6)
    distances = np.abs(np.subtract.outer(np.arange(8), np.arange(8)))
    np.testing.assert_allclose(found.distance, distances.mean(), atol=1e-5)
    focused = glance(attention_of(np.eye(8)[None, None])).profiles
    assert focused.spread[0, 0] == 0
    assert focused.pattern(0, 0) == ("same", 1.0)


def pair(attention):
    found = glance(attention)
    return *found.strongest[0, 0].tolist(), pytest.approx(float(found.strength[0, 0]))


def test_the_strongest_pair_is_of_ordinary_tokens():
    weights = np.full((1, 1, 4, 4), 0.1)
    weights[0, 0, 1, 2], weights[0, 0, 0, 3], weights[0, 0, 2, 2] = 0.4, 0.9, 0.8
    assert pair(attention_of(weights, [True, False, False, True])) == (1, 2, 0.4)
    assert pair(attention_of(weights, [True, False, True, True])) == (0, 3, 0.9)


def test_a_text_of_one_token_is_fine():
    assert glance(attention_of(np.ones((2, 2, 1, 1)))).profiles.pattern(0, 0)[0] == "same"


def test_a_decoder_that_reads_its_own_token_in_the_encoder_looks_at_the_same_one():
    """Place i of the decoder holds the encoder's token i - 1."""
    weights = np.eye(6, k=-1)
    weights[0, 0] = 1
    cross = replace(attention_of(weights[None, None]), part="cross")
    assert glance(cross).profiles.pattern(0, 0) == ("same", 1.0)
    assert glance(cross).profiles.distance[0, 0] == 0
    assert glance(replace(cross, weights=np.eye(6)[None, None])).profiles.pattern(0, 0)[0] == "next"
    weights = np.full((6, 6), 0.1)
    weights[3, 2], weights[4, 1] = 0.9, 0.5
    assert pair(replace(cross, weights=weights[None, None])) == (4, 1, 0.5)
