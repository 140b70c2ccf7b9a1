"""The door for data: every format, every way a file can be wrong, and the message for each."""

import csv
import json

import pandas as pd
import pytest

from corpora.examples import CorpusError, example_ids
from corpora.loading import load

ROWS = [("A fine film.", "positive", "film"), ("Dull, slow\nand “long”", "negative", "book")]


def frame():
    return pd.DataFrame(ROWS, columns=["text", "label", "domain"])


def write(tmp_path, text, name="data.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def refused(reference, **options):
    with pytest.raises(CorpusError) as caught:
        load(reference, **options)
    return str(caught.value)


SAVE = {
    "csv": lambda path, rows: rows.to_csv(path, index=False),
    "tsv": lambda path, rows: rows.to_csv(path, index=False, sep="\t"),
    "jsonl": lambda path, rows: rows.to_json(path, orient="records", lines=True),
    "json": lambda path, rows: rows.to_json(path, orient="records"),
    "parquet": lambda path, rows: rows.to_parquet(path),
}


@pytest.mark.parametrize("suffix", SAVE)
def test_every_format_gives_the_same_corpus(tmp_path, suffix):
    path = tmp_path / f"data.{suffix}"
    SAVE[suffix](path, frame())
    corpus = load(str(path))
    assert corpus.name == "data"
    assert corpus.reference == str(path)
    assert corpus.labels == ("negative", "positive")
    assert [(e.text, e.label, e.metadata["domain"]) for e in corpus.examples] == ROWS
    assert [e.id for e in corpus.examples] == example_ids(corpus.texts)
    assert len(load(str(path), limit=1)) == 1


def test_shared_sets_load_and_titles_are_joined(shared_data):
    sst = load(str(shared_data / "sst2" / "test.csv"))
    assert (len(sst), sst.labels) == (1821, ("negative", "positive"))
    news = load(str(shared_data / "ag_news" / "test.csv"))
    raw = pd.read_csv(shared_data / "ag_news" / "test.csv", keep_default_na=False)
    assert news.texts == [f"{t.strip()} {x.strip()}" for t, x in zip(raw.title, raw.text, strict=True)]
    trec = load(str(shared_data / "trec" / "test.csv"))
    assert len(trec.labels) == 6
    assert trec.metadata_columns == ("fine_label",)
    assert len(load(str(shared_data / "trec" / "test.csv"), label_column="fine_label").labels) > 30


def test_columns_by_name_and_by_request(tmp_path):
    path = write(tmp_path, "ID,Review,Stars,Text\n1,good,5,x\n2,bad,1,y\n")
    assert "cannot tell which column is the label" in refused(path)
    assert "'ID', 'Review', 'Stars', 'Text'" in refused(path)
    corpus = load(path, text_column="review", label_column="Stars")
    assert corpus.texts == ["good", "bad"]
    assert corpus.labels == ("1", "5")
    assert corpus.metadata_columns == ("ID", "Text")
    assert load(path, text_column="Review + Text", label_column="Stars").texts == ["good x", "bad y"]
    assert "no column 'body'" in refused(path, text_column="body", label_column="Stars")
    assert "both" in refused(path, text_column="Review", label_column="Review")


def test_label_text_is_preferred_to_its_number(tmp_path):
    corpus = load(write(tmp_path, "text,label,label_text\na b,1,positive\nb,0,negative\n"))
    assert corpus.labels == ("negative", "positive")


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([10, 2, 2], ("2", "10")),
        ([True, False, True], ("0", "1")),
        ([1.0, 0.0, 1.0], ("0", "1")),
        ([" b", "a ", "a"], ("a", "b")),
    ],
)
@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
def test_labels_become_names(tmp_path, values, labels, suffix):
    path = tmp_path / f"data.{suffix}"
    data = pd.DataFrame({"text": ["x", "y", "z"], "label": values})
    data.to_parquet(path) if suffix == "parquet" else data.to_json(path, orient="records", lines=True)
    assert load(str(path)).labels == labels


def test_whole_numbers_written_as_floats_are_whole(tmp_path):
    assert load(write(tmp_path, "text,label\na,1.0\nb,0\n")).labels == ("0", "1")


def test_scores_are_no_labels(tmp_path):
    message = refused(write(tmp_path, '{"text": "a", "label": 0.7}\n', "data.jsonl"))
    assert "line 1" in message
    assert "0.7" in message


