"""What a classifier says about a text and why, in sentences of escaped HTML."""

from collections.abc import Mapping, Sequence
from html import escape

from views import probabilities, tokens
from views.numbers import percent, plain_number
from views.tokens import quoted, signed

#: Labels that hold at once, named in one sentence.
_MOST_HOLDING = 4


def answer(
    labels: Sequence[str],
    chances: Sequence[float],
    omitted: Sequence[str] = (),
    chances_without: Sequence[float] = (),
) -> str:
    """The answer in one sentence, and in a second one what it hangs on.

    `chances` are the probabilities of `labels`, `chances_without` those when the words `omitted` are
    left out; the second sentence says whether the answer changes.
    """
    predicted = _largest(chances)
    says = f"The model says <b>{label(labels[predicted])}</b>, {_share(chances[predicted])}."
    if not omitted:
        return says
    without, words = _largest(chances_without), listed([quoted(word) for word in omitted])
    chance = _share(chances_without[without])
    if without != predicted:
        return f"{says} Without {words} it would say <b>{label(labels[without])}</b>, {chance}."
    return f"{says} Even without {words} it would still say so, {chance}."


def several(
    labels: Sequence[str],
    chances: Sequence[float],
    about: str,
    omitted: Sequence[str] = (),
    chance_without: float = 0.0,
) -> str:
    """The answer of a model whose labels hold each by itself, and what the label `about` hangs on.

    `chance_without` is that label's probability when the words `omitted` are left out.
    """
    order = sorted(range(len(labels)), key=lambda index: -chances[index])
    holding = [index for index in order if chances[index] > 0.5]
    named = [f"<b>{label(labels[index])}</b> ({_share(chances[index])})" for index in holding or order[:1]]
    more = len(named) - _MOST_HOLDING
    if more > 0:
        named = [*named[:_MOST_HOLDING], f"{more} more"]
    says = f"The model says {listed(named)}." if holding else f"No label holds; the nearest is {named[0]}."
    if not omitted:
        return says
    words = listed([quoted(word) for word in omitted])
    return f"{says} Without {words} {label(about)} would be at {_share(chance_without)}."


def value(name: str, number: float, omitted: Sequence[str] = (), without: float = 0.0) -> str:
    """The answer of a regression, and what it would be without the words `omitted`."""
    says = f"The model says <b>{plain_number(number)}</b>"
    says += "." if name == "value" else f" for {label(name)}."
    if not omitted:
        return says
    return (
        f"{says} Without {listed([quoted(word) for word in omitted])} it would say {plain_number(without)}."
    )


def reasons(words: Sequence[str], scores: Sequence[float], for_label: str, against_label: str) -> str:
    """The strongest words of each side with their scores, in one sentence.

    The labels say what a positive and a negative score speak for, such as "for negative".
    """
    order = sorted(range(len(words)), key=lambda index: -abs(scores[index]))
    ahead = [index for index in order if scores[index] > 0][:3]
    behind = [index for index in order if scores[index] < 0][: 2 if ahead else 3]
    parts: list[str] = []
    largest = abs(scores[order[0]]) if order else 0.0
    for indices, what in ((ahead, for_label), (behind, against_label)):
        if indices:
            named = listed(
                [f"{quoted(words[index])} ({signed(scores[index], largest)})" for index in indices]
            )
            verb = "" if parts else " speaks" if len(indices) == 1 else " speak"
            parts.append(f"{named}{verb} most {label(what)}")
    return "; ".join(parts) + "." if parts else "No word makes a difference."


def shares(words: Sequence[str], shares: Sequence[float]) -> str:
    """The words with the largest shares, in one sentence; for scores without a sign."""
    order = sorted(range(len(words)), key=lambda index: -shares[index])[:3]
    named = [f"{quoted(words[index])} ({percent(shares[index], 0)})" for index in order if shares[index] > 0]
    if not named:
        return "No word makes a difference."
    return f"{listed(named)} {'counts' if len(named) == 1 else 'count'} most, for whichever side."


def agreement(spearman: float | None, shared: int, top: int) -> str:
    """How far two explanations of one text agree, in one sentence; no correlation where one is constant."""
    strongest = (
        f"{shared} of the {top} strongest words are the same"
        if top > 1
        else ("the strongest word is the same" if shared else "the strongest words differ")
    )
    if spearman is None:
        return f"<b>{strongest[0].upper()}{strongest[1:]}</b>."
    ranks = f"{spearman:+.2f}".replace("-", "−")
    return f"<b>{strongest[0].upper()}{strongest[1:]}</b>; the rank correlation over all words is {ranks}."


def passage(
    text: str,
    spans: Sequence[tuple[int, int, float]],
    *,
    scale: float | None = None,
    unread_from: int | None = None,
    magnitude: bool = False,
) -> str:
    """A card with the text highlighted as by `views.tokens.highlight`; a long one scrolls inside itself."""
    inner = tokens.highlight(text, spans, scale=scale, unread_from=unread_from, magnitude=magnitude)
    return f'<div class="assay-card"><div class="assay-scroll" tabindex="0">{inner}</div></div>'


def facts(rows: Mapping[str, str]) -> str:
    """Names and values as a list of escaped HTML."""
    inner = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows.items())
    return f'<dl class="assay-facts">{inner}</dl>'


def label(name: str, limit: int = 60) -> str:
    """A label's name inside a sentence."""
    short = name if len(name) <= limit else name[: limit - 1] + "…"
    return f"<bdi>{escape(short.encode('utf-8', 'replace').decode())}</bdi>"


def listed(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _largest(values: Sequence[float]) -> int:
    return max(range(len(values)), key=lambda index: values[index])


def _share(chance: float) -> str:
    return escape(probabilities.share(float(chance)))
