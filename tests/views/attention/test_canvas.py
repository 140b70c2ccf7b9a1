"""What is sent to the canvas: exact enough, small enough, and only the part on screen."""

import json
import zlib

import numpy as np
import pytest

from views.attention import canvas


def weights(*shape):
    return np.random.default_rng(0).dirichlet(np.full(shape[-1], 0.2), shape[:-1]).astype(np.float32)


def message(values, tokens=None, **how):
    names = tokens or [f"t{i}" for i in range(len(values))]
    return canvas.picture(values, names, title="title", alt="alt", file="file", dark=False, **how)


def read(sent):
    """The head and the matrix as the browser reads them."""
    data = zlib.decompress(sent)
    length = int.from_bytes(data[:4], "little")
    head = json.loads(data[4 : 4 + length])
    rows, columns = head["rows"]["cells"], head["columns"]["cells"]
    at = 4 + length + 4 * rows
    scales = np.frombuffer(data[4 + length : at], np.float32)
    levels = np.frombuffer(data[at : at + rows * columns], np.uint8).reshape(rows, columns).astype(float)
    shares = (levels - 128) / 127 if head["signed"] else levels / 255
    return head, shares * scales[:, None], data[at + rows * columns :]


@pytest.mark.parametrize("count", [1, 7, 300, 512])
def test_every_weight_arrives_to_two_thousandths_and_faint_rows_to_a_share_of_their_largest(count):
    values = weights(count, count)
    values[0] = (
        1 / count
    )  # a head that spreads its weight: a level of one scale for all would read 0 or 0.004
    head, found, rest = read(message(values))
    assert np.abs(found - values).max() <= 0.002
    np.testing.assert_allclose(found[0], 1 / count, rtol=1e-6)
    assert head["tokens"][-1] == f"t{count - 1}"
    assert rest == b""


@pytest.mark.parametrize("signed", [False, True])
def test_a_still_picture_takes_the_other_mode_s_colours_and_is_else_the_same(signed):
    dark = canvas.picture(
        weights(5, 5), list("abcde"), title="t", alt="a", file="f", dark=True, signed=signed
    )
    light = canvas.picture(
        weights(5, 5), list("abcde"), title="t", alt="a", file="f", dark=False, signed=signed
    )
    assert dark != light
    head, found, _ = read(canvas.still(light, True))
    same, values, _ = read(dark)
    assert head == same | {"still": True}
    assert np.array_equal(found, values)


def test_the_first_picture_of_512_tokens_is_under_half_a_megabyte():
    values = weights(512, 512)
    maps = np.broadcast_to(values, (6, 12, 512, 512))
    chosen = canvas.Chosen(canvas.Overview.of(maps), 0, 0, [["looks at the previous token"] * 12] * 6)
    assert len(message(values, chosen=chosen)) < 500_000


def test_of_a_long_text_the_largest_weights_of_blocks_travel_and_around_a_place_the_exact_ones():
    values = weights(1100, 1100)
    head, found, _ = read(message(values))
    assert head["rows"] == head["columns"] == {"start": 0, "end": 1100, "step": 3, "cells": 367}
    assert abs(found[10, 20] - values[30:33, 60:63].max()) <= 0.002
    assert abs(found[366, 366] - values[1098:, 1098:].max()) <= 0.002
    assert len(message(values)) < 500_000
    head, found, _ = read(message(values, around=(1099, 300)))
    assert head["rows"] == {"start": 588, "end": 1100, "step": 1, "cells": 512}
    assert head["columns"]["start"] == 44
    assert np.abs(found - values[588:, 44:556]).max() <= 0.002


def test_differences_keep_their_sign_in_blocks_too():
    rng = np.random.default_rng(1)
    values = rng.uniform(-1, 1, (600, 600))
    _, small, _ = read(message(values[:50, :50], signed=True))
    assert np.abs(small - values[:50, :50]).max() <= 1 / 254 + 1e-9
    head, found, _ = read(message(values, signed=True))
    block = values[2:4, 6:8].ravel()
    assert abs(found[1, 3] - block[np.abs(block).argmax()]) <= 1 / 254 + 1e-9
    assert head["bottom"] == -head["top"]


def test_two_texts_have_their_own_tokens_down_and_across():
    head, found, _ = read(message(weights(2, 3), ["a", "b"], columns=["x", "y", "z"]))
    assert (head["tokens"], head["others"], head["text"]) == (["a", "b"], ["x", "y", "z"], False)
    assert found.shape == (2, 3)


def test_few_peaks_do_not_empty_a_long_matrix_and_the_scale_says_so():
    values = np.full((100, 100), 0.005)
    values[::10, 0] = 0.9
    assert read(message(values))[0]["top"] == pytest.approx(0.005)
    assert read(message(values))[0]["clipped"]
    short, _, _ = read(message(values[:9, :9]))
    assert (short["top"], short["clipped"]) == (pytest.approx(0.9), False)


def test_odd_tokens_travel_as_text():
    tokens = ["</script><b>", "سلام", "\ud800", "\u2028"]
    head, _, _ = read(message(weights(4, 4), tokens, numbers=[2, 3, 5, 6]))
    assert head["tokens"] == ["</script><b>", "سلام", "?", "\u2028"]
    assert head["numbers"] == [2, 3, 5, 6]


def test_a_text_without_ordinary_tokens_draws_nothing_and_breaks_nothing():
    head, found, _ = read(message(np.zeros((0, 0)), []))
    assert found.shape == (0, 0)
    assert head["top"] == 1


@pytest.mark.parametrize("count", [1, 2, 24, 25, 101])
def test_the_overview_has_a_thumbnail_for_every_head(count):
    values = weights(3, 4, count, count)
    found = canvas.Overview.of(values)
    side, step = min(count, 24), min(count, 24) + 3
    assert found.mosaic.shape == (3 * step - 3, 4 * step - 3)
    for i, j in np.ndindex(3, 4):
        thumbnail = found.mosaic[i * step : i * step + side, j * step : j * step + side]
        assert thumbnail.max() == 255
        assert thumbnail.min() >= 1  # a gap never cuts into it
        if count == side:
            np.testing.assert_allclose((thumbnail - 1) / 254, values[i, j] / values[i, j].max(), atol=0.003)


def test_a_thin_diagonal_survives_the_thumbnail():
    values = np.broadcast_to(np.eye(512, dtype=np.float32), (1, 1, 512, 512))
    assert (np.diag(canvas.Overview.of(values).mosaic) == 255).all()


def test_a_map_of_a_thousand_heads_stays_small():
    values = np.broadcast_to(np.eye(64, dtype=np.float32), (32, 32, 64, 64))
    assert canvas.Overview.of(values).mosaic.size < 150_000
