"""The attacks' benchmark: its table, on sides that are made up and on two sentences."""

import pytest

from benchmarks import attacks
from benchmarks.__main__ import main
from benchmarks.attacks import ASSAY, SHORT, STOCK, Side

FOUND = ("succeeded", "a fine film", 12)


def side(cpu, results, forward=0.0):
    return Side(cpu=cpu, wall=2 * cpu, forward=forward, results=results)


def test_the_table_has_ratios_and_the_share_outside_forward_passes():
    sides = {"pwws": {STOCK: side(80.0, [FOUND]), SHORT: side(9.0, [FOUND]), ASSAY: side(4.0, [FOUND], 3.8)}}
    last = attacks._seconds(sides, on_card=False).splitlines()[-1]
    assert last == "| pwws | Assay | 12 | 4.0 | 8.0 | 333.33 | 20.0 | 2.2 | 5.0% |"
    assert attacks._seconds(sides, on_card=True).splitlines()[-1].endswith("| 666.67 | 20.0 | 2.2 |  |")


def test_a_difference_is_told_with_its_example():
    other = ("failed", "a good film", 30)
    told = attacks._identity({"pwws": {STOCK: side(1, [FOUND, other]), ASSAY: side(1, [FOUND, FOUND])}})
    assert "1 of 2 identical (example 1: " in told and "'failed'" in told
    same = attacks._identity({"pwws": {SHORT: side(1, [FOUND]), ASSAY: side(1, [FOUND])}})
    assert same.endswith("1 of 1 identical")


def test_sides_measured_before_are_taken_from_the_file(tmp_path, capsys):
    common = ["attacks", "--dry", "--examples", "2", "--recipes", "deepwordbug"]
    kept = ["--keep", str(tmp_path / "sides.json")]
    main([*common, *kept, "--sides", SHORT])
    main([*common, *kept, "--sides", ASSAY])
    printed = capsys.readouterr().out
    assert "- deepwordbug, Assay and stock, 64 tokens: 2 of 2 identical" in printed
    with pytest.raises(SystemExit):
        main([*common, "--sides", "nobody"])
