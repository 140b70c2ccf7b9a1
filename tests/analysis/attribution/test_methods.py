"""What holds for every method: sums, seeds, families, and a model whose true reason is known."""

import copy
from functools import cache

import numpy as np
import pytest
import torch

from analysis.attribution import METHODS, AttributionError, Settings, attribute, record, unusable
from models.transformer import TransformerClassifier
from tests.analysis import families, planted, tiny

TEXT = "The film has a dull scene with old cars."
TEXTS = [TEXT, "people talk about a long dull scene", "dull music in the town and old people", "a dull film"]
every_method = pytest.mark.parametrize("method", METHODS)


def of(found) -> dict[str, float]:
    return {word.text: score for word, score in zip(found.words, found.word_scores, strict=True)}


@cache
def explained(method: str, text: str, seed: int = 0):
    return attribute(planted.classifier(), text, method, settings=Settings(seed=seed))


@every_method
def test_the_planted_reason_is_found(method):
    assert planted.classifier().probabilities(TEXTS).argmax(1).tolist() == [1] * 4
    assert planted.classifier().probabilities(["The film has a long scene."]).argmax() == 0
    for text in TEXTS:
        # Gradients at the text itself know the size: where the model is sure, their sign is chance.
        local = method in ("gradient-input", "smoothgrad")
        scores = {word: abs(score) if local else score for word, score in of(explained(method, text)).items()}
        assert max(scores, key=lambda word: scores[word]) == "dull", scores
        assert scores["dull"] > 0


@every_method
def test_two_equal_words_get_equal_scores(method):
    """Where words cannot be told apart, neither can their scores, but for what chance draws."""
    text = "the dull film has a dull scene"
    found = attribute(planted.classifier(), text, method, settings=Settings(samples=800))
    twins = [score for word, score in zip(found.words, found.word_scores, strict=True) if word.text == "dull"]
    drawn = method in ("lime", "shapley-sampling", "smoothgrad", "gradient-shap")
    assert twins[0] == pytest.approx(twins[1], rel=0.15 if drawn else 1e-3, abs=1e-6)


@every_method
def test_with_random_weights_the_reason_is_gone(method):
    """A method that marks the keyword whatever the weights would explain the text, not the model."""
    planted_model, found = planted.classifier(), 0
    draws = [(seed, text) for seed in range(3) for text in TEXTS[:2]]
    for seed, text in draws:
        module = copy.deepcopy(planted_model.module)
        random = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for weights in module.parameters():
                flat = weights.view(-1)
                flat.copy_(flat[torch.randperm(len(flat), generator=random)])
        scrambled = TransformerClassifier(module, planted_model.tokenizer, reference="s", weights=f"s{seed}")
        scores = of(attribute(scrambled, text, method, target=1, settings=Settings(samples=40, max_steps=16)))
        found += max(scores, key=lambda word: scores[word]) == "dull"
    assert found <= len(draws) / 2


@every_method
def test_every_method_says_what_it_did_and_keeps_its_promise(method):
    chosen = METHODS[method]
    found = explained(method, TEXT)
    assert found.method == method
    assert len(found.token_scores) == len(found.tokens)
    assert not found.token_scores[[0, -1]].any()  # the tokenizer's own
    np.testing.assert_allclose(
        [found.token_scores[list(word.tokens)].sum() for word in found.words], found.word_scores, atol=1e-12
    )
    assert set(found.settings) >= {name for name in chosen.uses if name != "max_steps"}
    assert chosen.signed or (found.word_scores >= 0).all()
    if found.ends is not None:
        assert found.delta == pytest.approx(found.word_scores.sum() - (found.ends[1] - found.ends[0]))
        assert found.relative_delta is not None
    else:
        assert found.delta is found.relative_delta is None
        assert found.converged
    written = record(found, planted.classifier().labels)
    assert written["method"] == method
    assert written["delta"] == found.delta


def test_completeness_is_promised_by_these():
    promised = {method for method in METHODS if explained(method, TEXT).ends is not None}
    by_paths = {"integrated-gradients", "gradient-shap", "deeplift"}
    assert promised == by_paths | {"kernel-shap", "shapley-sampling"}
    for method in ("kernel-shap", "shapley-sampling"):
        assert abs(explained(method, TEXT).delta or 0) < 1e-9


@every_method
def test_a_seed_decides_everything(method, monkeypatch):
    def no_global_state(*args, **settings):
        raise AssertionError("the global random state was used")

    monkeypatch.setattr(torch, "manual_seed", no_global_state)
    again = attribute(planted.classifier(), TEXT, method)
    np.testing.assert_array_equal(again.word_scores, explained(method, TEXT).word_scores)
    other = explained(method, TEXT, 1)
    drawn = "seed" in METHODS[method].uses
    assert np.array_equal(other.word_scores, again.word_scores) is not drawn


