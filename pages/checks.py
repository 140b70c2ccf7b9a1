import hashlib
import json

import streamlit as st

from attacks import templates
from attacks.entry import AttackError
from attacks.templates import Suite
from audits import checks
from audits.check_run import CheckRun
from pages import feedback, selection, trying
from views import checks as lines
from views import numbers, tokens
from views.checks import Failing, Line

#: The choice for a suite that the visitor brings along.
OWN = "own"
CASES = (100, checks.USUAL_CASES, 5000)
RUN, TEXT = "assay.checks.run", "assay.checks.text"

#: What stands in the field for a suite of one's own, to be changed; the labels are the model's.
EXAMPLE = """\
name: My suite
labels: [{labels}]
fillers:
  thing: [film, meal, hotel]
tests:
  - name: Plain words
    capability: Vocabulary
    type: MFT            # a text whose label is plain
    label: {first}
    templates: ["Put a text here with {{a:thing}} in it.", "Another one: the {{thing}}."]
  - name: Names
    capability: Names and groups
    type: INV            # a change that must not change the label
    vary: name           # or add: [...], or perturb: gender, or pairs: [[..., ...]]
    templates: ["{{name}} talked about the {{thing}}."]
"""


def main() -> None:
    """One suite on one model: settings, then its run, then what failed."""
    st.html(tokens.css() + lines.css())
    st.title("Checks")
    st.caption("What must any model for this task get right, and does this one?")
    with feedback.problems():
        name, most, seed, run = settings()
        suite = own_suite() if name == OWN else templates.load(name)
        if suite is None:
            return
        trouble = misfit(suite)
        if trouble:
            feedback.notice("This suite does not fit the model", trouble)
            return
        found = run_of(suite, seed, most, begin=run)
        if found is None:
            waiting_for_a_click(suite, most)
        elif not found.finished.is_set():
            watch(found)
        else:
            show(found)


def settings() -> tuple[str, int, int, bool]:
    """The row of choices: suite, cases, seed. The last says that Run was clicked."""
    fitting = [name for name in templates.SUITES if not misfit(templates.load(name))]
    with st.container(horizontal=True, vertical_alignment="bottom", key="checks-settings"):
        name = selection.option(
            "suite",
            [*templates.SUITES, OWN],
            fitting[0] if fitting else OWN,
            label="Suite",
            format_func=lambda name: "Your own" if name == OWN else templates.load(name).name,
            width=220,
        )
        most = selection.option(
            "cases",
            CASES,
            checks.USUAL_CASES,
            label="Cases",
            format_func=lambda most: f"≤ {numbers.grouped(most)}",
            width=130,
            help="Shared out between the tests; which of them are drawn the seed decides.",
        )
        seed = selection.seed_input(
            "assay.checks.seed", "Decides which cases are drawn: the same seed gives the same cases."
        )
        run = st.button("Run", type="primary", icon=":material/play_arrow:")
    return name, most, seed, run


def own_suite() -> Suite | None:
    """The visitor's suite, from a file or typed; None, with the reason told, where it is not right yet."""
    uploaded = st.file_uploader("A YAML file", type=["yaml", "yml"], key="assay.checks.file")
    if uploaded is not None:
        try:
            text, source = uploaded.getvalue().decode("utf-8"), uploaded.name
        except UnicodeDecodeError:
            feedback.notice("This file is no text", f"{uploaded.name} is not written in UTF-8.", "failure")
            return None
    else:
        labels = trying.labels()
        quoted = [json.dumps(label) for label in labels]
        st.session_state.setdefault(TEXT, EXAMPLE.format(labels=", ".join(quoted), first=quoted[0]))
        # The widget's own state goes when another suite is looked at; the copy stays.
        text = st.text_area("… or type it here", st.session_state[TEXT], height=340, key=f"{TEXT}.field")
        st.session_state[TEXT], source = text, "Your suite"
    try:
        return templates.parse(text, source)
    except AttackError as problem:
        feedback.notice("This is no suite yet", str(problem), "failure")
        return None


def misfit(suite: Suite) -> str:
    """Why the suite's labels do not fit the model's; empty where they do."""
    try:
        checks.fitting(suite, trying.labels())
    except AttackError as problem:
        return str(problem)
    return ""


