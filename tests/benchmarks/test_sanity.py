"""The three questions, put to methods whose answers follow from what they compute."""

from argparse import ArgumentParser, Namespace

import numpy as np

from benchmarks import sanity


def asked(*arguments: str) -> Namespace:
    parser = ArgumentParser()
    sanity.options(parser)
    return parser.parse_args(arguments)


def test_every_method_has_a_row_with_its_counts_and_intervals():
    said: list[str] = []
    methods = ("occlusion", "saliency", "lime")
    options = asked(
        *("--models", "planted", "--planted", "6", "--examples", "3", "--drawn", "2", "--samples", "20"),
        *("--methods", *methods),
    )
    written = sanity.run(options, said.append)
    rows = {line.split(" | ")[0][2:]: line.split(" | ")[1:] for line in written.splitlines() if "%" in line}
    assert rows["leave one out"][:4] == ["100 % [61, 100]", "100 % [61, 100]", "0.0 %", "100 % [61, 100]"]
    assert rows["saliency"][1] == "no sign"
    assert [rows[name][4][-5:] for name in ("leave one out", "saliency", "LIME")] == [
        "n = 3",
        "n = 3",
        "n = 2",
    ]
    assert said[:3] == ["planted: 1 of 3 texts", "planted: 2 of 3 texts", "planted: 3 of 3 texts"]


def test_a_model_compared_with_itself_is_no_sanity(monkeypatch):
    monkeypatch.setattr(sanity, "randomised", lambda model, seed: model)
    options = asked("--methods", "gradient-input", "--examples", "2")
    texts = [sanity._planted(np.random.default_rng(0), 1) for _ in range(2)]
    found = sanity._likeness("planted", texts, options, lambda done: None)
    assert np.allclose(found["gradient-input"], 1)
