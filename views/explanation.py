"""What a classifier says about a text and why, in sentences of escaped HTML."""

from collections.abc import Sequence
from html import escape

from views import probabilities
from views.tokens import quoted, signed


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


def reasons(words: Sequence[str], scores: Sequence[float], for_label: str, against_label: str) -> str:
    """The strongest words of each side with their scores, in one sentence.

    The labels say what a positive and a negative score speak for, such as "for negative".
    """
    order = sorted(range(len(words)), key=lambda index: -abs(scores[index]))
    ahead = [index for index in order if scores[index] > 0][:3]
    behind = [index for index in order if scores[index] < 0][: 2 if ahead else 3]
    parts: list[str] = []
    for indices, what in ((ahead, for_label), (behind, against_label)):
        if indices:
            named = listed([f"{quoted(words[index])} ({signed(scores[index])})" for index in indices])
            verb = "" if parts else " speaks" if len(indices) == 1 else " speak"
            parts.append(f"{named}{verb} most {label(what)}")
    return "; ".join(parts) + "." if parts else "No word makes a difference."


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
