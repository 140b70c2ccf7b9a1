"""The reliability panel: what happens to the answer without the words that the explanation marks."""

from typing import TYPE_CHECKING

import streamlit as st

from pages import feedback, jobs
from pages.reasons import attributions, drawing
from pages.reasons.choice import Choice
from pages.selection import plain
from views import explanation, reliability
from views.charts.faithfulness import Step, curve
from views.numbers import percent

if TYPE_CHECKING:
    from analysis.attribution import Attribution
    from analysis.faithfulness import Estimate, Evidence
    from analysis.stability import Stability
    from models.transformer import TransformerClassifier

#: What has been asked for on demand, by name, in this visit.
_DEMANDED = "explain.demanded"


def draw(model: "TransformerClassifier", found: "Attribution", choice: Choice) -> None:
    """The panel as soon as its measurements are there, with the details folded away."""
    from analysis.faithfulness import measure

    if len(found.words) < 2:
        feedback.aside(
            "A text of one word has no evidence beside it: without that word nothing is left to answer."
        )
        return
    again = ("evidence", *attributions.asked(model, found.text, choice))
    job = jobs.job_of(again, lambda report: measure(model, found, removal=choice.removal, on_progress=report))
    with st.container(key="explain-reliability"):
        evidence = jobs.outcome(job, "Removing words, to see whether it is true", key="evidence")
        if evidence is None:
            return
        target, random = plain(model.labels[evidence.target], 60), evidence.random_taken
        number = model.answering == "number"
        st.html(
            reliability.panel(
                target=target,
                marked=evidence.marked,
                before=evidence.probability,
                after=float(evidence.removed[evidence.counts.index(evidence.marked)]),
                taken=evidence.taken,
                random=(random.mean, random.low, random.high),
                draws=len(evidence.random_removed),
                number=number,
            )
        )
        with st.expander("How this was measured"):
            _curves(evidence, f"effect on {target}" if number else f"probability of {target}", found)
            st.html(_facts(evidence, drawing.method_of(found).title, number))
            _on_demand(model, found, again)


def _curves(evidence: "Evidence", up: str, found: "Attribution") -> None:
    whole = Step(0, *[evidence.probability] * 4)
    removed = [whole, *_steps(evidence, kept=False)]
    kept = _steps(evidence, kept=True)

    def chart(steps: list[Step], title: str, across: str, key: str) -> None:
        feedback.chart(
            curve(steps, across=across, up=up, dark=feedback.is_dark()),
            key=f"explain-{key}",
            title=title,
            alt=f"The {up} over the number of {across}, against random words.",
            rows=lambda: [
                {
                    across: step.words,
                    "its_words": step.own,
                    "random": step.random,
                    "random_low": step.low,
                    "random_high": step.high,
                }
                for step in steps
            ],
        )

    feedback.side_by_side(
        lambda: chart(removed, "Its words removed", "words removed", "removed"),
        lambda: chart(kept, "Its words alone", "words kept", "kept"),
        key="evidence",
    )


def _steps(evidence: "Evidence", *, kept: bool) -> list[Step]:
    from analysis.faithfulness import estimate

    own, random = (
        (evidence.kept, evidence.random_kept) if kept else (evidence.removed, evidence.random_removed)
    )
    floor = [estimate(random[:, place]) for place in range(len(evidence.counts))]
    return [
        Step(count, float(value), low.mean, low.low, low.high)
        for count, value, low in zip(evidence.counts, own, floor, strict=True)
    ]


def _facts(evidence: "Evidence", title: str, number: bool) -> str:
    def against(own: float, floor: "Estimate") -> str:
        interval = f"{floor.low:+.2f}, {floor.high:+.2f}".replace("-", "−")
        return f"{own:+.2f} (random words {floor.mean:+.2f} [{interval}])".replace("-", "−")

    tau, what = evidence.leave_one_out, "effect" if number else "probability"
    shares = "1, 5, 10, 20 and 50 %"
    rows = {
        "Comprehensiveness": f"{against(evidence.comprehensiveness, evidence.random_comprehensiveness)}: "
        f"what the {what} loses without the strongest words, mean over {shares} of them; more is better",
        "Sufficiency": f"{against(evidence.sufficiency, evidence.random_sufficiency)}: what it loses with "
        "them alone; less is better",
        "Above chance": f"more comprehensive than {percent(evidence.beaten, 0)} of "
        f"{len(evidence.random_removed)} random orders",
        "Leave one out": "no order to compare"
        if tau is None
        else f"Kendall's τ {tau:+.2f}".replace("-", "−") + " between the scores and each word's own effect",
        "Infidelity": "nothing changes, so nothing is to be foretold"
        if evidence.infidelity is None or evidence.random_infidelity is None
        else f"{_shares(evidence.infidelity)} (dealt at random {_shares(evidence.random_infidelity)}): "
        "what the scores leave unexplained of the changes when random words go; less is better",
        "Removed": f"as token ids, {'masked' if evidence.removal == 'mask' else 'deleted'}; nothing is "
        f"encoded again; seed {evidence.seed}",
        "Measures": f"DeYoung et al., 2020 (ERASER) and Yeh et al., 2019 (infidelity), of {title}",
    }
    return explanation.facts(rows)


