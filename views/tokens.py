"""Passages of data as HTML: words coloured by their score, and two texts with their changes marked.

Whatever the text holds is shown as text. Characters that would rearrange the page or hide (direction
overrides, zero-width spaces, controls) are boxed, each in its own isolate, with its name as a tooltip;
the text itself is never altered: taking the tags away and unescaping gives it back.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from html import escape

from views.numbers import percent

#: How much of a colour lies under a word, in percent: never so much that the word is hard to read.
FAINTEST_SHADE, STRONGEST_SHADE = 6, 44

#: Between the two texts of a pair; drawn as a line between them.
PAIR_MARK = "\x1e"

#: Words below this share of the strongest are shaded but not underlined.
UNDERLINED_FROM = 0.2

#: The same for shares of a whole, which every word has.
MUCH_FROM = 0.6

#: How much of the accent lies under an inserted stretch, of the neutral colour under a deleted one.
INSERTED_SHADE, DELETED_SHADE = 20, 26

#: Longer stretches are marked whole: comparing them letter by letter takes too long and shows too little.
_LONGEST_LETTER_COMPARISON = 400
_SIMILAR = 0.5

_PIECES = re.compile(r"(\s*)(\w+|[^\w\s])")
_JOINERS = frozenset("\u200c\u200d")  # they shape Persian words and emoji, and rearrange nothing

_CSS = f"""<style>
.assay-passage{{display:block;unicode-bidi:isolate;text-align:start;white-space:pre-wrap;
  overflow-wrap:anywhere;color:var(--assay-text);line-height:1.9;max-width:62rem}}
.assay-passage mark{{color:inherit;border-radius:3px;padding:.12em .08em;margin:0 -.02em;
  text-underline-offset:.28em;text-decoration-skip-ink:none;
  -webkit-box-decoration-break:clone;box-decoration-break:clone;background:none}}
.assay-passage mark.for,.assay-key.for{{
  background:color-mix(in srgb,var(--assay-supports) var(--shade),transparent);
  text-decoration-color:var(--assay-supports)}}
.assay-passage mark.against,.assay-key.against{{
  background:color-mix(in srgb,var(--assay-against) var(--shade),transparent);
  text-decoration-color:var(--assay-against)}}
.assay-passage mark.much,.assay-key.much{{
  background:color-mix(in srgb,var(--assay-accent) var(--shade),transparent)}}
.assay-passage mark.much.strong,.assay-key.much{{text-decoration:underline solid 2px var(--assay-accent)}}
.assay-passage mark.for.strong,.assay-key.for{{text-decoration:underline solid 2px var(--assay-supports)}}
.assay-passage mark.against.strong,.assay-key.against{{
  text-decoration:underline dashed 2px var(--assay-against)}}
.assay-passage .unread{{color:var(--assay-muted);font-style:italic}}
.assay-passage ins{{text-decoration:underline 2px var(--assay-accent);text-underline-offset:.28em;
  background:color-mix(in srgb,var(--assay-accent) {INSERTED_SHADE}%,transparent);border-radius:3px}}
.assay-passage del{{text-decoration:line-through 1.5px var(--assay-muted);
  background:color-mix(in srgb,var(--assay-neutral) {DELETED_SHADE}%,transparent);border-radius:3px}}
.assay-passage ins b,.assay-passage del b{{font-weight:700;box-shadow:inset 0 0 0 1px var(--assay-muted);
  border-radius:2px;padding:0 .06em}}
.assay-passage .hidden{{unicode-bidi:isolate;display:inline-block}}
.assay-passage .hidden::before{{content:"◌";color:var(--assay-muted);font-size:.85em;
  box-shadow:inset 0 0 0 1px var(--assay-muted);border-radius:2px;padding:0 .1em}}
.assay-passage .pair{{display:block;height:0;overflow:hidden;margin:.45rem 0;
  border-top:1px dashed var(--assay-neutral)}}
.assay-scroll{{max-height:21rem;overflow:auto}}
.assay-key{{display:inline-block;text-underline-offset:.28em;border-radius:3px;padding:0 .35em;
  margin-inline-end:.6em;--shade:30%;color:var(--assay-text)}}
