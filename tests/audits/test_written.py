import pytest

from audits.written import LONGEST, WrittenError, parse, read

TEXT = """\
# a comment
model: bundled:sentiment
label_map: {no: negative, 1: positive}
examples: 1_000
tests:
  - casing
  - 'null'
  -
device: null
"""


def test_values_stay_as_they_stand_and_their_lines_are_known():
    found = parse(TEXT, "plan.yaml")
    assert found.fields == {
        "model": "bundled:sentiment",
        "label_map": {"no": "negative", "1": "positive"},  # YAML's own reading: False and 1
        "examples": "1_000",
        "tests": ["casing", "null", None],
        "device": None,
    }
    assert found.at(("tests", 1)) == "plan.yaml, line 7: "
    assert found.at(("tests", 9)) == "plan.yaml, line 5: "  # the nearest thing around it
    assert found.at(("label_map", "no")) == "plan.yaml, line 3: "
    assert found.at(("data",)) == "plan.yaml: "


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("model: a\ntests: [a, b\n", "x, line 3: this is not YAML"),
        ("model: a\n\tdata: b\n", "x, line 2: this is not YAML"),
        ("model: a\nmodel: b\n", "x, line 2: model stands here a second time, after line 1"),
        ("a: &a [x]\nb:\n  - *a\n", "x, line 3: write *a out"),
        ("- a\n- b\n", "x: write one field a line"),
        ("", "x: write one field a line"),
        ("just words", "x: write one field a line"),
        ("[a, b]: c\n", "x, line 1: the name of a field is a word"),
        ("a: \x00\n", "x: this is not YAML"),
        ("a: " + "[" * 3000, "x, line 1: nothing here stands 13 levels deep"),
        ("a: " + "b" * LONGEST, "more than"),
        ("a: 1\n---\nb: 2\n", "x, line 2: this is not YAML"),
    ],
)
def test_what_cannot_be_read_names_its_line(text, words):
    with pytest.raises(WrittenError) as problem:
        parse(text, "x")
    assert words in str(problem.value) and "\n" not in str(problem.value)


def test_a_tag_builds_nothing():
    assert parse("a: !!python/object/apply:os.system ['ls']\n", "x").fields == {"a": ["ls"]}


def test_files_that_cannot_be_read(tmp_path):
    (tmp_path / "latin.yaml").write_bytes(b"a: caf\xe9\n")
    for path, words in ((tmp_path / "gone.yaml", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(WrittenError, match=words):
            read(path)
    with pytest.raises(WrittenError, match="not UTF-8"):
        read(tmp_path / "latin.yaml")
    (tmp_path / "marked.yaml").write_bytes(b"\xef\xbb\xbfa: b\r\n")  # as Windows editors write it
    assert read(tmp_path / "marked.yaml").fields == {"a": "b"}
