from datetime import UTC, datetime

import pytest

from benchmarks import NAMES, results
from benchmarks.__main__ import benchmark, main

WHEN = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def written(title, body):
    return results.section(title, body, "python -m benchmarks x", {"python": "3.11", "torch": "2"}, WHEN)


def test_a_section_says_when_where_and_how():
    text = written("Noise", "| a |\n")
    assert text.startswith("## Noise\n\n`python -m benchmarks x`, 2026-01-02 03:04 UTC.\n")
    assert "python 3.11 · torch 2." in text and text.endswith("\n| a |\n")


def test_a_section_is_replaced_where_it_stands_and_others_stay(tmp_path):
    path = tmp_path / "RESULTS.md"
    for title in ("One", "Two", "Three"):
        results.record(title, written(title, f"first {title}\n\n### a part"), path)
    results.record("Two", written("Two", "second Two"), path)
    text = path.read_text()
    assert text.startswith("# Results\n")
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## One", "## Two", "## Three"]
    assert "first Two" not in text and "second Two" in text
    assert "first One\n\n### a part\n\n## Two" in text


@pytest.mark.parametrize("name", NAMES)
def test_every_benchmark_can_be_asked_what_it_takes(name, capsys):
    assert benchmark(name).TITLE
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert "--results" in capsys.readouterr().out
