"""Overview: how good is the model on this data, and what are the two?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from audits import statistics
from corpora.examples import Corpus, CorpusError
from pages import feedback, selection
from pages.selection import plain
from views.charts import classification
from views.charts.classification import Point
from views.numbers import grouped, memory, percent, rate
from views.tables import to_csv

if TYPE_CHECKING:
    from models.transformer import TransformerClassifier

SHOWN_ERRORS = 8
#: A metadata column with more values than this is no partition but an identifier.
MOST_SLICES = 20


@dataclass(frozen=True)
class Reading:
    """The model's answers on the data, ready to be counted."""

    model: "TransformerClassifier"
    data: Corpus
    probabilities: NDArray[np.float64]
    targets: NDArray[np.int64]

    @property
    def answers(self) -> NDArray[np.int64]:
        """The label answered for each example, as an index."""
        return self.probabilities.argmax(axis=1)

    @property
    def confidences(self) -> NDArray[np.float64]:
        """The probability of each answer."""
        return self.probabilities.max(axis=1)

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Whether each answer is the example's label."""
        return self.answers == self.targets


def point(name: str, estimate: statistics.Estimate) -> Point:
    """An estimate as the charts take it."""
    return Point(name, estimate.value, estimate.low, estimate.high, estimate.count)


def sentence(reading: Reading) -> str:
    """The answer at the top, as escaped HTML."""
    accuracy = statistics.accuracy(reading.correct)
    gap = float(reading.confidences.mean()) - accuracy.value
    if accuracy.low <= accuracy.value + gap <= accuracy.high:
        trust = "its confidence is about right"
    else:
        trust = f"it is {'over' if gap > 0 else 'under'}confident by {abs(100 * gap):.0f} points"
    return (
        f"<b>{escape(plain(selection.current().model, 80))}</b> answers "
        f"<b>{percent(accuracy.value)}</b> of {grouped(accuracy.count)} examples of "
        f"{escape(plain(selection.current().data, 80))} correctly "
        f"[{100 * accuracy.low:.1f}, {100 * accuracy.high:.1f}]; {trust}."
    )


def facts_strip(model: "TransformerClassifier") -> None:
    """What is loaded, in one line."""
    parts = (
        model.architecture,
        f"{model.layers} layers × {model.heads} heads",
        f"{model.parameters / 1e6:.3g} M parameters",
        f"{memory(model.memory_bytes)} on {model.device}",
    )
    st.html(f'<div class="assay-muted">{escape(" · ".join(map(str, parts)))}</div>')


def definition_list(rows: Mapping[str, str]) -> str:
    """Escaped facts, name and value."""
    inner = "".join(
        f"<dt>{escape(name)}</dt><dd>{feedback.escaped(value)}</dd>" for name, value in rows.items()
    )
    return f'<dl class="assay-facts">{inner}</dl>'


def model_card(model: "TransformerClassifier") -> None:
    """Everything about the model."""
    st.subheader("The model", anchor=False)
    shown = [plain(label, 60) for label in model.labels[:30]]
    more = [f"and {len(model.labels) - 30} more"] if len(model.labels) > 30 else []
    rows = {
        "Reference": plain(model.reference, 300),
        "Architecture": f"{model.architecture} ({model.family})",
        "Size": f"{model.layers} layers, {model.heads} heads each, hidden size {grouped(model.hidden_size)}",
        "Parameters": grouped(model.parameters),
        "Memory": f"{memory(model.memory_bytes)} for weights",
        "Runs on": f"{model.device}, {model.precision}",
        "Longest text": f"{grouped(model.max_length)} tokens",
        "Labels": ", ".join([*shown, *more]),
        "Fingerprint": model.fingerprint[:16],
        **({"Notes": "\n".join(model.notes)} if model.notes else {}),
    }
    st.html(f'<div class="assay-card">{definition_list(rows)}</div>')


def data_card(data: Corpus, model: "TransformerClassifier") -> None:
    """Size, balance and lengths of the data."""
    st.subheader("The data", anchor=False)
    whole = selection.whole_corpus()
    size = grouped(len(whole))
    if len(data) < len(whole):
        size = f"{grouped(len(data))} of {size}, a stratified sample (seed 0)"
    rows = {
        "Reference": plain(data.reference, 300),
        "Examples": size,
        "Columns": ", ".join(plain(column, 40) for column in data.metadata_columns) or "text and label only",
        "Fingerprint": data.fingerprint[:16],
    }
    balance = balance_bars(Counter(example.label for example in data.examples), model.labels)
    st.html(f'<div class="assay-card">{definition_list(rows)}{balance}</div>')


