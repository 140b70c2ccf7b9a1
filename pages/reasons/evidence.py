"""The reliability panel: what happens to the answer without the words that the explanation marks."""

from typing import TYPE_CHECKING

import streamlit as st

from pages import feedback
from pages.reasons import drawing, jobs
from pages.reasons.choice import Choice
from pages.selection import plain
from views import explanation, reliability
from views.charts.faithfulness import Step, curve
from views.numbers import percent

if TYPE_CHECKING:
    from analysis.attribution import Attribution
    from analysis.faithfulness import Estimate, Evidence
    from models.transformer import TransformerClassifier

_FORGET = "explain.forget"


def draw(model: "TransformerClassifier", found: "Attribution", choice: Choice) -> None:
    """The panel as soon as its measurements are there, with the details folded away."""
    from analysis.faithfulness import measure

    if len(found.words) < 2:
        return
    again = ("evidence", *jobs.asked(model, found.text, choice))
    job = jobs.job_of(again, lambda report: measure(model, found, removal=choice.removal, on_progress=report))
    with st.container(key="explain-reliability"):
        evidence = jobs.outcome(job, "Removing words, to see whether it is true", key="evidence", again=again)
        if evidence is None:
            return
        target, random = model.labels[evidence.target], evidence.random_taken
        st.html(
            reliability.panel(
                target=plain(target, 60),
                marked=evidence.marked,
                before=evidence.probability,
                after=float(evidence.removed[evidence.counts.index(evidence.marked)]),
                taken=evidence.taken,
                random=(random.mean, random.low, random.high),
                draws=len(evidence.random_removed),
            )
        )
        with st.expander("How this was measured"):
            _curves(evidence, plain(target, 60), found)
            st.html(_facts(evidence, drawing.method_of(found).title))
            _forgetting(model, found, again)


def _curves(evidence: "Evidence", target: str, found: "Attribution") -> None:
    whole = Step(0, *[evidence.probability] * 4)
    removed = [whole, *_steps(evidence, kept=False)]
    kept = _steps(evidence, kept=True)

    def chart(steps: list[Step], title: str, across: str, key: str) -> None:
        feedback.chart(
            curve(steps, across=across, target=target, dark=feedback.is_dark()),
            key=f"explain-{key}",
            title=title,
            alt=f"The probability of {target} over the number of {across}, against random words.",
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


def _facts(evidence: "Evidence", title: str) -> str:
    def against(own: float, floor: "Estimate") -> str:
        interval = f"{floor.low:+.2f}, {floor.high:+.2f}".replace("-", "−")
        return f"{own:+.2f} (random words {floor.mean:+.2f} [{interval}])".replace("-", "−")

    tau = evidence.leave_one_out
    shares = "1, 5, 10, 20 and 50 %"
    rows = {
        "Comprehensiveness": f"{against(evidence.comprehensiveness, evidence.random_comprehensiveness)}: "
        f"what the probability loses without the strongest words, mean over {shares} of them; more is better",
        "Sufficiency": f"{against(evidence.sufficiency, evidence.random_sufficiency)}: what it loses with "
        "them alone; less is better",
        "Above chance": f"more comprehensive than {percent(evidence.beaten, 0)} of "
        f"{len(evidence.random_removed)} random orders",
        "Leave one out": "no order to compare"
        if tau is None
        else f"Kendall's τ {tau:+.2f}".replace("-", "−") + " between the scores and each word's own effect",
        "Removed": f"as token ids, {'masked' if evidence.removal == 'mask' else 'deleted'}; nothing is "
        f"encoded again; seed {evidence.seed}",
        "Measures": f"DeYoung et al., 2020 (ERASER), of {title}",
    }
    return explanation.facts(rows)


def _forgetting(model: "TransformerClassifier", found: "Attribution", asked: tuple[object, ...]) -> None:
    """On demand: does the explanation change when the model forgets everything?"""
    from analysis.faithfulness import under_random_weights

    if st.session_state.get(_FORGET) != asked:
        if st.button(
            "Compare with shuffled weights",
            key="explain.forget.button",
            help="Explains three copies of the model whose weights are shuffled (Adebayo et al., 2018).",
        ):
            st.session_state[_FORGET] = asked
            st.rerun()
        return
    again = ("forgetting", *asked)
    job = jobs.job_of(again, lambda report: under_random_weights(model, found, on_progress=report))
    alike = jobs.outcome(job, "Explaining models with shuffled weights", key="forgetting", again=again)
    if alike is not None:
        st.html(
            f"<p>{reliability.forgetting([one.spearman for one in alike if one.spearman is not None])}</p>"
        )
