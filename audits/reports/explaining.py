"""Word scores of flipped examples, made while the model is at hand and kept with the report."""

from collections.abc import Callable, Sequence

from audits.plan import Plan
from audits.reports.explanations import Explanations, Words
from audits.reports.flips import by_test
from audits.summary import Flip, Summary
from models.classifier import Classifier

METHOD = "integrated-gradients"
#: Flips that are explained, shared out between the tests: a minute at most for the bundled models.
MOST = 24


def explain(summary: Summary, load: Callable[[Plan], Classifier] | None = None) -> Explanations:
    """Which words spoke for the right answer, before and after, in the first flips of every test.

    The model is loaded by the plan (or `load`) and must be the audit's own, by its fingerprint. Where it
    cannot be had or explained, the result says why; nothing is raised for that.
    """
    from analysis.attribution import METHODS
    from models import loading
    from models.batching import one_thread
    from models.transformer import TransformerClassifier

    flips = chosen(summary)
    if not flips:
        return Explanations(missing="No example flipped.")
    plan = summary.plan
    try:
        classifier = load(plan) if load else loading.load(plan.model, device=plan.device, dtype=plan.dtype)
        if classifier.fingerprint != summary.model_fingerprint:
            return Explanations(missing=f"{plan.model} is another model now than the one that was audited.")
        if not isinstance(classifier, TransformerClassifier):
            return Explanations(missing=f"{plan.model} cannot be looked into.")
        with one_thread():
            texts = _texts(classifier, flips)
    except ValueError as problem:  # of the layers below: a message to the user
        return Explanations(missing=" ".join(str(problem).split()))
    return Explanations(
        method=METHOD,
        title=METHODS[METHOD].title.lower(),
        model_fingerprint=classifier.fingerprint,
        texts=texts,
        missing="",
    )


def chosen(summary: Summary) -> list[Flip]:
    """The first flips of every test, so that each has some."""
    found = by_test(summary)
    share = max(1, MOST // max(1, len(found)))
    return [flip for flips in found.values() for flip in flips[:share]][:MOST]


def _texts(classifier: object, flips: Sequence[Flip]) -> tuple[Words, ...]:
    """The scores of each text before and after, each asked once."""
    from analysis.attribution.many import attribute_many
    from models.transformer import TransformerClassifier

    assert isinstance(classifier, TransformerClassifier)
    asked: dict[tuple[str, str], dict[str, None]] = {}
    for flip in flips:
        for text in (flip.text, flip.perturbed):
            asked.setdefault((flip.label, flip.predicted), {}).setdefault(text)
    made = []
    for (target, contrast), texts in asked.items():
        label, other = map(classifier.labels.index, (target, contrast))
        found = attribute_many(classifier, list(texts), METHOD, target=label, contrast=other)
        for text, one in zip(texts, found, strict=True):
            made.append(
                Words(
                    text=text,
                    target=target,
                    contrast=contrast,
                    spans=tuple(
                        (word.start, word.end, round(float(score), 6))
                        for word, score in zip(one.words, one.word_scores, strict=True)
                    ),
                    converged=one.converged,
                    truncated=one.truncated,
                )
            )
    return tuple(made)
