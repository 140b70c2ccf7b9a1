"""What holds for every noise, whatever the text."""

import os
import random
import re
import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attacks.noise import NOISES, SHARES, perturb, random_numbers, slight
from attacks.noise.base import chosen
from tests.attacks.noise.odd import PIECES, odd_texts
from tests.attacks.noise.promises import check, distance, made_of_edits

REVIEW = (
    "The Film was not very good, I'd say: it wasted ninety minutes of a perfectly fine evening at home. "
    "Mr Kowalski's actors try hard, but nobody could love this café scene; the dialogue is dull and wooden! "
    "Would I watch it again? Perhaps with my friends in Nový Bor, and only for the music and the colours."
)
#: Those that can run here: some need a resource that not every machine has.
HERE = [name for name, noise in NOISES.items() if noise.entry.available]
every_noise = pytest.mark.parametrize("name", HERE)
seeds = st.integers(0, 2**32 - 1)


@every_noise
@settings(max_examples=60)
@given(text=odd_texts, severity=st.sampled_from(list(SHARES["words"])), seed=seeds)
def test_its_promises_hold_for_any_text(name, text, severity, seed):
    check(name, text, severity, seed)


@every_noise
@pytest.mark.parametrize("severity", SHARES["words"])
def test_an_ordinary_text_is_edited_by_nearly_the_target_share(name, severity):
    noise = NOISES[name]
    if not made_of_edits(name):
        pytest.skip("measures its severity in its own way")
    edits = list(noise.edits(REVIEW, random.Random(0)))
    possible = sum(edit.units for edit in chosen(edits, 10**9))
    target = min(possible, SHARES[noise.unit][severity] * noise.size(REVIEW))
    largest = max((edit.units for edit in edits), default=0)
    realised = [distance(name, REVIEW, perturb(REVIEW, name, severity, seed)) for seed in range(20)]
    assert abs(sum(realised) / 20 - target) <= 1 + largest / 2 + target / 10


@every_noise
@settings(max_examples=20)
@given(text=odd_texts, seed=seeds)
def test_a_lower_severity_edits_part_of_what_a_higher_one_edits(name, text, seed):
    noisy = [perturb(text, name, severity, seed) for severity in SHARES["words"]]
    if made_of_edits(name) and all(len(other) == len(text) for other in noisy):
        edited = [{place for place, old in enumerate(text) if old != other[place]} for other in noisy]
        assert all(low <= high for low, high in pairwise(edited))
    if made_of_edits(name) and noisy[0] == text:
        assert noisy[-1] == text


@every_noise
def test_seeds_and_texts_get_their_own_edits(name):
    text = (REVIEW + " ") * 3
    if made_of_edits(name) and len(list(NOISES[name].edits(text, random.Random(0)))) > 30:
        assert len({perturb(text, name, 2, seed) for seed in range(20)}) > 15
    assert random_numbers(REVIEW, name, 0).random() != random_numbers(REVIEW + ".", name, 0).random()


@pytest.mark.parametrize("text", ["", " ", " \n\t\u3000"])
@every_noise
def test_a_text_of_nothing_but_white_space_has_nothing_to_edit(name, text):
    assert perturb(text, name, 5, 0) == text


def test_another_process_with_another_hash_seed_gives_the_same_texts():
    code = (
        "from attacks.noise import perturb\n"
        "from tests.attacks.noise.odd import PIECES\n"
        "texts = [*PIECES, ' '.join(PIECES)]\n"
        f"print(ascii([perturb(text, name, 3, 7) for name in {HERE} for text in texts]))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONHASHSEED": "17"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    texts = [*PIECES, " ".join(PIECES)]
    assert printed.strip() == ascii([perturb(text, name, 3, 7) for name in HERE for text in texts])


@every_noise
def test_what_is_shown_of_it_is_complete(name):
    noise = NOISES[name]
    entry = noise.entry
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", entry.name) and entry.name == name
    assert entry.kind == "noise" and entry.severities == tuple(SHARES[noise.unit])
    assert entry.title and entry.family and entry.paper and entry.goal
    assert entry.description.endswith((".", ".)"))
    assert not entry.may_break or entry.may_break.endswith(".")


def test_slight_copies_differ_in_kind_and_a_pair_stays_one():
    copies = slight(REVIEW)
    assert copies == slight(REVIEW)
    assert len(set(copies)) == len(copies) > 25
    assert REVIEW not in copies
    kinds = {NOISES[name].entry.family for name in HERE if not NOISES[name].entry.may_break}
    made_by = {perturb(REVIEW, name, 1, 0): NOISES[name].entry.family for name in HERE}
    assert {made_by[copy] for copy in copies[: len(kinds)]} == kinds
    first, second = "A man sleeps.", "Nobody is awake."
    for copy in slight(f"{first}\x1e{second}"):
        one, other = copy.split("\x1e")
        assert (one == first) != (other == second)
    assert slight("") == []
