"""What the pages about audits share: the store, and a plan for the model and data in use."""

from collections.abc import Sequence

import streamlit as st

from audits.plan import Plan, make
from audits.store import Store
from pages import selection


@st.cache_resource
def store() -> Store:
    """The store of this server."""
    return Store()


def plan_of(tests: str | Sequence[str], examples: int | None, seed: int = 0) -> Plan:
    """The plan that puts the model and the data in use through tests. Raises PlanError."""
    chosen = selection.current()
    return make(
        model=chosen.model,
        data=chosen.data,
        device=chosen.device,
        dtype=chosen.dtype,
        text_column=chosen.text_column,
        label_column=chosen.label_column,
        label_map=dict(chosen.label_map),
        tests=tests,
        examples=examples,
        seed=seed,
    )
