import pytest
from hypothesis import given
from hypothesis import strategies as st

from attacks.counterfactuals import swap
from attacks.counterfactuals.base import table

#: Pairs that lead back and forth whatever stands around them.
PAIRS = [row[:2] for row in table("gender") if len(row) == 2]
#: Words that are no part of a name and tell nothing about what stands beside them.
PLAIN = ["quickly", "green", "table", "walked", "of", "and", ",", "(", "5"]


def swapped(text: str) -> str:
    return swap(text, "gender", 0).text


@given(
    st.lists(st.sampled_from([word for pair in PAIRS for word in pair])),
    st.lists(st.sampled_from(PLAIN), min_size=1),
)
def test_swapping_twice_gives_the_text_back(words, plain):
    text = " ".join(f"{plain[place % len(plain)]} {word}" for place, word in enumerate(words))
    once = swapped(text)
    assert swapped(once) == text
    assert (once != text) == bool(words)


@pytest.mark.parametrize("case", [str.lower, str.capitalize, str.upper])
def test_every_pair_goes_both_ways_in_any_case(case):
    seen = 0
    for female, male in PAIRS:
        assert swapped(f"then . {case(female)} left") == f"then . {case(male)} left"
        assert swapped(f"then . {case(male)} left") == f"then . {case(female)} left"
        seen += 1
    assert seen > 90


@pytest.mark.parametrize(
    "text, expected",
    [
        ("He told her that she was his best friend.", "She told him that he was her best friend."),
        ("HE saw HER", "SHE saw HIM"),
        ("this book is his.", "this book is hers."),
        ("a friend of hers in Paris", "a friend of his in Paris"),
        ("his or her own car", "her or his own car"),
        ("his/her car", "her/his car"),
        ("it made her laugh and her friends left her at home",
         "it made him laugh and his friends left him at home"),
        ("brought her back on her back", "brought him back on his back"),
        ("her on-screen mother", "his on-screen father"),
        ("told her a story", "told him a story"),
        ('her "friends"', 'his "friends"'),
        ("it 's her , and hers .", "it 's him , and his ."),
        ("the women's final , the film 's women", "the men's final , the film 's men"),
        ("she’s an heiress", "he’s an heir"),
        ("Sir Ian met Mr. Smith and Mrs. Jones", "Dame Ian met Ms. Smith and Mr. Jones"),
        ("Ladies and gentlemen, the King!", "Gentlemen and ladies, the Queen!"),
        ("the one-man show of a self-made woman", "the one-woman show of a self-made man"),
    ],
)  # fmt: skip
def test_case_and_agreement(text, expected):
    assert swapped(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Stephen King and B.B. King in King Kong",
        "Spider-Man on the Isle of Man",
        "no man 's land",
        "mail she@her.com or @she at www.she.com",
        "s/he and (s)he",
        "he\u0301 and she_ra",
        "miss it; Miss this film at your peril",
        "MS and MR scans",
        "the Warner Brothers studio",
        "hE",
        "the shepherd's herring: hence, sheer manners",
    ],
)
def test_names_and_set_phrases_stay(text):
    assert swapped(text) == text


def test_groups_of_both_sides_are_recorded():
    assert swap("she left", "gender", 0).group_before == "female"
    assert swap("she left", "gender", 0).group_after == "male"
    both = swap("she left him", "gender", 0)
    assert (both.text, both.group_before, both.group_after) == (
        "he left her",
        "female + male",
        "female + male",
    )
