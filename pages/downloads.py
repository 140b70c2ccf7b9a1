"""The downloads of an audit's report: the same files as the command line writes.

Which words decided in flipped examples takes the model. It is asked first, in the background, when somebody
wants a file that holds them; then the files can be saved. Whoever does not wait gets them without.
"""

from collections.abc import Hashable
from functools import partial
from typing import TYPE_CHECKING, Literal

import streamlit as st

from audits import reports
from audits.plan import Plan
from audits.reports.explaining import chosen, explain
from audits.reports.explanations import Explanations
from audits.summary import Summary
from audits.tables import Audit
from audits.validity import Validity
from pages import feedback, jobs
from pages.auditing import store
from pages.selection.loaded import shelf

if TYPE_CHECKING:
    from analysis.background import Job
    from models.transformer import TransformerClassifier

NAMES = {"html": "HTML report", "pdf": "PDF", "json": "JSON", "csv": "CSV of the rows", "zip": "Everything"}
#: The form without a word of which words decided.
ROWS = "csv"
#: Which file was asked for, by audit; or that nobody waited for the model.
_WANTED, _STOPPED = "downloads.wanted", "stopped"
UNASKED = Explanations(
    missing="the model was not asked for it. `python -m audits report ID --out DIR` asks it."
)


def draw(audit: Audit, summary: Summary, view: Validity) -> None:
    """The report as HTML, PDF or JSON, the rows as CSV, or all of it; progress while the model is asked."""
    wanted = _wanted().get(audit.id)
    jobs.begin_run()
    job, words = _words(summary, wanted)
    jobs.give_up_left_behind()
    with st.container(horizontal=True, gap="small", key="assay-reports-downloads"):
        for form, label in NAMES.items():
            if form == "zip" and audit.state in ("waiting", "running"):
                continue
            if form == ROWS or words:
                _file(audit, form, view, words or UNASKED, label)
                continue
            st.button(
                label,
                key=f"assay.reports.ask.{form}",
                icon=":material/download:",
                type="tertiary",
                disabled=job is not None,
                on_click=partial(_wanted().update, {audit.id: form}),
                help="The model is asked first which words decided; then this file can be saved",
            )
    if job and not words:
        _watch(job, audit.id)
    elif wanted == _STOPPED:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption("These files are made without the words that decided.", width="content")
            st.button(
                "Ask the model after all",
                key="assay.reports.again",
                type="tertiary",
                on_click=partial(_wanted().update, {audit.id: "html"}),
            )
    elif wanted and words:
        if words.missing:
            feedback.aside(f"Which words decided is not shown: {words.missing}")
            if job:
                st.button(
                    "Ask the model again",
                    key="assay.reports.anew",
                    type="tertiary",
                    on_click=partial(jobs.kept().put, _key(summary), None),
                )
        called = "everything" if wanted == "zip" else NAMES[wanted]
        _file(audit, wanted, view, words, f"Save {called}", kind="primary")


def _wanted() -> dict[str, str]:
    found: dict[str, str] = st.session_state.setdefault(_WANTED, {})
    return found


def _words(summary: Summary, wanted: str | None) -> "tuple[Job[Explanations] | None, Explanations | None]":
    """The job that asks the model, where somebody wants it to, and what it found so far."""
    from analysis.background import Job

    if not chosen(summary):
        return None, explain(summary)  # which asks no model
    if wanted == _STOPPED:
        return None, UNASKED
    key = _key(summary)
    if wanted is None:
        before = jobs.kept().get(key)
        known = before.result if isinstance(before, Job) else None
        return None, known if known and not known.missing else None

    def ask(report: jobs.Report) -> Explanations:
        return explain(summary, _model, report)

    job = jobs.job_of(key, ask)
    if job.wait(jobs.PATIENCE) and job.problem:
        feedback.unexpected(job.problem, "The files can be had without the words that decided.")
        return job, UNASKED
    return job, job.result


def _key(summary: Summary) -> Hashable:
    """What the words hang on."""
    plan, flips = summary.plan, chosen(summary)
    texts = tuple((flip.text, flip.perturbed, flip.label, flip.predicted) for flip in flips)
    return "words", summary.model_fingerprint, plan.model, plan.device, plan.dtype, texts


def _model(plan: Plan) -> "TransformerClassifier":
    """The plan's model, from the shelf that all pages share."""
    return shelf().get(plan.model, plan.device, plan.dtype)


@st.fragment(run_every=0.4)
def _watch(job: "Job[Explanations]", audit_id: str) -> None:
    """Progress and the way out; draws the page anew when the model has answered."""
    if job.finished:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="assay-reports-asking"):
        share = job.done / job.total if job.total else 0.0
        st.progress(min(share, 1.0), text=jobs.told(job, "Asking the model which words decided"))
        if st.button("Go without", key="assay.reports.stop", icon=":material/close:", type="tertiary"):
            job.cancel()
            _wanted()[audit_id] = _STOPPED
            st.rerun()


def _file(
    audit: Audit,
    form: str,
    view: Validity,
    words: Explanations,
    label: str,
    *,
    kind: Literal["primary", "tertiary"] = "tertiary",
) -> None:
    """One file, made when it is clicked."""
    feedback.download(
        label,
        partial(written, audit, form, view, words),
        f"assay-{audit.id}.{form}",
        key=f"assay.reports.{kind}.{form}",
        kind=kind,
    )


def written(audit: Audit, form: str, view: Validity, words: Explanations) -> bytes:
    """The report of an audit as the bytes of a file; `zip` for a bundle of all its forms."""
    material = reports.gather(store(), audit.id, view.thresholds, words)
    return reports.zipped(material, store()) if form == "zip" else reports.write(material, form)
