import streamlit as st

from attacks.entry import Entry
from attacks.limits import Limits
from attacks.outcome import Outcome
from attacks.registry import AttackError, entries, entry
from attacks.trial import Setting, Trial
from audits.validity import Thresholds, is_valid
from pages import feedback, selection, trying
from pages.trying import labels
from views import numbers, outcomes, tokens
from views.charts import search

#: The usual attack: it needs nothing and ends within seconds.
USUAL = "deepwordbug"
#: Budgets on offer; no limit is written 0 in the URL.
QUERIES, USUAL_QUERIES = (100, 250, 500, 1000, 2500, 10_000, 0), 500
SECONDS = (10, 30, 60, 300, 0)
WORDS = (10, 20, 30, 50, 0)
#: A local variant is called as the attack that it stands in for, with this at the end.
LOCAL = "-local"

TRIAL = "assay.attack.trial"


def main() -> None:
    """One text, one attack: settings, then the search, then what it found."""
    lead_noises_home()
    st.html(tokens.css() + outcomes.css() + search.CSS)
    st.title("Attack")
    st.caption("What small change, searched for on purpose, makes the model change its mind?")
    trying.begin_with_a_right_answer()
    text = selection.text_input("attack")
    if not text.strip():
        feedback.no_text("No text yet", "Type one above, or pick a row of the data, and attack it.")
        catalogue()
        return
    with feedback.problems():
        target, typed = trying.label_of(text)
        test, setting, run = settings(text, target)
        about(test)
        trial = trying.trial_of(setting, TRIAL, begin=False, ask=run)
        if trial is None:
            waiting_for_a_click(test, setting, typed)
        elif not trial.finished.is_set():
            watch(trial, test)
        else:
            show(trial, test, typed)
    catalogue()


def lead_noises_home() -> None:
    """A link that names a noise or a counterfactual belongs on the page Noise."""
    asked = selection.remembered("test", USUAL) or USUAL
    try:
        test = entry(asked)
    except AttackError:
        return
    if test.kind != "attack":
        selection.remember("test", USUAL)  # or the way back here would lead there again
        severity = selection.remembered("severity")
        own = {"noise": test.name} | ({"severity": severity} if severity else {})
        selection.open_page("noise", **(own if test.kind == "noise" else {}))