</style>"""


def css() -> str:
    """The `<style>` element for what this file makes; its colours are the variables of `views.style.css`."""
    return _CSS


def highlight(
    text: str,
    spans: Sequence[tuple[int, int, float]],
    *,
    scale: float | None = None,
    unread_from: int | None = None,
    magnitude: bool = False,
) -> str:
    """A text as escaped HTML, words shaded by score: blue and underlined for, orange and dashed against.

    `spans` are (start, end, score) in characters; where two overlap the earlier one keeps its place.
    `scale` is the size of a score that gets the full shade (default: the largest here); give the same
    to passages that are to be compared. What stands from `unread_from` on is shown as not read by the
    model. The score is in the tooltip. A span that is not finite is not shaded.
    With `magnitude` the scores are shares of a whole, for nothing and against nothing: one colour.
    """
    full = scale or max((abs(score) for *_, score in spans if _is_finite(score)), default=0.0)
    limit = len(text) if unread_from is None else max(0, min(unread_from, len(text)))
    parts: list[str] = []
    position = 0
    for start, end, score in sorted(spans):
        start, end = max(start, position), min(end, limit)  # noqa: PLW2901 -- clipped to what is left
        if start >= end:
            continue
        parts.append(_shown(text[position:start]))
        parts.append(_shaded(text[start:end], score, full, magnitude))
        position = end
    parts.append(_shown(text[position:limit]))
    if limit < len(text):
        parts.append(f'<span class="unread" title="Not read by the model">{_shown(text[limit:])}</span>')
    return _passage(parts)


def key(for_label: str, against_label: str) -> str:
    """What the two shades mean, as one line of escaped HTML; the labels stand as they are given."""
    return (
        f'<span class="assay-key for" dir="auto">{_shown(for_label)}</span>'
        f'<span class="assay-key against" dir="auto">{_shown(against_label)}</span>'
    )


def magnitude_key(label: str) -> str:
    """What the one shade of `highlight(..., magnitude=True)` means, as one line of escaped HTML."""
    return f'<span class="assay-key much" dir="auto">{_shown(label)}</span>'


def quoted(text: str, limit: int = 40) -> str:
    """A short piece of data inside a sentence, as escaped HTML in quotation marks, cut after `limit`."""
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    return f"“<bdi>{_shown(short)}</bdi>”"


def marked_change(before: str, after: str) -> tuple[str, str]:
    """Two versions of a text as escaped HTML: words gone in `<del>`, words new in `<ins>`.

    Inside a word that only changed, the changed letters stand in `<b>`; a letter that is not plain
    ASCII says its name in a tooltip, so look-alikes give themselves away.
    """
    old, new = _pieces(before), _pieces(after)
    left: list[str] = []
    right: list[str] = []
    # Spaces are not compared with words: there are so many that they would anchor anything to anything.
    matcher = SequenceMatcher(None, [word for _, word in old], [word for _, word in new], autojunk=False)
    for kind, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            for number, pair in enumerate(zip(old[old_start:old_end], new[new_start:new_end], strict=True)):
                (old_space, word), (new_space, _) = pair
                # Beside a changed word the space changed with it, which needs no mark of its own.
                kept = old_space == new_space or number == 0 < old_start + new_start
                left.append(_mark("" if kept else "del", old_space) + _shown(word))
                right.append(_mark("" if kept else "ins", new_space) + _shown(word))
            continue
        old_space, gone = _joined(old[old_start:old_end])
        new_space, come = _joined(new[new_start:new_end])
        gone_html, come_html = _changed_letters(gone, come)
        left.append(_shown(old_space) + (f"<del>{gone_html}</del>" if gone else ""))
        right.append(_shown(new_space) + (f"<ins>{come_html}</ins>" if come else ""))
    return _passage(left), _passage(right)


def _pieces(text: str) -> list[tuple[str, str]]:
    """Words and signs, each with the space before it; last an empty word with the space left over."""
    pieces: list[tuple[str, str]] = _PIECES.findall(text)
    return [*pieces, (text[sum(len(space) + len(word) for space, word in pieces) :], "")]


def _joined(pieces: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """The space before some pieces, and the pieces with the spaces between them."""
    whole = "".join(space + word for space, word in pieces)
    space = pieces[0][0] if pieces else ""
    return space, whole[len(space) :]


def _mark(tag: str, text: str) -> str:
    return f"<{tag}>{_shown(text)}</{tag}>" if tag and text else _shown(text)


def _changed_letters(gone: str, come: str) -> tuple[str, str]:
    """The inside of a deleted and an inserted stretch, changed letters marked where the two are alike."""
    if not gone or not come or max(len(gone), len(come)) > _LONGEST_LETTER_COMPARISON:
        return _shown(gone), _shown(come)
    matcher = SequenceMatcher(None, gone, come, autojunk=False)
    if matcher.ratio() < _SIMILAR:
        return _named_letters(gone), _named_letters(come)
    left: list[str] = []
    right: list[str] = []
    for kind, gone_start, gone_end, come_start, come_end in matcher.get_opcodes():
        for parts, letters in ((left, gone[gone_start:gone_end]), (right, come[come_start:come_end])):
            if letters and kind != "equal":
                parts.append(f"<b{_name(letters)}>{_shown(letters)}</b>")
            else:
                parts.append(_shown(letters))
    return "".join(left), "".join(right)


def _named_letters(letters: str) -> str:
    """A short stretch that changed altogether: its name says what no eye can."""
    return f"<b{_name(letters)}>{_shown(letters)}</b>" if _name(letters) else _shown(letters)


def _name(letters: str) -> str:
    """A tooltip naming the characters that are not plain ASCII, up to three; empty where all are."""
    strange = [_character_name(character) for character in letters if not character.isascii()][:3]
    return f' title="{escape(", ".join(strange))}"' if strange else ""


def _character_name(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, 'unnamed character')}"


def _shaded(text: str, score: float, full: float, magnitude: bool) -> str:
    if not _is_finite(score) or score == 0 or full <= 0:
        return f"<mark>{_shown(text)}</mark>"
    share = min(abs(score) / full, 1.0)
    shade = FAINTEST_SHADE + (STRONGEST_SHADE - FAINTEST_SHADE) * share
    side = "much" if magnitude else "for" if score > 0 else "against"
    told = percent(score) if magnitude else signed(score, full)
    strong = " strong" if share >= (MUCH_FROM if magnitude else UNDERLINED_FROM) else ""
    return f'<mark class="{side}{strong}" style="--shade:{shade:.0f}%" title="{told}">{_shown(text)}</mark>'


def signed(score: float, largest: float = 1.0) -> str:
    """A score as it is written everywhere: `+0.83`, `−0.35`.

    Beside scores of which none is as large as 0.1 it has as many decimals more as the `largest` needs.
    """
    more = -math.floor(math.log10(largest)) - 1 if 0 < largest < 0.1 else 0
    places = 2 + min(more, 6)
    written = f"{score:+.{places}f}".replace("-", "\u2212")
    return written[1:] if not any(digit in written for digit in "123456789") else written


def _is_finite(score: float) -> bool:
    return score - score == 0


def _passage(parts: Iterable[str]) -> str:
    return f'<bdi class="assay-passage" dir="auto">{"".join(parts)}</bdi>'


def _shown(text: str) -> str:
    """Escaped text; what cannot be seen or would rearrange the page is boxed and named."""
    # A lone surrogate cannot be sent to a browser at all.
    clean = text.encode("utf-8", "replace").decode()
    return "".join(
        f'<span class="pair" title="The second text begins here">{c}</span>'
        if c == PAIR_MARK
        else f'<span class="hidden" title="{escape(_character_name(c))}">{c}</span>'
        if _hides(c)
        else escape(c)
        for c in clean
    )


def _hides(character: str) -> bool:
    if character.isascii():
        return character not in "\t\n\r" and not " " <= character <= "~"
    return unicodedata.category(character) in ("Cf", "Cc") and character not in _JOINERS
