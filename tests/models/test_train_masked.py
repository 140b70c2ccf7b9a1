"""Training a masked language model: what can be learnt is learnt, and what is saved is what was trained."""

import csv
import json
import math
import random

import numpy as np
import pytest
import torch

from models import masked, masking, train_masked
from models.encoding import Encoder

WORDS = ("film", "plot", "actor", "story", "scene", "movie")
#: Each noun is followed by its own adjective: what hides behind the mask can be known.
PAIRS = dict(zip(WORDS, ("good", "bad", "long", "short", "new", "old"), strict=True))


def table(path, rows, seed):
    draw = random.Random(seed)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        for index in range(rows):
            nouns = draw.sample(WORDS, 3)
            text = " and ".join(f"the {noun} is {PAIRS[noun]}" for noun in nouns)
            writer.writerow([text, "yes" if index % 2 else "no"])
    return str(path)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("masked")
    (folder / "about.md").write_text("Made for a test. | <b>")
    arguments = [
        *("--data", table(folder / "train.csv", 160, 0), "--held-out", table(folder / "test.csv", 12, 1)),
        *("--about", str(folder / "about.md"), "--epochs", "3", "--batch-size", "8", "--rank", "4"),
        *("--device", "cpu", "--seed", "3"),
    ]
    assert train_masked.main([*arguments, "--out", str(folder / "out")]) == 0
    return folder, arguments


def test_what_can_be_learnt_is_learnt(trained):
    record = json.loads((trained[0] / "out" / "training.json").read_text())
    (figures,) = record["figures"]
    assert figures["trained"]["first"]["right"] > 0.7 * figures["trained"]["first"]["total"]
    assert figures["trained"]["loss"] < figures["frequencies"]["loss"] - 1
    assert figures["untrained"]["loss"] == pytest.approx(math.log(30522), abs=1.5)
    losses = record["loss_by_epoch"]
    assert len(losses) == 3 and losses[-1] < losses[0]
    assert "held likelier" in (trained[0] / "out" / "README.md").read_text()


def test_what_was_saved_is_what_was_trained(trained):
    """The file's factors, added to the base, give the adapted module's answers."""
    module, tokenizer = masked.bare()
    encoded = Encoder(tokenizer, 32)(["the film is good", "the plot is bad"])
    adapted = masking.prepare(module, masking.Recipe(rank=4), encoded)
    with torch.no_grad():
        for name, value in adapted.named_parameters():
            if "lora_B" in name:
                value.normal_(std=0.05, generator=torch.Generator().manual_seed(len(name)))
    train_masked.save(masking.learnt(adapted), trained[0] / "again")
    loaded, _ = masked.assemble(trained[0] / "again")
    inputs = tokenizer(["the film is [MASK]"], return_tensors="pt")
    with torch.no_grad():
        expected, found = adapted.eval()(**inputs).logits, loaded.eval()(**inputs).logits
    np.testing.assert_allclose(found.numpy(), expected.numpy(), atol=1e-3)


def test_a_share_is_hidden_and_nothing_special():
    _, tokenizer = masked.bare()
    batch = Encoder(tokenizer, 128)(["a film about a war and a love story of two old friends " * 4, "x", ""])
    generator = torch.Generator().manual_seed(0)
    chosen = masking.choose(batch, 64, 0.25, generator)
    assert chosen.sum(dim=1).tolist() == [round(0.25 * (len(batch[0]) - 2)), 1, 0]
    assert not chosen[0, 0] and not chosen[0, len(batch[0]) - 1 :].any()
    ids = torch.arange(1000, 3000).repeat(50, 1)
    everywhere = torch.ones_like(ids, dtype=torch.bool)
    hidden = masking.hide(ids, everywhere, tokenizer, generator)
    assert (hidden == tokenizer.mask_token_id).float().mean() == pytest.approx(0.8, abs=0.01)
    assert (hidden == ids).float().mean() == pytest.approx(0.1, abs=0.01)
    assert torch.equal(masking.hide(ids, ~everywhere, tokenizer, generator), ids)


def test_the_judged_loss_is_that_of_a_plain_loop():
    module, tokenizer = masked.bare()
    encoded = Encoder(tokenizer, 64)(["the film is good and long", "a plot", ""])
    found = masking.judge(module, tokenizer, encoded, seed=4)
    generator = torch.Generator().manual_seed(4)
    losses = []
    for item in encoded[:2]:
        places = masking.choose([item], len(item), 0.15, generator)[0]
        ids = torch.tensor([item.ids])
        hidden = torch.where(places, tokenizer.mask_token_id, ids)
        with torch.no_grad():
            logits = module(input_ids=hidden).logits[0]
        losses += torch.nn.functional.cross_entropy(logits, ids[0], reduction="none")[places].tolist()
    assert found.first.total == len(losses) == 2
    assert found.loss == pytest.approx(np.mean(losses), abs=1e-3)


def test_texts_held_out_are_not_learnt_from_and_few_are_refused(tmp_path, capsys):
    same = table(tmp_path / "same.csv", 30, 5)
    arguments = ["--data", same, "--held-out", same, "--out", str(tmp_path / "out")]
    assert train_masked.main(arguments) == 2
    assert "too few texts" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