def run_of(suite: Suite, seed: int, most: int, *, begin: bool) -> CheckRun | None:
    """The run of this very suite and setting: under way, kept, or begun by a click."""
    digest = hashlib.sha256(suite.model_dump_json().encode("utf-8", "surrogatepass")).hexdigest()
    key = ("checks", trying.model_key(), digest, seed, most)
    found = trying.kept().get(key)
    if isinstance(found, CheckRun) and not (begin and (found.stopped or found.problem)):
        return found
    if not begin:
        return None
    last = st.session_state.get(RUN)
    if isinstance(last, CheckRun):
        last.cancel()
    begun = CheckRun(suite, selection.current().model, seed, most).start(selection.classifier())
    st.session_state[RUN] = begun
    trying.kept().put(key, begun)
    begun.finished.wait(trying.QUICK)
    return begun


def waiting_for_a_click(suite: Suite, most: int) -> None:
    """The empty state: what would be asked."""
    count = len(suite.tests)
    feedback.aside(suite.description)
    feedback.empty(
        f"{suite.name} has not run on this model",
        f"{count} test{'' if count == 1 else 's'} of {', '.join(suite.capabilities)}: "
        f"press Run to ask about {numbers.grouped(most)} cases at most.",
    )


@st.fragment(run_every=trying.LOOK_EVERY)
def watch(run: CheckRun) -> None:
    """A run under way, looked at again and again until it ends."""
    if run.finished.is_set():
        st.rerun()
    left = f" · about {numbers.duration(run.seconds_left)} left" if run.seconds_left else ""
    done, total = numbers.grouped(run.done), numbers.grouped(run.total)
    told = f"{done} of {total} texts answered{left}" if run.total else "Asking the model …"
    st.progress(run.done / run.total if run.total else 0.0, text=told)
    feedback.cancel_button(run.cancelled, run.cancel, key="assay.checks.cancel")


def show(run: CheckRun) -> None:
    """What came of it, whichever way it ended."""
    if run.problem is not None:
        raise run.problem
    report = run.report
    if run.stopped or report is None:
        feedback.notice("Cancelled", "The run was stopped before its end. Run begins it anew.")
        return
    first, _, worst = report.headline.partition("; ")
    feedback.headline(f"<b>{feedback.escaped(first)}</b>" + (f"; {feedback.escaped(worst)}" if worst else ""))
    tests = report.tests
    errors = sum(test.errors for test in tests)
    if errors:
        st.caption(f"{numbers.grouped(errors)} cases could not be answered and count nowhere.")
    downloads(report)
    st.html(
        lines.table(
            (
                line(capability),
                [line(test) for test in tests if test.capability == capability.capability],
            )
            for capability in report.capabilities
        )
    )
    st.caption(
        "MFT: texts whose label is plain. INV: a change that must not change the label. DIR: a change after "
        "which a probability may move one way only. Brackets and bars are 95 % intervals (Wilson)."
    )
    failed = [test for test in tests if test.failures]
    if failed:
        st.subheader("Failing cases", anchor=False)
        st.html(lines.failing((line(test), failing(report, test.name)) for test in failed))
    feedback.made_from(report.suite, f"{numbers.grouped(len(report.checked))} cases", f"seed {report.seed}")


def line(result: checks.TestResult) -> Line:
    """A test or a capability as the table shows it."""
    share = result.failure_rate
    name = result.name or result.capability
    return Line(name, result.type, result.cases, result.failures, share.value, share.low, share.high)


def failing(report: checks.CheckReport, test: str) -> list[Failing]:
    """Some failing cases of a test, the answers in words."""
    return [
        Failing(case.texts, case.expected, [answer(report, case, place) for place in range(len(case.texts))])
        for case in report.failing(test)[: checks.EXAMPLES]
    ]


def answer(report: checks.CheckReport, case: checks.Checked, place: int) -> str:
    """The model's answer to one text of a case; for a DIR the probability that the test watches."""
    label = case.watched if case.type == "DIR" else case.got[place]
    share = case.probabilities[place][report.labels.index(label)]
    return f"{selection.plain(label, 60)} ({numbers.percent(share, 0)})"


def downloads(report: checks.CheckReport) -> None:
    """Every case with its answers, for machines and for spreadsheets."""
    with st.container(horizontal=True, gap="small"):
        feedback.download(
            "JSON", lambda: checks.as_json(report).encode(), "assay-checks.json", key="assay.checks.json"
        )
        feedback.download(
            "CSV of the cases",
            lambda: checks.as_csv(report).encode(),
            "assay-checks.csv",
            key="assay.checks.csv",
        )


main()
