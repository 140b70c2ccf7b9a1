"""The widgets that pages share: the text picker, options that live in the URL, and links between pages."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from corpora.examples import PAIR_MARK, CorpusError, Example
from pages.selection import loaded, state
from pages.selection.address import LONGEST_LINKED_TEXT, Selection, to_params

if TYPE_CHECKING:
    from models.transformer import TransformerClassifier

T = TypeVar("T")

LARGEST_SEED = 2**32 - 1

#: Every page by its file's name: its title and its icon.
PAGES = {
    "overview": ("Overview", ":material/dashboard:"),
    "explain": ("Explain", ":material/format_ink_highlighter:"),
    "attention": ("Attention", ":material/grid_on:"),
    "layers": ("Layers", ":material/layers:"),
    "drivers": ("Drivers", ":material/leaderboard:"),
    "embeddings": ("Embeddings", ":material/scatter_plot:"),
    "attack": ("Attack", ":material/bolt:"),
    "noise": ("Noise", ":material/grain:"),
    "checks": ("Checks", ":material/checklist:"),
    "elsewhere": ("Other data", ":material/dataset:"),
    "audit": ("Audit", ":material/fact_check:"),
    "reports": ("Reports", ":material/description:"),
    "compare": ("Compare", ":material/compare_arrows:"),
    "review": ("Review", ":material/rate_review:"),
}


#: How the URL writes that a choice is left to the page.
AUTO = "*"


def option(
    key: str,
    options: Sequence[T],
    default: T,
    widget: Callable[..., Any] | None = None,
    *,
    label: str | None = None,
    format_func: Callable[[Any], str] = str,
    **settings: Any,
) -> T:
    """One of the page's own choices, drawn by `widget` (a selectbox unless told) and kept in the URL.

    The URL holds `str(option)`. A value that is not (or no longer) among the options gives the default,
    and a notice where a link asked for it. `settings` go to the widget.
    """
    page = state.visit().page
    by_name = {str(item): item for item in options}
    asked = state.remembered(key)
    value = by_name.get(asked, default) if asked is not None else default
    if state.was_linked(key) and asked is not None and asked not in by_name:
        state.complain(
            f"“{asked[:40]}” is no choice for {label or key} here; {format_func(default)} is shown."
        )
    widget_key = f"assay.option.{page}.{key}"

    def changed() -> None:
        picked = st.session_state.get(widget_key)
        state.remember(key, default if picked is None else picked)

    st.session_state[widget_key] = value
    draw = widget or st.selectbox
    draw(
        label or key.replace("_", " ").capitalize(),
        options,
        key=widget_key,
        on_change=changed,
        format_func=format_func,
        **settings,
    )
    state.remember(key, value)
    return value


def label_choice(title: str, usual: str) -> int | None:
    """Which of the model's labels a page is about, as an index; None for the `usual` one, so named there."""
    names = list(state.classifier().labels)
    asked = option(
        "label",
        [AUTO, *names],
        AUTO,
        label=title,
        format_func=lambda name: usual if name == AUTO else plain(name, 40),
        width=220,
    )
    return None if asked == AUTO else names.index(asked)


def choices(
    key: str,
    options: Sequence[str],
    default: Sequence[str],
    widget: Callable[..., Any] | None = None,
    *,
    label: str,
    **settings: Any,
) -> list[str]:
    """Any number of names, drawn by `widget` (a multiselect unless told) and kept in the URL with commas.

    Names that are not (or no longer) among the options are left out, with a notice where a link named
    them. `settings` go to the widget.
    """
    asked = state.remembered(key)
    named = list(default) if asked is None else [name for name in asked.split(",") if name]
    names = [name for name in dict.fromkeys(named) if name in options]
    for name in sorted(set(named) - set(names)) if state.was_linked(key) else ():
        state.complain(f"“{name[:40]}” is no choice for {label} here; it is left out.")
    widget_key = f"assay.choices.{state.visit().page}.{key}"
    st.session_state[widget_key] = names
    draw = widget or st.multiselect
    draw(
        label,
        options,
        key=widget_key,
        on_change=lambda: state.remember(key, ",".join(st.session_state[widget_key])),
        **settings,
    )
    if asked is not None and len(names) < len(named):
        state.remember(key, ",".join(names))
    return names


