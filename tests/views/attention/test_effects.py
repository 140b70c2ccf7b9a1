"""What the answer owes to its heads, in words, in a table and as a picture."""

import numpy as np

from views.attention import effects


def test_the_sentence_says_whether_one_head_decides():
    none = effects.lead("positive", 0.94, (2, 4), 0.71, [])
    assert none.endswith("matters most, layer 3, head 5, leaves 71 % when it is removed.")
    one = effects.lead("positive", 0.94, (2, 4), 0.21, [(2, 4)])
    assert one.endswith("Without layer 3, head 5 it would say something else.")
    two = effects.lead("positive", 0.94, (2, 4), 0.21, [(2, 4), (0, 0)])
    assert "any one of 2 heads" in two
    assert two.endswith("layer 3, head 5 (21 % left).")


def test_the_sentence_about_a_number_names_what_raises_and_what_lowers_it():
    both = effects.lead_of_number("mood", 0.5, (((2, 4), 0.25), ((0, 0), 0.75)))
    assert both.startswith("The model gives “\u2068mood\u2069” 0.5")
    assert both.endswith(
        "Without layer 3, head 5, which raises it most, 0.25; "
        "without layer 1, head 1, which lowers it most, 0.75."
    )
    one = effects.lead_of_number("mood", 0.5, (((2, 4), 0.25), ((0, 0), 0.4)))
    assert "lowers" not in one and "raises" in one
    assert effects.lead_of_number("mood", 0.5, (((2, 4), 0.5), ((0, 0), 0.5))).endswith("No head moves it.")


def test_the_table_keeps_the_order_it_is_given_and_counts_from_one():
    fall = np.array([[0.1, 0.5], [-0.25, 0.0]])
    found = list(effects.rows([(0, 1), (1, 0)], {"lead lost": fall}, [["a", "b"], ["c", "d"]]))
    assert found[0] == {"layer": 1, "head": 2, "lead lost": 0.5, "what it does": "b"}
    assert found[1] == {"layer": 2, "head": 1, "lead lost": -0.25, "what it does": "c"}


def test_the_picture_has_nothing_in_its_middle_and_escapes_the_label():
    figure = effects.grid(np.array([[0.1, -0.5]]), np.array([[0.9, 0.2]]), "<b>x</b>", dark=True)
    assert (figure.data[0].zmin, figure.data[0].zmax) == (-0.5, 0.5)
    assert "<b>" not in figure.data[0].hovertemplate.split("<br>")[2]
    assert effects.grid(np.zeros((1, 2)), np.ones((1, 2)), "x", dark=False).data[0].zmax == 1
    number = effects.grid(np.array([[0.1]]), np.array([[3.5]]), "x", number=True, dark=False)
    assert number.data[0].customdata[0][0] == 3.5 and "%<extra>" not in number.data[0].hovertemplate
