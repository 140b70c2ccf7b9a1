import pytest

from attacks import engine
from attacks.noise import NOISES
from attacks.single import Draw, survey
from tests.attacks.doubles import Fragile, WordCounter

TEXT = "a good film with a dull, awful end"


def test_a_survey_equals_the_engine_draw_by_draw_and_asks_every_text_once():
    draws = [Draw(name, severity, seed) for name in NOISES for severity in (1, 4) for seed in (0, 1)]
    model = WordCounter()
    told: list[tuple[int, int]] = []
    found = survey(model, TEXT, draws, on_progress=lambda done, total: told.append((done, total)))
    for draw, outcome in zip(draws, found, strict=True):
        alone = engine.run(draw.test, draw.severity, WordCounter(), [TEXT], [1], seed=draw.seed)
        assert [outcome] == alone
    asked = [text for call in model.calls for text in call]
    assert len(asked) == len(set(asked))
    assert told[-1] == (len(asked), len(asked))


def test_a_noise_that_stumbles_hides_neither_the_others_nor_other_texts(monkeypatch):
    def stumble(text, severity, rng):
        if text == TEXT:
            raise RuntimeError("cannot read this")
        return text

    monkeypatch.setattr(NOISES["casing"], "perturb", stumble, raising=False)
    bad, good = survey(WordCounter(), TEXT, [Draw("casing", 2, 0), Draw("homoglyphs", 2, 0)])
    assert (bad.status, bad.error) == ("error", "RuntimeError: cannot read this")
    assert good.status == "perturbed"
    found = engine.run("casing", 1, WordCounter(), [TEXT, "fine"], [1, 1], seed=0)
    assert [outcome.status for outcome in found] == ["error", "unchanged"]


def test_a_text_that_the_model_cannot_answer_is_an_error_of_every_draw():
    found = survey(Fragile(), "poison 1", [Draw("casing", 1, 0), Draw("homoglyphs", 1, 0)])
    assert [outcome.status for outcome in found] == ["error", "error"]


@pytest.mark.parametrize("text", ["", "日", "…"])
def test_what_cannot_be_edited_is_said(text):
    outcome = survey(WordCounter(), text, [Draw("keyboard-typos", 5, 3)])[0]
    assert (outcome.status, outcome.applicable) == ("unchanged", False)
