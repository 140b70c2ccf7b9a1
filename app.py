"""The entrance: navigation, theme, and the sidebar that picks model, data and device."""

from pathlib import Path

import streamlit as st

from corpora.examples import PAIR_MARK, CorpusError
from pages import feedback, one_label, selection
from pages.selection import sidebar
from views import style

HERE = Path(__file__).parent
#: Pages that look inside a model, where a quantised copy has nothing that they could read.
INSIDE = ("explain", "attention", "layers", "drivers")
#: Pages for models of any head: those that give several labels or a number among them.
ANY_HEAD = ("explain", "attention", "layers", "drivers", "reports", "compare", "review")
#: A page more for models that give numbers.
NUMBER = (*ANY_HEAD, "embeddings")
#: Pages that change a text, which a pair of texts is not.
CHANGING = ("attack", "noise", "audit")
GROUPS = {
    "Look inside": ("overview", "explain", "attention", "layers", "drivers", "embeddings"),
    "Stress": ("attack", "noise", "checks", "elsewhere", "audit"),
    "Reports": ("reports", "compare", "review"),
}


def navigation() -> tuple[st.Page, str]:
    """The page to run and its name. The bare address leads to Overview, so every page has one address."""
    pages = {
        group: [
            st.Page(
                f"pages/{name}.py",
                title=selection.PAGES[name][0],
                icon=selection.PAGES[name][1],
                url_path=name,
            )
            for name in names
        ]
        for group, names in GROUPS.items()
    }

    def home() -> None:
        st.switch_page(pages["Look inside"][0], query_params=st.query_params.to_dict())

    entrance = st.Page(home, title="Assay", default=True, visibility="hidden")
    first, *others = pages
    page = st.navigation(
        {first: [entrance, *pages[first]], **{group: pages[group] for group in others}}, expanded=True
    )
    if page == entrance:
        page.run()
    return page, page.url_path


def bring_into_use() -> None:
    """Load what is asked for, with a skeleton in the page's place and a word on what happens."""
    # In every run: what stands below keeps its place, and so stays open or half written.
    place = st.empty()
    if selection.is_settled():
        return
    wanted = selection.visit().wanted or selection.current()
    if selection.is_light_change():
        selection.settle()
        return
    with place.container():
        st.html(
            f'<div class="assay-muted" role="status">Loading {feedback.escaped(wanted.model)} '
            f"and {feedback.escaped(wanted.data)}: reading and checking the weights …</div>"
        )
        st.skeleton(height=48)
        st.skeleton(height=320)
        selection.settle()
    place.empty()


def nothing_inside(name: str) -> None:
    """One line on what a quantised copy cannot show, and the way to the model that can."""
    title = selection.PAGES[name][0]
    st.title(title)
    clicked = feedback.empty(
        f"{title} needs the full model",
        f"An {selection.classifier().quantised} copy has no gradients and no weights that can be followed; "
        "attacks, noise, checks and audits run on it.",
        "Use the full model",
    )
    if clicked:
        selection.want(dtype="auto")
        st.rerun()


def is_about_pairs(name: str) -> bool:
    """Whether a page that changes single texts would have to change a pair."""
    try:
        return selection.whole_corpus().pairs if name == "audit" else PAIR_MARK in selection.text()
    except CorpusError:  # the page itself says what is wrong with the data
        return False


def no_choice(name: str, answering: str) -> None:
    """In the place of a page about a choice: one line where there are no labels, else which one is meant."""
    title = selection.PAGES[name][0]
    st.title(title)
    if answering == "several":
        one_label.choose(title)
        return
    feedback.notice(
        f"{title} needs a model that gives labels",
        "This one gives each text a number; the Explain and Drivers pages show which words carry it.",
    )


def main() -> None:
    """Draw the frame, then the page inside it."""
    st.set_page_config(page_title="Assay", page_icon=str(HERE / "static/mark.svg"), layout="wide")
    feedback.follow_theme()
    st.html(style.css(feedback.is_dark()))
    mark = "dark" if feedback.is_dark() else "light"
    st.logo(str(HERE / f"static/logo-{mark}.svg"), size="large", icon_image=str(HERE / "static/mark.svg"))
    page, name = navigation()
    selection.follow(name)
    bring_into_use()
    selection.write_address()
    with st.sidebar:
        sidebar.draw()
    place = st.container()
    if not selection.visit().model_loaded:
        feedback.notice(
            "No model is loaded",
            "Pick a model in the sidebar; its message says what went wrong with the last one.",
            "failure",
        )
        st.stop()
    if name in INSIDE and selection.classifier().quantised:
        nothing_inside(name)
        st.stop()
    answering = selection.classifier().answering
    if answering != "choice" and name not in (NUMBER if answering == "number" else ANY_HEAD):
        no_choice(name, answering)
        st.stop()
    if name in CHANGING and is_about_pairs(name):
        st.title(selection.PAGES[name][0])
        feedback.notice(
            "These are pairs of texts", "Noises and attacks change single texts; choose other data."
        )
        st.stop()
    with feedback.problems():
        page.run()  # where it leads to another page nothing below runs: the address is that page's then
    selection.write_address()
    if "page" in selection.visit().notices:  # the page itself may have found fault with the link
        with place:
            feedback.notice(selection.visit().notices["page"])


main()
