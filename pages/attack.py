import json
from dataclasses import asdict
from typing import Any

import streamlit as st

from attacks.entry import Entry
from attacks.limits import Limits
from attacks.outcome import Outcome
from attacks.registry import entries, entry
from attacks.resources import STOP_WORDS, stop_words_sha256
from attacks.trial import Setting, Trial
from corpora.examples import Example
from pages import feedback, selection
from views import numbers, outcomes, tokens

#: The usual budget; no limit is written 0 in the URL.
BUDGETS = (100, 250, 500, 1000, 2500, 0)
USUAL_BUDGET = 500
#: So many rows are tried for one to begin with.
FIRST_ROWS = 20
#: How often a running search is looked at, in seconds, and how long a quick test is waited for.
LOOK_EVERY, QUICK = 0.8, 0.5

TRIAL = "assay.attack.trial"


@st.cache_resource(show_spinner=False)
def kept() -> selection.Kept:
    """Answers and finished trials of all visitors, so that a link shows at once what was found before."""
    return selection.Kept(200)


def main() -> None:
    """One text, one test: settings, then the search, then what it found."""
    st.html(tokens.css() + outcomes.css())
    st.title("Attack")
    st.caption("What small change makes the model change its mind?")
    begin_with_a_right_answer()
    text = selection.text_input("attack")
    if not text.strip():
        feedback.empty("No text yet", "Type one above, or pick a row of the data, and put it to the test.")
        catalogue()
        return
    target, typed = label_of(text)
    test, setting, run = settings(text, target)
    place = st.container()
    with place, feedback.problems():
        trial = current_trial(setting, run)
        if trial is None:
            waiting_for_a_click(test, setting, typed)
        elif not trial.finished.is_set():
            watch(trial, test)
        else:
            show(trial, test, typed)
    catalogue()


def begin_with_a_right_answer() -> None:
    """Where no row is chosen yet, the first one that the model answers rightly: an attack needs one."""
    chosen = selection.current()
    if chosen.row is None and chosen.text is None and selection.example() is not None:
        row = next((row for row in selection.corpus().examples[:FIRST_ROWS] if is_right(row)), None)
        if row is not None:
            selection.choose(row=row.id)


def is_right(row: Example) -> bool:
    """Whether the model answers this row with its label."""
    return labels()[int(answer(row.text).argmax())] == row.label


def label_of(text: str) -> tuple[int, bool]:
    """The label that counts as right, and whether that is only the model's own answer."""
    model, example = selection.classifier(), selection.example()
    if example is not None and example.text == text and example.label in model.labels:
        return model.labels.index(example.label), False
    return int(answer(text).argmax()), True


def answer(text: str) -> Any:
    """The model's probabilities for one text."""
    model = selection.classifier()
    key = ("answer", model.fingerprint, str(model.device), str(model.dtype), text)
    found = kept().get(key)
    if found is None:
        found = model.probabilities([text])[0]
        kept().put(key, found)
    return found


def settings(text: str, target: int) -> tuple[Entry, Setting, bool]:
    """The row of choices. The last of the three says that Run was clicked."""
    every = entries()
    with st.container(horizontal=True, vertical_alignment="bottom", key="attack-settings"):
        name = selection.option(
            "test",
            [known.name for known in every],
            "deepwordbug",
            label="Test",
            format_func=lambda name: f"{entry(name).kind.capitalize()} · {entry(name).title}",
            width=310,
        )
        test = entry(name)
        severity, budget = None, None
        if test.severities:
            severity = selection.option(
                "severity",
                test.severities,
                test.severities[0],
                st.segmented_control,
                label="Severity",
                help="How much of the text is edited.",
            )
        else:
            chosen = selection.option(
                "budget",
                BUDGETS,
                USUAL_BUDGET,
                label="Query budget",
                format_func=lambda most: numbers.grouped(most) if most else "No limit",
                width=150,
                help="How many texts the search may ask the model about.",
            )
            budget = chosen or None
        seed = selection.seed_input(
            "assay.attack.seed", "Decides every random choice: the same seed gives the same result."
        )
        run = st.button("Run", type="primary", icon=":material/bolt:", disabled=not test.available)
    if not test.available:
        feedback.notice(f"{test.title} cannot run here", test.remedy)
    fingerprint = "|".join(
        (selection.classifier().fingerprint, selection.current().device, selection.current().dtype)
    )
    return test, Setting(fingerprint, text, target, name, severity, seed, Limits(queries=budget)), run


