import json
from dataclasses import replace
from functools import partial

import pytest

from attacks.entry import Need
from attacks.noise import NOISES
from attacks.registry import FAMILIES, entries, left_out, parse
from audits import catalogue, commands
from audits.plan import make


@pytest.fixture
def casing_lacks_a_dictionary(monkeypatch):
    """One noise of the registry cannot run here, and another has what it needs."""
    for name, present in (("casing", False), ("homoglyphs", True)):
        need = Need("A dictionary", "Install it with `apt-get install dictionary`.", partial(bool, present))
        monkeypatch.setattr(NOISES[name], "entry", replace(NOISES[name].entry, needs=(need,)), raising=False)


@pytest.mark.parametrize("width", [20, 100, 200])
def test_every_test_and_family_stands_in_the_list_and_no_line_is_too_long(width):
    lines = catalogue.as_text(width).splitlines()
    names = {
        line.split()[0].partition("@")[0] for line in lines if line.startswith("    ") and line[4] != " "
    }
    assert {entry.name for entry in entries()} | set(FAMILIES) <= names
    assert max(map(len, lines)) <= max(width, 70)


def test_what_is_missing_is_said_where_it_is_missed(casing_lacks_a_dictionary):
    text = " ".join(catalogue.as_text(400).split())
    assert text.count("Lacks: A dictionary. Install it with `apt-get install dictionary`.") == 1
    assert text.count("Has: A dictionary") == 1
    record = {test["name"]: test for test in json.loads(catalogue.as_json())["tests"]}["casing"]
    assert record["available"] is False
    assert record["needs"] == [
        {
            "name": "A dictionary",
            "present": False,
            "remedy": "Install it with `apt-get install dictionary`.",
        }
    ]


def test_machines_get_every_test_and_the_members_of_families(capsys):
    assert commands.main(["tests", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [test["name"] for test in found["tests"]] == [entry.name for entry in entries()]
    families = {family["name"]: family for family in found["families"]}
    assert list(families) == list(FAMILIES)
    for name, family in families.items():
        assert family["tests"] == list(dict.fromkeys(entry.name for entry, _ in parse(name)))


def test_a_family_never_drops_a_test_silently(casing_lacks_a_dictionary):
    assert [entry.name for entry in left_out("noise@2")] == ["casing"]
    assert left_out("casing") == left_out("keyboard-typos") == ()
    plan = make(model="m", data="d", tests="noise@2,noise:all@1,homoglyphs")
    assert plan.left_out == ("casing",)
    assert not any(test.startswith("casing") for test in plan.tests)
    # What could not run here is no part of the command that runs the plan again.
    assert "casing" not in plan.command and "left" not in plan.command
