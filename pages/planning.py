"""Plans on the page Audit: a file into the controls, limits and policy beside them, the file out."""

from collections.abc import Container, Sequence
from functools import partial
from typing import Any

import streamlit as st

from attacks.registry import AttackError, Entry, parse
from audits import plan_file, rules
from audits.plan import Plan, PlanError, read_test, shortened
from audits.store import StoreError
from pages import feedback, selection
from pages.auditing import store
from views.numbers import grouped

#: What of a plan has no control of its own: kept for the visit, as it stood in the file.
CARRIED = "assay.audit.carried"
PROBLEM = "assay.audit.plan-problem"
FILE, POLICY, BASELINE = "assay.audit.file", "assay.audit.policy", "assay.audit.baseline"
DEMANDED = "assay.audit.demanded"
#: The tests of a plan taken up that cannot run here.
GONE = "assay.audit.gone"
#: The page's option that names an audit whose plan is to be taken up.
AGAIN = "again"
NO_BASELINE = ""
EXAMPLE = "- figure: accuracy\n  at_least: 85 %\n- figure: drop *\n  at_most: 5 %"
#: Bounds on offer; no limit is written 0 in the URL.
QUERIES, SECONDS, WORDS = (0, 50, 100, 250, 500, 1000, 2500), (0, 10, 30, 60, 300), (0, 10, 20, 30, 50)
#: A plan's own bound is offered up to this.
LARGEST_LIMIT = 1e9


def carried() -> dict[str, Any]:
    """The fields of the loaded plan that no control shows: strata, slices, recipes of one's own."""
    found: dict[str, Any] = st.session_state.get(CARRIED, {})
    return found


def forget() -> None:
    """Leaves the controls as they are, without what only the plan said."""
    for key in (CARRIED, GONE):
        st.session_state.pop(key, None)


def load() -> None:
    """Puts the file that was just given into the controls; what is wrong with it is kept to be told."""
    given = st.session_state.get(FILE)
    st.session_state.pop(PROBLEM, None)
    if given is None:
        return
    try:
        plan = plan_file.parse(given.getvalue().decode("utf-8-sig"), given.name)
    except UnicodeDecodeError:
        st.session_state[PROBLEM] = f"{given.name}: this is not UTF-8 text."
    except PlanError as problem:
        st.session_state[PROBLEM] = str(problem)
    else:
        _take(plan)


def take_again() -> None:
    """Puts the plan of the audit that a link names into the controls; from then on they speak for it."""
    asked = selection.remembered(AGAIN)
    if not asked:
        return
    selection.forget(AGAIN)
    try:
        audit = store().audit(asked)
    except StoreError as problem:
        st.session_state[PROBLEM] = str(problem)
    else:
        st.session_state.pop(PROBLEM, None)
        _take(audit.plan)
        st.rerun()


def _take(plan: Plan) -> None:
    """Model and data become the shared choice, the rest the page's own options."""
    selection.want(
        model=plan.model,
        row=None,
        text=None,
        data=plan.data,
        device=plan.device,
        dtype=plan.dtype,
        text_column=plan.text_column,
        label_column=plan.label_column,
        label_map=tuple(plan.label_map.items()),
    )
    names, levels = _controls(plan.tests)
    for key, value in {
        "families": "",
        "without": "",
        "tests": ",".join(names),
        "severities": ",".join(levels),
        "size": plan.examples or "all",
        "seed": plan.seed,
        "seeds": plan.seeds,
        "budget": plan.query_budget or 0,
        "seconds": f"{plan.time_budget or 0:.12g}",
        "words": f"{100 * (plan.max_words or 0):.12g}",
    }.items():
        selection.remember(key, value)
    st.session_state[GONE] = [test for test in shortened(plan.tests) if not _runs_here(test, plan.recipes)]
    st.session_state[CARRIED] = {
        "stratify": plan.stratify,
        "slices": plan.slices,
        "metrics": plan.metrics,
        "recipes": dict(plan.recipes),
    }
    demanded = {POLICY: rules.dump(plan.policy), BASELINE: plan.baseline or NO_BASELINE}
    st.session_state.update(demanded)
    st.session_state[DEMANDED] = demanded


def _controls(tests: Sequence[str]) -> tuple[list[str], list[str]]:
    """Written tests as names and severities for all; where they do not share them, each with its own."""
    planned = [read_test(test) for test in tests]
    levels: dict[str, list[int]] = {}
    for test in planned:
        levels.setdefault(test.name, []).append(test.severity)
    shared = {tuple(sorted(found)) for found in levels.values() if found != [0]}
    if len(shared) <= 1:
        return list(levels), [str(level) for level in next(iter(shared), ())] or _all_levels()
    return shortened(tests), _all_levels()


def _all_levels() -> list[str]:
    return [str(severity) for _, severity in parse("keyboard-typos") if severity]


def own_tests(known: Sequence[str]) -> list[str]:
    """Tests that are asked for beside the known names: a noise at one severity, and recipes of one's own."""
    asked = (selection.remembered("tests") or "").split(",")
    recipes = carried().get("recipes", {})
    return [
        name
        for name in asked
        if name not in known and (read_test(name).severity or name in recipes) and _runs_here(name, recipes)
    ]


