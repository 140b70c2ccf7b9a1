"""CSV that a spreadsheet opens without running anything, and that reads back as it was."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from views.tables import FORMULA, to_csv

cells = st.text(st.characters(exclude_characters="\x00\r", exclude_categories=["Cs"]), max_size=20)


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


@given(st.lists(st.fixed_dictionaries({"a": cells, "b": cells}), min_size=1, max_size=5))
def test_no_cell_begins_like_a_formula_and_the_rest_reads_back(rows):
    rows = [{"a": row["a"], "b": row["b"]} for row in rows]
    _, *found = read(to_csv(rows))
    for row, line in zip(rows, found, strict=True):
        for column, cell in zip("ab", line, strict=True):
            assert not cell.startswith(FORMULA)
            assert cell in (row[column], f"'{row[column]}")


def test_numbers_stay_numbers_and_missing_cells_are_empty():
    found = read(to_csv([{"n": -1.5, "flag": True}, {"n": 2, "=x": "+1"}]))
    assert found == [["n", "flag", "'=x"], ["-1.5", "True", ""], ["2", "", "'+1"]]


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_each_beginning_of_a_formula_is_disarmed(first):
    assert read(to_csv([{"a": f"{first}1"}])) == [["a"], [f"'{first}1"]]


def test_half_characters_do_not_stop_a_download():
    assert read(to_csv([{"text": "a\ud800b"}])) == [["text"], ["a?b"]]