def test_several_labels_of_a_row_stay_as_they_are_written(tmp_path):
    path = write(tmp_path, "text,label\na,joy|surprise\nb,\nc,anger\n")
    corpus = load(path, labelled="several")
    assert [example.label for example in corpus.examples] == ["joy|surprise", "", "anger"]
    assert corpus.labels == ()
    assert "missing at line 3" in refused(path)
    lists = '{"text": "a", "label": ["joy", "surprise"]}\n{"text": "b", "label": [2]}\n'
    path = write(tmp_path, lists, "lists.jsonl")
    assert load(path).labels == ("2", "joy|surprise")
    path = write(tmp_path, f'{lists}{{"text": "c", "label": []}}\n', "none.jsonl")
    corpus = load(path, labelled="several")
    assert [example.label for example in corpus.examples] == ["joy|surprise", "2", ""]
    assert "missing at line 3" in refused(path)
    for odd in ("[[1]]", "[0.5]", '[""]', "[null]", "[1, 0, 1]", '["joy", "joy "]'):
        path = write(tmp_path, f'{{"text": "a", "label": {odd}}}\n', "odd.jsonl")
        assert "is not a list of classes" in refused(path, labelled="several")


@pytest.mark.parametrize("way", ["names", "numbers", "fixed", "large", "strings"])
def test_lists_of_labels_in_parquet_as_the_library_itself_writes_and_names_them(tmp_path, way):
    from datasets import ClassLabel, Dataset, Features, LargeList, List, Value

    feelings = ClassLabel(names=["anger", "joy", "surprise"])
    held = [[0, 2], [1, 2]] if way == "fixed" else [[2, 1], [], [0]]
    kind = {
        "names": List(feelings),
        "numbers": List(Value("int64")),
        "fixed": List(feelings, length=2),
        "large": LargeList(feelings),
        "strings": List(Value("string")),
    }[way]
    names = {"numbers": [[str(each) for each in row] for row in held]}.get(
        way, [feelings.int2str(row) for row in held]
    )
    features = Features(
        {"text": Value("string"), "labels": kind, "label": Value("float32"), "ids": List(Value("int32"))}
    )
    count, values = len(held), names if way == "strings" else held
    rows = {"text": list("abc")[:count], "labels": values, "label": [0.5] * count, "ids": [[7]] * count}
    data = Dataset.from_dict(rows, features=features)
    path = str(tmp_path / "data.parquet")
    data.to_parquet(path)
    corpus = load(path, labelled="several", label_column="Labels")
    assert [example.label for example in corpus.examples] == ["|".join(row) for row in names]
    assert corpus.metadata_columns == ("label",)
    if way == "fixed":
        assert load(path, label_column="labels").labels == ("anger|surprise", "joy|surprise")
    for column in ("ids", "labels"):
        assert "holds neither texts nor numbers" in refused(path, text_column=column, label_column="label")


@pytest.mark.parametrize("suffix", SAVE)
def test_a_column_for_each_label_says_which_of_them_hold(tmp_path, suffix):
    path = tmp_path / f"data.{suffix}"
    SAVE[suffix](path, frame().assign(Anger=[True, False], joy=[1, 1], awe=[0.0, 1.0]))

    def read(*about, **options):
        found = load(str(path), labelled="several", about=about, **options)
        return [example.label for example in found.examples], found.metadata_columns

    assert read("joy", "anger", "awe") == (["joy|anger", "joy|awe"], ("label", "domain"))
    assert read("awe") == (["", "awe"], ("label", "domain", "Anger", "joy"))
    assert read("awe", "fear") == (["positive", "negative"], ("domain", "Anger", "joy", "awe"))
    assert read("domain", "awe")[0] == ["positive", "negative"]  # says more than yes and no
    assert read("Joy", "joy")[0] == ["positive", "negative"]  # one column cannot be both
    assert read("joy", "anger", "awe", label_column="domain")[0] == ["film", "book"]


def test_a_label_whose_column_says_nothing_in_a_row_is_told(tmp_path):
    path = write(tmp_path, "text,joy,awe\na,1,0\nb,,1\n")
    message = refused(path, labelled="several", about=("joy", "awe"))
    assert "the label ('joy') is missing at line 3" in message


