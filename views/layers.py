"""How an answer came about, layer by layer, in sentences of escaped HTML."""

from views.explanation import label
from views.numbers import plain_number
from views.tokens import signed


def settled(answer: str, layer: int, layers: int) -> str:
    """After which layer one text's answer stands and stays: the sentence at the top of the page.

    `layer` counts from 1; 0 is before the first layer.
    """
    if layer == 0:
        return f"Before the first of {layers} layers the head would already say <b>{label(answer)}</b>."
    if layer == layers:
        return f"Only the last of {layers} layers settles the answer: <b>{label(answer)}</b>."
    return f"After layer <b>{layer} of {layers}</b> the answer is settled: <b>{label(answer)}</b>."


def turned(before: str, after: str, layer: int, layers: int) -> str:
    """After which layer the answers to two texts part for good; `layer` as in `settled`."""
    answers = f"<b>{label(before)}</b> for the first text, <b>{label(after)}</b> for the second"
    if layer == 0:
        return f"The two texts part before the first of {layers} layers: {answers}."
    if layer == 1:
        return f"The two texts part at the first of {layers} layers: {answers}."
    return f"The answer turns at layer <b>{layer} of {layers}</b>: {answers}."


def reached(name: str, start: float, end: float, layer: int, layers: int) -> str:
    """How a number comes to what it is, and after which layer at least half its way is done and stays so."""
    way = f"from {plain_number(start)} before the first layer to <b>{plain_number(end)}</b>"
    if layer == 0:
        return f"The layers leave the {label(name)} where it began, at <b>{plain_number(end)}</b>."
    if layer == layers:
        return f"Only the last of {layers} layers brings the {label(name)} half its way, {way}."
    return f"After layer <b>{layer} of {layers}</b> the {label(name)} has come half its way, {way}."


def parted(name: str, first: float, second: float, layer: int | None, layers: int) -> str:
    """After which layer two texts' numbers differ by half of what they do in the end; None: they do not."""
    if layer is None:
        return f"Both texts get the same {label(name)}, <b>{plain_number(first)}</b>."
    numbers = f"<b>{plain_number(first)}</b> for the first text, <b>{plain_number(second)}</b> for the second"
    place = f"From layer <b>{layer} of {layers}</b> on" if layer else "From the start on"
    return f"{place} the two texts are at least half as far apart as in the end: {label(name)} {numbers}."


def alike(answer: str, before: int, after: int) -> str:
    """Two texts with one answer, and after which layer each has it."""
    says = f"Both texts are answered <b>{label(answer)}</b>"
    if before == after:
        return f"{says}, settled {_place(before)} in both."
    return f"{says}: settled {_place(before)} in the first, {_place(after)} in the second."


def strongest(name: str, score: float, for_label: str, against_label: str, unit: str = "logits") -> str:
    """The part of the model that adds most, to follow the first sentence."""
    side = label(for_label) if score > 0 else label(against_label)
    return f"Most comes from {name}: {_counted(score, unit)} for {side}."


def pushed(name: str, score: float, for_label: str, against_label: str, unit: str = "logits") -> str:
    """The part of the model whose share changes most from one text to the other."""
    side = label(for_label) if score > 0 else label(against_label)
    return f"What changes most is {name}: {_counted(score, unit)} towards {side}."


def part(layer: int, kind: str | None) -> str:
    """What to call a part of the model: `layer` counts from 1, `kind` is None for what enters the first."""
    if kind is None:
        return "the embeddings"
    return f"the {kind} of layer {layer}"


def _counted(score: float, unit: str) -> str:
    return f"{signed(abs(score))} {unit}".strip()


def _place(layer: int) -> str:
    return f"after layer {layer}" if layer else "before the first layer"


def known(what: str, best: int, rate: str, control: str, good_from: int) -> str:
    """Where a probe reads a property off best: the sentence over its curve.

    `rate` and `control` are its accuracies in words, with true and with shuffled values; `good_from` is the
    first layer that is about as good. Layers as in `settled`.
    """
    said = (
        f"<b>{label(what)}</b> can be read off best {_place(best)}: right for <b>{rate}</b> of the texts, "
        f"with shuffled values for {control}."
    )
    return f"{said} {_place(good_from).capitalize()} it is about as good." if good_from < best else said


def known_number(what: str, best: int, rate: str, control: str, good_from: int) -> str:
    """The same of a number; `rate` and `control` are of its variance, in words."""
    said = (
        f"<b>{label(what)}</b> can be read off best {_place(best)}: <b>{rate}</b> of its variance, "
        f"with shuffled values {control}."
    )
    return f"{said} {_place(good_from).capitalize()} it is about as good." if good_from < best else said


def unknown(what: str) -> str:
    """The sentence where no layer's probe beats the guesses."""
    return f"No layer tells <b>{label(what)}</b> apart better than guessing does."


def told_by_neighbours(best: int, share: str, first: str) -> str:
    """At which layer a text's neighbours tell most of its value; `share` is of the variance, in words."""
    said = f"A text’s neighbours tell most of its value {_place(best)}: <b>{share}</b> of the variance"
    return f"{said}." if best == 0 else f"{said}; before the first layer it is {first}."


def gathered(best: int, rate: str, first: str) -> str:
    """At which layer texts lie most among texts of their own label; layers as in `settled`."""
    if best == 0:
        return f"Texts lie most among texts of their own label before the first layer: <b>{rate}</b>."
    return (
        f"Texts lie most among texts of their own label {_place(best)}: <b>{rate}</b>; "
        f"before the first layer it is {first}."
    )
