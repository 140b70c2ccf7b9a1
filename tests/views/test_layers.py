"""The sentences on how an answer came about."""

import pytest

from views import layers


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (4, "After layer <b>4 of 6</b> the answer is settled: <b><bdi>negative</bdi></b>."),
        (6, "Only the last of 6 layers settles the answer: <b><bdi>negative</bdi></b>."),
        (0, "Before the first of 6 layers the head would already say <b><bdi>negative</bdi></b>."),
    ],
)
def test_where_the_answer_is_settled(layer, expected):
    assert layers.settled("negative", layer, 6) == expected


def test_where_two_texts_part():
    assert "turns at layer <b>3 of 6</b>" in layers.turned("no", "yes", 3, 6)
    assert "at the first of 6" in layers.turned("no", "yes", 1, 6)
    assert "before the first" in layers.turned("no", "yes", 0, 6)
    assert layers.alike("no", 5, 5).endswith("settled after layer 5 in both.")
    assert "before the first layer in the first, after layer 2 in the second" in layers.alike("no", 0, 2)


def test_a_negative_score_speaks_for_the_other_label():
    told = layers.strongest(layers.part(2, "MLP"), -1.5, "no", "yes")
    assert told == "Most comes from the MLP of layer 2: +1.50 logits for <bdi>yes</bdi>."
    assert "towards <bdi>no</bdi>" in layers.pushed(layers.part(0, None), 1.5, "no", "yes")


def test_what_a_probe_reads_and_from_where_on():
    told = layers.known("register", 4, "90 %", "40 %", 2)
    assert told.startswith(
        "<b><bdi>register</bdi></b> can be read off best after layer 4: right for <b>90 %</b>"
    )
    assert told.endswith("After layer 2 it is about as good.")
    assert "about as good" not in layers.known("register", 4, "90 %", "40 %", 4)
    assert "No layer tells" in layers.unknown("register")


def test_how_a_number_comes_about():
    told = layers.reached("value", 0.211, 3.7, 4, 6)
    assert told.startswith("After layer <b>4 of 6</b> the <bdi>value</bdi> has come half its way, from 0.211")
    assert "Only the last of 6 layers" in layers.reached("value", 0, -3.7, 6, 6)
    assert layers.reached("value", 0, -3.7, 6, 6).endswith("<b>−3.7</b>.")
    assert "where it began" in layers.reached("value", 2, 2, 0, 6)
    assert "From layer <b>2 of 6</b> on the two texts are at least half" in layers.parted("value", 1, 2, 2, 6)
    assert "From the start on" in layers.parted("value", 1, 2, 0, 6)
    assert "the same <bdi>value</bdi>, <b>1</b>" in layers.parted("value", 1, 1, None, 6)
    assert "+0.31 for <bdi>a higher value</bdi>." in layers.strongest("x", 0.31, "a higher value", "", "")


def test_labels_are_text():
    hostile = "<img src=x>"
    for told in (
        layers.settled(hostile, 1, 2),
        layers.turned(hostile, hostile, 1, 2),
        layers.alike(hostile, 1, 2),
        layers.strongest("x", 1, hostile, hostile),
        layers.pushed("x", 1, hostile, hostile),
        layers.known(hostile, 2, "", "", 1),
        layers.unknown(hostile),
        layers.reached(hostile, 1, 2, 1, 2),
        layers.parted(hostile, 1, 2, 1, 2),
    ):
        assert "<img" not in told