def _runs_here(test: str, recipes: Container[str]) -> bool:
    """Whether this version has a written test, or a plan's recipe of that name, and all that it needs."""
    if test in recipes:
        return True
    try:
        return all(entry.available for entry, _ in parse(test))
    except AttackError:
        return False


def file_controls() -> None:
    """The way in: a plan's file; what only the file says, and the way to forget it."""
    with st.expander("Load a plan from a file", icon=":material/upload_file:"):
        st.file_uploader(
            "A plan in YAML, as `python -m audits init` writes one",
            type=["yaml", "yml"],
            key=FILE,
            on_change=load,
        )
    problem = st.session_state.get(PROBLEM)
    if problem:
        feedback.notice("This plan was not loaded", problem, "failure")
    told = []
    if gone := st.session_state.get(GONE):
        told.append(f"what cannot run here is left out: {', '.join(gone)}")
    if carried().get("stratify", ("label",)) != ("label",):
        told.append(f"the sample keeps the shares of {', '.join(carried()['stratify']) or 'nothing'}")
    if carried().get("slices"):
        told.append(f"the report looks at the slices {', '.join(carried()['slices'])}")
    if carried().get("metrics"):
        told.append(f"the report begins with {', '.join(carried()['metrics'])}")
    if carried().get("recipes"):
        told.append(f"its own recipes {', '.join(carried()['recipes'])}")
    if told:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            feedback.aside(f"From the plan: {'; '.join(told)}.")
            st.button("Forget this", key="assay.audit.forget", on_click=forget, type="tertiary")


def limits_of(picked: Sequence[Entry]) -> dict[str, float | None]:
    """How far each attack may go on one example; shown where there is an attack or a limit."""
    limited = any(selection.remembered(key, "0") != "0" for key in ("budget", "seconds", "words"))
    if not limited and not any(test.kind == "attack" for test in picked):
        return {"query_budget": None, "time_budget": None, "max_words": None}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        queries = limit("budget", "Queries a text", QUERIES, "{}", "Texts that an attack may ask about.")
        seconds = limit("seconds", "Time a text", SECONDS, "{} s", "It makes results depend on the machine.")
        words = limit("words", "Words changed", WORDS, "{} %", "The largest share of words to change.")
    return {
        "query_budget": int(queries) or None,
        "time_budget": seconds or None,
        "max_words": round(words / 100, 12) if words else None,
    }


def limit(key: str, label: str, choices: Sequence[float], written: str, told: str) -> float:
    """One of the bounds on an attack; 0 for none. A loaded plan's own value is one of the choices."""
    try:
        asked = float(selection.remembered(key, "0") or 0)
    except ValueError:
        asked = 0
    if 0 < asked < LARGEST_LIMIT:
        choices = sorted({*choices, int(asked) if asked.is_integer() else asked})
    return selection.option(
        key,
        choices,
        0,
        label=label,
        format_func=lambda most: f"≤ {written.format(plain_number(most))}" if most else "No limit",
        width=150,
        help=told,
    )


def plain_number(value: float) -> str:
    """A bound as people write it: whole numbers in groups, others with their digits."""
    return grouped(int(value)) if value == int(value) else f"{value:.12g}"


def policy_controls() -> dict[str, Any]:
    """What a release must meet: rules as text, and the audit to compare with. Raises PolicyError."""
    kept: dict[str, str] = st.session_state.setdefault(DEMANDED, {POLICY: "", BASELINE: NO_BASELINE})

    def changed() -> None:
        st.session_state[DEMANDED] = {key: st.session_state[key] for key in (POLICY, BASELINE)}

    finished = [audit.id for audit in store().audits() if audit.state == "finished"]
    options = list(dict.fromkeys([NO_BASELINE, *finished, kept[BASELINE]]))
    # Widgets forget when another page is looked at; what is demanded must not get lost so. To set one that
    # is there would take away what is being written.
    for key, value in kept.items():
        st.session_state.setdefault(key, value)
    with st.expander("What a release must meet", icon=":material/gavel:"):
        st.text_area(
            "Rules on figures of the audit, in YAML; nothing for no verdict",
            key=POLICY,
            height=150,
            placeholder=EXAMPLE,
            on_change=changed,
        )
        st.selectbox(
            "Baseline, for rules with worse_by_at_most",
            options,
            key=BASELINE,
            format_func=lambda name: "No baseline" if name == NO_BASELINE else selection.plain(name, 60),
            width=320,
            on_change=changed,
        )
    policy = rules.parse(kept[POLICY])
    if policy:
        figures = ", ".join(dict.fromkeys(rule.figure for rule in policy))
        feedback.aside(f"The report will begin with a verdict: limits on {selection.plain(figures, 200)}.")
    return {"policy": policy, "baseline": None if kept[BASELINE] == NO_BASELINE else kept[BASELINE]}


def save(plan: Plan) -> None:
    """The way out: the plan as a file, which gives the same rows here, in a terminal and from Python."""
    feedback.download("Save the plan", partial(_written, plan), "plan.yaml", key="assay.audit.save")


def _written(plan: Plan) -> bytes:
    return plan_file.dump(plan).encode()
