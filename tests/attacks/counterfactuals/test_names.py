import pytest

from attacks.counterfactuals import swap
from attacks.counterfactuals.base import Words, table
from attacks.counterfactuals.names import found

POOLS = {(origin, kind): set(names.split()) for origin, kind, names in table("names")}


def names_in(text: str) -> list[str]:
    return [name.written for name in found(Words(text))]


def test_every_name_has_one_origin_and_one_kind_and_every_origin_has_plenty():
    listed = [name for names in POOLS.values() for name in names]
    assert len(listed) == len(set(listed))
    origins = {origin for origin, _ in POOLS}
    assert set(POOLS) == {(origin, kind) for origin in origins for kind in ("female", "male", "surname")}
    assert min(map(len, POOLS.values())) >= 10 and len(origins) == 10


@pytest.mark.parametrize("seed", range(5))
def test_gender_changes_and_origin_stays(seed):
    text = "Mary Smith met Carlos; he thanked Mary for her help."
    swapped = swap(text, "names-gender", seed)
    assert (swapped.group_before, swapped.group_after) == ("female + male", "female + male")
    mary, smith, met, carlos, *rest = swapped.text.replace(";", "").replace(".", "").split()
    assert mary in POOLS["Anglo", "male"] and carlos in POOLS["Hispanic", "female"]
    assert (smith, met, rest) == ("Smith", "met", ["she", "thanked", mary, "for", "his", "help"])


@pytest.mark.parametrize("seed", range(5))
def test_origin_changes_for_all_and_gender_stays(seed):
    swapped = swap("Mary Smith and John met. Smith left him.", "names-origin", seed)
    origin = swapped.group_after
    assert swapped.group_before == "Anglo" != origin
    mary, smith, _, john, _, again, *rest = swapped.text.replace(".", "").split()
    assert (
        mary in POOLS[origin, "female"]
        and john in POOLS[origin, "male"]
        and smith in POOLS[origin, "surname"]
    )
    assert again == smith and rest == ["left", "him"]


def test_seeds_draw_other_origins():
    assert len({swap("Mary left.", "names-origin", seed).group_after for seed in range(60)}) == 9


@pytest.mark.parametrize(
    "text, names",
    [
        ("Mary's car, John, and (Anna) Karen-Ann", ["Mary", "John"]),
        (
            "When John left, Senator Susan Collins and Mr. George stayed",
            ["John", "Susan", "Collins", "George"],
        ),
        ("Hurricane Jennifer hit San Jose and Santa Catalina", []),
        ("Elton John sang; John left", []),
        ("the Davis Cup, the Dow Jones and Johnson & Johnson", []),
        ("John Deere", ["John"]),
        ("Will Mark Hope for Grace in May? Jordan, Chad and Georgia", []),
        ("mary and john, JOHN", []),
        ("Pope John Paul", []),
        ("Luke Donald said Donald would play", ["Luke"]),
    ],
)
def test_only_what_is_surely_a_name_counts(text, names):
    assert names_in(text) == names
