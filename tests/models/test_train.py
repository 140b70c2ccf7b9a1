"""Training: a tiny model learns what can be learnt, and what is saved answers as what was trained."""

import csv
import json
import random

import numpy as np
import pytest
import torch
from scipy.stats import norm

from models import card, train
from models.loading import load
from models.tuning import Labelled, Recipe, Step, batches, fit
from tests.models import tiny

GOOD, BAD = ("good", "great", "fine", "wonderful", "bright"), ("bad", "awful", "dull", "boring", "terrible")


def _table(path, rows, seed):
    """Sentences with exactly one word of judgement, which decides the label."""
    draw = random.Random(seed)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["title", "text", "label"])
        for index in range(rows):
            words = draw.choices(["the", "film", "plot", "story", "actor", "was", "of", "it"], k=5)
            words[draw.randrange(5)] = draw.choice(BAD if index % 2 else GOOD)
            writer.writerow([f"it {index}", " ".join(words), "no" if index % 2 else "yes"])
    return str(path)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """What the command leaves, and what it was asked."""
    folder = tmp_path_factory.mktemp("trained")
    about = folder / "about.md"
    about.write_text("Made for a test. | <b>")
    base = tiny.save(folder / "base", initializer_range=0.1)
    arguments = [
        *("--data", _table(folder / "train.csv", 320, 0), "--test", _table(folder / "test.csv", 100, 1)),
        *("--base", str(base), "--text-column", "text", "--epochs", "8", "--rank", "8"),
        *(
            "--learning-rate",
            "0.01",
            "--batch-size",
            "16",
            "--seed",
            "3",
            "--device",
            "cpu",
            "--about",
            str(about),
        ),
    ]
    assert train.main([*arguments, "--out", str(folder / "out")]) == 0
    return folder, arguments


def test_what_can_be_learnt_is_learnt(trained):
    record = json.loads((trained[0] / "out" / "training.json").read_text())
    test = next(figure for figure in record["figures"] if figure["name"] == "test")
    assert sum(count["right"] for count in test["labels"].values()) >= 90
    assert {label: count["total"] for label, count in test["labels"].items()} == {"no": 50, "yes": 50}
    assert max(record["dev_by_epoch"]) > 0.9


def test_what_was_saved_answers_by_the_labels(trained):
    found = load(str(trained[0] / "out"), device="cpu")
    assert found.labels == ("no", "yes")
    assert found.probabilities(["the film was wonderful", "the film was awful"]).argmax(axis=1).tolist() == [
        1,
        0,
    ]


def test_the_same_seed_gives_the_same_weights(trained, capsys):
    folder, arguments = trained
    arguments[arguments.index("--epochs") + 1] = "2"
    assert train.main([*arguments, "--out", str(folder / "a")]) == 0
    assert train.main([*arguments, "--out", str(folder / "b")]) == 0
    first, second = ((folder / name / "adapter_model.safetensors").read_bytes() for name in "ab")
    assert first == second
    assert "right on dev" in capsys.readouterr().out


def test_the_card_says_what_was_done(trained):
    text = (trained[0] / "out" / "README.md").read_text()
    record = json.loads((trained[0] / "out" / "training.json").read_text())
    assert "Made for a test. | <b>" in text
    test = next(figure for figure in record["figures"] if figure["name"] == "test")
    right = sum(count["right"] for count in test["labels"].values())
    assert f"| test | {card.Count(right, 100).sentence} |" in text
    assert "python -m models.train" in record["command"]
    assert "--seed 3" in record["command"]
    assert all(table["sha256"] in text for table in record["tables"])


