"""Whatever text, label and metadata a file is written with is what is loaded from it."""

import csv
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpora.loading import load
from corpora.sampling import sample

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
LABELS = WORDS.map(str.strip).filter(lambda label: label and not re.fullmatch(r"-?\d+\.0+", label, re.ASCII))
ROWS = st.lists(st.tuples(WORDS.filter(str.strip), LABELS, WORDS), min_size=1, max_size=6)
COLUMNS = ("text", "label", "étage 3")


def write_csv(path, rows):
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([COLUMNS, *rows])


def write_tsv(path, rows):
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, delimiter="\t").writerows([COLUMNS, *rows])


def write_jsonl(path, rows):
    lines = [json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines), encoding="utf-8", newline="\n")


def write_json(path, rows):
    path.write_text(json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in rows]), encoding="utf-8")


def write_parquet(path, rows):
    import pyarrow
    from pyarrow import parquet

    parquet.write_table(
        pyarrow.table(dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True))), path
    )


WRITERS = {
    "csv": write_csv,
    "tsv": write_tsv,
    "jsonl": write_jsonl,
    "json": write_json,
    "parquet": write_parquet,
}


@pytest.mark.parametrize("suffix", WRITERS)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_what_was_written_is_loaded(tmp_path, suffix, rows):
    path = tmp_path / f"data.{suffix}"
    WRITERS[suffix](path, rows)
    corpus = load(str(path))
    assert [(e.text, e.label, e.metadata[COLUMNS[2]]) for e in corpus.examples] == rows
    assert set(corpus.labels) == {label for _, label, _ in rows}
    assert load(str(path)).fingerprint == corpus.fingerprint
    assert len(sample(corpus, 3, 0)) == min(3, len(rows))
