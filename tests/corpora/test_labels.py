"""Label names of data and model: what matches by itself, and what must be said."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.examples import Corpus, CorpusError, Example, example_ids
from corpora.labels import SYNONYMS, align, load_for, negated

NEWS = ("World", "Sports", "Business", "Sci/Tech")


def corpus(*labels):
    texts = [f"text {n}" for n in range(len(labels))]
    rows = zip(example_ids(texts), texts, labels, strict=True)
    return Corpus(
        "made", "made", tuple(Example(*row, {"k": "v"}) for row in rows), tuple(sorted(set(labels)))
    )


def aligned(own, model, label_map=None):
    result = align(corpus(*own), model, label_map)
    assert result.labels == tuple(model)
    assert all(example.metadata == {"k": "v"} for example in result.examples)
    return [example.label for example in result.examples]


def refused(own, model, label_map=None):
    with pytest.raises(CorpusError) as caught:
        align(corpus(*own), model, label_map)
    return str(caught.value)


def test_rows_with_several_labels_are_named_with_a_way_out():
    model = ("anger", "joy", "surprise")
    message = refused(["joy", "Joy|surprise", "anger|joy", "joy"], model)
    assert "2 of 4 rows have several labels, such as 'Joy|surprise'" in message
    assert "label map, for example Joy|surprise=joy" in message
    mapping = {"Joy|surprise": "joy", "anger|joy": "anger"}
    assert aligned(["joy", "Joy|surprise", "anger|joy"], model, mapping) == ["joy", "joy", "anger"]
    assert "for example" not in refused(["joy, anger"], model)  # a comma ends a pair of a map
    assert "several" not in refused(["joy|boredom"], model)


@pytest.mark.parametrize(
    ("model", "written", "held"),
    [
        (("anger", "joy", "surprise"), "joy|Surprise", {"joy", "surprise"}),
        (("anger", "joy", "surprise"), "anger; joy,surprise", {"anger", "joy", "surprise"}),
        (("anger", "joy", "surprise"), "['joy', 'anger']", {"joy", "anger"}),  # a list as pandas writes it
        (("anger", "joy", "surprise"), "[]", set()),
        (("anger", "joy", "surprise"), "", set()),
        (("LABEL_1", "LABEL_2", "LABEL_12"), "1|2", {"LABEL_1", "LABEL_2"}),
        (("LABEL_1", "LABEL_2", "LABEL_12"), "12", {"LABEL_12"}),
        (("World, politics", "World", "Sport"), "World, politics|Sport", {"World, politics", "Sport"}),
        (("👍", "👎"), "👍|👎", {"👍", "👎"}),
    ],
)
def test_each_of_several_labels_is_a_question_of_its_own(model, written, held):
    for label in model:
        asked = align(corpus(written, ""), (negated(label), label), among=model)
        assert asked.labels == (f"not {label}", label)
        assert [example.label for example in asked.examples] == [
            asked.labels[label in held],
            f"not {label}",
        ]
        assert asked.targets == [int(label in held), 0]


def test_labels_that_no_question_knows_are_named():
    with pytest.raises(CorpusError) as caught:
        align(corpus("joy|boredom", "joy", "boredom"), ("not joy", "joy"), among=("anger", "joy"))
    assert "2 of 3 rows" in str(caught.value)
    assert "'boredom', 'joy|boredom'" in str(caught.value)
    assert "The model has 'anger', 'joy'" in str(caught.value)


FEELINGS = ("anger", "joy", "surprise")


def held(*written, label="joy", among=FEELINGS, label_map=None):
    """Whether the label holds for each row."""
    return align(corpus(*written), (negated(label), label), label_map, among=among).targets


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (["1", "0", "1"], [1, 0, 1]),
        (["1.0", "0.0"], [1, 0]),
        (["True", "FALSE"], [1, 0]),
        (["yes", "no"], [1, 0]),
        (["joy", "Not joy"], [1, 0]),
        (["0", "0"], [0, 0]),
        (["joy", ""], [1, 0]),
        (["", ""], [0, 0]),
        (["Joy", "anger"], [1, 0]),
    ],
)
def test_a_column_about_one_label_says_whether_it_holds(written, expected):
    assert held(*written) == expected


def test_numbers_that_are_names_too_must_be_told():
    model = ("LABEL_0", "LABEL_1", "LABEL_2")
    with pytest.raises(
        CorpusError, match=r"'0', '1' may be a label of the model or say whether 'LABEL_2' holds"
    ):
        held("0", "1", label="LABEL_2", among=model)
    told = {"1": "LABEL_2", "0": "not LABEL_2"}
    assert held("0", "1", label="LABEL_2", among=model, label_map=told) == [0, 1]
    assert held("0|2", "1", "", label="LABEL_2", among=model) == [1, 0, 0]
    assert held("0", "1", label="negative", among=("negative", "positive")) == [0, 1]


def test_a_row_that_does_not_say_is_refused():
    with pytest.raises(CorpusError, match=r"1 of 3 rows do not say whether 'joy' holds"):
        held("1", "", "0")


def test_a_map_names_labels_of_the_whole_model_and_the_choice():
    assert held("fury; delight", "fury", label_map={"fury": "anger", "Delight": "joy"}) == [1, 0]
    assert held("glad", "meh", label_map={"glad": "joy", "meh": "not joy"}) == [1, 0]
    assert held("fury|meh", "", label_map={"fury|meh": "joy"}) == [1, 0]
    with pytest.raises(CorpusError, match="but the model has 'not joy', 'joy', 'anger', 'surprise'"):
        held("glad", label_map={"glad": "bliss"})


def test_a_column_of_its_own_is_found_by_the_labels_name(tmp_path):
    file = tmp_path / "comments.csv"
    file.write_text("text,label,Anger,joy\na,7,0,1.0\nb,7,1,0.0\n")

    def read(label, column=None):
        labels = negated(label), label
        return load_for(labels, str(file), among=FEELINGS, label_column=column)

    assert (read("anger").targets, read("joy").targets) == ([0, 1], [1, 0])
    assert read("joy").examples[0].metadata == {"label": "7", "Anger": "0"}
    assert read("joy", "joy").targets == [1, 0]
    with pytest.raises(CorpusError, match=r"the column 'Anger' says whether 'anger' holds.* about 'joy'"):
        read("joy", "Anger")
    with pytest.raises(
        CorpusError, match=r"2 of 2 rows have labels that the model does not have, such as '7'"
    ):
        read("surprise")


@given(rows=st.lists(st.sets(st.sampled_from(FEELINGS)), min_size=1), mark=st.sampled_from("|;,"))
@settings(max_examples=40, deadline=None)
def test_each_label_holds_where_it_is_written(rows, mark):
    written = [mark.join(sorted(row)) for row in rows]
    for label in FEELINGS:
        assert held(*written, label=label) == [int(label in row) for row in rows]


@pytest.mark.parametrize(
    ("own", "model", "expected"),
    [
        (["positive", "negative"], ("negative", "positive"), ["positive", "negative"]),
        (["POSITIVE", " Negative."], ("negative", "positive"), ["positive", "negative"]),
        (["pos", "neg"], ("Negative", "Positive"), ["Positive", "Negative"]),
        (["1", "0"], ("negative", "positive"), ["positive", "negative"]),
        (["1", "0"], ("positive", "negative"), ["positive", "negative"]),
        (["1", "0"], ("LABEL_0", "LABEL_1"), ["LABEL_1", "LABEL_0"]),
        (["label 1", "LABEL-0"], ("0", "1"), ["1", "0"]),
        (["pos", "neg"], ("LABEL_0", "LABEL_1"), ["LABEL_1", "LABEL_0"]),
        (["yes", "no"], ("LABEL_0", "LABEL_1"), ["LABEL_1", "LABEL_0"]),
        (["True", "False"], ("no", "yes"), ["yes", "no"]),
        (["neu", "neg"], ("negative", "neutral", "positive"), ["neutral", "negative"]),
        (["sport", "science and technology", "business"], NEWS, ["Sports", "Sci/Tech", "Business"]),
        (["Sci-Tech", "WORLD"], NEWS, ["Sci/Tech", "World"]),
        (["positive"], ("negative", "positive"), ["positive"]),
        (["0"], ("negative", "positive"), ["negative"]),
        (["C", "C++"], ("C++", "C"), ["C", "C++"]),
        (["👍", "👎"], ("👎", "👍"), ["👍", "👎"]),
        (["Ｐｏｓ", "neg"], ("negative", "positive"), ["positive", "negative"]),
        (["Pos", "pos"], ("negative", "positive"), ["positive", "positive"]),
    ],
)
def test_what_matches_by_itself(own, model, expected):
    assert aligned(own, model) == expected


@pytest.mark.parametrize(
    ("own", "model"),
    [
        (["1", "2"], ("negative", "positive")),  # counted from 1: 1 is the negative one
        (["1"], ("negative", "positive")),  # from 0 or from 1? cannot be told
        (["0", "1", "2"], ("negative", "neutral", "positive")),
        (["0", "1", "2", "3"], NEWS),
        (["1", "2", "3", "4"], ("LABEL_0", "LABEL_1", "LABEL_2", "LABEL_3")),
        (["joy", "anger"], ("negative", "positive")),
        (["positive", "negative", "neutral"], ("negative", "positive")),
        (["neg", "0"], ("negative", "positive")),
        (["c"], ("C", "C++")),
        (["x"], ()),
    ],
)
def test_what_must_be_said(own, model):
    assert "Say which is which with a label map, for example " in refused(own, model)


def test_two_labels_of_different_names_never_merge_in_silence():
    assert "would become the same label" in refused(["neg", "negative"], ("negative", "positive"))


def test_the_message_names_both_sides_and_an_example():
    message = refused(["bad", "positive"], ("negative", "positive"))
    assert "the labels 'bad' of the data do not match" in message
    assert "The data has 'bad', 'positive'; the model has 'negative', 'positive'" in message
    assert message.endswith("for example bad=negative.")


def test_an_explicit_map():
    stars = ["1", "2", "4", "5"]
    mapped = {"1": "negative", "2": "NEGATIVE", "4": "positive", "5": "pos"}
    assert "but the model has" in refused(stars, ("negative", "positive"), mapped)
    mapped["5"] = "positive"
    assert aligned(stars, ("negative", "positive"), mapped) == [
        "negative",
        "negative",
        "positive",
        "positive",
    ]
    assert aligned(["bad", "positive"], ("negative", "positive"), {"Bad": "negative"}) == [
        "negative",
        "positive",
    ]
    # A map may turn names round.
    turned = {"negative": "positive", "positive": "negative"}
    assert aligned(["positive"], ("negative", "positive"), {"positive": "negative"}) == ["negative"]
    assert aligned(["positive", "negative"], ("negative", "positive"), turned) == ["negative", "positive"]


def test_a_map_with_unknown_or_contrary_names():
    model = ("negative", "positive")
    assert "names 'bad', but the data has 'neg'" in refused(["neg"], model, {"bad": "negative"})
    assert "to 'sad', but the model has" in refused(["neg"], model, {"neg": "sad"})
    assert "two labels" in refused(["neg"], model, {"neg": "negative", "NEG": "positive"})


def test_order_ids_and_texts_stay():
    before = corpus("pos", "neg", "pos")
    after = align(before, ("negative", "positive"))
    assert [e.id for e in after.examples] == [e.id for e in before.examples]
    assert after.targets == [1, 0, 1]


def test_the_table_of_synonyms_has_no_overlaps():
    names = [name for group in SYNONYMS for name in group]
    assert len(names) == len(set(names))