def seed_input(key: str, explanation: str) -> int:
    """The page's seed, 0 unless the URL says otherwise; `key` is the widget's."""
    asked = state.remembered("seed", "0") or "0"
    # The length goes first: Python refuses to read thousands of digits.
    valid = asked.isdecimal() and len(asked) <= 10 and int(asked) <= LARGEST_SEED
    if not valid:
        state.complain(f"“{asked[:40]}” is no seed; 0 is used.")
    seed = int(asked) if valid else 0
    st.session_state[key] = seed
    st.number_input(
        "Seed",
        min_value=0,
        max_value=LARGEST_SEED,
        step=1,
        key=key,
        width=140,
        on_change=lambda: state.remember("seed", st.session_state[key] or 0),
        help=explanation,
    )
    state.remember("seed", seed)
    return seed


def link_params(
    page: str, row: str | None = None, text: str | None = None, **options: object
) -> dict[str, str]:
    """The URL parameters that open a page on the present model and data, for a row or a text."""
    params = to_params(state.current())
    if row is not None or text is not None:
        params.pop("row", None)
        params.pop("text", None)
        if row is not None:
            params["row"] = row
        elif text is not None and len(text) <= LONGEST_LINKED_TEXT:
            params["text"] = text
    own = dict(state.visit().options.get(page, {}))
    return params | own | {name: str(value) for name, value in options.items()}


def open_page(page: str, row: str | None = None, text: str | None = None, **options: object) -> None:
    """Go to a page, for a row or a text when given. Not for use inside a widget's callback."""
    if row is not None or text is not None:
        state.choose(row=row, text=text)
    for name, value in options.items():
        state.visit().options.setdefault(page, {})[name] = str(value)
    st.switch_page(f"pages/{page}.py", query_params=link_params(page, row, text))


def other_model(key: str = "against") -> "TransformerClassifier | None":
    """The control for a second model beside the one in use, kept in the URL; None until one is picked.

    It is loaded on the same device. Raises ModelError where it cannot be.
    """
    from models import bundled

    own = state.current()
    asked = (state.remembered(key) or "").strip()
    widget_key = f"assay.option.{state.visit().page}.{key}"
    recent = st.session_state.get("assay.recent.model", [])
    known = [*(f"bundled:{name}" for name in bundled.names()), *recent, *([asked] if asked else [])]
    st.session_state[widget_key] = asked or None
    st.selectbox(
        "Second model",
        [name for name in dict.fromkeys(known) if name != own.model],
        key=widget_key,
        on_change=lambda: state.remember(key, (st.session_state[widget_key] or "").strip()),
        accept_new_options=True,
        placeholder="hub id or folder",
        filter_mode="contains",
        width=300,
    )
    if not asked:
        return None
    return loaded.model(Selection(model=asked, device=own.device, dtype=own.dtype))


def page_link(
    page: str, *, row: str | None = None, text: str | None = None, label: str | None = None, **options: object
) -> None:
    """A real link (it can be opened in a new tab) to a page, for a row or a text when given."""
    title, icon = PAGES[page]
    st.page_link(
        f"pages/{page}.py",
        label=title if label is None else label,
        icon=icon,
        query_params=link_params(page, row, text, **options),
    )


def plain(text: str, limit: int | None = None) -> str:
    """Untrusted text on one line, without what cannot be sent to a browser, cut after `limit` characters."""
    line = " ".join(text.replace(PAIR_MARK, " ┆ ").encode("utf-8", "replace").decode().split())
    return line if limit is None or len(line) <= limit else line[: limit - 1].rstrip() + "…"


def text_input(key: str = "text", label: str = "Text") -> str:
    """The shared control: pick a row of the data, or type a text of one's own. Returns the text."""
    rows = _pickable()
    typing = state.current().text is not None or not rows
    mode_key, modes = f"{key}.mode", ["Row of the data", "Own text"]

    def switched() -> None:
        if st.session_state[mode_key] == modes[1]:
            state.choose(text=state.text())
        else:
            state.choose(row=_row_of_text(rows))

    st.session_state[mode_key] = modes[1] if typing else modes[0]
    with st.container(key=f"{key}-picker"):
        st.segmented_control(
            label,
            modes,
            key=mode_key,
            on_change=switched,
            required=True,
            disabled=not rows,
            label_visibility="collapsed",
        )
        if typing:
            _own_text(key, label)
        else:
            _row_picker(key, rows)
    return state.text()


