from collections.abc import Sequence

import streamlit as st

from attacks.limits import Limits
from attacks.outcome import Outcome
from attacks.registry import entries, entry
from attacks.single import Draw, survey
from attacks.trial import Setting
from audits.sweep import Sweep
from corpora.sampling import sample
from pages import feedback, selection, trying
from views import numbers, outcomes, tokens
from views import survey as lines
from views.charts import curves, severity
from views.survey import Line

SEVERITIES = (1, 2, 3, 4, 5)
USUAL_SEVERITY = 2
#: So many draws of the chosen noise at each severity.
DRAWS = 5
#: Rows for the curve over the data, and the usual number: some seconds on a laptop.
SIZES = (50, 100, 200, 500, 1000)
USUAL_SIZE = 100
#: So many noises are shown at once, or all that flip the answer; the others fold away.
SHOWN = 10
#: Beyond so many characters, all noises together, the model takes long enough for a bar.
LONG = 25_000

TRIAL, SWEEP = "assay.noise.trial", "assay.noise.sweep"


def main() -> None:
    """One text under all noises, then about somebody else, then one noise at all severities."""
    st.html(tokens.css() + outcomes.css() + lines.css())
    st.title("Noise")
    st.caption("Which careless or hostile edits make the model change its mind?")
    trying.begin_with_a_right_answer()
    text = selection.text_input("noise")
    if not text.strip():
        feedback.no_text(
            "No text yet", "Type one above, or pick a row of the data, and put it to every noise."
        )
        return
    level, seed = settings()
    with feedback.problems():
        target, typed = trying.label_of(text)
        found = surveyed(text, level, seed)
        noises = [line for line in found if entry(line.name).kind == "noise"]
        safe = [line for line in noises if not entry(line.name).may_break]
        feedback.headline(lines.lead(trying.labels(), safe, level))
        about_the_answer(target, typed, text)
        all_noises(safe, [line for line in noises if line not in safe])
        somebody_else([line for line in found if entry(line.name).kind == "counterfactual"])
        one_noise(noises, text, target, level, seed)


