"""Rollout, against hand computation and an independent implementation."""

import networkx
import numpy as np
import pytest

from analysis.attention import flow_to_answer, rollout, rollout_to_answer
from models.classifier import ModelError
from tests.analysis.attention.planted import attention_of, random_attention


def test_rollout_of_two_tokens_by_hand():
    first, second = [[1.0, 0.0], [0.5, 0.5]], [[0.0, 1.0], [0.0, 1.0]]
    # With the residual: [[1, 0], [.25, .75]] and [[.5, .5], [0, 1]]; second times first:
    expected = [[0.5 * 1 + 0.5 * 0.25, 0.5 * 0.75], [0.25, 0.75]]
    found = rollout(attention_of([[first], [second]]))
    np.testing.assert_allclose(found, expected, atol=1e-7)


def reference_rollout(weights):
    """Written after the authors' attention_rollout.py: loops, no matrix product of numpy."""
    layers, _, count, _ = weights.shape
    residual = [
        [
            [0.5 * float(np.mean(weights[k, :, i, j])) + (0.5 if i == j else 0.0) for j in range(count)]
            for i in range(count)
        ]
        for k in range(layers)
    ]
    joint = residual[0]
    for k in range(1, layers):
        joint = [
            [sum(residual[k][i][m] * joint[m][j] for m in range(count)) for j in range(count)]
            for i in range(count)
        ]
    return joint


def test_rollout_equals_an_independent_implementation():
    attention = random_attention()
    np.testing.assert_allclose(rollout(attention), reference_rollout(attention.array), atol=1e-6)


def test_rollout_is_a_share():
    flow = rollout(random_attention(layers=7))
    np.testing.assert_allclose(flow.sum(axis=1), 1, atol=1e-6)
    assert (flow >= 0).all()


def test_the_answer_reads_the_pooled_row_or_all_rows():
    attention = random_attention(pooled=2)
    np.testing.assert_allclose(rollout_to_answer(attention), rollout(attention)[2], rtol=1e-5)
    everywhere = random_attention(pooled=None)
    np.testing.assert_allclose(rollout_to_answer(everywhere), rollout(everywhere).mean(axis=0), rtol=1e-5)


def test_a_text_of_one_token_is_fine():
    assert rollout(attention_of(np.ones((2, 2, 1, 1)))).tolist() == [[1.0]]


def test_flow_equals_the_maximum_flow_of_the_papers_graph():
    """By networkx, in exact fractions, from every token to the position that is read."""
    attention = random_attention(layers=3, heads=2, count=4, pooled=2)
    graph = networkx.DiGraph()
    for number, layer in enumerate(attention.array):
        for i, j in np.ndindex(4, 4):
            width = (layer[:, i, j].astype(float).mean() + (i == j)) / 2
            graph.add_edge((number, j), (number + 1, i), capacity=width)
    flows = np.array([networkx.maximum_flow_value(graph, (0, token), (3, 2)) for token in range(4)])
    np.testing.assert_allclose(flow_to_answer(attention), flows / flows.sum(), atol=1e-5)


def test_flow_of_identities_stays_where_it_is():
    stays = attention_of(np.tile(np.eye(3), (2, 1, 1, 1)), pooled=1)
    assert flow_to_answer(stays).tolist() == [0, 1, 0]
    everywhere = attention_of(np.tile(np.eye(3), (2, 1, 1, 1)), pooled=None)
    np.testing.assert_allclose(flow_to_answer(everywhere), 1 / 3)


def test_flow_of_a_long_text_is_refused():
    with pytest.raises(ModelError, match="up to 64 tokens"):
        flow_to_answer(attention_of(np.tile(np.eye(65), (1, 1, 1, 1))))
