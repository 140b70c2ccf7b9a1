"""What every report says in words: its method and limits, and what was tested with what."""

from collections.abc import Iterator

from audits.plan import Plan, shortened
from audits.summary import Summary
from views.numbers import grouped, percent


def method(summary: Summary) -> tuple[str, ...]:
    """How the figures came about, and what they do not say; a paragraph each."""
    plan = summary.plan
    draws = (
        f"{summary.redrawn} An attack searches once, with the first seed; another seed may end elsewhere."
        if summary.redrawn
        else "Each noise was drawn once, with one seed; another draw gives slightly other figures."
    )
    budget = f" within its budget of {plan.query_budget} queries" if plan.query_budget else ""
    return (
        "Every test ran on the examples of the clean answers. The drop is clean accuracy minus "
        "accuracy under the test, in percentage points, on the same examples; its interval is a "
        "paired bootstrap over source examples (Tango's score interval where few of them flip). "
        "Accuracies, recalls and success rates carry Wilson intervals, macro F1, Brier score, log "
        "loss and robustness score the jackknife's, with room for errors that so many examples need "
        "not show; rows of one source example count together. The p value is that of the exact "
        "McNemar test, corrected by Holm over the tests of this report. All intervals are at 95 %; "
        "python -m benchmarks intervals simulates how often they cover the truth.",
        f"The figures speak of texts like these {grouped(summary.examples)}, not of others. {draws} A "
        "successful attack shows that a text which turns the answer exists, not that somebody would "
        "write it. Whether its meaning stayed is judged by thresholds, unless a person did: "
        "similarity is the cosine of both texts' sentence vectors (all-MiniLM-L6-v2), which is blind "
        "to some changes that turn a label, as a lost “not”; fluency is the change of the mean "
        "log-probability a token under the masked language model that comes with Assay, in nats. An "
        f"attack that found nothing{budget} is no proof of safety.",
    )


def facts(summary: Summary) -> tuple[tuple[str, str], ...]:
    """What was tested, and with what: a name and a value each, hashes in full."""
    return tuple(_facts(summary))


def _facts(summary: Summary) -> Iterator[tuple[str, str]]:
    plan = summary.plan
    yield "Model", plan.model
    yield "Model's fingerprint", summary.model_fingerprint
    yield "Labels", ", ".join(summary.labels)
    yield "Data", plan.data
    yield "Sample's fingerprint", summary.corpus_fingerprint
    yield "Examples", f"{grouped(summary.examples)}, {_drawn(plan)}"
    yield "Tests", ", ".join(shortened(plan.tests))
    if plan.left_out:
        yield "Left out", f"{', '.join(plan.left_out)}, which could not run where the audit was planned"
    yield "Seed", str(plan.seed)
    yield "Draws of each noise", str(plan.seeds)
    yield "Query budget", str(plan.query_budget or "none")
    if plan.time_budget:
        yield "Time budget", f"{plan.time_budget:g} s a text, which makes results depend on the machine"
    if plan.max_words:
        yield "Words changed at most", percent(plan.max_words, 0)
    if plan.text_column:
        yield "Text column", plan.text_column
    if plan.label_column:
        yield "Label column", plan.label_column
    for ours, theirs in plan.label_map.items():
        yield "Label map", f"{ours} → {theirs}"
    ended = _moment(summary.finished) if summary.finished else "not yet"
    yield "Begun, finished", f"{_moment(summary.created)}, {ended}"
    cost = f"{summary.cost.sentence} Seconds compare only on the same machine." if summary.cost else ""
    yield "Cost", cost or "not measured"
    yield from summary.environment.items()


def _drawn(plan: Plan) -> str:
    """How the sample was drawn."""
    if not plan.examples:
        return "all there are"
    if not plan.stratify:
        return "drawn without regard to their labels"
    return (
        "each label in its share"
        if plan.stratify == ("label",)
        else (f"keeping the shares of {', '.join(plan.stratify)}")
    )


def _moment(written: str) -> str:
    """A moment of the store's as `2026-11-22 10:20:36 UTC`."""
    return written.replace("T", " ").replace("+00:00", " UTC")
