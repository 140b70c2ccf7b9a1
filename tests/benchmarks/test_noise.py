from argparse import ArgumentParser

from attacks.noise import NOISES, perturb
from audits.statistics import drop
from benchmarks import noise, noise_fuzz


def parsed(module, *arguments):
    """A benchmark's options as its command line gives them."""
    parser = ArgumentParser()
    module.options(parser)
    return parser.parse_args(arguments)


class Shouting:
    """Answers that depend on the text alone: positive where it has a capital letter."""

    labels = ("negative", "positive")
    fingerprint = "shouting"

    def probabilities(self, texts):
        import numpy as np

        return np.array([[0.1, 0.9] if text != text.lower() else [0.9, 0.1] for text in texts])


def test_the_table_holds_each_noise_and_its_drop(tmp_path, monkeypatch):
    texts = [f"Film number {number} was rather Good" for number in range(30)]
    data = tmp_path / "films.csv"
    data.write_text("text,label\n" + "\n".join(f"{text},positive" for text in texts) + "\n")
    monkeypatch.setattr(noise, "load", lambda model, device: Shouting())
    said: list[str] = []
    options = parsed(
        noise, "--data", str(data), "--noises", "lower-case", "lost-spaces", "lost-accents", "--seed", "3"
    )
    written = noise.run(options, said.append)
    still = [perturb(text, "lower-case", 1, 3) != text.lower() for text in sorted(texts)]
    expected = drop([True] * 30, still, seed=3)
    row = next(line for line in written.splitlines() if line.startswith("| lower-case |"))
    assert row.split("|")[2].strip() == "100%"
    assert (
        f"{100 * expected.value:.1f} [{100 * expected.low:.1f}, {100 * expected.high:.1f}]"
        in row.split("|")[3]
    )
    assert "**100.0" in row.split("|")[7]
    assert "0.0 [-11.4, 11.4]" in next(
        line for line in written.splitlines() if line.startswith("| lost-spaces |")
    )
    assert "| lost-accents | 0% | – | – | – | – | – |" in written
    assert "clean accuracy 100.0 %" in written and "30 examples of films" in written
    assert len(said) == 4


def test_a_stopped_run_goes_on_from_the_answers_that_it_kept(tmp_path, monkeypatch):
    data, kept = tmp_path / "films.csv", tmp_path / "kept.jsonl"
    data.write_text("text,label\nA good film,positive\na bad film,negative\n")
    options = parsed(noise, "--data", str(data), "--noises", "lower-case", "--keep", str(kept))
    monkeypatch.setattr(noise, "load", lambda model, device: Shouting())
    written = noise.run(options, lambda line: None)
    assert len(kept.read_text().splitlines()) == 3
    monkeypatch.setattr(Shouting, "probabilities", None)
    assert noise.run(options, lambda line: None) == written


def test_a_noise_that_breaks_a_promise_is_named_with_its_text(monkeypatch):
    options = parsed(noise_fuzz, "--texts", "40")
    good = noise_fuzz.run(options, lambda line: None)
    assert good.startswith("40 texts") and ": 0 noises broke a promise." in good
    assert all(f"| {name} |" in good for name in NOISES)
    monkeypatch.setattr(type(NOISES["casing"]), "applicable", lambda noise, text: True)
    assert "**AssertionError: changed and applicable do not agree" in noise_fuzz.run(
        options, lambda line: None
    )