def _pickable() -> tuple[Example, ...]:
    """The examples to pick from, the chosen one among them even where it is outside the sample."""
    try:
        rows = state.slice_rows() or state.corpus().examples
        chosen = state.example()
        outside = chosen is not None and (
            chosen.id not in state.current().among
            if state.current().among
            else chosen.id not in loaded.rows_by_id(state.corpus())
        )
    except CorpusError:
        return ()
    return (chosen, *rows) if outside and chosen is not None else rows


def _row_of_text(rows: tuple[Example, ...]) -> str | None:
    """The row whose text was taken into the text field, if it still stands there unchanged."""
    typed = state.current().text
    return next((example.id for example in rows if example.text == typed), None)


def _own_text(key: str, label: str) -> None:
    area_key, second_key = f"{key}.area", f"{key}.second"
    first, mark, second = (state.current().text or "").partition(PAIR_MARK)
    pair = bool(mark) or _has_pairs()

    def typed() -> None:
        written = [st.session_state[area_key], st.session_state[second_key] if pair else ""]
        state.choose(text=PAIR_MARK.join(written) if written[1].strip() else written[0])

    st.session_state[area_key] = first
    st.text_area(
        label,
        key=area_key,
        on_change=typed,
        height=96,
        placeholder="Type or paste a text, then press Ctrl + Enter.",
        label_visibility="collapsed",
    )
    if pair:
        st.session_state[second_key] = second
        st.text_area(
            "Second text of the pair",
            key=second_key,
            on_change=typed,
            height=96,
            placeholder="The second text of the pair; empty for one text alone.",
            label_visibility="collapsed",
        )
    if len(state.current().text or "") > LONGEST_LINKED_TEXT:
        st.caption("This text is too long for a link: it stays with this tab.")


def _has_pairs() -> bool:
    """Whether the data in use holds pairs, so that a text of one's own may be one."""
    try:
        return any(PAIR_MARK in example.text for example in state.corpus().examples[:1])
    except CorpusError:
        return False


def _row_picker(key: str, rows: tuple[Example, ...]) -> None:
    chosen = state.example()
    by_id = {example.id: position for position, example in enumerate(rows)}
    position = by_id.get(chosen.id, 0) if chosen else 0
    pick_key = f"{key}.pick"

    def picked() -> None:
        state.choose(row=rows[st.session_state[pick_key]].id)

    def step(by: int) -> None:
        state.choose(row=rows[(position + by) % len(rows)].id)

    st.session_state[pick_key] = position
    if state.current().among:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{key}-slice"):
            st.caption(f"A slice of {len(state.slice_rows())} rows, one after the other.", width="content")
            st.button("All rows", key=f"{key}.widen", type="tertiary", on_click=state.narrow, args=((),))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "Row",
            range(len(rows)),
            key=pick_key,
            on_change=picked,
            format_func=lambda index: f"{index + 1} · {plain(rows[index].text, 110)}",
            label_visibility="collapsed",
            filter_mode="contains",
        )
        st.button(
            "Previous row",
            key=f"{key}.previous",
            icon=":material/arrow_back:",
            on_click=step,
            args=(-1,),
            help="Previous row",
        )
        st.button(
            "Next row",
            key=f"{key}.next",
            icon=":material/arrow_forward:",
            on_click=step,
            args=(1,),
            help="Next row",
        )


def data_choice(reference: str) -> dict[str, object]:
    """The arguments of `want` that pick another data set: its rows, columns and map start afresh."""
    return {
        "data": reference,
        "row": None,
        "text_column": None,
        "label_column": None,
        "label_map": (),
        "among": (),
    }


def fitting_data() -> tuple[str, ...]:
    """The bundled data sets that have the labels of the model in use, but for the one in use."""
    from corpora import bundled

    model, used = state.classifier(), state.current().data
    references = (f"bundled:{name}" for name in bundled.names())
    return tuple(
        reference
        for reference in references
        if reference != used and loaded.fits(Selection(data=reference), model)
    )