def _shares(estimate: "Estimate") -> str:
    interval = (
        "" if estimate.low == estimate.high else f" [{100 * estimate.low:.0f}, {100 * estimate.high:.0f}]"
    )
    return f"{percent(estimate.mean, 0)}{interval}".replace("-", "−")


def _on_demand(model: "TransformerClassifier", found: "Attribution", asked: tuple[object, ...]) -> None:
    """Slower questions: does the explanation change when the model forgets all, and does it stay when the
    text, or what is drawn, hardly changes?"""
    from analysis.faithfulness import under_random_weights
    from analysis.sensitivity import DRAWS, RADIUS, sensitivity
    from analysis.stability import COPIES

    with st.container(horizontal=True, gap="small"):
        forget = _demanded(
            "forgetting",
            asked,
            "Compare with shuffled weights",
            "Explains three copies of the model whose weights are shuffled (Adebayo et al., 2018).",
        )
        nudge = _demanded(
            "nudging",
            asked,
            "Nudge the words",
            f"Explains the text {DRAWS} times more, its embeddings moved by {percent(RADIUS, 0)} of their "
            "spread (max-sensitivity, Yeh et al., 2019).",
        )
        alter = _demanded(
            "altering",
            asked,
            "Change the text slightly",
            f"Explains {COPIES} copies with a typo, a lost comma or the like, each of another noise, and "
            "draws anew where the method draws (Alvarez-Melis and Jaakkola, 2018).",
        )
    if forget:
        again = ("forgetting", *asked)
        job = jobs.job_of(again, lambda report: under_random_weights(model, found, on_progress=report))
        name = "Explaining models with shuffled weights"
        alike = jobs.outcome(job, name, key="forgetting")
        if alike is not None:
            ranks = [one.spearman for one in alike if one.spearman is not None]
            st.html(f"<p>{reliability.forgetting(ranks)}</p>")
    if nudge:
        again = ("nudging", *asked)
        nudging = jobs.job_of(again, lambda report: sensitivity(model, found, on_progress=report))
        moved = jobs.outcome(nudging, "Explaining nudged texts", key="nudging")
        if moved is not None:
            random = (moved.random.mean, moved.random.low, moved.random.high)
            st.html(f"<p>{reliability.nudging(moved.largest, len(moved.changes), moved.radius, random)}</p>")
    if alter:
        _steady(model, found, asked)


def _steady(model: "TransformerClassifier", found: "Attribution", asked: tuple[object, ...]) -> None:
    """Whether the explanation stays in copies that say the same, and by other draws."""
    from analysis.stability import across_seeds, under_changes
    from attacks.noise import slight

    def ranks(measured: "Stability") -> tuple[float, float, float] | None:
        return (one.mean, one.low, one.high) if (one := measured.ranks) else None

    job = jobs.job_of(
        ("altering", *asked),
        lambda report: under_changes(model, found, slight(found.text), on_progress=report),
    )
    changed = jobs.outcome(job, "Explaining changed texts", key="altering")
    if changed is not None:
        told = reliability.changing(ranks(changed), changed.top, len(changed.alike), changed.turned)
        st.html(f"<p>{told}</p>")
    again = jobs.job_of(("redrawing", *asked), lambda report: across_seeds(model, found, on_progress=report))
    drawn = jobs.outcome(again, "Drawing anew", key="redrawing")
    if drawn is not None:
        st.html(f"<p>{reliability.redrawn(ranks(drawn), drawn.top, len(drawn.alike))}</p>")


def _demanded(name: str, asked: tuple[object, ...], label: str, explanation: str) -> bool:
    """Whether the reader has asked for this, of this explanation; the button until then."""
    if st.session_state.get(_DEMANDED, {}).get(name) == asked:
        return True
    if st.button(label, key=f"explain.{name}.button", help=explanation):
        st.session_state.setdefault(_DEMANDED, {})[name] = asked
        st.rerun()
    return False
