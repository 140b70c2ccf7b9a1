"""How far to believe an explanation, in sentences of escaped HTML and small bars."""

from html import escape

from views.explanation import label
from views.numbers import percent
from views.probabilities import share

#: From this likeness on (rank correlation), an explanation of a model that forgot everything is too alike.
TOO_ALIKE = 0.5

#: Scores that move by less than this share of their size, when the text hardly does, stand firm.
FIRM = 0.2

_CSS = """<style>
.assay-reliability p{margin:0}
.assay-reliability p+p{margin-top:.5rem}
.assay-taken{display:grid;grid-template-columns:max-content minmax(3rem,22rem) max-content;gap:.3rem .7rem;
  align-items:center;margin-top:.6rem;font-size:.87rem;font-variant-numeric:tabular-nums}
.assay-taken .bar{position:relative;height:.7rem;border-radius:3px;
  background:color-mix(in srgb,var(--assay-neutral) 16%,transparent)}
.assay-taken .bar i{display:block;height:100%;border-radius:3px;background:var(--assay-neutral)}
.assay-taken .bar.own i{background:var(--assay-accent)}
.assay-taken .bar s{position:absolute;top:.28rem;height:.14rem;background:var(--assay-text)}
</style>"""


def css() -> str:
    """The `<style>` element for the panel; its colours are the variables of `views.style.css`."""
    return _CSS


def panel(
    *,
    target: str,
    marked: int,
    before: float,
    after: float,
    taken: float,
    random: tuple[float, float, float],
    draws: int,
    number: bool = False,
) -> str:
    """What goes with the marked words and with as many random ones, and what to make of it.

    `before` and `after` are the target's probability with and without the `marked` words, `taken` the
    share of it that goes, `random` the same for random words: mean and interval over `draws`. Of a `number`
    they are shares of what all words together do to it.
    """
    mean, low, high = random
    words = "the strongest word" if marked == 1 else f"the {marked} strongest words"
    others = "one random word" if marked == 1 else f"{marked} random words"
    change = f"{_share(before)} → {_share(after)}"
    what = f"the confidence in {label(target, 40)}"
    if number:
        what, change = f"what the words do to {label(target, 40)}", f"{percent(after, 0)} is left"
    if taken > 0.005:
        done = f"takes away <b>{percent(taken, 0)}</b> of {what} ({change})"
    elif number and taken < -0.005:
        done = f"makes them do <b>more</b> to {label(target, 40)} ({change})"
    elif taken < -0.005:
        done = f"makes the model <b>surer</b> of {label(target, 40)} ({change})"
    else:
        done = f"changes <b>nothing</b> in {what} ({change})"
    sentence = f"Removing {words} {done}; {others} take {_signed(mean)} [{_range(low, high)}]."
    bars = "".join(
        f'<span>{name}</span><span class="bar{own}" aria-hidden="true">'
        f'<i style="width:{_width(value)}"></i>{whisker}</span><span>{_signed(value)}</span>'
        for name, own, value, whisker in (
            ("its words", " own", taken, ""),
            (
                "random",
                "",
                mean,
                f'<s style="left:{_width(low)};width:{100 * (_clip(high) - _clip(low)):.1f}%"></s>',
            ),
        )
    )
    return (
        f'<div class="assay-card assay-reliability"><h4>How far to believe it</h4><p>{sentence} '
        f'{_verdict(taken, low, high)}</p><div class="assay-taken">{bars}</div>'
        f'<p class="assay-muted">Interval over {draws} random draws.</p></div>'
    )


def _verdict(taken: float, low: float, high: float) -> str:
    if taken > high:
        return "It marks words that carry the answer."
    if taken < low:
        return "<b>Worse than words drawn at random: do not lean on it.</b>"
    return "<b>No better than words drawn at random: do not lean on it.</b>"


def forgetting(likenesses: list[float]) -> str:
    """How alike the explanation is to those of models with shuffled weights, in one sentence."""
    if not likenesses:
        return "The scores do not differ from word to word, so there is nothing to compare."
    mean = sum(likenesses) / len(likenesses)
    told = ", ".join(f"{value:+.2f}".replace("-", "−") for value in likenesses)
    sentence = (
        f"With the model's weights shuffled ({len(likenesses)} times) the ranks of the words correlate "
        f"{escape(told)} with these."
    )
    if mean >= TOO_ALIKE:
        return f"{sentence} <b>That is much: it explains the text more than the model.</b>"
    return f"{sentence} It depends on what the model has learnt, as it should."


def nudging(largest: float, draws: int, radius: float, random: tuple[float, float, float]) -> str:
    """How far the scores move when the words' embeddings do a little, in one sentence.

    `largest` is the largest change over the draws, `random` that of scores dealt at random (mean, interval),
    both relative to the scores' size; `radius` is how far embeddings moved, relative to their spread.
    """
    mean, low, high = random
    sentence = (
        f"Moving the words' embeddings by up to {percent(radius, 0)} of their spread ({draws} times) moves "
        f"the scores by {percent(largest, 0)} of their size at most; dealt to the words at random they lie "
        f"{percent(mean, 0)} [{_range(low, high)}] away."
    )
    if largest >= low:
        return f"{sentence} <b>They hang on details that no reader sees: do not lean on them.</b>"
    return f"{sentence} {'They stand firm.' if largest < FIRM else 'They waver.'}"


def _share(chance: float) -> str:
    return escape(share(chance))


def _signed(value: float) -> str:
    return percent(value, 0).replace("-", "−")


def _range(low: float, high: float) -> str:
    return f"{100 * low:.0f}, {100 * high:.0f}".replace("-", "−")


def _clip(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def _width(value: float) -> str:
    return f"{100 * _clip(value):.1f}%"
