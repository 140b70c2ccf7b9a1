"""Drivers: which words drive each label, or a number up and down, over the whole data and in errors?"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages import feedback, jobs, pins, selection
from pages.reasons import dataset, drawing, other_model
from views import drivers as sentences
from views import tokens
from views.charts.drivers import Bar, driver_bars
from views.numbers import grouped, percent, plain_number
from views.tables import to_csv
from views.tokens import signed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from analysis.reasons import Gathered, Mean, Term

AMONG = {"every": "every answer", "right": "right answers", "wrong": "wrong answers"}
#: The same of answers that are numbers.
AMONG_VALUES = {
    "every": "every answer",
    "right": "good answers",
    "wrong": "poor answers",
    "high": "answers too high",
    "low": "answers too low",
}
LENGTHS = {1: "words", 2: "phrases of 2", 3: "phrases of 3"}
FEWEST = (3, 5, 10, 20, 50)
ORDERS = {"each": "strength each time", "total": "strength in total"}
#: Bars of each side, and texts shown for a word.
MOST_BARS, MOST_TEXTS = 12, 8
_CHART = "drivers.bars"


def page() -> None:
    """Draw the page."""
    st.title("Drivers", anchor=False)
    st.html(tokens.css())
    top = st.container()
    data = selection.corpus()
    if not len(data):
        feedback.empty("No texts", "Choose data in the sidebar: what drives the answers to it stands here.")
        return
    choice = dataset.draw(len(data))
    jobs.begin_run()
    found = dataset.gathered(choice)
    if found is None:
        jobs.give_up_left_behind()
        with top:
            feedback.headline("Which words drive the answers, and which drive the errors?")
        return
    with top:
        lead = st.empty()
    length = drive(found, choice, lead)
    turn(found, choice, length)
    other_model.draw(found, choice, length)
    jobs.give_up_left_behind()
    take_away(found)
    feedback.made_from(
        drawing.title(choice.method).lower(), f"{grouped(len(found.examples))} texts explained", note(found)
    )


def note(found: "Gathered") -> str:
    """What a reader must know of the texts; how many converged where the method has a delta to tell it by."""
    told = [f"{grouped(found.left_out)} empty or repeated texts left out"] if found.left_out else []
    checked = [one.converged for one in found.attributions if one.relative_delta is not None]
    if checked:
        told.append(f"{percent(sum(checked) / len(checked), 0)} of the explanations converged")
    return ", ".join(told)


def drive(found: "Gathered", choice: dataset.Choice, lead: "st.delta_generator.DeltaGenerator") -> int:
    """The picture on top: the words of each side, and the texts that hold the one that was picked.

    Returns how many words a term has.
    """
    from analysis.reasons import drivers

    place = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="drivers-view"):
        names = list(found.labels)
        shown, kinds = names[-1], AMONG_VALUES
        if found.values is None:
            kinds = AMONG
        if found.values is None and choice.about is None:
            shown = selection.option(
                "label",
                names,
                names[-1],
                label="Label",
                format_func=lambda name: selection.plain(name, 40),
                width=170,
            )
        among = selection.option(
            "answers", tuple(kinds), "every", label="In", format_func=lambda name: kinds[name], width=160
        )
        length = selection.option(
            "length", tuple(LENGTHS), 1, label="Show", format_func=lambda n: LENGTHS[n], width=150
        )
        fewest = selection.option("fewest", FEWEST, 5, label="In at least (texts)", width=130)
        order = selection.option(
            "order", tuple(ORDERS), "each", label="Order", format_func=lambda name: ORDERS[name], width=180
        )
    label = names.index(shown)
    which = found.answered.get(among)
    terms = drivers(found, label, words=length, among=which, fewest=fewest)
    terms.sort(key=lambda term: -(term.total if order == "total" else term.each.mean))
    against = other_side(names, label)
    sides = [
        (shown, [term.text for term in terms if term.found and term.each.mean > 0]),
        (against, [term.text for term in reversed(terms) if term.found and term.each.mean < 0]),
    ]
    texts = len(found.examples) if which is None else int(which.sum())
    what = "word" if length == 1 else f"phrase of {length} words"
    told = sentences.driving(sides, texts, what, "" if among == "every" else f"in {kinds[among]}")
    with lead:
        feedback.headline(told)
    with place:
        again = picture(terms, order, shown, against, found)
        if found.values is not None:
            given = selection.plain(choice.about or "value", 40)
            feedback.aside(
                f"Good answers are off by at most {plain_number(found.typical_error)}, the typical error "
                f"(the median: half are closer to the {given} given by the data, half are further away). "
                "Poor ones are off by more, too high or too low."
            )
    if again is not None:
        pins.beside(
            dataset.made_from(found, choice, f"for {selection.plain(shown, 40)}", kinds[among])
            + f" · {LENGTHS[length]} in at least {fewest} texts, {ORDERS[order]}",
            pins.chart(again, told),
        )
    weighed = found.toward(label) != 0
    word(found, terms, choice.about, weighed if which is None else weighed & which)
    return length


def other_side(names: list[str], label: int) -> str:
    """What speaks against a label: the other one, or all others."""
    return names[1 - label] if len(names) == 2 else "other labels"


def picture(
    terms: "list[Term]", order: str, shown: str, against: str, found: "Gathered"
) -> Callable[..., Any] | None:
    """The strongest terms of both sides as bars; returns what makes them, None where there are none."""
    if not terms:
        feedback.aside("Nothing stands in as many of these texts. Ask for fewer, or explain more.")
        return None
    ahead = [term for term in terms if term.each.mean > 0][:MOST_BARS]
    behind = [term for term in terms if term.each.mean < 0][-MOST_BARS:]
    drawn = [*ahead, *behind]

    def picked() -> None:
        points = st.session_state[_CHART].selection.points
        if points:
            selection.remember("word", drawn[points[0]["point_index"]].text)

    def bar(term: "Term") -> Bar:
        times = term.each.count if order == "total" else 1
        mean = term.each
        return Bar(term.text, mean.mean * times, mean.low * times, mean.high * times, mean.count, term.found)

    unit = drawing.UNITS[found.attributions[0].quantity]
    figure = partial(
        driver_bars,
        [bar(term) for term in drawn],
        for_label=f"for {selection.plain(shown, 30)}",
        against_label=f"for {selection.plain(against, 30)}",
        unit=f"{'sum' if order == 'total' else 'mean'} of the scores in {unit}",
    )
    feedback.chart(
        figure(dark=feedback.is_dark()),
        key=_CHART,
        title="What drives the answers",
        alt=f"One bar a word or phrase: to the right it speaks for {shown}, to the left for {against}.",
        rows=lambda: [record(term) for term in terms],
        on_click=picked,
    )
    feedback.aside(
        "Small numbers: how many texts hold it; a text counts once. Lines: 95 % intervals (Student's t over "
        "texts). Pale bars: chance may explain them (Benjamini and Hochberg, 5 % false finds). Click a bar "
        "to see its texts."
    )
    return figure


def record(term: "Term") -> dict[str, object]:
    """A term as a row of a file."""
    return {
        "term": term.text,
        "texts": term.each.count,
        "mean": term.each.mean,
        "low": term.each.low,
        "high": term.each.high,
        "total": term.total,
        "p_adjusted": term.p,
        "found": term.found,
    }


def word(found: "Gathered", terms: "list[Term]", about: str | None, among: "NDArray[np.bool_]") -> None:
    """The texts `among` all (texts,) that hold one word, each with the way to its explanation."""
    from analysis.reasons import holding

    if not terms:
        return
    names = sorted(term.text for term in terms)
    asked = selection.remembered("word")
    strongest = max(terms, key=lambda term: abs(term.each.mean)).text
    if asked is not None and asked not in names:
        selection.remember("word", strongest)  # picked among other words: another view, no broken link
    chosen = selection.option(
        "word",
        names,
        strongest,
        label="Its texts",
        format_func=lambda name: selection.plain(name, 60),
        width=320,
    )
    places = [index for index, _ in holding(found, chosen) if among[index]]
    shown = places[:MOST_TEXTS]
    st.html(
        f'<p class="assay-muted">{tokens.quoted(chosen)} stands in {grouped(len(places))} texts; '
        f"the {grouped(len(shown))} where it weighs most:</p>"
    )
    for index in shown:
        example, one = found.examples[index], found.attributions[index]
        given = selection.plain(example.label, 40)
        if found.values is not None:
            told = f"answer {plain_number(found.values[index])}, given {given}"
        else:
            answer = f"answer {selection.plain(found.labels[one.target], 40)}"
            told = answer if found.right[index] else f"{answer}, labelled {given}"
        with st.container(
            horizontal=True, vertical_alignment="center", wrap=False, key=f"drivers-text-{index}"
        ):
            st.html(f"{drawing.passage(one.text, one)}", width="stretch")
            with st.container(width=210):
                feedback.aside(told)
                target = {} if about is None else {"target": about}
                selection.page_link("explain", row=example.id, label="Explain", **target)


def turn(found: "Gathered", choice: dataset.Choice, length: int) -> None:
    """The words that speak for a label where the answer is right and against it where it is wrong."""
    from analysis.reasons import flips

    right, wrong = ("right", "wrong") if found.values is None else ("good", "poor")
    what = "words" if length == 1 else f"phrases of {length} words"
    st.subheader(f"{what[0].upper()}{what[1:]} that turn in {wrong} answers", anchor=False)
    label = len(found.labels) - 1
    asked = selection.remembered("label")
    if asked in found.labels:
        label = found.labels.index(asked)
    turned = flips(found, label, words=length)
    sure = [one for one in turned if one.found]
    name = selection.plain(found.labels[label], 40)
    if not turned:
        feedback.aside(
            f"Of the {what} none has one sign in {right} answers and the other in {wrong} ones; "
            f"{grouped(int((~found.right).sum()))} answers are {wrong}."
        )
        return
    best, others = (sure or turned)[0], max(len(sure) - 1, 0)
    means = best.right.mean, best.wrong.mean
    lead = f"<p>{sentences.turning(best.text, name, *means, others, answers=(right, wrong))}</p>"
    if not sure:
        chance = f"Of so many {what} looked at, chance may explain each of these."
        lead += f'<p class="assay-muted">{chance}</p>'

    def told(mean: "Mean", beside: "Mean") -> str:
        largest = max(abs(mean.mean), abs(beside.mean))
        shown = [signed(value, largest) for value in (mean.mean, mean.low, mean.high)]
        return f"{shown[0]} [{shown[1]}, {shown[2]}], {grouped(mean.count)} texts"

    table = [
        {
            "word" if length == 1 else "phrase": selection.plain(one.text, 60),
            f"where the answer is {right}": told(one.right, one.wrong),
            f"where it is {wrong}": told(one.wrong, one.right),
            "p, adjusted": f"{one.p:.3f}",
        }
        for one in turned[:MOST_BARS]
    ]
    turned_table(lead, table, "drivers")
    about = dataset.made_from(found, choice, f"for {name}", what)
    pins.beside(about, partial(turned_table, lead, table), "turned")


def turned_table(lead: str, table: list[dict[str, str]], key: str) -> None:
    """The words that turn, below what is said about them."""
    st.html(lead)
    st.dataframe(table, hide_index=True, height="content", key=f"{key}.table")


def take_away(found: "Gathered") -> None:
    """Every word's score of every text, as files."""
    st.subheader("All scores", anchor=False)
    with st.container(horizontal=True):
        feedback.download("CSV", lambda: to_csv(found.records()), "scores.csv", key="drivers.csv")
        feedback.download("Parquet", lambda: parquet(found), "scores.parquet", key="drivers.parquet")


def parquet(found: "Gathered") -> bytes:
    """The same rows in Parquet, typed."""
    import io

    import pandas as pd

    out = io.BytesIO()
    pd.DataFrame(list(found.records())).to_parquet(out, index=False)
    return out.getvalue()


with pins.staying(), feedback.problems():
    page()