def test_classes_with_names_come_before_several_in_one(tmp_path):
    from datasets import ClassLabel, Dataset, Features, List, Value

    features = Features({"text": Value("string"), "labels": List(ClassLabel(names=["joy", "anger"]))})
    data = {"text": list("abc"), "labels": [[1], [0, 1], [0]]}
    path = tmp_path / "data.parquet"
    Dataset.from_dict(data, features=features).to_parquet(str(path))
    assert load(str(path)).labels == ("joy", "anger", "joy|anger")


def test_mark_of_byte_order_quoted_newlines_blank_lines_and_formulas(tmp_path):
    raw = b'\xef\xbb\xbftext,label,note\r\n"=1+1, said ""he""\r\nand left",pos,@x\r\n\r\n-2,neg,\r\n'
    corpus = load(write(tmp_path, raw))
    assert corpus.texts == ['=1+1, said "he"\r\nand left', "-2"]
    assert [e.metadata["note"] for e in corpus.examples] == ["@x", ""]


def test_words_that_look_missing_are_text(tmp_path):
    corpus = load(write(tmp_path, "text,label\nNA,null\nnan,None\n"))
    assert corpus.texts == ["NA", "nan"]
    assert corpus.labels == ("None", "null")


def test_a_huge_field(tmp_path):
    text = "long " * 100_000
    assert load(write(tmp_path, f"text,label\n{text},a\n")).texts == [text]


def test_tab_separated_with_stray_quotes(tmp_path):
    path = write(tmp_path, 'text\tlabel\n"Oh" he said\ta\nit is 5" wide\tb\n', "data.tsv")
    assert load(path).texts == ['"Oh" he said', 'it is 5" wide']


def test_an_index_without_a_name_is_metadata(tmp_path):
    path = tmp_path / "data.csv"
    frame().to_csv(path)
    assert load(str(path)).metadata_columns == ("column 1", "domain")


