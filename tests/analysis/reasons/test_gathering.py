"""A data set's attributions: each text's own, in the data's order."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from analysis.attribution import AttributionError, attribute
from analysis.reasons import drivers, gather
from corpora.examples import PAIR_MARK, Example
from models.transformer import TransformerClassifier
from tests.analysis import planted, tiny

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


def test_one_of_several_labels_is_a_question_of_its_own():
    usual = tiny.classifier("bert", problem="multi_label_classification")
    texts, label = [example.text for example in EXAMPLES if example.text.strip()], 1
    module = copy.deepcopy(usual.module)
    with torch.no_grad():  # so that it holds for half of them
        module.classifier.bias -= float(np.unique(usual.logits(texts)[:, label])[1:3].mean())
    model = TransformerClassifier(module, usual.tokenizer, reference="halves", weights="halves")
    name = model.labels[label]
    names = f"not {name}", name
    examples = [Example(str(number), text, names[number % 2]) for number, text in enumerate(texts)]
    found = gather(model, examples, about=name)
    assert found.labels == names
    assert 0 < sum(one.target for one in found.attributions) < len(found.attributions)
    for example, one, right in zip(found.examples, found.attributions, found.right, strict=True):
        chance = model.probabilities([example.text])[0, label]
        assert one.target == int(chance > 0.5)
        assert right == (example.label == names[int(chance > 0.5)])
        assert one.ends is not None
        assert abs(one.ends[1]) == pytest.approx(abs(np.log(chance / (1 - chance))), abs=1e-3)
        assert one.ends[1] > 0  # the answer's own score
    # For the label each word counts as it does for the label's logit, whatever the answer.
    for sign, example, one in zip(found.toward(1), found.examples, found.attributions, strict=True):
        alone = attribute(model, example.text, target=label, quantity="logit")
        np.testing.assert_allclose(sign * one.word_scores, alone.word_scores, atol=1e-5)
    assert {record["answer"] for record in found.records()} == {*names}


def test_a_number_is_explained_as_the_difference_of_logits_that_it_is():
    choosing = planted.classifier()
    module = copy.deepcopy(choosing.module)
    (high, low), (bias, other) = module.classifier.weight.detach(), module.classifier.bias.detach()
    module.classifier = torch.nn.Linear(len(high), 2)  # the first value is the label's lead; the second is 0
    with torch.no_grad():
        module.classifier.weight.copy_(torch.stack([low - high, torch.zeros_like(high)]))
        module.classifier.bias.copy_(torch.stack([other - bias, torch.zeros(())]))
    module.config.problem_type = "regression"
    module.config.id2label = {0: "dullness", 1: "nothing"}
    model = TransformerClassifier(module, choosing.tokenizer, reference="lead", weights="lead")
    examples = [replace(one, label=str(number)) for number, one in enumerate(EXAMPLES)]
    found, chosen = gather(model, examples, about="dullness"), gather(choosing, EXAMPLES)
    assert found.labels == ("a lower dullness", "a higher dullness")
    assert chosen.labels == ("high", "low")
    for one, as_choice, sign in zip(found.attributions, chosen.attributions, chosen.toward(1), strict=True):
        np.testing.assert_allclose(one.word_scores, sign * as_choice.word_scores, atol=1e-4)
    logits = choosing.logits([example.text for example in found.examples])
    assert drivers(found, 1, fewest=2)[0].text == "dull"
    given = {"0": 0.0, "1": 1.0, "4": 4.0, "5": 5.0}
    assert found.values is not None
    np.testing.assert_allclose(found.values, logits[:, 1] - logits[:, 0], atol=1e-4)
    for value, error, example in zip(found.values, found.errors, found.examples, strict=True):
        assert error == pytest.approx(value - given[example.id])
        told = [record for record in found.records() if record["id"] == example.id]
        assert {(record["label"], record["answer"], record["speaks_for"]) for record in told} == {
            (given[example.id], value, "a higher dullness")
        }
    still = gather(model, examples, "gradient-input", about="nothing")
    assert not np.any(still.values)
    assert not any(one.word_scores.any() for one in still.attributions)
    with pytest.raises(AttributionError, match="Ask about one of its values: dullness, nothing"):
        gather(model, examples)


def test_a_label_or_value_that_a_model_is_not_made_for_is_refused():
    several = tiny.classifier("bert", problem="multi_label_classification")
    number = tiny.classifier("bert", labels=1, problem="regression")
    for model, about in ((several, None), (several, "joy"), (number, "joy"), (planted.classifier(), "low")):
        with pytest.raises(AttributionError, match="is not made to say"):
            gather(model, EXAMPLES, about=about)
    with pytest.raises(AttributionError, match=r"behind it, such as bert#low"):
        gather(several, EXAMPLES)


def test_data_without_a_word_is_a_clear_error_and_work_can_be_stopped():
    with pytest.raises(AttributionError, match="no text of the data"):
        gather(planted.classifier(), [Example("0", "  ", "low")])

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gather(planted.classifier(), EXAMPLES, on_progress=stop)
