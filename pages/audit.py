import time
from collections.abc import Sequence

import streamlit as st

from attacks.recipes import custom
from attacks.registry import Entry, entries, left_out, parse
from audits import run
from audits.forecast import Forecast, forecast
from audits.plan import MOST_SEEDS, USUAL_SEEDS, Plan
from audits.summary import signed
from audits.summary.reach import detectable
from pages import feedback, planning, selection, underway
from pages.auditing import plan_of, store
from views.numbers import duration, grouped

#: Sizes of a sample on offer, and the usual one: small enough to be looked at within minutes on a laptop.
SIZES = (25, 50, 100, 200, 500, 1000, 2000, 5000)
USUAL_SIZE = 100
#: How often each noise may be drawn, among others.
DRAWS = (1, 3, 5, 10)
#: The tests of an audit unless others are chosen: each a different kind of harm, done in minutes.
USUAL_TESTS = ("keyboard-typos", "homoglyphs", "deepwordbug")
#: Families that are picked with one click, and what stands on the button.
SHORTCUTS = {
    "noise": "Noise",
    "counterfactuals": "Counterfactuals",
    "attacks:fast": "Fast attacks",
    "attacks:all": "All attacks",
}
#: So many names are told of tests whose time nobody knows.
MOST_NAMED = 3
#: So many texts are asked about to learn how fast the model is here.
MEASURED = 16


def main() -> None:
    """What runs or waits to be resumed, then the plan of a new audit."""
    st.title("Audit")
    st.caption("How much accuracy do typos, look-alike letters and attacks cost this model?")
    planning.take_again()
    underway.draw()
    with feedback.problems("No audit was started."):
        new_audit()


def new_audit() -> None:
    """The plan: data as picked in the sidebar, tests, limits, size; what it will cost; and the start."""
    st.subheader("A new audit", anchor=False)
    planning.file_controls()
    available = len(selection.whole_corpus())
    picked, fixed, left_out = chosen_tests()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        levels = chosen_severities(picked)
        size = size_of(available)
        seed = selection.seed_input(
            "assay.audit.seed", "The same plan with the same seed gives the same rows."
        )
        seeds = draws_of(picked, fixed)
        workers = selection.option(
            "workers",
            underway.PROCESSES,
            1,
            label="Processes",
            width=140,
            help=underway.ABOUT_PROCESSES,
        )
    limits = planning.limits_of([*picked, *map(entry_of, fixed)])
    tests = [
        f"{test.name}@{level}" if level else test.name
        for test in picked
        for level in ([each for each in test.severities if each in levels] if test.severities else [0])
    ]
    tests += [test for test in fixed if test not in tests]
    if left_out:
        feedback.aside(f"Left out, for they cannot run here: {', '.join(test.title for test in left_out)}.")
    demanded = planning.policy_controls()
    missing = tuple(test.name for test in left_out)
    more = planning.carried() | limits | demanded | {"seeds": seeds}
    plan = plan_of(tests, size, seed, left_out=missing, **more) if tests else None
    if plan:
        cost(plan, size or available, workers)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        started = st.button(
            "Start the audit",
            type="primary",
            icon=":material/play_arrow:",
            key="assay.audit.start",
            disabled=plan is None,
            help=None if plan else "Choose a noise with a severity, a counterfactual or an attack",
        )
        if plan:
            planning.save(plan)
    if started and plan:
        underway.watch(run.start(plan, store(), workers))
        st.rerun()


def entry_of(test: str) -> Entry:
    """What is known of a written test: a noise at one severity, or a recipe of one's own."""
    return custom.outline(test) or parse(test)[0][0]


def chosen_tests() -> tuple[list[Entry], list[str], list[Entry]]:
    """Families, and single tests beside them or not among them; and what of the families cannot run here.

    Between these stand, as written, a loaded plan's tests with severities of their own and its recipes.
    """
    known = {test.name: test for test in entries() if test.available}
    families = selection.choices(
        "families",
        list(SHORTCUTS),
        [],
        st.pills,
        label="Families",
        selection_mode="multi",
        format_func=lambda name: f"{SHORTCUTS[name]} · {len(members(name))}",
        help="All tests of a kind, as far as they can run here. Attacks take longest.",
    )
    own = planning.own_tests(list(known))
    of_families = {test.name: test for name in families for test in members(name)}
    single = selection.choices(
        "tests",
        [*known, *own],
        [] if families else USUAL_TESTS,
        label="And these tests" if families else "Tests",
        format_func=lambda name: titled(known[name]) if name in known else name,
        placeholder="Type to search" if known else "No test can run here",
        help="Any number of tests by name.",
    )
    without = (
        selection.choices(
            "without",
            list(of_families),
            [],
            label="But not these",
            format_func=lambda name: titled(of_families[name]),
            placeholder="Type to search",
            help="Tests of the families above that are to be left out.",
        )
        if families
        else []
    )
    wanted = ({*of_families} - {*without}) | {*single}
    missing = [test for name in families for test in left_out(name)]
    fixed = [name for name in own if name in wanted]
    return [test for test in known.values() if test.name in wanted], fixed, list(dict.fromkeys(missing))


