"""What each part of a model adds to its answer, as the Layers page shows it."""

from functools import partial
from typing import TYPE_CHECKING

from pages import feedback, pins
from views import layers as sentences
from views.charts.attribution import word_bars
from views.numbers import percent
from views.tokens import signed

if TYPE_CHECKING:
    from analysis.layers import Contributions
    from models.transformer import Answering, TransformerClassifier

#: What is taken apart, by what the model answers with.
_EXPLAINED: "dict[Answering, str]" = {
    "choice": "difference of the two logits",
    "several": "logit",
    "number": "value",
}


def parts(
    model: "TransformerClassifier",
    found: "Contributions | None",
    other: "Contributions | None",
    sides: tuple[str, str],
    *,
    name: str,
    about: str,
) -> None:
    """What each part of the model adds to the answer; of two texts, what it adds more to the second.

    `sides` are what a positive and a negative score speak for, `about` says what all this was made from.
    """
    if found is None:
        feedback.notice(
            "The answer cannot be taken apart here",
            f"In {model.family} models what attention and MLP add goes by names not known here, or does not "
            "simply add up. What the head says after each layer stands as it is.",
        )
        return
    target, contrast = sides
    rows = [(sentences.part(part.layer, part.kind), part.score) for part in found.parts]
    rows.append(("constants", found.constant))
    total = found.total
    if other is not None:
        more = [*(part.score for part in other.parts), other.constant]
        rows = [(what, new - old) for (what, old), new in zip(rows, more, strict=True)]
        total = other.total - found.total
    figure = partial(
        word_bars,
        [what[0].upper() + what[1:] for what in (what.removeprefix("the ") for what, _ in rows)],
        [score for _, score in rows],
        for_label=target,
        against_label=contrast,
        order="position",
        unit=unit(model.answering) or "units of the value",
    )
    title = "What each part adds" if other is None else "What each part adds more to the second text"
    drawn = figure(dark=feedback.is_dark())
    with feedback.bounded(drawn):
        feedback.chart(
            drawn,
            key="layers.parts",
            title=title,
            alt=f"One bar a part of the model: to the right {target}, to the left {contrast}.",
            name=f"{name} parts",
            rows=lambda: [{"part": what, unit(model.answering) or "value": score} for what, score in rows],
        )
    both = [found] if other is None else [found, other]
    feedback.aside(sum_of_parts(both, sum(score for _, score in rows), total, model.answering))
    pins.beside(about, pins.chart(figure, f"{feedback.escaped(title)}."), "parts")


def unit(answering: "Answering") -> str:
    """What scores are counted in; nothing where they are numbers of the model's own."""
    return "" if answering == "number" else "logits"


def sum_of_parts(
    all_of_them: "list[Contributions]", added: float, total: float, answering: "Answering"
) -> str:
    """How far the parts add up, and how they were found."""
    missed = abs(added - total)
    worst = missed / max(abs(total), 1.0)
    explained = _EXPLAINED[answering]
    own = f"the model's own {explained.partition(' ')[0]}"
    own = own if len(all_of_them) == 1 else f"the change of {own}"
    added_up = f"{signed(added)} {unit(answering)}".strip()
    told = f"All parts together: {added_up}; {own}: {signed(total)}" + (
        f", {percent(worst)} apart. " if worst >= 0.0005 else ". "
    )
    if not all(one.exact for one in all_of_them):
        told += "They do not add up here: believe their order rather than their size. "
    told += f"Direct contributions to the {explained}, with every norm's scale held (Elhage et al. 2021). "
    if not all(one.linear for one in all_of_them):
        told += (
            "This head is not linear: it is credited along the straight line from an empty state, as "
            "integrated gradients are. "
        )
    return told + "What a part does by way of later ones counts as theirs."


def strongest(
    found: "Contributions | None", other: "Contributions | None" = None
) -> tuple[str, float] | None:
    """The part that adds most, of two texts the one that changes most; None where nothing adds up."""
    if found is None or not found.exact or (other is not None and not other.exact):
        return None
    scores = [part.score for part in found.parts]
    if other is not None:
        scores = [new.score - old for new, old in zip(other.parts, scores, strict=True)]
    largest = max(range(len(scores)), key=lambda index: abs(scores[index]))
    part = found.parts[largest]
    return sentences.part(part.layer, part.kind), scores[largest]
