"""Where to go on with a changed text: it alone, or beside the text that it was."""

from collections.abc import Callable

from pages import selection
from pages.selection.address import LONGEST_LINKED_TEXT


def links(changed: str, row: str | None = None, to: Callable[..., None] = selection.page_link) -> None:
    """Links to the pages that read a changed text; `row` is the example that it was, if not the chosen one.

    `to` draws one link: `pages.selection.page_link`, or `pages.auditing.link` for an audit's model and data.
    """
    to("explain", text=changed, label="Explain after")
    if len(changed) <= LONGEST_LINKED_TEXT:
        to("layers", row=row, beside=changed, label="Where the answer turns: Layers")
        to("attention", row=row, view="compare", other=changed, label="Where it looks now: Attention")
