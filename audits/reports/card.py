"""A model card for the Hugging Face hub: what was measured, as evaluation results that the hub reads."""

import re
from collections.abc import Iterator

from audits.reports import board
from audits.reports.material import Material
from audits.reports.prose import method
from audits.summary import Summary, p_value, points, titled
from views.numbers import grouped, rate

#: Where the numbers' origin is explained.
SOURCE = "Assay"


def model_card(material: Material) -> bytes:
    """The card as Markdown under YAML, as `huggingface_hub` writes and reads it."""
    from huggingface_hub import EvalResult, ModelCardData

    summary = material.summary
    results = [
        EvalResult(
            task_type="text-classification",
            task_name="Text Classification",
            dataset_type=_slug(_of_hub(summary.plan.data) or summary.corpus_name),
            dataset_name=_plain(f"{summary.corpus_name}{name}"),
            metric_type=metric,
            metric_name=_plain(called),
            metric_value=round(value, 6),
        )
        for name, metric, called, value in _results(summary)
    ]
    data = ModelCardData(
        model_name=_plain(summary.model_name),
        eval_results=results,
        tags=["assay", "robustness"],
        pipeline_tag="text-classification",
    )
    return f"---\n{data.to_yaml()}\n---\n\n{_body(material)}".encode("utf-8", "replace")


def _results(summary: Summary) -> Iterator[tuple[str, str, str, float]]:
    """What a data set is called behind its name, the metric's type and name, and its value."""
    if summary.clean_accuracy:
        yield "", "accuracy", "Accuracy", summary.clean_accuracy.value
    if summary.clean_quality:
        yield "", "f1", "Macro F1", summary.clean_quality.macro_f1.value
    for test in summary.tests:
        if test.accuracy and test.flips:
            yield f" under {titled(test)}", "accuracy", f"Accuracy under {titled(test)}", test.accuracy.value


def _body(material: Material) -> str:
    summary = material.summary
    lines = [f"# {_escaped(summary.model_name)}", ""]
    if material.verdict:
        lines += [f"**{_escaped(material.verdict.sentence)}**", ""]
    lines += [_escaped(summary.headline[0]), ""]
    known = board.findings(summary, material.verdict)
    lines += [
        f"{place}. **{one.title}.** {_escaped(one.sentence)}" for place, one in enumerate(known, start=1)
    ]
    lines += ["", "## Evaluation", ""]
    lines += ["| Test | Accuracy | Drop | p (Holm) | n |", "|---|---|---|---|---|"]
    clean = summary.clean_accuracy
    if clean:
        count = grouped(clean.count)
        lines += [f"| unchanged | {rate(clean.value, clean.low, clean.high)} | – | – | {count} |"]
    for test in summary.tests:
        if test.accuracy and test.drop:
            accuracy = rate(test.accuracy.value, test.accuracy.low, test.accuracy.high)
            cells = (_escaped(titled(test)), accuracy, points(test.drop), p_value(test.p_adjusted))
            lines += [f"| {' | '.join(cells)} | {grouped(test.paired)} |"]
    lines += ["", "## Method and limits", "", *(f"{_escaped(one)}\n" for one in method(summary))]
    made = (
        f"Audit {summary.id} of {summary.created[:10]}; data {summary.plan.data}, seed "
        f"{summary.plan.seed}; model"
    )
    lines += [f"{_escaped(made)} `{summary.model_fingerprint}`.", ""]
    return "\n".join(lines)


def _plain(text: str) -> str:
    """A stranger's name on one line, of letters that YAML can hold."""
    return "".join(one for one in " ".join(text.split()) if one.isprintable())[:200]


def _of_hub(reference: str) -> str:
    """The hub's name of a data set; nothing for a file or a bundled one."""
    return reference.removeprefix("hub:").partition(":")[0] if reference.startswith("hub:") else ""


def _slug(text: str) -> str:
    """A data set's reference as the hub's identifiers are written."""
    return re.sub(r"[^\w./-]+", "-", text).strip("-/.")[:96] or "data"


def _escaped(text: str) -> str:
    """A text that Markdown and HTML show as it is."""
    plain = _plain(text) if len(text) <= 200 else " ".join(text.split())
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", plain)
