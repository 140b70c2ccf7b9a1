import pytest
from hypothesis import given
from hypothesis import strategies as st

from attacks.lexicons import spelling
from attacks.noise import applicable, perturb

UNAMBIGUOUS = sorted(
    us for us, (uk,) in dict(spelling.us_to_uk()).items() if spelling.uk_to_us()[uk] == (us,)
)


def all_of(name: str, text: str) -> str:
    """The text with every edit that the noise can make, whatever their number."""
    for seed in range(50):
        text = perturb(text, name, 5, seed)
    return text


@given(
    st.lists(st.sampled_from(UNAMBIGUOUS), min_size=1, max_size=8),
    st.sampled_from([str.lower, str.upper, str.title]),
)
def test_there_and_back_again(words, case):
    text = case(", ".join(words))
    british = all_of("us-to-uk", text)
    assert not applicable(british, "us-to-uk")
    assert all_of("uk-to-us", british) == text


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        (
            "us-to-uk",
            "The COLOR of the theater’s Gray walls is dull. 🎭",
            "The COLOUR of the theatre’s Grey walls is dull. 🎭",
        ),
        ("us-to-uk", "it 's a colorful neighborhood .", "it 's a colourful neighbourhood ."),
        (
            "uk-to-us",
            "The programme\twas cancelled;  nobody apologised.",
            "The program\twas canceled;  nobody apologized.",
        ),
        ("uk-to-us", "http://colour.example/ #colour colour_2", "http://colour.example/ #colour colour_2"),
    ],
)
def test_spelling_by_hand(name, before, after):
    assert all_of(name, before) == after


def test_misspellings_come_from_the_list_and_keep_case():
    noisy = all_of("misspellings", "DEFINITELY a Definitely definitely, “definitely”!")
    wrong = {"definately", "definatly", "definitly"}
    words = noisy.replace("“", "").replace("”!", "").replace(",", "").split()
    assert {word.lower() for word in words[2:]} | {words[0].lower()} <= wrong
    assert words[0].isupper() and words[2].istitle() and words[3].islower()
