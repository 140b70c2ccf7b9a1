"""What drives a model over a data set, in sentences of escaped HTML."""

from collections.abc import Sequence

from views.explanation import label, listed
from views.numbers import grouped, percent, plain_number
from views.tokens import quoted, signed

#: Words named in one sentence.
_NAMED = 3


def driving(sides: Sequence[tuple[str, Sequence[str]]], texts: int, what: str, among: str = "") -> str:
    """The strongest terms of each label. `sides`: a label, and its terms, strongest first.

    `what` names a term ("word", "phrase of 2 words"); `among` says which answers, such as "in wrong answers".
    """
    parts = [
        f"{listed([f'<b>{quoted(term)}</b>' for term in terms[:_NAMED]])} "
        f"{'drives' if len(terms[:_NAMED]) == 1 else 'drive'} {label(name)}"
        for name, terms in sides
        if terms
    ]
    where = f"in {grouped(texts)} texts{f', {among}' if among else ''}"
    if not parts:
        return f"No {what} drives an answer more than chance would, {where}."
    return f"{' most; '.join(parts)} most, {where}."


def turning(
    term: str,
    name: str,
    right: float,
    wrong: float,
    others: int,
    *,
    answers: tuple[str, str] = ("right", "wrong"),
) -> str:
    """The surest term that turns between right and wrong answers; `answers` is what to call these."""
    largest = max(abs(right), abs(wrong))
    more = f" {grouped(others)} more {'turns' if others == 1 else 'turn'} too." if others else ""
    return (
        f"<b>{quoted(term)}</b> speaks {'for' if right > 0 else 'against'} {label(name)} where the answer is "
        f"{answers[0]} ({signed(right, largest)}) and {'for' if wrong > 0 else 'against'} it where it is "
        f"{answers[1]} ({signed(wrong, largest)}).{more}"
    )


def alike(
    same: int, texts: int, correlation: float | None, opposed: int, what: str = "the same answer"
) -> str:
    """How far two models agree, in answers and in reasons."""
    sentence = f"Both models give <b>{what} to {grouped(same)} of {grouped(texts)} texts</b>"
    if correlation is None:
        return f"{sentence}."
    close = (
        "for much the same reasons"
        if correlation >= 0.8
        else "for partly the same reasons"
        if correlation >= 0.4
        else "for different reasons"
    )
    share = percent(opposed / same, 0) if same else ""
    rest = (
        f"; on {share} of them the words rank no more alike than by chance, or in reverse" if opposed else ""
    )
    return f"{sentence}, {close} (median rank correlation of the words {_two_digits(correlation)}){rest}."


def together(correlation: tuple[float, float, float] | None, texts: int, within: float) -> str:
    """How far two models' numbers go together, and how far apart those may lie that are much the same."""
    told = (
        f"Much the same: no further apart than {plain_number(within)}, the typical error of the first model."
    )
    if correlation is None:
        return told
    value, low, high = map(_two_digits, correlation)
    return (
        f"{told} Over all {grouped(texts)} texts the numbers correlate by {value} [{low}, {high}] (Pearson)."
    )


def _two_digits(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