@pytest.mark.parametrize("quantity", ["logit", "difference", "probability", "log-odds"])
@pytest.mark.parametrize("method", ["integrated-gradients", "kernel-shap"])
def test_every_quantity_is_explained_in_its_own_unit(method, quantity):
    classifier = planted.classifier()
    question = {"target": 0, "quantity": quantity, "settings": Settings(max_steps=144)}
    found = attribute(classifier, TEXT, method, **question)
    logits = classifier.logits([TEXT])[0]
    chance = float(classifier.probabilities([TEXT])[0, 0])
    expected = {
        "logit": logits[0],
        "difference": logits[0] - logits[1],
        "probability": chance,
        "log-odds": np.log(chance / (1 - chance)),
    }[quantity]
    assert found.ends is not None
    assert found.ends[1] == pytest.approx(expected, abs=1e-4)
    assert found.quantity == quantity
    assert (found.contrast is None) == (quantity != "difference")


def test_three_labels_have_log_odds_against_both_others():
    classifier = tiny.classifier("bert")
    found = attribute(classifier, TEXT, target=1, quantity="log-odds")
    chance = float(classifier.probabilities([TEXT])[0, 1])
    assert found.ends is not None
    assert found.ends[1] == pytest.approx(np.log(chance / (1 - chance)), abs=1e-3)


def test_what_a_family_cannot_do_is_found_out_and_said_in_one_line():
    removal = {"occlusion", "lime", "kernel-shap", "shapley-sampling"}
    expected: dict[str, set[str]] = {family: set() for family in families.NAMES} | {
        "canine": {*METHODS} - removal,
    }
    tried = [
        family for family in expected if family not in ("mistral", "qwen2", "mpnet")
    ]  # as llama, roberta
    found = {family: unusable(tiny.classifier(family)) for family in tried}
    assert {family: set(reasons) for family, reasons in found.items()} == {
        one: expected[one] for one in tried
    }
    assert all("\n" not in reason for reasons in found.values() for reason in reasons.values())
    # The page in docs/ says the same.
    lines = families.DOCUMENT.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    table = {name: dict(zip(rows[0][1:], cells, strict=True)) for name, *cells in rows[1:]}
    assert list(table) == list(families.NAMES.values())
    for family, reasons in found.items():
        cells = table[families.NAMES[family]]
        for method in METHODS.values():
            assert cells[method.needs] == (families.NO if method.name in reasons else families.YES), family


def test_methods_and_texts_that_do_not_exist():
    with pytest.raises(AttributionError, match="no method 'guess'"):
        attribute(tiny.classifier("bert"), TEXT, "guess")
    with pytest.raises(AttributionError, match="no quantity"):
        attribute(tiny.classifier("bert"), TEXT, quantity="feeling")  # type: ignore[arg-type]
    with pytest.raises(AttributionError, match="holds no word"):
        attribute(tiny.classifier("bert"), " ", "lime")


@every_method
def test_one_word_and_one_label_are_enough(method):
    found = attribute(tiny.classifier("bert", labels=1), "dull", method, settings=Settings(samples=20))
    assert (found.quantity, found.contrast, len(found.word_scores)) == ("value", None, 1)
    assert np.isfinite(found.word_scores).all()


def in_half(classifier: TransformerClassifier, dtype: torch.dtype) -> TransformerClassifier:
    module = copy.deepcopy(classifier.module).to(dtype)
    return TransformerClassifier(module, classifier.tokenizer, reference="half", weights=str(dtype))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("family", ["bert", "gpt2"])
def test_half_precision_costs_digits_and_no_more(family, dtype):
    """Sums and slopes are formed in more digits than the model has: thousands of small ones make them up."""
    full = tiny.classifier(family)
    half = in_half(full, dtype)
    text = "the film was not very dull, but it is a good one."
    digits = 3.6 * torch.finfo(dtype).eps
    settings = Settings(max_steps=162, tolerance=1e-9, samples=162)
    for method in ("integrated-gradients", "deeplift", "gradient-shap", "gradient-input"):
        one = attribute(full, text, method, settings=settings)
        other = attribute(half, text, method, target=one.target, contrast=one.contrast, settings=settings)
        largest = np.abs(one.token_scores).max()
        assert np.abs(one.token_scores - other.token_scores).max() < digits * largest, method


def test_what_half_precision_cannot_add_up_is_told_as_such():
    half = in_half(tiny.classifier("t5"), torch.float16)
    with pytest.raises(AttributionError, match=r"do not add up in float16.* Choose float32"):
        attribute(half, TEXT, "deeplift")
