"""Which views work for which family: `python -m tests.analysis.families` writes `docs/families.md`.

Nothing is listed by hand: each view is tried on a tiny model of the family, and each method declares what
it needs. `test_methods.py` holds the columns of the methods to what is true.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from analysis.attention import attend, importance, without_each
from analysis.attribution import METHODS, unusable
from analysis.embeddings import embed
from analysis.layers import Stack, contribute, infer
from models.classifier import ModelError
from models.transformer import TransformerClassifier
from tests.analysis import tiny

DOCUMENT = Path(__file__).parents[2] / "docs/families.md"
TEXT = "the film was not very dull, but it is a good one."
YES, NO = "✓", "–"

#: What families are called, where it is not their configuration's name.
NAMES = {
    "bert": "BERT",
    "roberta": "RoBERTa, XLM-R",
    "mpnet": "MPNet",
    "distilbert": "DistilBERT",
    "electra": "ELECTRA",
    "albert": "ALBERT",
    "deberta-v2": "DeBERTa v2, v3",
    "modernbert": "ModernBERT",
    "xlnet": "XLNet",
    "gpt2": "GPT-2",
    "gpt_neox": "GPT-NeoX",
    "opt": "OPT",
    "llama": "Llama",
    "qwen2": "Qwen2",
    "mistral": "Mistral",
    "t5": "T5",
    "bart": "BART",
    "canine": "CANINE",
}


def _contributions(classifier: TransformerClassifier) -> object:
    (encoded,) = classifier.encode([TEXT])
    if contribute(Stack(classifier, encoded), 0, 1) is None:
        raise ModelError("its parts do not add up to its answer")
    return None


#: The other views, each with the call that it stands on.
VIEWS: Mapping[str, Callable[[TransformerClassifier], object]] = {
    "attention maps": lambda model: attend(model, TEXT),
    "heads by gradient": lambda model: importance(model, TEXT, 0, 1),
    "heads removed": lambda model: without_each(model, TEXT),
    "layer by layer": lambda model: infer(model, TEXT),
    "parts of the logit": _contributions,
    "embeddings": lambda model: embed(model, [TEXT], layer=1, pooling="mean"),
    "attacks, audits": lambda model: model.probabilities([TEXT]),
}


def needs() -> dict[str, list[str]]:
    """The methods by what they need from a model, in the registry's order."""
    found: dict[str, list[str]] = {}
    for method in METHODS.values():
        found.setdefault(method.needs, []).append(method.title)
    return found


def methods_that_work(classifier: TransformerClassifier) -> dict[str, str | None]:
    """For each need, why it cannot be met; None where it can."""
    reasons = unusable(classifier)
    return {method.needs: reasons.get(name) for name, method in METHODS.items()}


def views_that_work(classifier: TransformerClassifier) -> dict[str, str | None]:
    """For each of the other views, why it cannot be shown; None where it can."""
    found: dict[str, str | None] = {}
    for name, look in VIEWS.items():
        try:
            look(classifier)
        except Exception as error:  # what stands on the page is what matters here, of whichever kind
            found[name] = f"{type(error).__name__}: {error}".splitlines()[0]
            if isinstance(error, ModelError):
                found[name] = str(error)
        else:
            found[name] = None
    return found


def document(families: Mapping[str, Callable[[], TransformerClassifier]]) -> str:
    """The page, for these families."""
    columns = [*needs(), *VIEWS]
    rows, reasons = [], []
    for family, make in families.items():
        model = make()
        answers = methods_that_work(model) | views_that_work(model)
        marks = " | ".join(YES if answers[column] is None else NO for column in columns)
        rows.append(f"| {NAMES[family]} | {marks} |")
        whys: dict[str, list[str]] = {}
        for column in columns:
            if why := answers[column]:
                whys.setdefault(why.replace("|", "\\|"), []).append(column)
        reasons += [f"- **{NAMES[family]}**, {', '.join(what)}: {why}" for why, what in whys.items()]
    listed = "\n".join(f"- *{need}*: {', '.join(titles)}" for need, titles in needs().items())
    table = "\n".join([f"| family | {' | '.join(columns)} |", f"|---|{':-:|' * len(columns)}", *rows])
    return _PAGE.format(listed=listed, table=table, reasons="\n".join(reasons))


_PAGE = """# Which views work for which family

Every cell was tried on a tiny model of the family (`python -m tests.analysis.families` writes this page). A
model of a family that is not here is tried when it is loaded, and what it cannot do is said on the page in
one line.

The first columns are what the methods of the Explain page need:

{listed}

The others are views: the Attention page's maps, heads ranked by gradient and heads removed; the Layers page's
reading after each layer and the parts that add up to the logit; Embeddings; and all that asks for answers
only (attacks, noise, checks, audits).

{table}

What is missing, in the words of the page:

{reasons}

CANINE's row is that of the bare module. The models that are published are refused when they are loaded, in
one line: their tokenizer has no fast version, and their answers to a text change with the padding beside it.

Pairs of texts work everywhere but where a single text is changed (Attack, Noise, Audit). Models that give
several labels are taken whole by Explain, Attention, Layers and Drivers; every page takes one label of
them, as the model that says whether it holds. Models that give a number are taken by Explain, Attention,
Layers, Drivers and Embeddings; other pages say in one line that they need labels.
"""


if __name__ == "__main__":
    DOCUMENT.write_text(document({name: partial(tiny.classifier, name) for name in NAMES}), encoding="utf-8")
