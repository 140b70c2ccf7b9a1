import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attacks.lexicons import word_class
from attacks.lexicons.numbers import ordinal, spoken
from attacks.lexicons.sounds import transcript
from attacks.lexicons.tokens import tokens
from attacks.noise import NOISES, applicable, perturb
from attacks.noise.base import applied, chosen
from tests.attacks.noise.odd import odd_texts

KEEP_NEGATIONS = (
    *("misspellings", "us-to-uk", "uk-to-us", "homophones", "abbreviations", "chat-slang", "word-drop"),
    *("word-duplicate", "word-swap", "sentence-reorder", "distractor-sentences", "links-and-handles"),
    *("contractions", "expansions", "speech-recognition"),
)
TALK = """The film is not very good , but I can't say it was never fun ; you do_n't know what they're going to
    do without a little luck and we will see because your weather is great . nothing HARDLY"""
texts = st.lists(st.sampled_from(TALK.split()), min_size=1, max_size=30).map(
    lambda words: " ".join(words).replace("_", " ")
)
severities, seeds = st.integers(1, 5), st.integers(0, 99)


def all_of(name: str, text: str) -> str:
    """The text with every edit of the noise that overlaps none before it."""
    return applied(text, chosen(list(NOISES[name].edits(text, random.Random(0))), 10**9))


def negations(text: str) -> list[str]:
    return sorted(
        {"cannot": "not", "n't": "not"}.get(token.key, token.key)
        for token in tokens(text)
        if token.key in word_class("negations")
    )


@pytest.mark.parametrize("name", KEEP_NEGATIONS)
@settings(max_examples=60)
@given(text=texts, severity=severities, seed=seeds)
def test_no_negation_is_lost_or_added(name, text, severity, seed):
    assert negations(perturb(text, name, severity, seed)) == negations(text)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("contractions", "It is fine, and so they are too.", "It's fine, and so they are too."),
        ("contractions", "it does not work , i will go", "it does n't work , i 'll go"),
        ("contractions", "I know who they are.", "I know who they are."),
        ("contractions", "Watching it is fun; all of it will do.", "Watching it is fun; all of it will do."),
        ("contractions", "They ARE here. DO NOT go!", "They ARE here. DON'T go!"),
        ("contractions", "He does not only talk.", "He does not only talk."),
        ("contractions", "We should have gone; I have two.", "We should've gone; I have two."),
        ("expansions", "We can’t, WON'T, and don't go.", "We cannot, WILL NOT, and do not go."),
        ("expansions", "it does n't work , they 're off", "it does not work , they are off"),
        (
            "expansions",
            "Isn't it? Why don't you? It ain't.",
            "Isn't it? Why don't you? It ain't.",
        ),
        ("expansions", "It's been long. It's a film.", "It has been long. It is a film."),
        ("expansions", "John's car. It's made of wood.", "John's car. It's made of wood."),
        ("expansions", "I'd been there; I'd go.", "I had been there; I would go."),
        ("expansions", "He'd put it off. Let's see.", "He'd put it off. Let us see."),
        ("abbreviations", "The Government and the department.", "The Govt. & the dept."),
        ("chat-slang", "To be honest, you are going to love it.", "Tbh, u r gonna luv it."),
        ("chat-slang", "Going to Paris is a kind of magic.", "Going to Paris is a kind of magic."),
        ("written-out", "The dept. of u.s. law; the Univ.", "The department of u.s. law; the University."),
        ("written-out", "AI, not ai; LOL", "artificial intelligence, not ai; laughing out loud"),
        ("word-drop", "The film is not just good.", "Film not just good."),
        ("word-duplicate", "not good", "not good good"),
        ("word-swap", "Not good, but dull.", "Not good, but dull."),
        ("sentence-reorder", "We left. Dogs bark. Cats do. But so?", "Dogs bark. We left. Cats do. But so?"),
    ],
)
def test_by_hand(name, before, after):
    assert all_of(name, before) == after
    assert applicable(before, name) == (before != after)


REVERSIBLE = (
    *("it is a film", "they are not here", "I am glad", "you will see", "he would go", "she has been there"),
    *("we had been there", "I do not know", "that is the end", "WE WILL NOT GO", "He cannot say"),
)


@given(st.lists(st.sampled_from(REVERSIBLE), min_size=1, max_size=4).map(". ".join))
def test_contracting_and_writing_out_lead_back(text):
    contracted = all_of("contractions", text)
    assert contracted != text
    while applicable(contracted, "expansions"):
        contracted = all_of("expansions", contracted)
    assert contracted == text


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("In 1999: $3.5 — 50% more!", "in nineteen ninety nine three point five dollars fifty percent more"),
        ("The 2nd's 1,200 fans (1980s)", "the second's one thousand two hundred fans nineteen eighties"),
        ("it does n't work , it 's “over” at 10:05", "it doesn't work it's over at ten oh five"),
        ("£1 & 'one' o’clock, 007", "one pound and one o'clock zero zero seven"),
        ("A 2005 film; $5 million 👍🏽", "a two thousand five film five million dollars"),
        ("", ""),
    ],
)
def test_a_transcript_by_hand(written, heard):
    assert transcript(written) == heard


@given(odd_texts)
def test_a_transcript_of_a_transcript_is_the_same(text):
    assert transcript(transcript(text)) == transcript(text)


@given(st.integers(0, 10**12 - 1))
def test_numbers_are_spoken_as_others_speak_them(number):
    num2words = pytest.importorskip("num2words").num2words

    def plain(words: str) -> list[str]:
        return words.replace("-", " ").replace(",", "").replace(" and ", " ").split()

    assert spoken(number).split() == plain(num2words(number))
    assert ordinal(number).split() == plain(num2words(number, to="ordinal"))


@given(text=texts, severity=severities, seed=seeds)
def test_words_doubled_or_lost_leave_the_others_in_order(text, severity, seed):
    def is_within(small: list[str], large: list[str]) -> bool:
        rest = iter(large)
        return all(word in rest for word in small)

    before = text.lower().split()
    assert is_within(before, perturb(text, "word-duplicate", severity, seed).lower().split())
    assert is_within(perturb(text, "word-drop", severity, seed).lower().split(), before)
    assert sorted(perturb(text, "word-swap", severity, seed).split()) == sorted(text.split())