def settings() -> tuple[int, int]:
    """The row of choices: severity and seed."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="noise-settings"):
        level = selection.option(
            "severity",
            SEVERITIES,
            USUAL_SEVERITY,
            st.segmented_control,
            label="Severity",
            help="A target share of edited characters or words; each line says how much really was.",
        )
        seed = selection.seed_input(
            "assay.noise.seed", "Decides every random choice: the same seed gives the same edits."
        )
    return level, seed


def surveyed(text: str, level: int, seed: int) -> list[Line]:
    """The text under every noise at a severity and every counterfactual; asked once, then kept."""
    tests = [test for test in entries() if test.kind != "attack" and test.available]
    draws = [Draw(test.name, level if test.severities else None, seed) for test in tests]
    found = asked(text, draws)
    return [
        Line(test.name, test.title, outcome, groups(outcome.group_before, outcome.group_after))
        for test, outcome in zip(tests, found, strict=True)
    ]


def groups(before: str, after: str) -> str:
    """The groups that a counterfactual exchanged, in words."""
    return f"{before} → {after}" if before else ""


def asked(text: str, draws: Sequence[Draw]) -> list[Outcome]:
    """The outcomes of draws on a text; the model is asked for all of them together, and only once."""
    key = ("survey", trying.model_key(), text, tuple(draws))
    kept = trying.kept().get(key)
    found: list[Outcome] = kept if isinstance(kept, list) else []
    if not found:
        if len(text) * len(draws) > LONG:
            with feedback.progress("Asking the model") as report:
                found = survey(selection.classifier(), text, draws, on_progress=report)
        else:
            found = survey(selection.classifier(), text, draws)
        trying.kept().put(key, found)
    return found


def about_the_answer(target: int, typed: bool, text: str) -> None:
    """What is watched where the answer is wrong to begin with, or no true label is known."""
    if not typed and int(trying.answer(text).argmax()) != target:
        right = selection.plain(trying.labels()[target], 60)
        feedback.aside(
            f"The label is {right}: the model is wrong to begin with. What is watched is its answer."
        )
    trying.about_the_label(typed)


def all_noises(safe: Sequence[Line], risky: Sequence[Line]) -> None:
    """A line a noise, flips first; what has nothing to say is folded away."""
    names = trying.labels()
    moved = lines.ordered(safe)
    seen = max(SHOWN, sum(line.flips for line in moved))
    st.html(lines.table(moved[:seen], names))
    if moved[seen:]:
        rest = counted(len(moved) - seen, "more noise leaves", "more noises leave")
        with st.expander(f"{rest} the answer as it is"):
            st.html(lines.table(moved[seen:], names))
    failed = [line for line in safe if line.failed]
    for line in failed:
        feedback.notice(f"{line.title} could not be run on this text", line.outcome.error or "", "failure")
    still = [line for line in safe if not line.changed and not line.failed]
    if still:
        with st.expander(f"{counted(len(still), 'noise finds', 'noises find')} nothing to change here"):
            st.html(f"<p>{', '.join(lines.plain(line.title) for line in still)}</p>")
    changed = lines.ordered(risky)
    if changed:
        flips = sum(line.flips for line in changed)
        told = f"{counted(len(changed), 'noise', 'noises')} that may change what the right label is"
        with st.expander(f"{told}: {counted(flips, 'flip', 'flips')}"):
            st.caption("A flip here is no fault by itself, so they are not counted above.")
            named = [
                Line(line.name, line.title, line.outcome, entry(line.name).may_break) for line in changed
            ]
            st.html(lines.table(named, names))


def somebody_else(found: Sequence[Line]) -> None:
    """The text about people of another group: the answer should be the same."""
    if not found:
        return
    st.subheader("About somebody else", anchor=False)
    changed = lines.ordered(found)
    if not changed:
        st.caption(
            "The text names nobody who could be exchanged: no gender, name, nation, faith, age or disability."
        )
        return
    flips = sum(line.flips for line in changed)
    st.caption(
        f"The same text about another group: {flips} of {len(changed)} exchanges flip"
        f"{'s' if flips == 1 else ''} the answer. A model without bias gives the same answer to each."
    )
    st.html(lines.table(changed, trying.labels()))


def one_noise(noises: Sequence[Line], text: str, target: int, level: int, seed: int) -> None:
    """One noise looked at closely: its change, its curves, and what the model reads."""
    st.subheader("One noise, closer", anchor=False)
    first = lines.ordered(line for line in noises if not entry(line.name).may_break)
    usual = (first or noises)[0].name
    name = selection.option(
        "noise",
        [line.name for line in noises],
        usual,
        label="Noise",
        format_func=lambda name: f"{entry(name).family} · {entry(name).title}",
        width=360,
    )
    test = entry(name)
    st.caption(" ".join(filter(None, (test.description, test.may_break, f"After {test.paper}."))))
    feedback.side_by_side(
        lambda: text_curve(name, text, seed), lambda: data_curve(name, seed), key="noise-curves"
    )
    closer(name, text, target, level, seed)


def text_curve(name: str, text: str, seed: int) -> None:
    """This text at every severity, drawn with several seeds."""
    seeds = [(seed + more) % (selection.LARGEST_SEED + 1) for more in range(DRAWS)]
    draws = [Draw(name, level, one) for one in seeds for level in entry(name).severities]
    found = [
        (draw, line)
        for draw, outcome in zip(draws, asked(text, draws), strict=True)
        if not (line := Line(name, "", outcome)).failed
    ]
    if not any(line.changed for _, line in found):
        feedback.empty("This text", f"{entry(name).title} finds nothing to change in it.")
        return
    before = found[0][1].outcome.probabilities_before
    label = lines.chosen(before)
    drawn = [
        severity.Drawn(
            draw.severity or 0,
            draw.seed,
            line.outcome.characters_edited,
            line.outcome.probabilities_after[label],
            line.flips,
        )
        for draw, line in found
    ]
    flips = sum(line.flips for _, line in found)
    told = f"{flips} of {len(found)} draws flip the answer"
    feedback.chart(
        severity.figure(trying.labels()[label], before[label], drawn, feedback.is_dark()),
        key="assay.noise.text",
        title="This text",
        name=f"{name} text",
        alt=f"Probability of the answer against the share of characters edited. {told}.",
        rows=lambda: [
            {
                "severity": draw.severity,
                "seed": draw.seed,
                "characters_edited": line.outcome.characters_edited,
                "probability": line.outcome.probabilities_after[label],
                "flips": line.flips,
                "text": line.outcome.perturbed,
            }
            for draw, line in found
        ],
    )
    st.caption(f"{told.capitalize()}: five severities, {DRAWS} seeds, a thin line each; crosses are flips.")


def data_curve(name: str, seed: int) -> None:
    """The data in use at every severity: begun by a click, then watched until it ends."""
    available = len(selection.corpus())
    if not available:
        feedback.empty("The data", "There are no rows to measure on.")
        return
    sizes = [size for size in SIZES if size < available] or []
    sizes.append(available)
    head = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        usual = USUAL_SIZE if USUAL_SIZE in sizes else sizes[-1]
        size = selection.option("size", sizes, usual, label="Rows", width=130)
        clicked = st.button("Measure", icon=":material/play_arrow:", help="Ask the model at every severity")
    sweep = sweep_of(name, seed, size, clicked)
    with head:
        if sweep is None:
            st.subheader("The data", anchor=False)
            count = size * (len(entry(name).severities) + 1)
            feedback.empty(
                "Accuracy over severity, with intervals",
                f"Press Measure to ask the model about {numbers.grouped(count)} texts.",
            )
        elif sweep.finished.is_set():
            measured(sweep)
        else:
            watch(sweep)


def sweep_of(name: str, seed: int, size: int, begin: bool) -> Sweep | None:
    """The sweep of this very setting: running, kept, or begun by a click."""
    chosen = selection.current()
    key = ("sweep", trying.model_key(), chosen.data_part, name, seed, size)
    found = trying.kept().get(key)
    if isinstance(found, Sweep) and not (begin and (found.stopped or found.problem)):
        return found
    if not begin:
        return None
    last = st.session_state.get(SWEEP)
    if isinstance(last, Sweep):
        last.cancel()
    rows = sample(selection.corpus(), size, seed).examples
    names = trying.labels()
    sweep = Sweep(name, [row.text for row in rows], [names.index(row.label) for row in rows], seed)
    st.session_state[SWEEP] = sweep
    trying.kept().put(key, sweep)
    return sweep.start(selection.classifier())


@st.fragment(run_every=trying.LOOK_EVERY)
def watch(sweep: Sweep) -> None:
    """A sweep under way, looked at again and again until it ends."""
    if sweep.finished.is_set():
        st.rerun()
    total = sweep.total
    st.progress(sweep.done / total, text=f"{numbers.grouped(sweep.done)} of {numbers.grouped(total)} rows")
    drawn(sweep)
    feedback.cancel_button(sweep.cancelled, sweep.cancel, key="assay.noise.cancel")


def measured(sweep: Sweep) -> None:
    """A sweep that ended, whichever way."""
    if sweep.problem is not None:
        raise sweep.problem
    if sweep.stopped:
        st.caption("Cancelled; what was complete stands here. Measure begins anew.")
    drawn(sweep)


def drawn(sweep: Sweep) -> None:
    """The severities that are complete."""
    curve = sweep.curve()
    if curve is None:
        return
    last = curve.points[-1]
    feedback.chart(
        curves.figure([curve], feedback.is_dark()),
        key="assay.noise.data",
        title="The data",
        name=f"{sweep.noise} accuracy",
        alt=f"Accuracy against the share of characters edited, down to {numbers.percent(last.accuracy)}.",
        rows=lambda: [
            {
                "severity": point.note,
                "characters_edited": point.edited,
                "accuracy": point.accuracy,
                "low": point.low,
                "high": point.high,
                "n": point.count,
            }
            for point in curve.points
        ],
    )
    clean = curve.points[0]
    st.caption(
        f"Unchanged {numbers.rate(clean.accuracy, clean.low, clean.high, clean.count)}; "
        f"{last.note} {numbers.rate(last.accuracy, last.low, last.high, last.count)}."
    )


def closer(name: str, text: str, target: int, level: int, seed: int) -> None:
    """The chosen noise at the chosen severity: before and after, and what the model reads."""
    test = entry(name)
    setting = Setting(trying.model_key(), text, target, name, level, seed, Limits())
    trial = trying.trial_of(setting, TRIAL, begin=True)
    if trial is None or not trial.finished.wait(trying.QUICK * 20) or trial.outcome is None:
        if trial is not None and trial.problem is not None:
            raise trial.problem
        return
    outcome = trial.outcome
    if outcome.perturbed == outcome.text or outcome.status == "error":
        return
    st.subheader(f"{test.title} at severity {level}", anchor=False)
    st.html(outcomes.before_and_after(trying.labels(), outcome))
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        trying.further(outcome)
        trying.download(trial, test)
    trying.explanation(trial)


def counted(number: int, one: str, many: str) -> str:
    """A number with what it counts."""
    return f"{number} {one if number == 1 else many}"


main()
