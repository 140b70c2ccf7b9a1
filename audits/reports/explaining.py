"""Word scores of flipped examples, made while the model is at hand and kept with the report."""

from collections.abc import Callable, Mapping, Sequence

from audits.plan import Plan
from audits.reports.explanations import Explanations, Words
from audits.reports.flips import by_test
from audits.summary import Flip, Summary
from models.classifier import Classifier

METHOD = "integrated-gradients"
#: Flips that are explained, shared out between the tests: a minute at most for the bundled models.
MOST = 24


def explain(
    summary: Summary,
    load: Callable[[Plan], Classifier] | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Explanations:
    """Which words spoke for the right answer, before and after, in the first flips of every test.

    The model is loaded by the plan (or `load`) and must be the audit's own, by its fingerprint. Where it
    cannot be had or explained, the result says why; nothing is raised for that. `on_progress` is called
    with the texts explained and to explain, before the model is loaded too; what it raises stops the work.
    """
    from analysis.attribution import METHODS
    from models import loading
    from models.batching import one_thread
    from models.transformer import TransformerClassifier

    flips = chosen(summary)
    if not flips:
        return Explanations(missing="No example flipped.")
    plan, asked = summary.plan, _asked(flips)
    count = sum(map(len, asked.values()))
    try:
        on_progress(0, count)
        classifier = load(plan) if load else loading.load(plan.model, device=plan.device, dtype=plan.dtype)
        if classifier.fingerprint != summary.model_fingerprint:
            return Explanations(missing=f"{plan.model} is another model now than the one that was audited.")
        if not isinstance(classifier, TransformerClassifier):
            return Explanations(missing=f"{plan.model} cannot be looked into.")
        with one_thread():
            texts = _texts(classifier, asked, lambda done: on_progress(done, count))
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


def _asked(flips: Sequence[Flip]) -> dict[tuple[str, str], list[str]]:
    """The texts before and after by the right label and the wrong answer; each once."""
    asked: dict[tuple[str, str], dict[str, None]] = {}
    for flip in flips:
        asked.setdefault((flip.label, flip.predicted), {}).update({flip.text: None, flip.perturbed: None})
    return {question: list(texts) for question, texts in asked.items()}


def _texts(
    classifier: object, asked: Mapping[tuple[str, str], list[str]], tell: Callable[[int], None]
) -> tuple[Words, ...]:
    """The scores of each text; `tell` hears how many are done."""
    from analysis.attribution.many import attribute_many
    from models.transformer import TransformerClassifier

    assert isinstance(classifier, TransformerClassifier)
    made: list[Words] = []
    for (target, contrast), texts in asked.items():
        label, other = map(classifier.labels.index, (target, contrast))
        before = len(made)

        def on_progress(done: int, total: int, before: int = before, count: int = len(texts)) -> None:
            tell(before + count * done // max(total, 1))

        found = attribute_many(
            classifier, texts, METHOD, target=label, contrast=other, on_progress=on_progress
        )
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
