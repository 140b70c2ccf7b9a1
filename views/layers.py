"""How an answer came about, layer by layer, in sentences of escaped HTML."""

from views.explanation import label
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


def alike(answer: str, before: int, after: int) -> str:
    """Two texts with one answer, and after which layer each has it."""
    says = f"Both texts are answered <b>{label(answer)}</b>"
    if before == after:
        return f"{says}, settled {_place(before)} in both."
    return f"{says}: settled {_place(before)} in the first, {_place(after)} in the second."


def strongest(name: str, score: float, for_label: str, against_label: str) -> str:
    """The part of the model that adds most, to follow the first sentence."""
    side = f"for {label(for_label)}" if score > 0 else f"for {label(against_label)}"
    return f"Most comes from {name}: {signed(abs(score))} logits {side}."


def pushed(name: str, score: float, for_label: str, against_label: str) -> str:
    """The part of the model whose share changes most from one text to the other."""
    side = label(for_label) if score > 0 else label(against_label)
    return f"What changes most is {name}: {signed(abs(score))} logits towards {side}."


def part(layer: int, kind: str | None) -> str:
    """What to call a part of the model: `layer` counts from 1, `kind` is None for what enters the first."""
    if kind is None:
        return "the embeddings"
    return f"the {kind} of layer {layer}"


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


def unknown(what: str) -> str:
    """The sentence where no layer's probe beats the guesses."""
    return f"No layer tells <b>{label(what)}</b> apart better than guessing does."


def gathered(best: int, rate: str, first: str) -> str:
    """At which layer texts lie most among texts of their own label; layers as in `settled`."""
    if best == 0:
        return f"Texts lie most among texts of their own label before the first layer: <b>{rate}</b>."
    return (
        f"Texts lie most among texts of their own label {_place(best)}: <b>{rate}</b>; "
        f"before the first layer it is {first}."
    )
