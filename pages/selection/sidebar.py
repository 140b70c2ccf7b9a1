"""The sidebar that picks model, data and device, and says what is in use."""

from html import escape

import streamlit as st

from corpora.examples import CorpusError
from models.references import split
from pages import feedback, one_label
from pages.selection import loaded, state
from pages.selection.address import USUAL_EXAMPLES, Selection
from pages.selection.controls import data_choice
from pages.selection.matching import MOST_MAPPED, column_inputs, label_inputs
from views.numbers import grouped, memory


def draw() -> None:
    """Everything below the navigation."""
    with st.container(key="assay-model", gap="small"):
        _model()
    with st.container(key="assay-data", gap="small"):
        _data()


def _references(kind: str) -> list[str]:
    if kind == "model":
        from models import bundled as models_inside

        return [f"bundled:{name}" for name in models_inside.names()]
    from corpora import bundled as data_inside

    return [f"bundled:{name}" for name in data_inside.names()]


def _reference_box(kind: str, label: str, placeholder: str, explanation: str) -> None:
    """A box with the bundled references and those used in this visit, that takes any other as well."""
    in_use = getattr(state.current(), kind)
    if kind == "model":
        in_use, _ = split(in_use)  # its label has a box of its own
    recent: list[str] = st.session_state.setdefault(f"assay.recent.{kind}", [])
    if in_use not in recent:
        recent.append(in_use)
    key = f"assay.box.{kind}"

    def picked() -> None:
        reference = (st.session_state[key] or "").strip()
        if not reference:
            return
        state.want(**({"model": reference} if kind == "model" else data_choice(reference)))

    st.session_state[key] = in_use
    st.selectbox(
        label,
        list(dict.fromkeys([*_references(kind), *recent])),
        key=key,
        on_change=picked,
        accept_new_options=True,
        placeholder=placeholder,
        help=explanation,
        filter_mode="contains",
    )


def _model() -> None:
    _reference_box(
        "model",
        "Model",
        "hub id or folder",
        "Pick a bundled model, or type a Hugging Face id (`owner/name`) or the path of a local folder. "
        "Only safetensors weights are read, and no code that comes with a model is run.",
    )
    notices = state.visit().notices
    if "model" in notices:
        feedback.notice(
            "That model cannot be used", f"{notices['model']}\n{_stays(state.current().model)}", "failure"
        )
    if not state.visit().model_loaded:
        return
    model = state.classifier()
    one_label.box()
    facts = f"{memory(model.memory_bytes)} on {model.device} · {model.precision}"
    st.html(f'<div class="assay-muted" data-testid="model-facts">{escape(facts)}</div>')
    with st.expander("Device and precision", type="compact"):
        from models.loading import DTYPES, devices

        _setting("device", "Device", list(devices()))
        _setting("dtype", "Precision", list(DTYPES))


def _stays(reference: str) -> str:
    return f"{reference} stays loaded." if state.visit().model_loaded else ""


def _setting(name: str, label: str, options: list[str]) -> None:
    key = f"assay.box.{name}"
    value = getattr(state.current(), name)
    st.session_state[key] = value
    st.selectbox(
        label,
        options if value in options else [*options, value],
        key=key,
        on_change=lambda: state.want(**{name: st.session_state[key]}),
    )


def _data() -> None:
    _reference_box(
        "data",
        "Data",
        "file or hub id",
        "Pick a bundled data set, or type the path of a .csv, .tsv, .jsonl, .json or .parquet "
        "file, or a Hugging Face data set id (`hub:owner/name`).",
    )
    visit = state.visit()
    unmatched = visit.unmatched
    if unmatched is not None:
        _unmatched(unmatched)
    elif "data" in visit.notices:
        feedback.notice(
            "That data cannot be used",
            f"{visit.notices['data']}\n{visit.selection.data} stays in use.",
            "failure",
        )
    _data_facts()
    with st.expander("Columns and size", type="compact"):
        _columns()


def _unmatched(unmatched: Selection) -> None:
    visit = state.visit()
    if unmatched.data_part == visit.selection.data_part:
        feedback.notice("Its labels are not the model's", "Map them, or pick other data.")
        feedback.offer_fitting_data("sidebar")
    else:
        feedback.notice(
            "The labels of that data are not the model's",
            f"{visit.notices.get('data', '')}\n"
            f"Map them below; until then {visit.selection.data} stays in use.",
        )
    _label_map(unmatched)


def _label_map(selection: Selection) -> None:
    """One box a label of the data; applying it brings the data into use."""
    try:
        theirs = loaded.data_labels(selection, state.classifier())
    except CorpusError:
        return
    ours = state.classifier().labels
    if len(theirs) > MOST_MAPPED:
        return
    with st.expander("Map the labels", type="compact"), st.form("assay.map", border=False):
        chosen = label_inputs(selection, theirs, ours, "assay.map")
        if st.form_submit_button("Use this map", width="stretch"):
            state.want(
                data=selection.data,
                text_column=selection.text_column,
                label_column=selection.label_column,
                label_map=chosen,
            )
            st.rerun()


def _data_facts() -> None:
    if not state.visit().model_loaded:
        return
    try:
        used, whole = state.corpus(), state.whole_corpus()
    except CorpusError:
        return
    facts = f"{grouped(len(whole))} examples"
    if len(used) < len(whole):
        facts = f"{grouped(len(used))} of {grouped(len(whole))} examples, a stratified sample"
    st.html(f'<div class="assay-muted" data-testid="data-facts">{escape(facts)}</div>')


def _columns() -> None:
    selection = state.visit().unmatched or state.current()
    with st.form("assay.columns", border=False):
        so = column_inputs(selection, "assay.columns")
        examples = st.number_input(
            "Examples at most",
            min_value=0,
            max_value=10_000_000,
            value=selection.examples,
            step=USUAL_EXAMPLES,
            help="A larger data set is represented by a stratified sample of this size. 0 uses everything.",
        )
        if st.form_submit_button("Read the data so", width="stretch"):
            state.want(
                data=so.data,
                text_column=so.text_column,
                label_column=so.label_column,
                examples=int(examples),
            )
            st.rerun()