def members(family: str) -> list[Entry]:
    """The tests of a family that can run here."""
    return list(dict.fromkeys(test for test, _ in parse(family)))


def titled(test: Entry) -> str:
    """A test in the list of choices, with where it belongs."""
    return f"{test.title} · {test.family.lower() or test.kind}"


def chosen_severities(picked: Sequence[Entry]) -> list[int]:
    """The severities of the noises; all of them unless told otherwise."""
    levels = [str(level) for level in sorted({level for test in entries() for level in test.severities})]
    chosen = selection.choices(
        "severities",
        levels,
        levels,
        st.pills,
        label="Severities",
        selection_mode="multi",
        help="A target share of edited letters or words; what was really edited is measured on each row.",
        disabled=not any(test.severities for test in picked),
    )
    return [int(level) for level in chosen]


def draws_of(picked: Sequence[Entry], fixed: Sequence[str]) -> int:
    """How often each noise is drawn. A loaded plan's own number is one of the choices."""
    asked = selection.remembered("seeds") or ""
    own = {int(asked)} if asked.isdecimal() and len(asked) <= 3 and 1 <= int(asked) <= MOST_SEEDS else set()
    return selection.option(
        "seeds",
        sorted({*DRAWS, *own}),
        USUAL_SEEDS,
        label="Draws of a noise",
        width=140,
        disabled=not any(test.severities for test in [*picked, *map(entry_of, fixed)]),
        help="With the seed and the ones after it, to tell what the draw did from what the texts did. "
        "Attacks search once.",
    )


def cost(plan: Plan, examples: int, workers: int) -> None:
    """What will be made, and how long it takes as far as that is known, before anything starts."""
    noises = any(test.severity for test in plan.columns)
    sentence = (
        f"<b>{grouped(examples * plan.rows_an_example)} rows</b>: {grouped(examples)} examples of "
        f"{feedback.escaped(plan.data)}, each unchanged and under {len(plan.tests)} "
        f"test{'s' if len(plan.tests) != 1 else ''}"
        f"{f', a noise drawn {plan.seeds} times' if noises and plan.seeds > 1 else ''}, "
        f"answered by {feedback.escaped(plan.model)}."
    )
    if len(selection.corpus()):
        expected = forecast(
            plan,
            store(),
            fingerprint=selection.classifier().fingerprint,
            examples=examples,
            seconds_a_text=seconds_a_text(),
            workers=workers,
        )
        sentence += time_of(expected)
    least = detectable(examples, 0.0, None)
    if least:
        sentence += f" At best, a drop of <b>{signed(least)} points</b> or more would be seen on them."
    st.html(f'<p class="assay-muted">{sentence}</p>')


def time_of(expected: Forecast) -> str:
    """How long it takes, in words of escaped HTML, and of which tests that is not known."""
    names = [feedback.escaped(entry_of(name).title) for name in expected.unknown]
    told = ", ".join(names[:MOST_NAMED])
    if len(names) > MOST_NAMED:
        told += f" and {len(names) - MOST_NAMED} more"
    said = f" On this machine that takes about <b>{duration(expected.seconds)}</b>"
    said += ", judged by earlier audits of this model." if expected.measured else "."
    if not names:
        return said
    come, it_takes = ("comes", "it takes") if len(names) == 1 else ("come", "they take")
    return f"{said} {told} {come} on top: how long {it_takes} is known once this model was put to it here."


@st.cache_resource(show_spinner=False)
def speeds() -> selection.Kept:
    """Seconds a text by model and data, measured once."""
    return selection.Kept(50)


def seconds_a_text() -> float:
    """How long the model in use takes for a text of the data in use, measured on a few of them."""
    chosen = selection.current()
    key = (selection.classifier().fingerprint, chosen.device, chosen.dtype, chosen.data_part)
    found = speeds().get(key)
    if not isinstance(found, float):
        texts = list(selection.corpus().texts[:MEASURED])
        selection.classifier().probabilities(texts[:1])  # the first call is slower than all that follow
        began = time.perf_counter()
        selection.classifier().probabilities(texts)
        found = (time.perf_counter() - began) / len(texts)
        speeds().put(key, found)
    return found


def size_of(available: int) -> int | None:
    """How many examples; None for all there are."""
    asked = selection.remembered("size") or ""
    own = {int(asked)} if asked.isdecimal() and 0 < len(asked) <= 9 and int(asked) else set()
    sizes = sorted(size for size in {*SIZES, *own} if size < available)
    everything = f"All {grouped(available)}"
    choices = [*map(str, sizes), everything]
    usual = str(USUAL_SIZE) if USUAL_SIZE in sizes else everything
    asked = selection.remembered("size") or ""
    if asked == "all" or (asked.isdecimal() and len(asked) < 10 and int(asked) >= available):
        selection.remember("size", everything)
    elif asked.isdecimal() and len(asked) < 10 and int(asked) and asked not in choices:
        choices = [*map(str, sorted({*sizes, int(asked)})), everything]
    picked = selection.option("size", choices, usual, label="Examples", width=180)
    return None if picked == everything else int(picked)


main()
