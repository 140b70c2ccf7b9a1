"""Passages: nothing from data acts as HTML, nothing of it is lost, everything stays readable."""

import html
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from views import tokens

HOSTILE = "<img src=x onerror=alert(1)></script>\"'&amp;<!-- \u202eabc\u200b\x00 \n ﷺ"
#: Text that is likely to break an escape: markup, entities, controls, marks of direction.
TEXTS = st.text(max_size=80) | st.text(alphabet="<>&\"'/=;ab \n\u202e\u200b\u200dé", max_size=80)


def spans_of(text):
    bound = st.integers(-2, len(text) + 2)
    score = st.floats(-5, 5) | st.sampled_from([float("nan"), float("inf"), 0.0])
    return st.lists(st.tuples(bound, bound, score), max_size=8)


def text_of(rendered: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", rendered))


def assert_only_our_tags(rendered: str) -> None:
    tag = r'<(/?)(bdi|mark|span|ins|del|b)((?: (?:class|style|title|dir)="[^"<>]*")*)>'
    assert "<" not in re.sub(tag, "", rendered)
    opened = []
    for closing, name, _ in re.findall(tag, rendered):
        if not closing:
            opened.append(name)
        else:
            assert opened.pop() == name
    assert not opened


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.data())
def test_highlight_escapes_everything_and_loses_nothing(text, data):
    spans = data.draw(spans_of(text))
    unread = data.draw(st.none() | st.integers(-1, len(text) + 1))
    rendered = tokens.highlight(text, spans, unread_from=unread)
    assert_only_our_tags(rendered)
    assert text_of(rendered) == text


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS)
@example(HOSTILE, HOSTILE.upper())
@example("The movie was good.", "The mo\u200bvie was g\u043eod.")
def test_marked_change_escapes_everything_and_loses_nothing(before, after):
    for text, rendered in zip((before, after), tokens.marked_change(before, after), strict=True):
        assert_only_our_tags(rendered)
        assert text_of(rendered) == text


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_a_text_that_did_not_change_has_no_marks(text):
    assert not any(re.search("<(ins|del|b)>", side) for side in tokens.marked_change(text, text))


def test_words_are_marked_by_side_and_strength_not_colour_alone():
    rendered = tokens.highlight("bad but ok", [(0, 3, 2.0), (4, 7, 0.1), (8, 10, -1.0)])
    assert re.findall(r'<mark class="([a-z ]+)" style="--shade:(\d+)%" title="(.+?)">', rendered) == [
        ("for strong", "44", "+2.00"),
        ("for", "8", "+0.10"),
        ("against strong", "25", "−1.00"),
    ]


def test_passages_on_one_scale_compare():
    rendered = tokens.highlight("a b", [(0, 1, 1.0), (2, 3, 8.0)], scale=4.0)
    assert re.findall(r"--shade:(\d+)", rendered) == ["16", "44"]


def test_the_unread_end_is_shown_as_such():
    assert 'class="unread" title="Not read by the model"> end</span>' in tokens.highlight(
        "start end", [(0, 5, 1.0)], unread_from=5
    )


def test_a_typo_shows_its_letters_and_a_new_word_stands_whole():
    before, after = tokens.marked_change("a dull movie today", "a dvll movie yesterday and now")
    assert "<del>d<b>u</b>ll</del> movie" in before
    assert "<ins>d<b>v</b>ll</ins> movie" in after
    assert "and now" in after


def test_a_word_added_or_left_out_marks_nothing_else():
    assert "a <del>b</del> c" in tokens.marked_change("a b c", "a c")[0]
    assert "<ins>" not in tokens.marked_change("a b c", "a c")[1]
    assert "a <del>b</del>" in tokens.marked_change("a b", "a")[0]
    assert "<ins>a</ins> b" in tokens.marked_change("b", "a b")[1]
    assert "a<ins>  </ins>b" in tokens.marked_change("a b", "a  b")[1]


def test_look_alikes_and_hidden_characters_name_themselves():
    _, after = tokens.marked_change("good movie", "g\u043eod mo\u200bvie")
    assert 'title="U+043E CYRILLIC SMALL LETTER O"' in after
    assert 'title="U+200B ZERO WIDTH SPACE"' in after


def test_direction_overrides_are_isolated_one_by_one():
    rendered = tokens.highlight("a\u202eb", [])
    assert '<span class="hidden" title="U+202E RIGHT-TO-LEFT OVERRIDE">\u202e</span>b' in rendered


def test_emoji_sequences_stay_whole():
    assert "👩‍🚀" in tokens.highlight("👩‍🚀", [(0, 3, 1.0)])


def test_lone_surrogates_can_be_sent_to_a_browser():
    for rendered in (tokens.highlight("a\ud800", []), *tokens.marked_change("a\ud800", "b\udfff")):
        rendered.encode("utf-8")


def test_long_texts_are_compared_in_reasonable_work():
    words = [f"word{i % 50} " for i in range(3000)]
    before, after = "".join(words), "".join([*words[:1500], "new ", *words[1500:]])
    marked = tokens.marked_change(before, after)[1]
    assert text_of(marked) == after
    assert len(re.findall("<ins>", marked)) == 1


def mixed(colour: str, percent: float, ground: str) -> str:
    """color-mix(in srgb, colour percent%, transparent) painted on a ground."""
    share = percent / 100
    return "#" + "".join(
        f"{round(share * int(colour[i : i + 2], 16) + (1 - share) * int(ground[i : i + 2], 16)):02x}"
        for i in (1, 3, 5)
    )


@pytest.mark.parametrize("dark", [False, True])
def test_words_stay_readable_on_every_shade(dark):
    style = pytest.importorskip("views.style")
    colours = style.palette(dark)
    shades = [*range(tokens.FAINTEST_SHADE, tokens.STRONGEST_SHADE + 1)]
    grounds = [colours.background, colours.surface]
    for ground in grounds:
        for colour in (colours.supports, colours.against):
            assert all(style.contrast(colours.text, mixed(colour, shade, ground)) >= 4.5 for shade in shades)
        assert style.contrast(colours.text, mixed(colours.accent, tokens.INSERTED_SHADE, ground)) >= 4.5
        assert style.contrast(colours.text, mixed(colours.neutral, tokens.DELETED_SHADE, ground)) >= 4.5


def test_small_scores_beside_small_ones_are_told_apart():
    assert [tokens.signed(score) for score in (0.834, -0.35, 0.004, -0.0)] == [
        "+0.83",
        "−0.35",
        "0.00",
        "0.00",
    ]
    assert [tokens.signed(score, 0.0042) for score in (0.0042, -0.0007, 0.0)] == [
        "+0.0042",
        "−0.0007",
        "0.0000",
    ]
    assert tokens.signed(0.02, 3.0) == "+0.02"
