import random
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from attacks.entry import AttackError
from attacks.lexicons import gazetteer, word_class
from attacks.lexicons import synonyms as listed
from attacks.lexicons.numbers import NUMBER_WORDS
from attacks.noise import NOISES, applicable, perturb
from attacks.resources import wordnet

TALK = """Tom Hanks met Maria in Paris , 12 of 94 minutes ; two hours , $3.50 at 10:30 , 8/10 and 1,200
    Ariel Sharon , St. Louis Boston Globe an 8 Kenya Tom's one"""
texts = st.lists(st.sampled_from(TALK.split()), max_size=20).map(" ".join)
severities, seeds = st.integers(1, 5), st.integers(0, 99)
_NUMBER = re.compile(rf"[0-9]+|\b(?:{'|'.join(NUMBER_WORDS)})\b", re.IGNORECASE)
_MARK = re.compile(r"[0-9]+/[0-9]+")


@given(texts, severities, seeds)
@example("Tom 8/10 Tom met", 1, 10)
def test_only_numbers_change_and_keep_their_length(text, severity, seed):
    noisy = perturb(text, "number-changes", severity, seed)
    assert _NUMBER.sub("#", noisy) == _NUMBER.sub("#", text)
    # Marks such as 8/10 are changed within their scale, and may become longer.
    numbers, changed = (_NUMBER.findall(_MARK.sub("", one)) for one in (text, noisy))
    for before, after in zip(numbers, changed, strict=True):
        assert before.isdigit() == after.isdigit() and (not before.isdigit() or len(before) == len(after))
        assert before == after or (before != "1" and after != "1")


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("94 minutes", r"(?!94)\d\d minutes"),
        ("rated 99%", r"rated (?!99)(\d\d|100)%"),
        ("at 10:30", r"at 10:(?!30)[0-5][05]"),
        ("an 8 or 11", r"an 8 or (?!11)\d\d|an 8 or 11"),
        ("an eight", "an eight"),
        ("8/10", r"(?!8/)([2-9]|10)/10"),
        ("7,000 fans", r"(?!7,000)\d,\d{3} fans"),
        ("the 1990s", r"the 19(?!9)[2-8]0s"),
        ("Nine out of ten", r"(Two|Three|Four|Five|Six|Seven|Eight|Ten) out of ten"),
        ("a two-hour film", r"a (three|four|five|six|seven|nine|ten)-hour film"),
        ("1 or one, 007, 12/25/2001, 2nd, mp3, a1", None),
    ],
)
def test_numbers_stay_plausible(text, pattern):
    for seed in range(40):
        noisy = perturb(text, "number-changes", 5, seed)
        assert re.fullmatch(pattern, noisy) if pattern else noisy == text


@given(texts, severities, seeds)
def test_nothing_but_names_and_places_changes(text, severity, seed):
    lists = (*gazetteer.names().values(), *gazetteer.places().values())
    known = {word for names in lists for name in names for word in name.split()}
    for name in ("name-swap", "place-swap"):
        noisy = perturb(text, name, severity, seed)
        old = [word.removesuffix("'s") for word in text.split()]
        assert {word.removesuffix("'s") for word in noisy.split()} <= {*old, *known}


def test_a_person_gets_one_new_name_of_the_same_gender_everywhere():
    text = "Tom Hanks is fine. Hanks and MARIA laugh, Tom's wife too, says President David Lynch."
    for seed in range(20):
        match = re.fullmatch(
            r"(\w+) (\w+) is fine\. \2 and (\w+) laugh, \1's wife too, says President (\w+) (\w+)\.",
            perturb(text, "name-swap", 5, seed),
        )
        assert match and match[3].isupper()
        kinds = {gazetteer.gender_of().get(match[place].lower()) for place in (1, 4)}
        assert kinds == {"male"} and gazetteer.gender_of()[match[3].lower()] == "female"
        assert match[1] != "Tom" and match[2] != "Hanks" and len(set(match.groups())) == 5


@pytest.mark.parametrize(
    "text",
    [
        "We saw Ariel Sharon there.",
        "ST. LOUIS",
        "at Lake George",
        "tom and mary",
        "the Tom-like Mary-Ann",
    ],
)
def test_what_only_looks_like_a_first_name_stays(text):
    assert not applicable(text, "name-swap")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("From Paris to LIMA.", ("city", "city")),
        ("Kenya beat Peru in New York.", ("country", "country", "city")),
        ("He left Ohio's coast.", ("state",)),
    ],
)
def test_places_become_others_of_their_kind(text, kinds):
    pattern = re.escape(text)
    for place in ("Paris", "LIMA", "Kenya", "Peru", r"New\ York", "Ohio"):
        pattern = pattern.replace(place, "(.+?)")
    kind_of = {place.lower(): kind for place, kind in gazetteer.kind_of().items()}
    for seed in range(20):
        noisy = perturb(text, "place-swap", 5, seed)
        match = re.fullmatch(pattern, noisy)
        assert match and tuple(kind_of[place.lower()] for place in match.groups()) == kinds
        assert noisy != text


@pytest.mark.parametrize("text", ["The Boston Globe", "in West London", "Paris, France", "paris, lima"])
def test_places_inside_other_names_stay(text):
    assert not applicable(text, "place-swap")


def test_a_place_keeps_its_article():
    for seed in range(20):
        word = perturb("an Ohio town", "place-swap", 5, seed).split()[1]
        assert word[0] in "AEIO" and word != "Ohio"


@pytest.mark.parametrize("word", ["hour", "honest", "apple", "umbrella", "eleven", "Iowa"])
def test_words_that_take_an(word):
    assert gazetteer.takes_an(word)
    assert not any(map(gazetteer.takes_an, ("European", "university", "one", "house", "use", "Utah", "film")))


here = pytest.mark.skipif(not wordnet.present(), reason="no WordNet on this machine")


@here
def test_synonyms_share_their_usual_sense_and_keep_the_form():
    assert listed.synonyms("movies") == ("films",)
    assert "assisted" in listed.synonyms("helped")
    assert {"completely", "totally"} <= set(listed.synonyms("entirely"))
    for word in ("made", "not", "hardly", "good", "bank", "the", "zzyzx"):
        assert not listed.synonyms(word), word


@here
def test_a_synonym_is_one_of_wordnets():
    reader = wordnet.load()
    for word in ("movie", "car", "almost", "huge", "lawyer", "quickly"):
        assert listed.synonyms(word)
        for other in listed.synonyms(word):
            assert any(other in sense.lemma_names() for sense in reader.synsets(word))


@here
def test_negations_and_names_stay_and_articles_fit():
    noise = NOISES["synonyms"]
    assert not applicable("Movie hardly movie-like, barely little.", "synonyms")
    edits = list(noise.edits("an entirely huge car", random.Random(0)))
    assert [edit.start for edit in edits] == [3, 12, 17]
    assert all(edit.new.startswith("a") for edit in edits[:1])
    assert not word_class("negations") & {edit.new for edit in edits}


def test_without_wordnet_the_noise_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(wordnet, "present", lambda: False)
    wordnet._load_once.cache_clear()
    listed.synonyms.cache_clear()
    with pytest.raises(AttackError, match="wordnet-base"):
        perturb("the movie", "synonyms", 1, 0)
    monkeypatch.undo()
    wordnet._load_once.cache_clear()
