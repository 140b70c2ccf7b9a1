from pathlib import Path

import pytest

import attacks.lexicons
from attacks.entry import AttackError
from attacks.lexicons import chat, read, sounds, spelling, word_class
from attacks.lexicons.tokens import Phrasebook

FOLDER = Path(attacks.lexicons.__file__).parent
LISTS = sorted(FOLDER.glob("*.tsv"))
BOOKS = {
    "misspellings": spelling.misspellings,
    "us-to-uk": spelling.us_to_uk,
    "uk-to-us": spelling.uk_to_us,
    "homophones": sounds.homophones,
    "misheard": sounds.misheard,
    "abbreviations": chat.abbreviations,
    "slang": chat.slang,
}
every_book = pytest.mark.parametrize("name", BOOKS)


def entries(name: str) -> dict[str, tuple[str, ...]]:
    book: Phrasebook = BOOKS[name]()
    return dict(book)


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_a_list_says_where_it_comes_from_and_what_it_may_be_used_for(path):
    header = " ".join(line for line in path.read_text("utf-8").splitlines() if line.startswith("#")).lower()
    assert "licence" in header and "columns" in header
    assert path.stem in (FOLDER / "README.md").read_text("utf-8")


@every_book
def test_no_phrase_becomes_itself(name):
    for phrase, choices in entries(name).items():
        assert choices and len(set(choices)) == len(choices)
        assert phrase not in choices


@every_book
def test_no_replacement_is_replaced_again(name):
    if name in ("homophones", "misheard"):
        pytest.skip("homophones go both ways; one pass replaces a word once")
    book = BOOKS[name]()
    for choices in entries(name).values():
        for choice in choices:
            assert not book[choice], choice


@every_book
def test_no_negation_is_in_a_list(name):
    for phrase in entries(name):
        assert not word_class("negations") & set(phrase.split()), phrase


def test_american_and_british_lead_back_to_each_other():
    to_uk, to_us = entries("us-to-uk"), entries("uk-to-us")
    both = [us for us, (uk,) in to_uk.items() if uk in to_us]
    assert len(both) > 1500
    assert all(to_us[to_uk[us][0]] == (us,) for us in both)


@pytest.mark.parametrize(
    ("us", "uk"),
    [
        ("color", "colour"),
        ("organized", "organised"),
        ("traveling", "travelling"),
        ("analyze", "analyse"),
        ("theaters", "theatres"),
        ("skillfully", "skilfully"),
        ("gray", "grey"),
        ("neighborhood", "neighbourhood"),
        ("catalog", "catalogue"),
        ("defense", "defence"),
        ("cozy", "cosy"),
        ("aluminum", "aluminium"),
    ],
)
def test_well_known_pairs(us, uk):
    assert spelling.us_to_uk()[us] == (uk,)
    assert spelling.uk_to_us()[uk] == (us,)


@pytest.mark.parametrize(
    "word",
    [
        "program",
        "license",
        "practice",
        "check",
        "tire",
        "meter",
        "story",
        "draft",
        "prize",
        "size",
        "rise",
        "advise",
        "surprise",
        "exercise",
        "hour",
        "our",
        "four",
        "tour",
        "pour",
        "actor",
        "author",
        "doctor",
        "error",
        "later",
        "water",
    ],
)
def test_words_that_only_look_like_the_other_spelling_stay(word):
    assert not spelling.us_to_uk()[word]
    assert not spelling.uk_to_us()[word]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("a\tb\nc\n", "Line 2"),
        ("a\tb\n\na\tb\n", "Line 3 .* repeats line 1"),
        ("a\t\n", "Line 1"),
        ("# only a header\n", "is empty"),
        (b"\xff\tb\n", "cannot be read"),
        (None, "cannot be read"),
    ],
)
def test_a_broken_list_is_named_with_its_line(tmp_path, written, told):
    path = tmp_path / "words.tsv"
    if isinstance(written, bytes):
        path.write_bytes(written)
    elif written is not None:
        path.write_text(written)
    with pytest.raises(AttackError, match=rf"(?s){told}.*Put back") as caught:
        read(path, 2)
    assert str(path) in str(caught.value)
