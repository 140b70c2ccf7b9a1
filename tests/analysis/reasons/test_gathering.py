"""A data set's attributions: each text's own, in the data's order."""

import numpy as np
import pytest

from analysis.attribution import AttributionError, attribute
from analysis.reasons import gather
from corpora.examples import PAIR_MARK, Example
from tests.analysis import planted

TEXTS = [
    "the dull film",
    "a long scene with music",
    " ",
    "the dull film",
    "old cars",
    "a dull town",
]
LABELS = ["low", "high", "low", "low", "low", "low"]
EXAMPLES = [
    Example(str(number), text, label) for number, (text, label) in enumerate(zip(TEXTS, LABELS, strict=True))
]


def test_each_distinct_text_is_explained_once_as_by_itself(monkeypatch):
    monkeypatch.setattr("analysis.reasons.gathering._PORTION", 2)
    seen: list[tuple[int, int]] = []
    found = gather(planted.classifier(), EXAMPLES, on_progress=lambda *now: seen.append(now))
    assert [example.id for example in found.examples] == ["0", "1", "4", "5"]
    assert found.left_out == 2
    assert found.right.tolist() == [True, True, False, True]
    for example, one in zip(found.examples, found.attributions, strict=True):
        alone = attribute(planted.classifier(), example.text)
        np.testing.assert_allclose(one.word_scores, alone.word_scores, atol=1e-5)
    assert seen[-1] == (4, 4)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_scores_turn_toward_a_label():
    found = gather(planted.classifier(), EXAMPLES, "gradient-input")
    assert planted.classifier().labels == ("high", "low")
    assert found.toward(1).tolist() == [1, -1, -1, 1]
    np.testing.assert_array_equal(found.toward(0), -found.toward(1))


def test_a_record_a_word():
    found = gather(planted.classifier(), EXAMPLES, "gradient-input")
    records = list(found.records())
    assert [record["word"] for record in records if record["id"] == "0"] == ["the", "dull", "film"]
    assert {(record["id"], record["answer"], record["right"]) for record in records} == {
        ("0", "low", True),
        ("1", "high", True),
        ("4", "high", False),
        ("5", "low", True),
    }
    text = {example.id: example.text for example in found.examples}
    for record in records:
        start, end = int(str(record["start"])), int(str(record["end"]))
        assert text[str(record["id"])][start:end] == record["word"]


def test_pairs_are_explained_as_pairs_beside_single_texts():
    pair = f"old cars{PAIR_MARK}a dull town"
    assert planted.classifier().encode([pair])[0].type_ids.count(1) == 4
    found = gather(planted.classifier(), [*EXAMPLES, Example("pair", pair, "low")])
    np.testing.assert_allclose(
        found.attributions[-1].word_scores, attribute(planted.classifier(), pair).word_scores, atol=1e-5
    )
    told = [(record["word"], record["part"]) for record in found.records() if record["id"] == "pair"]
    assert told == [("old", 1), ("cars", 1), ("a", 2), ("dull", 2), ("town", 2)]
    assert {record["part"] for record in found.records() if record["id"] != "pair"} == {1}


def test_data_without_a_word_is_a_clear_error_and_work_can_be_stopped():
    with pytest.raises(AttributionError, match="no text of the data"):
        gather(planted.classifier(), [Example("0", "  ", "low")])

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gather(planted.classifier(), EXAMPLES, on_progress=stop)
