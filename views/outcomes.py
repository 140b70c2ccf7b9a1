"""One text under one test as escaped HTML: the answer in a sentence, before and after, the catalogue."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Protocol

from views.numbers import grouped, percent, plain_number
from views.tokens import marked_change


class Tested(Protocol):
    """What these views need to know of an outcome; `attacks.outcome.Outcome` has it all."""

    @property
    def error(self) -> str | None:
        """What went wrong, in one line; None where nothing did."""

    @property
    def text(self) -> str:
        """The text before the test."""

    @property
    def perturbed(self) -> str:
        """The text after it."""

    @property
    def status(self) -> str:
        """How the test ended."""

    @property
    def probabilities_before(self) -> tuple[float, ...]:
        """The model's answer to `text`."""

    @property
    def probabilities_after(self) -> tuple[float, ...]:
        """The model's answer to `perturbed`."""

    @property
    def queries(self) -> int:
        """How many texts a search asked about."""

    @property
    def characters_edited(self) -> float:
        """Edited characters, as a share of the text's."""

    @property
    def words_edited(self) -> float:
        """Edited words, as a share of the text's."""


_CSS = """<style>
.assay-pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,21rem),1fr));gap:.9rem}
.assay-pair .assay-card{display:flex;flex-direction:column;gap:.8rem}
.assay-pair .assay-card h4{margin:0}
.assay-answers{display:grid;grid-template-columns:minmax(4rem,max-content) 1fr max-content;gap:.3rem .7rem;
  align-items:center;font-size:.87rem;font-variant-numeric:tabular-nums;margin-top:auto;
  padding-top:.7rem;border-top:1px solid var(--assay-border)}
.assay-answers .name{overflow-wrap:anywhere}
.assay-answers .chosen{font-weight:650}
.assay-answers .bar{height:.5rem;border-radius:2px;
  background:color-mix(in srgb,var(--assay-neutral) 16%,transparent)}
.assay-answers .bar i{display:block;height:100%;border-radius:2px;background:var(--assay-neutral)}
.assay-answers .chosen.bar i{background:var(--assay-accent)}
.assay-catalogue{display:grid;gap:1.1rem;max-width:62rem}
.assay-catalogue h4{margin:0 0 .15rem;padding:0;font-size:1rem;font-weight:600}
.assay-catalogue p{margin:0;line-height:1.5}
</style>"""


def css() -> str:
    """The `<style>` element for what this file makes; colours are the variables of `views.style.css`."""
    return _CSS


def lead(title: str, labels: Sequence[str], target: int, outcome: Tested, *, flips: bool) -> str:
    """The one sentence that answers: what changed, and what became of the model's answer.

    `target` is the true label. `flips` is false for a test that keeps the answer on purpose.
    """
    return f'<p class="assay-lead">{_sentence(escape(title), labels, target, outcome, flips)}</p>'


def _sentence(title: str, labels: Sequence[str], target: int, outcome: Tested, flips: bool) -> str:
    before = _answer(labels, outcome.probabilities_before)
    spent = f", after {_count(outcome.queries, 'query', 'queries')}" if outcome.queries else ""
    if outcome.status == "skipped":
        return (
            f"There is nothing to attack: the model already says {before}, and the label is "
            f"<b>{_plain(labels[target])}</b>."
        )
    if outcome.status == "unchanged":
        return f"{title} finds nothing to edit in this text. The answer stays {before}."
    if outcome.status == "failed":
        return (
            f"{title} found no change that flips the answer. It stays {before}{spent}."
            if flips
            else f"{title} found no word to delete: the answer stays {before} only with all of them{spent}."
        )
    return _change(labels, outcome, flips, spent)


def _change(labels: Sequence[str], outcome: Tested, flips: bool, spent: str) -> str:
    """The sentence for a text that was changed."""
    before = _answer(labels, outcome.probabilities_before)
    after = _answer(labels, outcome.probabilities_after)
    if not flips:
        left, whole = len(outcome.perturbed.split()), len(outcome.text.split())
        return f"With {left} of {_count(whole, 'word', 'words')} left the answer is still {after}{spent}."
    changing = f"Changing {_edits(outcome)}"
    if _chosen(outcome.probabilities_before) != _chosen(outcome.probabilities_after):
        return f"{changing} flips the answer from {before} to {after}{spent}."
    was, now = max(outcome.probabilities_before), max(outcome.probabilities_after)
    name = _plain(labels[_chosen(outcome.probabilities_after)])
    return (
        f"{changing} leaves the answer at <b>{name}</b> ({percent(was, 0)} before, {percent(now, 0)} after)."
    )


