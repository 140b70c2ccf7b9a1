import pytest

from attacks.registry import AttackError, entries, entry, parse


def test_names_are_unique_and_every_entry_says_what_it_is():
    names = [known.name for known in entries()]
    assert len(names) == len(set(names))
    assert {"keyboard-typos", "character-swaps", "casing", "homoglyphs"} <= set(names)
    for known in entries():
        assert entry(known.name) is not None
        assert known.title and known.description and known.paper and known.goal
        assert known.available or known.remedy
        assert bool(known.severities) == (known.kind == "noise")


def test_an_unknown_name_is_met_with_near_matches():
    with pytest.raises(AttackError, match="Did you mean keyboard-typos"):
        entry("keyboard-typo")
    with pytest.raises(AttackError, match="There are: keyboard-typos"):
        entry("zzzz")


def test_written_names_stand_for_tests_at_severities():
    assert [severity for _, severity in parse("casing")] == [1, 2, 3, 4, 5]
    assert [(found.name, severity) for found, severity in parse(" casing@2 ")] == [("casing", 2)]
    for wrong in ("casing@6", "casing@", "casing@two", "casing@²"):
        with pytest.raises(AttackError, match="casing@1, casing@2, casing@3"):
            parse(wrong)