def lengths_chart(reading: Reading) -> None:
    """How long the texts are."""
    tokens = token_counts(reading.model, reading.data)
    feedback.chart(
        classification.lengths(tokens, reading.model.max_length, feedback.is_dark()),
        key="overview.lengths",
        title="How long are the texts?",
        name="text lengths",
        alt=f"Histogram of text lengths in tokens; the median is {np.median(tokens):.0f}.",
        rows=lambda: [
            {"id": example.id, "tokens": int(count)}
            for example, count in zip(reading.data.examples, tokens, strict=True)
        ],
    )
    cut = int((tokens >= reading.model.max_length).sum())
    note = f" {grouped(cut)} reach the model's limit and may be cut." if cut else ""
    st.html(
        f'<div class="assay-muted">Median {np.median(tokens):.0f} tokens, '
        f"longest {grouped(int(tokens.max()))}.{note}</div>"
    )


def balance_bars(counts: Mapping[str, int], labels: Sequence[str]) -> str:
    """A bar a label, as escaped HTML; the twelve most frequent when there are many."""
    total = max(sum(counts.values()), 1)
    shown = sorted(labels, key=lambda label: -counts.get(label, 0))[:12] if len(labels) > 12 else labels
    rows = "".join(
        f"<dt>{escape(plain(label, 40))}</dt>"
        f'<dd><span class="assay-bar" style="--share:{counts.get(label, 0) / total:.4f}"></span>'
        f"{grouped(counts.get(label, 0))} · {percent(counts.get(label, 0) / total, 0)}</dd>"
        for label in shown
    )
    more = f"<dt></dt><dd>and {len(labels) - 12} more labels</dd>" if len(labels) > 12 else ""
    return f'<h4 class="assay-between">Balance</h4><dl class="assay-facts">{rows}{more}</dl>'


_LENGTHS = selection.Kept(16)


def token_counts(model: "TransformerClassifier", data: Corpus) -> NDArray[np.int64]:
    """Tokens of each text, special ones included, cut at the model's limit."""
    key = (model.fingerprint, data.fingerprint)
    kept = _LENGTHS.get(key)
    if isinstance(kept, np.ndarray):
        return kept
    counts = np.array([len(encoded) for encoded in model.encode(data.texts)], dtype=np.int64)
    _LENGTHS.put(key, counts)
    return counts


def confusion_chart(reading: Reading) -> None:
    """Where the model errs."""
    labels = reading.model.labels
    counts = statistics.confusion(reading.targets, reading.answers, len(labels))
    feedback.chart(
        classification.confusion(counts, labels, feedback.is_dark()),
        key="overview.confusion",
        title="Where does it err?",
        name="confusion matrix",
        alt="Confusion matrix: true labels in rows, the model's answers in columns.",
        rows=lambda: [
            {"true label": labels[true], "answer": labels[answer], "examples": int(counts[true, answer])}
            for true in range(len(labels))
            for answer in range(len(labels))
        ],
    )


def calibration_chart(reading: Reading) -> None:
    """Whether confidence is earned."""
    found = statistics.expected_calibration_error(reading.probabilities, reading.targets)
    bins = [row for row in found.bins if row.count]
    points = [point(f"bin {position + 1}", row.accuracy) for position, row in enumerate(bins)]
    confidences = [row.confidence for row in bins]
    feedback.chart(
        classification.reliability(points, confidences, feedback.is_dark()),
        key="overview.calibration",
        title="Is its confidence earned?",
        name="calibration",
        alt=f"Accuracy against confidence; expected calibration error {percent(found.ece)}.",
        rows=lambda: [
            {
                "mean confidence": confidence,
                "accuracy": item.share,
                "low": item.low,
                "high": item.high,
                "examples": item.count,
            }
            for confidence, item in zip(confidences, points, strict=True)
        ],
    )
    st.html(
        f'<div class="assay-muted">Expected calibration error {percent(found.ece)}. '
        "On the dotted line, answers given with 80 % confidence are right 80 % of the time. "
        "Bars are 95 % intervals.</div>"
    )


