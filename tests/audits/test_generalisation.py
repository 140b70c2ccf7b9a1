import json

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from audits import generalisation
from audits.commands import main
from audits.generalisation import Source, as_dict, measure
from corpora.examples import Corpus, Example, example_ids
from models.loading import load as load_model
from tests.models import tiny

LABELS = ("no", "yes")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A tiny BERT that was never trained."""
    return tiny.save(tmp_path_factory.mktemp("models") / "bert", "bert", LABELS)


@pytest.fixture(scope="module")
def classifier(folder):
    return load_model(str(folder), device="cpu")


def corpus(name, words, labels=None, count=40):
    rng = np.random.default_rng(len(words))
    texts = [" ".join(rng.choice(words, 6)) for _ in range(count)]
    labels = labels or [LABELS[place % 2] for place in range(count)]
    return Corpus(name, f"double:{name}", tuple(map(Example, example_ids(texts), texts, labels)), LABELS)


def answered(classifier, found, right):
    """The same texts, their labels set so that so many answers are right."""
    answers = classifier.probabilities(found.texts).argmax(axis=1)
    labels = [LABELS[answer if place < right else 1 - answer] for place, answer in enumerate(answers)]
    examples = tuple(
        Example(each.id, each.text, label) for each, label in zip(found.examples, labels, strict=True)
    )
    return Corpus(found.name, found.reference, examples, LABELS)


FILMS, BANKS = ["film", "dull", "great", "plot", "actor"], ["bank", "planet", "vote", "match"]


def test_a_loss_and_a_distance_stand_side_by_side(classifier):
    home = answered(classifier, corpus("home", FILMS, count=60), 54)
    near = answered(classifier, corpus("near", [*FILMS, "film"], count=60), 53)
    far = answered(classifier, corpus("far", BANKS, count=60), 30)
    said = []
    found = measure(classifier, [home, near, far], on_progress=lambda *step: said.append(step))
    assert [each.accuracy.value for each in found.sets] == [54 / 60, 53 / 60, 30 / 60]
    first, second, third = found.sets
    assert (first.lost, first.shift, first.p) == (None, None, None)
    assert not second.is_lost and third.is_lost and third.is_apart
    assert third.lost and third.p and third.shift and second.shift
    assert third.lost.value == pytest.approx(0.4)
    newcombe = confint_proportions_2indep(54, 60, 30, 60, method="newcomb", compare="diff")
    assert (third.lost.low, third.lost.high) == pytest.approx(newcombe)
    assert third.shift.auc > 0.95 > second.shift.auc
    assert third.p >= third.shift.p
    assert found.headline.startswith("On far bert is right in 50.0 %, 40.0 points [24.1, 53.4] less than the")
    assert "elsewhere (told apart with AUC" in found.headline
    steps = [done for done, _ in said]
    assert steps == sorted(steps) and said[-1][0] == said[-1][1]
    again = measure(classifier, [home, near, far])
    assert again == found


def test_without_a_loss_the_sentence_says_so(classifier):
    home = answered(classifier, corpus("home", FILMS), 36)
    far = answered(classifier, corpus("far", BANKS), 36)
    found = measure(classifier, [home, far])
    assert found.headline == (
        "bert loses nothing beyond chance against the 90.0 % on home, though the texts of far lie elsewhere."
    )
    json.dumps(as_dict(found), allow_nan=False)
    with pytest.raises(ValueError, match="second data set"):
        measure(classifier, [home])


def write(path, texts, labels, header="text,label"):
    rows = [f"{text},{label}" for text, label in zip(texts, labels, strict=True)]
    path.write_text("\n".join([header, *rows]) + "\n")
    return str(path)


def test_the_command_gives_columns_and_labels_to_the_data_before_them(folder, tmp_path, capsys):
    home, far = corpus("home", FILMS), corpus("far", BANKS)
    first = write(tmp_path / "home.csv", home.texts, [each.label for each in home.examples])
    stars = ["5" if each.label == "yes" else "1" for each in far.examples]
    other = write(tmp_path / "far.csv", far.texts, stars, "body,stars")
    options = ["generalise", "--model", str(folder), "--device=cpu", "--data", first, "--data", other]
    named = ["--text-column=body", "--label-column=stars", "--label-map=1=no,5=yes"]
    out = tmp_path / "found.json"
    assert main([*options, *named, "--json", "--out", str(out)]) == 0
    written = json.loads(capsys.readouterr().out)
    assert written == json.loads(out.read_text())
    assert [each["name"] for each in written["sets"]] == ["home", "far"]
    sources = [Source(first), Source(other, "body", "stars", {"1": "no", "5": "yes"})]
    model = load_model(str(folder), device="cpu")
    same = measure(model, [generalisation.load(source, model) for source in sources])
    assert written == json.loads(json.dumps(as_dict(same)))
    assert main([*options, *named]) == 0
    assert "reference" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--data=bundled:reviews"], "second --data"),
        (["--data=bundled:reviews", "--data=bundled:reviews", "--examples=0"], "from 1 to 2000"),
        (["--data=bundled:reviews", "--data=bundled:reviews", "--label-map=x"], "not a pair"),
    ],
)
def test_what_cannot_be_compared_is_said(options, said, capsys):
    assert main(["generalise", "--model=bundled:sentiment", *options]) == 2
    assert said in capsys.readouterr().err


def test_a_map_before_any_data_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["generalise", "--model=m", "--label-map=a=b", "--data=c"])
    assert "name one with --data before it" in capsys.readouterr().err