WRONG = {
    "empty": ("data.csv", "", "empty"),
    "empty-json": ("data.json", "", "empty"),
    "no-rows": ("data.csv", "text,label\n", "no rows"),
    "no-items": ("data.json", "[]", "empty"),
    "short-row": ("data.csv", 'text,label\n"a\nb",x\nc\n', "line 4: 1 fields where the header has 2"),
    "long-row": ("data.csv", "text,label\na,x\nb,c,x\n", "line 3: 3 fields"),
    "open-quote": ("data.csv", 'text,label\na,x\n"b,y\nc,z\n', "line 3 or after"),
    "latin-1": ("data.csv", "text,label\na,x\ncafé,x\n".encode("latin-1"), "line 3"),
    "utf-16": ("data.csv", "text,label\na,x\n".encode("utf-16"), "UTF-16"),
    "nul": ("data.csv", b"text,label\na,x\nb\0,y\n", "line 3: there is a NUL byte"),
    "no-label": ("data.csv", "text,label\na,x\nb,\nc, \n", "missing at line 3, line 4"),
    "no-text": ("data.csv", "text,label\na,x\n  ,y\n", "empty at line 3"),
    "twice": ("data.csv", "text,label,text\na,x,b\n", "called 'text'"),
    "semicolons": ("data.csv", "text;label\na;x\n", "separated by ';'"),
    "not-json": ("data.jsonl", '{"text": "a", "label": "x"}\n{"text"\n', "line 2"),
    "no-object": ("data.jsonl", '["a", "x"]\n', "line 1: expected an object"),
    "an-object": ("data.json", '{"text": "a"}', "expected a list"),
    "key-twice": ("data.jsonl", '{"text": "a", "text": "b", "label": "x"}', "line 1: two columns"),
    "lacks-label": ("data.jsonl", '{"text": "a", "label": "x"}\n\n{"text": "b"}\n', "missing at line 3"),
    "null-label": ("data.json", '[{"text": "a", "label": null}]', "missing at item 1"),
    "nan-label": ("data.json", '[{"text": "a", "label": NaN}]', "missing at item 1"),
    "lacks-text": ("data.jsonl", '{"text": "a", "label": "x"}\n{"label": "x"}\n', "empty at line 2"),
    "listed-text": ("data.jsonl", '{"text": ["a"], "label": "x"}\n', "of type list"),
    "label-of-parts": ("data.jsonl", '{"text": "a", "label": {"x": 1}}\n', "not the name of a class"),
    "half-character": ("data.jsonl", '{"text": "\\ud800", "label": "x"}\n', "surrogate) at line 1"),
    "half-label": ("data.jsonl", '{"text": "a", "label": "\\ud800"}\n', "not the name of a class"),
    "deep": ("data.jsonl", "[" * 100_000, "cannot be read"),
    "long-number": ("data.jsonl", '{"text": "a", "label": ' + "9" * 5000 + "}", "cannot be read"),
    "no-parquet": ("data.parquet", "text,label\n", "not a Parquet file"),
    "other-ending": ("data.pkl", "x", "cannot read .pkl"),
    "no-ending": ("data", "x", "without an ending"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said(tmp_path, case):
    name, content, expected = WRONG[case]
    message = refused(write(tmp_path, content, name))
    assert expected in message
    assert name in message or "data:" in message or "data," in message


def test_many_wrong_rows_are_counted(tmp_path):
    lines = "\n".join(f"text {n}," for n in range(20))
    assert refused(write(tmp_path, f"text,label\n{lines}")).count("line") == 5
    assert "and 15 more" in refused(write(tmp_path, f"text,label\n{lines}"))


def test_references_that_lead_nowhere(tmp_path):
    assert "is a folder" in refused(str(tmp_path))
    assert "no file" in refused(str(tmp_path / "none.csv"))
    assert "no file" in refused("none.csv")
    assert "no bundled data set 'films'" in refused("bundled:films")
    assert "is bundled:reviews" in refused("reviews")
    assert "No data was named" in refused(" ")
    assert "no file" in refused("what is this?")
    assert refused("x" * 5000 + ".csv")
    assert refused("a\0b.csv")
    assert "at least 1" in refused("none.csv", limit=0)
    assert "only hub data sets" in refused(write(tmp_path, "text,label\na,x\n"), split="test")


def test_large_files(tmp_path):
    path = tmp_path / "large.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "label", "domain"])
        writer.writerows([f"sentence number {n}, quite short", n % 4, "x"] for n in range(20_000))
    corpus = load(str(path))
    assert len(corpus) == 20_000
    assert corpus.labels == ("0", "1", "2", "3")


def test_parquet_knows_class_names_and_leaves_lists_out(tmp_path):
    import pyarrow
    from pyarrow import parquet

    features = {"label": {"names": ["World", "Sports"], "_type": "ClassLabel"}}
    table = pyarrow.table({"text": ["a", "b"], "label": [1, 0], "tokens": [[1], [2]], "raw": [b"1", b"2"]})
    path = tmp_path / "data.parquet"
    schema = table.schema.with_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    parquet.write_table(table.cast(schema), path)
    corpus = load(str(path))
    assert corpus.labels == ("World", "Sports")
    assert corpus.metadata_columns == ()
    assert [e.label for e in corpus.examples] == ["Sports", "World"]


@pytest.mark.parametrize("asked", [None, "Premise | hypothesis"])
def test_two_texts_are_a_pair(tmp_path, asked):
    path = tmp_path / "inference.csv"
    path.write_text("id,premise,hypothesis,label\n7,It rains. ,It is dry.,no\n8,It rains.,It is wet.,yes\n")
    corpus = load(str(path), text_column=asked)
    assert corpus.texts == ["It rains.\x1eIt is dry.", "It rains.\x1eIt is wet."]
    assert corpus.pairs
    assert corpus.metadata_columns == ("id",)
    joined = load(str(path), text_column="premise+hypothesis")
    assert joined.texts[0] == "It rains. It is dry."
    assert not joined.pairs


def test_a_pair_needs_both_of_its_texts_and_no_third(tmp_path):
    path = tmp_path / "inference.csv"
    path.write_text("premise,hypothesis,label\nIt rains.,,no\n")
    with pytest.raises(CorpusError, match="text is empty at"):
        load(str(path))
    with pytest.raises(CorpusError, match="a pair is two"):
        load(str(path), text_column="premise|hypothesis|label")


def test_a_file_that_is_named_after_its_part_is_called_by_its_folder_too(tmp_path):
    (tmp_path / "films").mkdir()
    for name, called in (("test", "films/test"), ("Train", "films/Train"), ("reviews", "reviews")):
        path = tmp_path / "films" / f"{name}.csv"
        path.write_text("text,label\na film,good\nanother,bad\n")
        assert load(str(path)).name == called
