"""An attribution as the Explain page shows it: coloured text, its key, its sentences, its facts."""

from html import escape
from typing import TYPE_CHECKING

from pages.selection import plain
from views import explanation, tokens
from views.numbers import percent
from views.tokens import signed

if TYPE_CHECKING:
    from analysis.attribution import Attribution, Method
    from models.transformer import TransformerClassifier

QUANTITIES = {
    "logit": "logit of {}",
    "probability": "probability of {}",
    "log-odds": "log-odds of {} against all other labels",
    "value": "the {} that the model gives",
}
UNITS = {
    "logit": "logits",
    "difference": "logits",
    "probability": "probability",
    "log-odds": "log-odds",
    "value": "units of the value",
}


def method_of(found: "Attribution") -> "Method":
    """The method that an attribution was made by."""
    from analysis.attribution import METHODS

    return METHODS[found.method]


def title(method: str) -> str:
    """A method's name at the beginning of a sentence."""
    from analysis.attribution import METHODS

    name = METHODS[method].title
    return name[0].upper() + name[1:]


def sides(found: "Attribution", labels: tuple[str, ...]) -> tuple[str, str]:
    """What a positive and a negative score speak for, in words."""
    target = plain(labels[found.target], 40)
    if found.quantity == "value":
        return f"for a higher {target}", f"for a lower {target}"
    if found.contrast is None:
        return f"for {target}", f"against {target}"
    return f"for {target}", f"for {plain(labels[found.contrast], 40)}"


def shown_scores(found: "Attribution") -> list[float]:
    """The scores as they are drawn: those in a unit that means nothing as shares of their sum."""
    scores = found.word_scores
    if method_of(found).scale == "own" and scores.sum() > 0:
        scores = scores / scores.sum()
    return [float(score) for score in scores]


def passage(text: str, found: "Attribution | None" = None, scale: float | None = None) -> str:
    """The text as escaped HTML, highlighted where there are scores; long ones scroll inside themselves."""
    if found is None:
        return explanation.passage(text, [])
    spans = [
        (word.start, word.end, score) for word, score in zip(found.words, shown_scores(found), strict=True)
    ]
    unread = found.words[-1].end if found.truncated else None
    magnitude = not method_of(found).signed
    return explanation.passage(text, spans, scale=scale, unread_from=unread, magnitude=magnitude)


def legend(found: "Attribution", labels: tuple[str, ...]) -> str:
    """What the colours mean, as escaped HTML."""
    method = method_of(found)
    if method.signed:
        return tokens.key(*sides(found, labels))
    return tokens.magnitude_key(f"share by {method.title}, for and against alike")


def reason(found: "Attribution", labels: tuple[str, ...]) -> str:
    """The strongest words in a sentence of escaped HTML, and what all of them lead to."""
    words = [word.text for word in found.words]
    if not method_of(found).signed:
        return explanation.shares(words, shown_scores(found))
    why = explanation.reasons(words, shown_scores(found), *sides(found, labels))
    if found.ends is None:
        return why
    return (
        f"{why} Together they lead from {signed(found.ends[0])} with no word read to {signed(found.ends[1])}."
    )


def quantity(found: "Attribution", labels: tuple[str, ...]) -> str:
    """The number that is explained, in words."""
    target = plain(labels[found.target], 60)
    if found.contrast is not None:
        return f"logit of {target} minus logit of {plain(labels[found.contrast], 60)}"
    return QUANTITIES[found.quantity].format(target)


def settings(found: "Attribution", model: "TransformerClassifier") -> list[str]:
    """The method's settings, a few words each."""
    from analysis.attribution import baseline_title

    used = found.settings
    parts = []
    if "steps" in used:
        parts.append(f"{used['steps']} midpoints")
    if "baseline" in used:
        parts.append(f"from {baseline_title(model, used['baseline'])}")  # type: ignore[arg-type]
    if "removal" in used:
        parts.append("words masked" if used["removal"] == "mask" else "words deleted")
    if "samples" in used:
        parts.append(f"{used['samples']} samples")
    if "seed" in used:
        parts.append(f"seed {used['seed']}")
    if found.relative_delta is not None:
        parts.append(f"delta {percent(found.relative_delta)}")
    return parts


def facts(found: "Attribution", model: "TransformerClassifier", unusable: dict[str, str]) -> str:
    """How the scores came about, as escaped HTML."""
    method = method_of(found)
    rows = {
        "Method": f"{method.title} ({method.paper}): {method.description}",
        "Settings": ", ".join(settings(found, model)) or "none",
        "Quantity": quantity(found, model.labels),
    }
    if found.ends is not None and found.delta is not None and found.relative_delta is not None:
        rows |= {
            "At the text": signed(found.ends[1]),
            "With no word read": f"{signed(found.ends[0])}, what the model holds before the first word",
            "Sum of scores": f"{signed(float(found.token_scores.sum()))}, should be "
            f"{signed(found.ends[1] - found.ends[0])}",
            "Delta": f"{found.delta:+.4f}".replace("-", "−")
            + f", {percent(found.relative_delta)} of what the scores "
            f"explain{'' if found.converged else ': not converged'}",
        }
    else:
        rows["Sum of scores"] = "stands for nothing: this method does not promise that its scores add up"
    if "baseline" in found.settings:
        rows["Baseline"] = (
            "stands in place of every word; the tokenizer's own tokens, positions and types stay"
        )
    rows["Text"] = (
        f"{len(found.words)} words, {len(found.tokens)} tokens"
        f"{' (cut to what the model reads)' if found.truncated else ''}"
    )
    rows["Model"] = (
        f"{plain(model.reference, 120)} on {model.device}, {str(model.dtype).removeprefix('torch.')}, "
        f"fingerprint {model.fingerprint[:16]}"
    )
    for why in dict.fromkeys(unusable.values()):
        rows[f"Not {', '.join(_titles(unusable, why))}"] = why
    return explanation.facts(rows)


def left_out(unusable: dict[str, str]) -> str:
    """One quiet line: the methods that this model cannot be explained by."""
    names = ", ".join(title for why in dict.fromkeys(unusable.values()) for title in _titles(unusable, why))
    return (
        f'<p class="assay-muted">Not for this model: {escape(names)}. '
        "The reasons stand under “How this was computed”.</p>"
    )


def _titles(unusable: dict[str, str], why: str) -> list[str]:
    from analysis.attribution import METHODS

    return [METHODS[name].title for name, reason in unusable.items() if reason == why]