@pytest.mark.parametrize(("right", "total"), [(0, 7), (7, 7), (55, 100), (1607, 1821)])
def test_intervals_are_wilsons(right, total):
    z, p = norm.ppf(0.975), right / total
    middle = (p + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z / (1 + z**2 / total) * np.sqrt(p * (1 - p) / total + z**2 / (4 * total**2))
    low, high = 100 * max(0, middle - half), 100 * min(1, middle + half)
    assert card.Count(right, total).sentence == f"{100 * p:.1f} % [{low:.1f}, {high:.1f}], n = {total}"


@pytest.mark.parametrize("family", tiny.FAMILIES)
def test_saved_equals_trained_and_only_little_is_trained(tmp_path, tiny_folder, family):
    recipe = Recipe(epochs=2, rank=4, learning_rate=0.02, batch_size=4)
    base = str(tiny_folder(family))
    before = torch.random.get_rng_state()
    model, tokenizer = train.build(base, ("a", "b", "c"), recipe, torch.device("cpu"))
    data = Labelled(["good film", "bad", "dull plot of it", "a", "fine", "law"], [0, 1, 2, 0, 1, 2])
    steps: list[Step] = []
    history = fit(model, tokenizer, data, data, recipe=recipe, on_step=steps.append)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert [step.done for step in steps if step.dev_accuracy is None] == [1, 2, 3, 4]
    assert [step.dev_accuracy for step in steps if step.dev_accuracy is not None] == history
    names = {name for name, value in model.named_parameters() if value.requires_grad}
    assert all("lora_" in name or "modules_to_save" in name for name in names)
    train.save(model, base, tmp_path)
    found = load(str(tmp_path), device="cpu")
    with torch.no_grad():
        expected = [
            model(**tokenizer(text, return_tensors="pt")).logits[0].double().numpy() for text in data.texts
        ]
    np.testing.assert_allclose(found.logits(data.texts), expected, atol=1e-4)
    assert found.labels == ("a", "b", "c")


def test_the_best_epoch_is_kept(tiny_folder):
    recipe = Recipe(epochs=4, rank=4, learning_rate=0.5, batch_size=2)
    model, tokenizer = train.build(str(tiny_folder("bert")), ("a", "b"), recipe, torch.device("cpu"))
    data = Labelled(["good", "bad", "dull film", "fine story"], [0, 1, 1, 0])
    dev = Labelled(["great", "awful", "the plot", "boring", "a law", "money"], [0, 1, 0, 1, 0, 1])
    history = fit(model, tokenizer, data, dev, recipe=recipe)
    with torch.no_grad():
        answers = [model(**tokenizer(text, return_tensors="pt")).logits.argmax().item() for text in dev.texts]
    right = [answer == target for answer, target in zip(answers, dev.targets, strict=True)]
    assert np.mean(right) == pytest.approx(max(history))


def test_batches_hold_everything_once_and_alike_together():
    lengths = [random.Random(0).randrange(1, 60) for _ in range(1000)]
    found = batches(lengths, 16, torch.Generator().manual_seed(0))
    assert sorted(index for batch in found for index in batch) == list(range(1000))
    assert max(len(batch) for batch in found) == 16
    padded = sum(len(batch) * max(lengths[index] for index in batch) for batch in found)
    assert padded < 1.1 * sum(lengths)
    assert found == batches(lengths, 16, torch.Generator().manual_seed(0))
    assert found != batches(lengths, 16, torch.Generator().manual_seed(1))


def test_parts_are_learnt_and_judged_alone(tmp_path):
    data = _table(tmp_path / "t.csv", 40, 0)
    options = ["--data", data, "--test", data, "--text-column", "title+text", "--parts", "--out", "x"]
    read = train.read(train._parser().parse_args(options))
    assert len(read.dev.texts) == 4
    assert len(read.train.texts) == 3 * 36
    assert set(read.judged) == {
        *("dev", "test", "dev, title alone", "dev, text alone", "test, title alone", "test, text alone")
    }
    learnt = set(read.train.texts)
    for texts, _ in (read.dev, read.judged["dev, title alone"], read.judged["dev, text alone"]):
        assert not learnt & {text for text in texts if text.startswith("it ")}


def _errors(capsys):
    return " ".join(capsys.readouterr().err.split())


def test_errors_are_one_sentence(tmp_path, capsys, tiny_folder):
    data, out = _table(tmp_path / "t.csv", 10, 0), str(tmp_path / "out")
    other = tmp_path / "other.csv"
    other.write_text("text,label\ngood,perhaps\n")
    single = tmp_path / "single.csv"
    single.write_text("text,label\ngood,yes\nfine,yes\n")
    base = ["--base", str(tiny_folder("bert"))]
    for arguments, message in (
        (["--data", str(tmp_path / "gone.csv"), "--out", out], "There is no file"),
        (["--data", str(single), "--out", out], "one label only (yes)"),
        (["--data", data, "--test", str(other), "--out", out], "lacks: perhaps"),
        (["--data", data, "--base", str(tmp_path / "gone"), "--out", out], "There is no folder"),
        (["--data", data, "--out", str(tmp_path)], "holds other files"),
        (["--data", data, "--out", out, "--device", "tpu", *base], "no device 'tpu'"),
    ):
        assert train.main(arguments) == 2
        message_found = _errors(capsys)
        assert message_found.startswith("Not trained: ")
        assert message in message_found


@pytest.mark.parametrize(
    "wrong", [["--epochs", "0"], ["--dev-share", "1"], ["--learning-rate", "-1"], ["--parts"], []]
)
def test_wrong_arguments_are_refused(capsys, wrong):
    with pytest.raises(SystemExit) as stop:
        train.main([*wrong, *(["--data", "x", "--out", "y"] if wrong else [])])
    assert stop.value.code == 2