def current_trial(setting: Setting, run: bool) -> Trial | None:
    """The trial of this very setting: running, kept, or begun now. Noise begins without a click."""
    mine: Trial | None = st.session_state.get(TRIAL)
    if mine is not None and mine.outcome is not None:
        kept().put(mine.setting, mine)
    if not run:
        if mine is not None and mine.setting == setting:
            return mine
        found = kept().get(setting)
        if isinstance(found, Trial):
            return found
        if entry(setting.test).kind == "attack":
            return None
    if mine is not None:
        mine.cancel()
    trial = st.session_state[TRIAL] = Trial(setting).start(selection.classifier())
    trial.finished.wait(QUICK)
    return trial


def waiting_for_a_click(test: Entry, setting: Setting, typed: bool) -> None:
    """The empty state: what the model says now, and what a click would do."""
    probabilities = answer(setting.text)
    title = "Now" if typed else f"Now · labelled {selection.plain(labels()[setting.target], 60)}"
    passage = tokens.marked_change(setting.text, setting.text)[0]
    st.html(outcomes.pair((title, passage, outcomes.answers(labels(), probabilities))))
    if int(probabilities.argmax()) == setting.target:
        feedback.empty(f"{test.title} has not run on this text", f"{test.description} Press Run to begin.")
        about_the_label(typed)
    else:
        wrong_already()


def wrong_already() -> None:
    """An attack has nothing to do where the answer is wrong; leads on to a row where it is right."""
    feedback.empty(
        "The model gets this one wrong already",
        "An attack starts from a right answer. Try another row, or put this text to a noise.",
    )
    with st.container(horizontal=True, horizontal_alignment="center"):
        st.button(
            "Next row it gets right",
            type="primary",
            icon=":material/arrow_forward:",
            on_click=choose_next_right_row,
        )


def choose_next_right_row() -> None:
    """Goes to the next row of the data that the model answers rightly."""
    rows, chosen = selection.corpus().examples, selection.example()
    start = rows.index(chosen) + 1 if chosen in rows else 0
    for row in (*rows[start:], *rows[:start]):
        if is_right(row):
            selection.choose(row=row.id)
            return


def labels() -> tuple[str, ...]:
    """The model's label names."""
    return selection.classifier().labels


def about_the_label(typed: bool) -> None:
    """For a text without a true label, what is taken for it."""
    if typed:
        st.caption("A text of your own has no true label: the model's answer to it is taken as right.")


@st.fragment(run_every=LOOK_EVERY)
def watch(trial: Trial, test: Entry) -> None:
    """A search under way, looked at again and again until it ends."""
    if trial.finished.is_set():
        st.rerun()
    step = trial.step
    if step is None:
        st.html(
            '<p class="assay-lead">Starting … the first attack after the start takes about ten seconds.</p>'
        )
        st.skeleton(height=120)
    else:
        queries, score, text = step
        st.html(
            f'<p class="assay-lead">{feedback.escaped(test.title)} is searching: '
            f"<b>{numbers.grouped(queries)}</b> queries so far.</p>"
        )
        budget = trial.setting.limits.queries
        if budget:
            st.progress(min(queries / budget, 1.0), text=f"{queries} of {budget} queries at most")
        shown = tokens.marked_change(trial.setting.text, text)[1]
        foot = outcomes.facts([("best score so far", f"{score:.2f} of 1")])
        st.html(outcomes.pair(("Best try so far", shown, foot)))
    st.button(
        "Cancelling …" if trial.cancelled else "Cancel",
        icon=":material/stop:",
        on_click=trial.cancel,
        disabled=trial.cancelled,
    )


def show(trial: Trial, test: Entry, typed: bool) -> None:
    """What came of it, whichever way it ended."""
    if trial.problem is not None:
        raise trial.problem
    if trial.stopped or trial.outcome is None:
        queries = trial.step[0] if trial.step else 0
        feedback.notice("Cancelled", f"The search was stopped after {queries} queries. Run begins it anew.")
        return
    outcome = trial.outcome
    if outcome.status == "error":
        feedback.notice(
            f"{test.title} could not be run on this text",
            f"{outcome.error}\nThe text and the model are as they were. Try another text or test.",
            "failure",
        )
        return
    target = trial.setting.target
    st.html(outcomes.lead(test.title, labels(), target, outcome, flips=test.flips))
    if outcome.status == "skipped":
        st.html(outcomes.pair(("Text", *unchanged(outcome))))
        wrong_already()
        return
    if outcome.perturbed == outcome.text:
        st.html(outcomes.pair(("Text", *unchanged(outcome))))
        spent = trial.setting.limits.queries
        if spent and outcome.queries >= spent:
            st.caption("The query budget is spent; with a larger one the search could go on.")
    else:
        st.html(outcomes.before_and_after(labels(), outcome))
    details(trial, test)
    about_the_label(typed)
    if outcome.perturbed != outcome.text:
        st.subheader("What the model reads")
        explanation(trial)


