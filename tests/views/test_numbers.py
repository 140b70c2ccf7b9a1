"""Numbers as they stand on the screen."""

import re

import pytest

from views import numbers


def test_rates_carry_their_interval_and_denominator():
    assert numbers.percent(0.8826) == "88.3 %"
    assert numbers.percent(1, 0) == "100 %"
    assert numbers.rate(0.824, 0.791, 0.852, 1500) == "82.4 % [79.1, 85.2], n = 1\u202f500"
    assert numbers.rate(0.5, 0, 1) == "50.0 % [0.0, 100.0]"


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("in 95 % of", "in 95~% of"),
        ("3.6 points [−0.7, 7.8], n = 5", "3.6~points [−0.7,~7.8], n~=~5"),
        ("Costs: 13.9 ms, 90.9 MB", "Costs: 13.9~ms, 90.9~MB"),
        ("p < 0.001 and ± 2", "p <~0.001 and ±~2"),
        ("page 3 says [see 1, note 2], 5 pointless", "page 3 says [see 1, note 2], 5 pointless"),
    ],
)
def test_a_figure_is_not_broken_at_a_line_end(text, joined):
    assert numbers.unbroken(text) == joined.replace("~", "\u00a0")


def test_a_figure_in_html_stays_whole_and_its_text_as_it_was():
    written = "Texts <b>92.0 % [87.4, 95.0], n = 200</b>; before 68.5 %."
    kept = numbers.kept_whole(written)
    assert re.sub("</?span[^>]*>", "", kept) == written
    assert re.findall("<span[^>]*>(.*?)</span>", kept) == ["92.0 %", "[87.4, 95.0],", "n = 200", "68.5 %."]


def test_ticks_of_shares_are_written_as_in_text():
    ticks = numbers.share_ticks(0.6)
    assert ticks["ticktext"][:2] == ["0 %", "10 %"] and ticks["tickvals"][-1] == 1.0


@pytest.mark.parametrize(
    ("size", "written"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (90_855_944, "90.9 MB"),
        (999_600_000, "1 GB"),
        (3_000_000_000, "3 GB"),
        (2_500_000_000_000, "2.5 TB"),
    ],
)
def test_memory(size, written):
    assert numbers.memory(size) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0.2, "1 s"),
        (8.4, "8 s"),
        (59.6, "1 min"),
        (125, "2 min 5 s"),
        (3600, "1 h 0 min"),
        (3780, "1 h 3 min"),
    ],
)
def test_duration(seconds, written):
    assert numbers.duration(seconds) == written
