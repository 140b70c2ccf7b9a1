"""The page's questions to the attribution methods, each asked once."""

from dataclasses import astuple
from typing import TYPE_CHECKING

import streamlit as st

from pages import jobs
from pages.reasons.choice import Choice

if TYPE_CHECKING:
    from analysis.attribution import Attribution
    from analysis.background import Job
    from models.transformer import TransformerClassifier


@st.cache_resource(show_spinner=False, max_entries=32)
def unusable(_model: "TransformerClassifier", fingerprint: str, device: str) -> dict[str, str]:
    """The methods that a model cannot be explained by, and why; found out once a model."""
    from analysis.attribution import unusable

    return unusable(_model)


def asked(model: "TransformerClassifier", text: str, choice: Choice) -> tuple[object, ...]:
    """What decides an attribution."""
    # As a tuple: a page's classes are made anew in every run, and are never equal to those of the last.
    return (model.fingerprint, str(model.device), text, *astuple(choice))


def job(model: "TransformerClassifier", text: str, choice: Choice) -> "Job[Attribution]":
    """The job that computes, or has computed, an attribution."""
    from analysis.attribution import Settings, attribute

    settings = Settings(
        baseline=choice.baseline,
        tolerance=choice.tolerance,
        max_steps=choice.steps,
        samples=choice.samples,
        seed=choice.seed,
        removal=choice.removal,
    )
    return jobs.job_of(
        asked(model, text, choice),
        lambda report: attribute(
            model,
            text,
            choice.method,
            target=choice.target,
            contrast=choice.contrast,
            quantity=choice.quantity,
            settings=settings,
            on_progress=report,
        ),
    )
