"""What every noise promises, checked on one text."""

import regex
from rapidfuzz.distance import Levenshtein

from attacks.noise import NOISES, SHARES, Noise, applicable, perturb, random_numbers


def made_of_edits(name: str) -> bool:
    """Whether a noise leaves it to the frame how many edits it makes."""
    return type(NOISES[name]).perturb is Noise.perturb


def distance(name: str, before: str, after: str) -> int:
    """How many of the noise's units were edited."""
    if NOISES[name].unit == "characters":
        return Levenshtein.distance(before, after)
    return Levenshtein.distance(before.split(), after.split())


def check(name: str, text: str, severity: int, seed: int) -> bool:
    """Asserts the promises of one noise on one text; whether the text was changed."""
    noise = NOISES[name]
    noisy = perturb(text, name, severity, seed)
    assert noisy == perturb(text, name, severity, seed), "another text the second time"
    assert (noisy != text) == applicable(text, name), "changed and applicable do not agree"
    edits = list(noise.edits(text, random_numbers(text, name, seed)))
    ends = {0, *(match.end() for match in regex.finditer(r"\X", text))}
    for edit in edits:
        assert {edit.start, edit.end} <= ends, "tears a character"
        assert text[edit.start : edit.end] != edit.new, "an edit that changes nothing"
        assert edit.units >= 1, "an edit that counts nothing"
    assert [edit.start for edit in edits] == sorted(edit.start for edit in edits), "edits out of order"
    if edits and made_of_edits(name):
        budget = max(1, round(SHARES[noise.unit][severity] * noise.size(text)))
        largest = max(edit.units for edit in edits)
        realised = distance(name, text, noisy)
        assert realised <= max(largest, budget + largest / 2), "edits more than its severity"
    return noisy != text
