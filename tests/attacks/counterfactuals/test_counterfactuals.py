"""What holds for every counterfactual, on any text."""

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attacks.counterfactuals import COUNTERFACTUALS, JOIN, swap
from attacks.registry import entry, parse

names = pytest.mark.parametrize("name", COUNTERFACTUALS)
#: Texts that name somebody for every attribute, with odd characters among them.
_NAMING = """
    She he HER his him hers an a actor The woman's 's man Mary John Smith Maria Garcia Mohammed German
    American an Italian Muslim church Muslims 25-year-old 18-year-old young elderly blind deaf people king
"""
_ODD = "; . , - / ' ’ \u0301 \u200d é _ @ www.she.com \ud800 İ ß ﬁ 18 ²"
PIECES = st.sampled_from([*_NAMING.split(), *_ODD.split(), "\n"])
any_text = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=14).map(" ".join),
    st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=12).map("".join),
)
SENTENCE = (
    "An American woman and her husband, both Muslims, said Mary Smith met an elderly man, "
    "25-year-old John Garcia, and a blind actor at the mosque."
)


@names
@given(text=any_text, seed=st.integers(0, 2**32 - 1))
def test_any_text_has_one_answer_and_groups_exactly_where_it_changed(name, text, seed):
    swapped = swap(text, name, seed)
    assert swapped == swap(text, name, seed)
    assert bool(swapped.group_before) == bool(swapped.group_after) == (swapped.text != text)
    for groups in (swapped.group_before, swapped.group_after):
        named = groups.split(JOIN)
        assert named == sorted(set(named))


@names
@given(text=any_text, seed=st.integers(0, 99))
def test_everything_between_the_words_stays(name, text, seed):
    """White space, punctuation and symbols come out as they went in."""

    def between(written: str) -> str:
        return "".join(letter for letter in written if not letter.isalnum())

    before, after = between(text), between(swap(text, name, seed).text)
    if name == "disability":  # it puts in a word, and so a space
        before, after = (written.replace(" ", "").replace("-", "") for written in (before, after))
    assert after == before


@names
def test_the_registry_lists_it_and_the_family_takes_it_in(name):
    found = entry(name)
    assert (found.kind, found.severities, found.family) == ("counterfactual", (), "Counterfactuals")
    assert (found, None) in parse("counterfactuals")


@names
def test_an_ordinary_sentence_is_swapped(name):
    assert swap(SENTENCE, name, 0).text != SENTENCE


@names
@pytest.mark.parametrize("text", ["", " ", "日本語", "it was fine .", "42", "the film works"])
def test_a_text_about_nobody_stays(name, text):
    assert swap(text, name, 0).text == text


def test_another_process_with_another_hash_seed_gives_the_same_text():
    code = (
        "from attacks.counterfactuals import COUNTERFACTUALS, swap; "
        f"print([swap({SENTENCE!r}, n, 7) for n in COUNTERFACTUALS])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONHASHSEED": "17", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    ).stdout
    assert printed.strip() == str([swap(SENTENCE, name, 7) for name in COUNTERFACTUALS])