def slices_chart(reading: Reading, columns: Mapping[str, list[str]]) -> None:
    """Accuracy by the values of a metadata column; `columns` have one value for each example."""
    head = st.container()
    chosen = selection.option(
        "slice",
        list(columns),
        next(iter(columns)),
        label="Accuracy by",
        format_func=lambda column: f"Accuracy by {plain(column, 40)}",
        label_visibility="collapsed",
        width=240,
    )
    members: NDArray[np.object_] = np.array(columns[chosen], dtype=object)
    points = [
        point(value, statistics.accuracy(reading.correct[members == value]))
        for value in sorted(set(columns[chosen]))
    ]
    overall = point("all", statistics.accuracy(reading.correct))
    feedback.chart(
        classification.slices(points, overall, feedback.is_dark()),
        key="overview.slices",
        title="Does it hold everywhere?",
        name=f"accuracy by {chosen}",
        head=head,
        alt=f"Accuracy with 95 % intervals for each value of {plain(chosen, 40)}.",
        rows=lambda: [
            {
                chosen: item.name,
                "accuracy": item.share,
                "low": item.low,
                "high": item.high,
                "examples": item.count,
            }
            for item in points
        ],
    )
    st.html(
        f'<div class="assay-muted">Dotted: all examples, {rate(overall.share, overall.low, overall.high)}. '
        "Bars are 95 % intervals; slices are not corrected for being many.</div>"
    )


def column_values(reading: Reading, column: str) -> list[str]:
    """A column's value for each example, or nothing where it does not partition the data."""
    values = [example.metadata.get(column, "") or "(empty)" for example in reading.data.examples]
    return values if 1 < len(set(values)) <= MOST_SLICES else []


def errors_table(reading: Reading) -> None:
    """The wrong answers that were given with most confidence, each with one click to look closer."""
    st.subheader("Its most confident errors", anchor=False)
    wrong = np.flatnonzero(~reading.correct)
    if not len(wrong):
        feedback.empty("No errors", "The model answers every example of this data as labelled.")
        return
    worst = wrong[np.argsort(-reading.confidences[wrong], kind="stable")]
    for position in worst[:SHOWN_ERRORS]:
        error_row(reading, int(position))
    feedback.download(
        f"All {grouped(len(worst))} errors (CSV)",
        lambda: to_csv(error_record(reading, int(position)) for position in worst),
        "errors.csv",
        key="overview.errors.data",
    )


def error_record(reading: Reading, position: int) -> dict[str, object]:
    """One wrong answer as a row of a file."""
    example = reading.data.examples[position]
    return {
        **example.metadata,
        "id": example.id,
        "text": example.text,
        "label": example.label,
        "answer": reading.model.labels[reading.answers[position]],
        "confidence": float(reading.confidences[position]),
    }


def error_row(reading: Reading, position: int) -> None:
    """One wrong answer: the text, what was answered, and one click to look closer."""
    example = reading.data.examples[position]
    answer = reading.model.labels[reading.answers[position]]
    confidence = percent(float(reading.confidences[position]))
    with st.container(
        key=f"assay-error-{position}", horizontal=True, vertical_alignment="center", gap="small", wrap=False
    ):
        st.html(
            f'<div class="assay-row">{escape(plain(example.text, 320))}'
            f'<div class="assay-muted">labelled <b>{escape(plain(example.label, 40))}</b>, answered '
            f"<b>{escape(plain(answer, 40))}</b> with {confidence}</div></div>"
        )
        for page in ("explain", "attention", "attack"):
            selection.page_link(page, row=example.id)


def data_side(reading: Reading) -> None:
    """Lengths, then everything else about the data."""
    lengths_chart(reading)
    data_card(reading.data, reading.model)


def without_data(model: "TransformerClassifier") -> None:
    """The page while the data does not fit: the model's card, and the way out."""
    feedback.headline(
        f"<b>{escape(plain(selection.current().model, 80))}</b> is loaded; "
        "its accuracy shows here once there is data with its labels."
    )
    with feedback.problems():
        selection.corpus()
    model_card(model)


def main() -> None:
    """Draw the page."""
    model = selection.classifier()
    try:
        data = selection.corpus()
    except CorpusError:
        without_data(model)
        return
    if not len(data):
        feedback.empty("No examples", "The data is empty. Pick another data set in the sidebar.")
        model_card(model)
        return
    lead = st.container()
    facts_strip(model)
    with feedback.skeleton(420):
        probabilities = selection.predictions()
    reading = Reading(model, data, probabilities, np.array(data.targets, dtype=np.int64))
    with lead:
        feedback.headline(sentence(reading))
    pair = feedback.side_by_side
    pair(lambda: confusion_chart(reading), lambda: calibration_chart(reading), key="answers")
    columns = {name: own for name in data.metadata_columns if (own := column_values(reading, name))}
    if columns:
        pair(lambda: slices_chart(reading, columns), lambda: data_side(reading), key="data")
    else:
        pair(lambda: lengths_chart(reading), lambda: data_card(data, model), key="data")
    errors_table(reading)
    model_card(model)
    feedback.made_from()


main()
