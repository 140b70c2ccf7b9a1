"""What attention shows, said in plain words."""

from collections.abc import Mapping, Sequence

from views.numbers import percent


def head_does(pattern: str, share: float, link: tuple[str, str, float]) -> str:
    """What one head does, to follow "Layer 3, head 5".

    `pattern` is "special", "previous", "next", "same", "everywhere" or "mixed", `share` how much of the
    weight it holds for, `link` the strongest (from, to, weight) between two tokens.
    """
    if pattern == "special":
        return f"rests on the special tokens ({percent(share, 0)} of its weight)"
    if pattern in ("previous", "next"):
        return f"looks at the {pattern} token ({percent(share, 0)})"
    if pattern == "same":
        return f"looks at the token itself ({percent(share, 0)})"
    if pattern == "everywhere":
        return "spreads its weight over the whole text"
    source, target, weight = link
    pair = f"from {quoted(source)} to {quoted(target)} ({weight:.2f})"
    return f"follows no simple rule; its strongest link goes {pair}"


def quoted(token: str) -> str:
    """A token of whatever script inside an English sentence; the marks keep its direction to itself."""
    return f"“\u2068{token}\u2069”"


_ONE_AND_MANY = {
    "special": ("rests on special tokens", "rest on special tokens"),
    "previous": ("looks at the previous token", "look at the previous token"),
    "next": ("looks at the next token", "look at the next token"),
    "same": ("looks at the token itself", "look at the token itself"),
    "everywhere": ("spreads over the whole text", "spread over the whole text"),
    "mixed": ("follows no simple rule", "follow no simple rule"),
}


def tally(where: str, counts: Mapping[str, int]) -> str:
    """How many heads do what, the most frequent first: "Of the 12 heads in layer 3, …"."""
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    parts = [f"{count} {_ONE_AND_MANY[pattern][count > 1]}" for pattern, count in ordered if count]
    return f"Of the {sum(counts.values())} heads {where}, {', '.join(parts)}."


def flow(reader: str | None, words: Sequence[tuple[str, float]], special: float, by: str = "rollout") -> str:
    """What rollout, or attention flow, says reaches the classification head.

    `reader` is the token that the head reads (None: all of them), `words` the two or so largest
    shares, `special` the share that is left on special tokens.
    """
    place = f"what the classifier reads at {reader}" if reader else "what the classifier reads"
    if not words:
        return f"By {by}, {place} comes from special tokens alone."
    named = " and ".join(
        f"{quoted(word)} ({percent(share, 0 if share >= 0.1 else 1)})" for word, share in words
    )
    rest = f"; {percent(special, 0)} stays on special tokens" if special >= 0.005 else ""
    return f"By {by}, {place} comes most from {named}{rest}."


def answers(first: tuple[str, float | None], second: tuple[str, float | None]) -> str:
    """What the model says of two texts, each a label and its probability, or a number and none."""
    if first[0] == second[0]:
        shares = [percent(share, 0) for _, share in (first, second) if share is not None]
        told = f" ({shares[0]} before, {shares[1]} now)" if shares else ""
        return f"The answer stays {quoted(first[0])}{told}."
    return f"The answer goes from {_answer(*first)} to {_answer(*second)}."


def _answer(said: str, share: float | None) -> str:
    return quoted(said) if share is None else f"{quoted(said)} ({percent(share, 0)})"


def moved(layer: int, head: int, share: float) -> str:
    """How much of its attention a word moves on average in one head (from 0)."""
    return f"Layer {layer + 1}, head {head + 1} moves {percent(share, 0)} of its attention"


def changed(layer: int, head: int, share: float, link: tuple[str, str, float]) -> str:
    """The same, with the largest change: (from, to, difference)."""
    source, target, change = link
    more = "more" if change > 0 else "less"
    return (
        f"{moved(layer, head, share)}; most of all, {quoted(source)} gives {quoted(target)} "
        f"{abs(change):.2f} {more}."
    )


def two_models(first: tuple[str, str, float | None], second: tuple[str, str, float | None]) -> str:
    """What two models say of one text, each its name, a label and its probability, or a number and none."""
    told = [f"{name} says {_answer(label, share)}" for name, label, share in (first, second)]
    return f"{told[0]}, {told[1]}."


def rollouts(rho: float | None, words: int) -> str:
    """Whether two models' rollouts put the same words first; `rho` is Spearman's, over so many words."""
    if rho is None:
        return ""
    how = "much alike" if rho >= 0.7 else "in part alike" if rho >= 0.3 else "otherwise"
    told = f"{rho:.2f}".replace("-", "−")
    return f"By rollout they weigh the {words} words {how} (ρ = {told})."
