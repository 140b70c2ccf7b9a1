import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attacks.noise import perturb
from attacks.noise.punctuation import marks

TEXT = "“Well-known,” he said (at 3.5 or -5 %): don't; ask @me… why? #ok :-) 8) a_b/c\\d 日本語。終わり!"


def test_marks_are_those_that_shape_a_sentence():
    assert "".join(TEXT[place] for place in marks(TEXT)) == "“,”():;…?。!"


@pytest.mark.parametrize("text", ["it's", "a.b", "x:y", "12:30", ":)", ";-(", "=D", "@#%&*_/\\", ".5", "‼️"])
def test_what_is_no_mark_of_a_sentence_stays(text):
    assert perturb(text, "lost-punctuation", 5, 0) == perturb(text, "doubled-punctuation", 5, 0) == text


plain = st.lists(st.sampled_from(["film", "good", "Bad", ",", ".", "!", ":", ";", " "]), max_size=20).map(
    " ".join
)


@given(plain, st.integers(0, 1000))
def test_marks_go_and_come(text, seed):
    letters = re.sub(r"[^\w\s]", "", text)
    assert re.sub(r"[^\w\s]", "", perturb(text, "lost-punctuation", 5, seed)) == letters
    assert re.sub(r"[^\w\s]", "", perturb(text, "added-punctuation", 5, seed)) == letters
    assert (
        re.sub(
            rf"([{re.escape(string.punctuation)}])\1", r"\1", perturb(text, "doubled-punctuation", 5, seed)
        )
        == text
    )


def test_every_mark_can_go_and_every_word_can_get_one():
    alone = [perturb(part, "lost-punctuation", 5, 0) for part in ("film,", "(good)", "bad!")]
    assert alone == ["film", "good", "bad"]
    assert perturb("Why? ¿Qué? لماذا؟", "lost-punctuation", 5, 0) == "Why? ¿Qué? لماذا؟"
    assert (
        perturb("a;", "lost-punctuation", 5, 0) == "a"
        and perturb("a\u037e", "lost-punctuation", 5, 0) == "a\u037e"
    )
    assert perturb("Why?", "doubled-punctuation", 5, 0) == "Why??"
    assert {perturb("film", "added-punctuation", 1, seed) for seed in range(60)} == {
        f"film{mark}" for mark in ",;:."
    }
    assert perturb("film! — 😀", "added-punctuation", 5, 0) == "film! — 😀"
