"""The third view: at which layer can a label or column be read off the texts' vectors?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from corpora.examples import Corpus
from corpora.sampling import sample
from pages import feedback, jobs, pins, selection
from pages.points.numbers import Numbers
from pages.points.scene import SEED, bounded, in_shares, pooled
from pages.points.vectors import COLUMN, POOLINGS, pooling_input, value_input
from views import layers as sentences
from views.charts.layers import Probed, probes
from views.numbers import grouped, percent, rate

if TYPE_CHECKING:
    from analysis.layers.probe import NumberProbes, Probes
    from audits.statistics import Estimate

#: More texts make a probe slower, and its interval no narrower than anyone would look.
MOST_TEXTS = 2000
NAMES = {"label": "Label", "prediction": "Prediction"}
NAMES_OF_NUMBERS = {"label": "Value given", "prediction": "Model’s value"}


def draw() -> None:
    """The choice of what to look for, and the probe's accuracy layer by layer."""
    from analysis.layers.probe import MOST_VALUES, usable

    model = selection.classifier()
    corpus = bounded(model, selection.corpus())
    if len(corpus) > MOST_TEXTS:
        corpus = sample(corpus, MOST_TEXTS, SEED)
        st.caption(f"{grouped(MOST_TEXTS)} of the texts are read{in_shares(corpus)}.")
    head = st.container()
    names = NAMES_OF_NUMBERS if model.answering == "number" else NAMES
    columns = [
        f"{COLUMN}{name}"
        for name in corpus.metadata_columns
        if usable(corpus.texts, [example.metadata.get(name, "") for example in corpus.examples])
    ]
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        what = selection.option(
            "probe",
            [*names, *columns],
            "label",
            label="What to look for",
            format_func=lambda name: names.get(name) or selection.plain(name.removeprefix(COLUMN), 40),
            width=220,
            help=f"What is given, the model's own answer, or a column with 2 to {MOST_VALUES} values that "
            "occur often enough.",
        )
        pooling = pooling_input()
        value = value_input(model) if what in names else None
    jobs.begin_run("probes")
    found = pooled(model, corpus, pooling)
    if found is None:
        jobs.give_up_left_behind()
        return
    key = ("probe", model.fingerprint, str(model.device), corpus.fingerprint, what, pooling, value)
    vectors, answers = found.vectors[pooling], found.probabilities

    def work(report: "jobs.Report") -> "Probes | NumberProbes":
        from analysis.layers.probe import probe, probe_number

        if value is not None:
            told = Numbers(corpus, answers, value)
            numbers = told.predicted if what == "prediction" else told.targets
            return probe_number(vectors, corpus.texts, numbers, seed=SEED, on_progress=report)
        if what == "prediction":
            values = [model.labels[index] for index in answers.argmax(1)]
        else:
            values = values_of(corpus, what)
        return probe(vectors, corpus.texts, values, seed=SEED, on_progress=report)

    with feedback.problems("The other views still work."):
        done = jobs.outcome(jobs.job_of(key, work), "The probes", key="probe")
        if done is not None:
            name = names.get(what, what.removeprefix(COLUMN))
            shown = read(done, name)
            figure, said = show(shown, name, POOLINGS[pooling], head)
            count = f"{grouped(shown.own[0].count)} texts"
            about = pins.made_from(
                selection.current().data,
                count,
                f"probes for {selection.plain(what.removeprefix(COLUMN), 40)}",
                POOLINGS[pooling].lower(),
            )
            pins.beside(about, pins.chart(figure, said))
            feedback.made_from(POOLINGS[pooling].lower(), count, f"seed {SEED}")
    jobs.give_up_left_behind()


def values_of(corpus: Corpus, what: str) -> list[str]:
    """Each text's label, or its value in a column."""
    if what == "label":
        return [example.label for example in corpus.examples]
    return [example.metadata.get(what.removeprefix(COLUMN), "") for example in corpus.examples]


@dataclass(frozen=True)
class Read:
    """What probes get right, whatever they look for: `own` and `control` are of each layer.

    `floor` is what the `guess` so named gets right; `says` is the sentence on top, as HTML, `how` the probes
    in a few words.
    """

    measure: str
    own: "Sequence[Estimate]"
    control: "Sequence[Estimate]"
    floor: float
    guess: str
    says: str
    how: str


def read(found: "Probes | NumberProbes", what: str) -> Read:
    """The figures of probes for a property, or a number, called `what`."""
    from analysis.layers.probe import NumberProbes
    from audits.statistics import accuracy, variance_explained

    if isinstance(found, NumberProbes):
        measure, floor, guess, known = "r2", 0.0, "always the mean", sentences.known_number
        how = "Ridge regression"
        own = [variance_explained(found.values, said) for said in found.foretold]
        control = [variance_explained(found.shuffled, said) for said in found.control]
    else:
        measure, floor, guess, known = (
            "accuracy",
            found.commonest,
            "always the commonest value",
            sentences.known,
        )
        how = f"Logistic regression on {len(found.values)} values"
        own = [accuracy(right) for right in found.right]
        control = [accuracy(right) for right in found.control]
    best = max(range(len(own)), key=lambda layer: own[layer].value - control[layer].value)
    one = own[best]
    if not one.low > max(control[best].high, floor):
        says = sentences.unknown(what)
    else:
        as_good = next(layer for layer, each in enumerate(own) if each.value >= one.low)
        shown = rate(one.value, one.low, one.high, one.count)
        says = known(what, best, shown, percent(max(control[best].value, 0.0), 0), as_good)
    return Read(measure, own, control, floor, guess, says, how)


def show(
    found: Read, what: str, pooling: str, head: "st.delta_generator.DeltaGenerator"
) -> tuple[Callable[..., Any], str]:
    """The sentence, the curve, and what a probe does not say; returns what makes the curve, and the first."""
    with head:
        feedback.headline(found.says)
    figure = partial(
        probes,
        [
            Probed(one.value, one.low, one.high, two.value)
            for one, two in zip(found.own, found.control, strict=True)
        ],
        found.floor,
        guess=found.guess,
    )
    feedback.chart(
        figure(dark=feedback.is_dark()),
        key="assay.embeddings.probes",
        title=f"What a linear probe reads off each layer: {selection.plain(what, 40)}",
        alt=f"{found.measure.capitalize()} of a probe for {selection.plain(what, 40)} over the layers, "
        "beside its control.",
        name=f"probe {what} {pooling}",
        rows=lambda: [
            {"layer": layer, found.measure: one.value, "low": one.low, "high": one.high, "n": one.count}
            | {f"{found.measure}_on_shuffled_values": two.value}
            for layer, (one, two) in enumerate(zip(found.own, found.control, strict=True))
        ],
    )
    feedback.aside(
        f"{found.how}, five-fold cross-validated; equal texts share a fold. The control learns values "
        "shuffled over the texts: what it gets right is the probe's doing and not the model's (Hewitt & "
        "Liang 2019). That something can be read off a layer does not mean that the model uses it: see "
        "Layers for what each layer adds to an answer."
    )
    return figure, found.says