def _edits(outcome: Tested) -> str:
    """What was changed: single characters, or whole words where more than two in each went."""
    whole = len(outcome.text.split())
    characters = max(1, round(outcome.characters_edited * len(outcome.text)))
    words = max(1, round(outcome.words_edited * whole))
    if whole < 2 or characters <= 2 * words:
        return _count(characters, "character", "characters")
    return (
        f"{words} of {_count(whole, 'word', 'words')}" if words <= whole else _count(words, "word", "words")
    )


def before_and_after(
    labels: Sequence[str], outcome: Tested, *, numbers: Mapping[str, tuple[float, float]] | None = None
) -> str:
    """Two cards: each text with its changes marked, and the model's answer to it.

    Of a model that gives `numbers`, these by their names, before and after.
    """
    old, new = marked_change(outcome.text, outcome.perturbed)
    if numbers is not None:
        first, second = (
            facts((name, plain_number(both[place])) for name, both in numbers.items()) for place in (0, 1)
        )
        return pair(("Before", old, first), ("After", new, second))
    return pair(
        ("Before", old, answers(labels, outcome.probabilities_before)),
        ("After", new, answers(labels, outcome.probabilities_after)),
    )


def pair(*cards: tuple[str, str, str]) -> str:
    """Cards beside each other, below each other where it is narrow: (plain title, HTML, HTML)."""
    return '<div class="assay-pair">' + "".join(map(_card, cards)) + "</div>"


def _card(card: tuple[str, str, str]) -> str:
    title, passage, foot = card
    return f'<div class="assay-card"><h4>{escape(title)}</h4>{passage}{foot}</div>'


def answers(labels: Sequence[str], probabilities: Sequence[float], most: int = 5) -> str:
    """The likeliest labels with a bar each, in the labels' own order."""
    shown = sorted(sorted(range(len(labels)), key=lambda label: -probabilities[label])[:most])
    chosen = _chosen(probabilities)
    rows = []
    for label in shown:
        share, mark = probabilities[label], " chosen" if label == chosen else ""
        rows.append(
            f'<span class="name{mark}">{_plain(labels[label])}</span>'
            f'<span class="bar{mark}"><i style="width:{100 * share:.1f}%"></i></span>'
            f'<span class="{mark.strip()}">{percent(share)}</span>'
        )
    return f'<div class="assay-answers">{"".join(rows)}</div>'


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Names and values in one quiet line, all escaped."""
    parts = (f"{escape(name)}&nbsp;<b>{_plain(value)}</b>" for name, value in pairs)
    return f'<p class="assay-muted">{" · ".join(parts)}</p>'


def catalogue(entries: Iterable[tuple[str, str, Sequence[tuple[str, str]]]]) -> str:
    """One paragraph a test: its title, what it does, and named facts. Everything is escaped."""
    items = []
    for title, description, named in entries:
        lines = "".join(f"<dt>{escape(name)}</dt><dd>{_plain(value)}</dd>" for name, value in named if value)
        items.append(
            f"<div><h4>{_plain(title)}</h4><p>{_plain(description)}</p>"
            f'<dl class="assay-facts">{lines}</dl></div>'
        )
    return f'<div class="assay-catalogue">{"".join(items)}</div>'


def _answer(labels: Sequence[str], probabilities: Sequence[float]) -> str:
    chosen = _chosen(probabilities)
    return f"<b>{_plain(labels[chosen])}</b> ({percent(probabilities[chosen], 0)})"


def _chosen(probabilities: Sequence[float]) -> int:
    return max(range(len(probabilities)), key=lambda label: probabilities[label])


def _count(number: int, one: str, many: str) -> str:
    return f"{grouped(number)} {one if number == 1 else many}"


def _plain(text: str) -> str:
    """Untrusted text; a label written from right to left does not turn its neighbours round."""
    return f"<bdi>{escape(text.encode('utf-8', 'replace').decode())}</bdi>"
