"""The third view: at which layer can a label or column be read off the texts' vectors?"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from corpora.examples import Corpus
from corpora.sampling import sample
from pages import feedback, jobs, pins, selection
from pages.points.scene import COLUMN, SEED, bounded, pooled
from pages.points.vectors import POOLINGS, pooling_input
from views import layers as sentences
from views.charts.layers import Probed, probes
from views.numbers import grouped, percent, rate

if TYPE_CHECKING:
    from analysis.layers.probe import Probes

#: More texts make a probe slower, and its interval no narrower than anyone would look.
MOST_TEXTS = 2000
NAMES = {"label": "Label", "prediction": "Prediction"}


def draw() -> None:
    """The choice of what to look for, and the probe's accuracy layer by layer."""
    from analysis.layers.probe import MOST_VALUES, usable

    model = selection.classifier()
    corpus = bounded(model, selection.corpus())
    if len(corpus) > MOST_TEXTS:
        corpus = sample(corpus, MOST_TEXTS, SEED)
        st.caption(f"{grouped(MOST_TEXTS)} of the texts are read, each label in its share.")
    head = st.container()
    columns = [
        f"{COLUMN}{name}"
        for name in corpus.metadata_columns
        if usable(corpus.texts, [example.metadata.get(name, "") for example in corpus.examples])
    ]
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        what = selection.option(
            "probe",
            [*NAMES, *columns],
            "label",
            label="What to look for",
            format_func=lambda name: NAMES.get(name) or selection.plain(name.removeprefix(COLUMN), 40),
            width=220,
            help=f"The label, the model's own answer, or a column with 2 to {MOST_VALUES} values that occur "
            "often enough.",
        )
        pooling = pooling_input()
    jobs.begin_run("probes")
    found = pooled(model, corpus, pooling)
    if found is None:
        jobs.give_up_left_behind()
        return
    if what == "prediction":
        values = [model.labels[index] for index in found.probabilities.argmax(1)]
    else:
        values = values_of(corpus, what)
    key = ("probe", model.fingerprint, str(model.device), corpus.fingerprint, what, pooling)
    vectors = found.vectors[pooling]

    def work(report: "jobs.Report") -> "Probes":
        from analysis.layers.probe import probe

        return probe(vectors, corpus.texts, values, seed=SEED, on_progress=report)

    with feedback.problems("The other views still work."):
        done = jobs.outcome(jobs.job_of(key, work), "The probes", key="probe")
        if done is not None:
            name = NAMES.get(what, what.removeprefix(COLUMN))
            figure, said = show(done, name, POOLINGS[pooling], head)
            about = pins.made_from(
                selection.current().data,
                f"{grouped(len(done.rows))} texts",
                f"probes for {selection.plain(what.removeprefix(COLUMN), 40)}",
                POOLINGS[pooling].lower(),
            )
            pins.beside(about, pins.chart(figure, said))
            feedback.made_from(POOLINGS[pooling].lower(), f"{grouped(len(done.rows))} texts", f"seed {SEED}")
    jobs.give_up_left_behind()


def values_of(corpus: Corpus, what: str) -> list[str]:
    """Each text's label, or its value in a column."""
    if what == "label":
        return [example.label for example in corpus.examples]
    return [example.metadata.get(what.removeprefix(COLUMN), "") for example in corpus.examples]


def show(
    found: "Probes", what: str, pooling: str, head: "st.delta_generator.DeltaGenerator"
) -> tuple[Callable[..., Any], str]:
    """The sentence, the curve, and what a probe does not say; returns what makes the curve, and the first."""
    from audits.statistics import accuracy

    own = [accuracy(right) for right in found.right]
    control = [accuracy(right) for right in found.control]
    best = max(range(len(own)), key=lambda layer: own[layer].value - control[layer].value)
    with head:
        if own[best].low <= max(control[best].high, found.commonest):
            lead = sentences.unknown(what)
        else:
            as_good = next(layer for layer, one in enumerate(own) if one.value >= own[best].low)
            one = own[best]
            shown = rate(one.value, one.low, one.high, one.count)
            lead = sentences.known(what, best, shown, percent(control[best].value, 0), as_good)
        feedback.headline(lead)
    figure = partial(
        probes,
        [Probed(one.value, one.low, one.high, two.value) for one, two in zip(own, control, strict=True)],
        found.commonest,
    )
    feedback.chart(
        figure(dark=feedback.is_dark()),
        key="assay.embeddings.probes",
        title=f"What a linear probe reads off each layer: {selection.plain(what, 40)}",
        alt=f"Accuracy of a probe for {selection.plain(what, 40)} over the layers, beside its control.",
        name=f"probe {what} {pooling}",
        rows=lambda: [
            {"layer": layer, "accuracy": one.value, "low": one.low, "high": one.high, "n": one.count}
            | {"accuracy_on_shuffled_values": two.value}
            for layer, (one, two) in enumerate(zip(own, control, strict=True))
        ],
    )
    feedback.aside(
        f"Logistic regression on {len(found.values)} values, five-fold cross-validated; equal texts share a "
        "fold. The control learns values shuffled over the texts: what it gets right is the probe's doing "
        "and not the model's (Hewitt & Liang 2019). That something can be read off a layer does not mean "
        "that the model uses it: see Layers for what each layer adds to an answer."
    )
    return figure, lead
