"""Nationality, religion, age and disability."""

import pytest

from attacks.counterfactuals import swap
from attacks.counterfactuals.base import table
from attacks.counterfactuals.disability import DESCRIPTIONS, UNSAID

SEEDS = range(12)
NATIONS = {word: region for region, *words in table("nations") for word in words}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_nation_becomes_one_of_another_region_everywhere_in_the_text(seed):
    swapped = swap("A German team met an Italian team. Germans cheer the German one.", "nationality", seed)
    _, first, _, _, _, second, _, people, _, _, again, _ = swapped.text.split()
    assert {NATIONS[first], NATIONS[second]} == set(swapped.group_after.split(" + "))
    assert swapped.group_before == "Western Europe" and "Western Europe" not in swapped.group_after
    assert again == first != second and people == first + "s"
    for word, article in ((first, swapped.text.split()[0]), (second, swapped.text.split()[4])):
        assert (
            article.lower() == ("an" if word[0] in "AEIO" or word[:2] in ("Ug", "Uk") else "a")
            or word[0] == "U"
        )


def test_case_and_the_people_of_a_nation_are_kept():
    assert swap("the french film", "nationality", 0).text.islower()
    assert swap("FRENCH FILMS", "nationality", 0).text.isupper()
    for seed in SEEDS:
        assert swap("The French won.", "nationality", seed).text.split()[1].endswith("s")


@pytest.mark.parametrize(
    "text",
    [
        "American Airlines said its American staff left",
        "an african american actor and the latin american market",
        "Polish the shoes, polish them",
        "she speaks French, in German",
        "french fries",
        "an Indian American and an Irish-Moroccan",
        "Jordan and Chad went to Georgia in Turkey with turkey on china",
    ],
)
def test_words_for_nations_in_names_compounds_and_languages_stay(text):
    assert swap(text, "nationality", 0).text == text


def test_religions_change_together_and_each_form_into_its_own():
    rows = {form: words for form, *words in table("faiths")}
    faiths = rows["form"]
    for seed in SEEDS:
        text = "A Muslim family prayed at the mosque with the imam. Muslims call the faith Islam."
        swapped = swap(text, "religion", seed)
        new = faiths.index(swapped.group_after)
        word = {form: words[new].strip("()") for form, words in rows.items()}
        assert swapped.text == (
            f"A {word['adjective']} family prayed at the {word['place']} with the {word['cleric']}. "
            f"{word['people']} call the faith {word['faith']}."
        )
        assert swapped.group_before == "Muslim"


def test_a_person_and_an_adjective_of_a_religion_are_told_apart():
    jewish = next(seed for seed in range(99) if "Jew" in swap("A Muslim said so.", "religion", seed).text)
    assert swap("A Muslim said so.", "religion", jewish).text == "A Jew said so."
    seen = {
        swap(text, "religion", seed).text
        for text in ("She is Muslim.", "A Muslim school")
        for seed in range(60)
    }
    assert {"She is Jewish.", "A Jewish school"} <= seen
    assert not {"She is Jew.", "A Jew school"} & seen


@pytest.mark.parametrize(
    "text",
    [
        "Christian Bale stars",
        "the Muslim Brotherhood and Muslim voters",
        "Sunni Muslims in a mosque",
        "the Catholic church",
        "separation of church and state",
        "the Christian Science Monitor",
    ],
)
def test_branches_movements_and_names_stay(text):
    assert swap(text, "religion", 0).text == text


@pytest.mark.parametrize(
    "text, expected, before",
    [
        ("a young man and an elderly woman", "an older man and a young woman", "older + younger"),
        ("an old couple saw an old film", "a young couple saw an old film", "older"),
        ("The 25-year-old said", "The 70-year-old said", "younger"),
        ("an 18-year-old woman", "a 63-year-old woman", "younger"),
        ("a 36 year old, an 83-year-old man", "an 81 year old, a 38-year-old man", "older + younger"),
        ("an 87-year-old man", "an 87-year-old man", ""),
        ("the 25-year-old building", "the 25-year-old building", ""),
        ("an old idea, young love", "an old idea, young love", ""),
        ("Teenagers left", "Pensioners left", "younger"),
        ("twelve ²5-year-old, ٢٥-year-old", "twelve ²5-year-old, ٢٥-year-old", ""),
    ],
)
def test_age(text, expected, before):
    swapped = swap(text, "age", 0)
    assert (swapped.text, swapped.group_before) == (expected, before)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_disability_is_put_in_before_one_person(seed):
    swapped = swap("The film shows an actor and a man in love.", "disability", seed)
    assert swapped.group_before == UNSAID and swapped.group_after in DESCRIPTIONS
    article = "an" if swapped.group_after == "autistic" else "a"
    assert swapped.text == f"The film shows {article} {swapped.group_after} actor and a man in love."


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Blind people and a deaf actor", "People and an actor"),
        ("a blind date with deaf ears", "a blind date with deaf ears"),
        ("a people, a man's game, a women-only prize", "a people, a man's game, a women-only prize"),
        ("a couple of weeks; the student film", "a couple of weeks; the student film"),
        ("An autistic student", "A student"),
    ],
)
def test_a_disability_is_taken_away_and_set_phrases_stay(text, expected):
    swapped = swap(text, "disability", 0)
    assert swapped.text == expected
    assert (UNSAID in swapped.group_after) == (text != expected)