def unchanged(outcome: Outcome) -> tuple[str, str]:
    """The text as it is, and the answer to it."""
    return (
        tokens.marked_change(outcome.text, outcome.text)[0],
        outcomes.answers(labels(), outcome.probabilities_before),
    )


def details(trial: Trial, test: Entry) -> None:
    """The measured figures, and the whole of it as a file."""
    outcome, setting = trial.outcome, trial.setting
    assert outcome is not None
    facts = [("queries", numbers.grouped(outcome.queries))] if test.kind == "attack" else []
    if outcome.perturbed != outcome.text:
        facts.append(("characters edited", numbers.percent(outcome.characters_edited)))
        facts.append(("words edited", numbers.percent(outcome.words_edited)))
    facts += [("label", labels()[setting.target]), ("seed", str(setting.seed))]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.html(outcomes.facts(facts))
        st.download_button(
            "JSON",
            json.dumps(record(trial, test), indent=2),
            file_name=f"{setting.test}-{selection.text_fingerprint(setting.text)}-{setting.seed}.json",
            mime="application/json",
            icon=":material/download:",
            help="The outcome, and everything needed to compute it again",
            on_click="ignore",
        )


def record(trial: Trial, test: Entry) -> dict[str, Any]:
    """The outcome with everything it was made from."""
    chosen, example, setting = selection.current(), selection.example(), trial.setting
    assert trial.outcome is not None
    made_from: dict[str, Any] = {
        "model": chosen.model,
        "fingerprint": selection.classifier().fingerprint,
        "labels": labels(),
        "data": chosen.data if example else None,
        "row": example.id if example else None,
        "target": labels()[setting.target],
        "test": setting.test,
        "severity": setting.severity,
        "seed": setting.seed,
        "limits": asdict(setting.limits),
    }
    if test.kind == "attack":
        made_from["stop_words"] = {"list": STOP_WORDS, "sha256": stop_words_sha256()}
    return {"made_from": made_from, "outcome": asdict(trial.outcome)}


def explanation(trial: Trial) -> None:
    """Both attributions side by side, or a skeleton until they are there."""
    found = trial.explanation
    if found is None:
        wait_for_explanation(trial)
        return
    with feedback.problems("The result above stands."):
        if isinstance(found, Exception):
            raise found
        draw_explanation(*found)


@st.fragment(run_every=LOOK_EVERY)
def wait_for_explanation(trial: Trial) -> None:
    """Looks whether the attributions are there yet."""
    if trial.explanation is not None:
        st.rerun()
    st.skeleton(height=140)


def draw_explanation(before: Any, after: Any) -> None:
    """Two passages on one scale of colour."""
    scale = max((abs(float(score)) for each in (before, after) for score in each.word_scores), default=0.0)
    names = labels()
    against = names[before.contrast] if before.contrast is not None else f"not {names[before.target]}"
    cards = []
    for title, each in (("Before", before), ("After", after)):
        spans = [
            (word.start, word.end, float(score))
            for word, score in zip(each.words, each.word_scores, strict=True)
        ]
        total = f"{tokens.signed(float(each.word_scores.sum()))} logits"
        delta = numbers.percent(each.relative_delta)
        foot = outcomes.facts([("all words", total), ("convergence delta", delta)])
        cards.append((title, tokens.highlight(each.text, spans, scale=scale or None), foot))
    st.html(tokens.key(f"for {names[before.target]}", f"for {against}"))
    st.html(outcomes.pair(*cards))
    st.caption(
        "Integrated gradients of the difference between the two labels' logits, one colour scale for both."
    )


def catalogue() -> None:
    """What every test does and needs."""
    with st.expander("All tests"):
        st.html(
            outcomes.catalogue(
                (
                    f"{known.title} ({known.kind})",
                    known.description,
                    [
                        ("Goal", known.goal),
                        ("Keeps to", "; ".join(known.constraints)),
                        ("Needs", "; ".join(need.name for need in known.needs) or "nothing to download"),
                        ("Not available", known.remedy if not known.available else ""),
                        ("Paper", known.paper),
                        ("Name", known.name),
                    ],
                )
                for known in entries()
            )
        )


main()