def settings(text: str, target: int) -> tuple[Entry, Setting, bool]:
    """The row of choices. The last of the three says that Run was clicked."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="attack-settings"):
        known = [test for _, tests in grouped() for test in tests]
        name = selection.option(
            "test",
            [test.name for test in known],
            USUAL,
            label="Attack",
            format_func=lambda name: titled(entry(name)),
            width=300,
            filter_mode="contains",
        )
        test = entry(name)
        queries = limit("budget", "Queries", QUERIES, "{}", "Texts that it may ask about.", USUAL_QUERIES)
        seconds = limit("seconds", "Time", SECONDS, "{} s", "How long the search may take.")
        words = limit("words", "Words changed", WORDS, "{} %", "The largest share of words to change.")
        seed = selection.seed_input(
            "assay.attack.seed", "Decides every random choice: the same seed gives the same result."
        )
        run = st.button("Run", type="primary", icon=":material/bolt:", disabled=not test.available)
    limits = Limits(queries or None, seconds or None, words / 100 if words else None)
    return test, Setting(trying.model_key(), text, target, name, None, seed, limits), run


def limit(  # noqa: PLR0917 -- one line a bound reads best
    key: str, label: str, choices: tuple[int, ...], written: str, told: str, usual: int = 0
) -> int:
    """One of the bounds on the search; 0 for none."""
    return selection.option(
        key,
        choices,
        usual,
        label=label,
        format_func=lambda most: f"≤ {written.format(numbers.grouped(most))}" if most else "No limit",
        width=132,
        help=told,
    )


def grouped() -> list[tuple[str, list[Entry]]]:
    """The attacks as published, the local variants, and those that cannot run here."""
    attacks = [test for test in entries() if test.kind == "attack"]
    here = [test for test in attacks if test.available]
    return [
        ("As published", [test for test in here if not test.variant]),
        ("Local variants", [test for test in here if test.variant]),
        ("Not here", [test for test in attacks if not test.available]),
    ]


def titled(test: Entry) -> str:
    """An attack in the list of choices."""
    about = "not here" if not test.available else "local variant" if test.variant else ""
    return " · ".join(filter(None, (test.title, test.family.lower(), about)))


def about(test: Entry) -> None:
    """What the chosen attack does; what was replaced in it; how to get what it lacks."""
    variant = f"Local variant: {test.variant}" if test.variant else ""
    has = ", ".join(need.name for need in test.needs if need.present())
    st.caption(" ".join(filter(None, (test.description, variant, f"It uses {has}." if has else ""))))
    if test.available:
        return
    feedback.notice(f"{test.title} cannot run here", f"It needs {needed(test)}. {test.remedy}")
    local = next((other for other in entries() if other.name == test.name + LOCAL and other.available), None)
    if local is not None:
        st.button(
            f"Use {local.title} instead",
            icon=":material/swap_horiz:",
            on_click=lambda: selection.remember("test", local.name),
        )


def needed(test: Entry) -> str:
    """What an attack lacks, by name."""
    return ", ".join(need.name for need in test.missing)


def waiting_for_a_click(test: Entry, setting: Setting, typed: bool) -> None:
    """The empty state: what the model says now, and what a click would do."""
    probabilities = trying.answer(setting.text)
    title = "Now" if typed else f"Now · labelled {selection.plain(labels()[setting.target], 60)}"
    passage = tokens.marked_change(setting.text, setting.text)[0]
    st.html(outcomes.pair((title, passage, outcomes.answers(labels(), probabilities))))
    if int(probabilities.argmax()) != setting.target:
        wrong_already()
        return
    if test.available:
        feedback.empty(f"{test.title} has not run on this text", "Press Run to begin.")
    trying.about_the_label(typed)


def wrong_already() -> None:
    """An attack has nothing to do where the answer is wrong; leads on to a row where it is right."""
    feedback.empty(
        "The model gets this one wrong already",
        "An attack starts from a right answer. Try another row, or put this text to the noises.",
    )
    with st.container(horizontal=True, horizontal_alignment="center"):
        st.button(
            "Next row it gets right",
            type="primary",
            icon=":material/arrow_forward:",
            on_click=trying.choose_next_right_row,
        )
        selection.page_link("noise", label="Noise")


@st.fragment(run_every=trying.LOOK_EVERY)
def watch(trial: Trial, test: Entry) -> None:
    """A search under way, looked at again and again until it ends."""
    if trial.finished.is_set():
        st.rerun()
    if not trial.trace:
        st.html(
            '<p class="assay-lead">Starting … the first attack after the start takes about ten seconds.</p>'
        )
        st.skeleton(height=120)
    else:
        latest = trial.trace[-1]
        feedback.headline(
            f"{feedback.escaped(test.title)} is searching: "
            f"<b>{numbers.grouped(latest.queries)}</b> queries so far."
        )
        budget = trial.setting.limits.queries
        if budget:
            told = f"{numbers.grouped(latest.queries)} of {numbers.grouped(budget)} queries at most"
            st.progress(min(latest.queries / budget, 1.0), text=told)
        shown = tokens.marked_change(trial.setting.text, latest.text)[1]
        foot = outcomes.facts([("best score so far", f"{latest.best_score:.2f}")])
        st.html(outcomes.pair(("Best try so far", shown, foot)))
    feedback.cancel_button(trial.cancelled, trial.cancel, key="assay.attack.cancel")
    way(trial)


def way(trial: Trial) -> None:
    """The search made visible: the score by step, and what each step tried."""
    if not trial.trace:
        return
    feedback.side_by_side(lambda: chart(trial), lambda: steps(trial), key="attack-way")


def chart(trial: Trial) -> None:
    """The best score against the queries."""
    last = trial.trace[-1]
    feedback.chart(
        search.figure(trial.trace, trial.setting.limits.queries, feedback.is_dark(), start(trial)),
        key="assay.attack.search",
        title="How the search went",
        name=f"{trial.setting.test} search",
        alt=f"Best score by query, {last.best_score:.2f} after {last.queries} queries.",
        rows=lambda: [
            {
                "queries": step.queries,
                "candidates": step.candidates,
                "best_score": step.best_score,
                "ranks_words": step.ranks,
                "best_text": step.text,
                "tried": "; ".join(f"{before} > {after}" for before, after in step.tried),
            }
            for step in trial.trace
        ],
    )
    score = "Score: 1 minus the probability of the right label. " if start(trial) is not None else ""
    st.caption(f"{score}Hollow: a step that only ranks words.")


def steps(trial: Trial) -> None:
    """What each step tried."""
    st.subheader("What it tried", anchor=False)
    st.html(search.table(trial.trace, start(trial)))


def start(trial: Trial) -> float | None:
    """The unchanged text's score; None where the search may go by another one.

    Of more than two labels some attacks want one in particular, and go by its probability.
    """
    setting = trial.setting
    if not entry(setting.test).flips or len(labels()) > 2:
        return None
    return 1 - float(trying.answer(setting.text)[setting.target])


def show(trial: Trial, test: Entry, typed: bool) -> None:
    """What came of it, whichever way it ended."""
    if trial.problem is not None:
        raise trial.problem
    if trial.stopped or trial.outcome is None:
        queries = trial.trace[-1].queries if trial.trace else 0
        feedback.notice("Cancelled", f"The search was stopped after {queries} queries. Run begins it anew.")
        way(trial)
        return
    outcome = trial.outcome
    if outcome.status == "error":
        feedback.notice(
            f"{test.title} could not be run on this text",
            f"{outcome.error}\nThe text and the model are as they were. Try another text or attack.",
            "failure",
        )
        return
    st.html(outcomes.lead(test.title, labels(), trial.setting.target, outcome, flips=test.flips))
    if outcome.status == "skipped":
        st.html(outcomes.pair(("Text", *unchanged(outcome))))
        wrong_already()
        return
    if outcome.perturbed == outcome.text:
        st.html(outcomes.pair(("Text", *unchanged(outcome))))
    else:
        st.html(outcomes.before_and_after(labels(), outcome))
    ended_by(outcome)
    details(trial, test)
    validity(outcome, test)
    trying.about_the_label(typed)
    way(trial)
    if outcome.perturbed != outcome.text:
        st.subheader("What the model reads", anchor=False)
        trying.explanation(trial)
        trying.further(outcome)


def ended_by(outcome: Outcome) -> None:
    """A search that a limit ended might have gone on."""
    if outcome.stopped == "seconds":
        st.caption("The time was up; with more of it the search could go on.")
    elif outcome.stopped == "queries":
        st.caption("The query budget is spent; with a larger one the search could go on.")


def validity(outcome: Outcome, test: Entry) -> None:
    """Whether a success counts under the usual thresholds: a text that says something else proves nothing."""
    if outcome.status != "succeeded" or not test.flips:
        return
    usual = Thresholds()
    told = "Counts as valid" if is_valid(outcome, usual) else "Does not count as valid"
    st.caption(
        f"{told} under the usual thresholds: {usual.sentence}. Whether the label stayed is yours to say."
    )


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
    facts = [("queries", numbers.grouped(outcome.queries))]
    if outcome.perturbed != outcome.text:
        facts.append(("characters edited", numbers.percent(outcome.characters_edited)))
        facts.append(("words edited", numbers.percent(outcome.words_edited)))
    if outcome.similarity is not None:
        facts.append(("sentence similarity", f"{outcome.similarity:.2f}"))
    if outcome.fluency is not None:
        facts.append(("fluency", f"{tokens.signed(outcome.fluency)} nats a token"))
    facts += [("label", labels()[setting.target]), ("seed", str(setting.seed))]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.html(outcomes.facts(facts))
        trying.download(trial, test)


def catalogue() -> None:
    """What every attack does and needs."""
    with st.expander("All attacks"):
        for heading, tests in grouped():
            if tests:
                st.subheader(f"{heading} ({len(tests)})", anchor=False)
                st.html(outcomes.catalogue((test.title, test.description, facts_of(test)) for test in tests))


def facts_of(test: Entry) -> list[tuple[str, str]]:
    """What is known of an attack, name by name; what is empty is left out."""
    return [
        ("Variant", test.variant),
        ("Goal", test.goal),
        ("Keeps to", "; ".join(test.constraints)),
        ("Needs", "; ".join(need.name for need in test.needs) or "nothing to download"),
        ("Lacks", needed(test)),
        ("How to get it", test.remedy),
        ("Paper", test.paper),
        ("Name", test.name),
    ]


main()
