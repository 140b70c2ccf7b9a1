"""How far to believe an explanation, in sentences of escaped HTML and small bars."""

from collections.abc import Sequence
from html import escape

from views.explanation import label
from views.numbers import percent
from views.probabilities import share

#: From this likeness on (rank correlation), an explanation of a model that forgot everything is too alike.
TOO_ALIKE = 0.5

#: A smaller share of the confidence than this is nothing that goes or comes.
_NOTHING = 0.005

#: A label below this probability is not the answer, or hardly.
_UNLIKELY = 0.5

#: Where a rank correlation's interval lies above this, reasons that were made anew are the same.
SAME = 0.6

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
    they are shares of what all words together do to it. Of a label that the model does not choose it says
    what is left, not what goes.
    """
    mean, low, high = random
    words = "the strongest word" if marked == 1 else f"the {marked} strongest words"
    others = "one random word" if marked == 1 else f"{marked} random words"
    name = label(target, 40)
    if before < _UNLIKELY and not number:
        # A share of next to nothing is any number: what is left is told instead.
        rest, *ends = (before * (1 - value) for value in (mean, high, low))
        sentence = (
            f"Without {words} {name} is at <b>{_share(after)}</b> (with them at {_share(before)}); "
            f"without {others} at {_share(rest)} [{_range(*ends)}]."
        )
        bars = _bars("without its words", after, "without random", rest, ends)
        carried = "It marks words that speak for this label."
    else:
        change = f"{percent(after, 0)} is left" if number else f"{_share(before)} → {_share(after)}"
        what = f"what the words do to {name}" if number else f"the confidence in {name}"
        if taken > _NOTHING:
            done = f"takes away <b>{percent(taken, 0)}</b> of {what} ({change})"
        elif number and taken < -_NOTHING:
            done = f"makes them do <b>more</b> to {name} ({change})"
        elif taken < -_NOTHING:
            done = f"makes the model <b>surer</b> of {name} ({change})"
        else:
            done = f"changes <b>nothing</b> in {what} ({change})"
        sentence = f"Removing {words} {done}; {others} take {_signed(mean)} [{_range(low, high)}]."
        bars = _bars("its words", taken, "random", mean, (low, high))
        carried = "It marks words that carry the answer."
    return (
        f'<div class="assay-card assay-reliability"><h4>How far to believe it</h4><p>{sentence} '
        f'{_verdict(taken, low, high, carried)}</p><div class="assay-taken">{bars}</div>'
        f'<p class="assay-muted">Interval over {draws} random draws.</p></div>'
    )


def _bars(own: str, value: float, random: str, mean: float, ends: Sequence[float]) -> str:
    """Two bars of shares from 0 to 1, the second with its interval."""
    low, high = (_clip(end) for end in ends)
    whisker = f'<s style="left:{_width(low)};width:{100 * (high - low):.1f}%"></s>'
    return "".join(
        f'<span>{name}</span><span class="bar{kind}" aria-hidden="true">'
        f'<i style="width:{_width(size)}"></i>{more}</span><span>{_signed(size)}</span>'
        for name, kind, size, more in ((own, " own", value, ""), (random, "", mean, whisker))
    )


def _verdict(taken: float, low: float, high: float, carried: str) -> str:
    if taken > high:
        return carried if abs(taken) > _NOTHING else "<b>The answer does not hang on these words.</b>"
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


def changing(ranks: tuple[float, float, float] | None, top: float, copies: int, turned: int) -> str:
    """How alike the explanations of slightly changed texts are to the one shown, in a few sentences.

    `ranks` is the mean rank correlation over `copies`, with its interval (None where there is none), `top`
    the share of the strongest words that stay; `turned` copies more are answered otherwise.
    """
    left_out = "copy turns the answer and is" if turned == 1 else "copies turn the answer and are"
    gone = f" {turned}{' more' if copies else ''} {left_out} left out." if turned else ""
    if ranks is None:
        return f"There is no small change to compare with.{gone}"
    kept = (
        f"In {copies} {'copy' if copies == 1 else 'copies'} of the text with a typo, a lost comma or the "
        f"like the ranks of the words correlate {_ranks(*ranks)} with these, and {percent(top, 0)} of the "
        f"strongest words stay the strongest.{gone}"
    )
    if ranks[0] < TOO_ALIKE:
        return f"{kept} <b>They hang on how the text is spelt: do not lean on them.</b>"
    return f"{kept} {'They stand firm.' if ranks[1] >= SAME else 'They waver.'}"


def redrawn(ranks: tuple[float, float, float] | None, top: float, seeds: int) -> str:
    """How alike the explanations by other seeds are, in a sentence; 0 `seeds` where nothing is drawn."""
    if not seeds:
        return "The method draws nothing: every seed gives the same scores."
    if ranks is None:
        return "The scores do not differ from word to word, so there is nothing to compare."
    kept = (
        f"With {seeds} other seeds the ranks correlate {_ranks(*ranks)}, and {percent(top, 0)} of the "
        "strongest words are the same."
    )
    return kept if ranks[1] >= SAME else f"{kept} <b>More samples would steady them.</b>"


def _ranks(mean: float, low: float, high: float) -> str:
    ends = [f"{max(-1.0, min(1.0, value)):+.2f}".replace("-", "−") for value in (mean, low, high)]
    return f"{ends[0]} [{ends[1]}, {ends[2]}]" if low > -float("inf") else ends[0]


def _share(chance: float) -> str:
    return escape(share(chance))


def _signed(value: float) -> str:
    return percent(round(value, 2) + 0.0, 0).replace("-", "−")


def _range(low: float, high: float) -> str:
    return f"{round(100 * low)}, {round(100 * high)}".replace("-", "−")


def _clip(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def _width(value: float) -> str:
    return f"{100 * _clip(value):.1f}%"
