"""Tests that perturb a text once and then ask: noises and counterfactuals."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from attacks import counterfactuals, noise
from attacks.answers import Answer, Answers
from attacks.outcome import Outcome, failure, share_of_characters, share_of_words
from models.classifier import Classifier

#: How many texts are perturbed and asked about together, and so how often outcomes are handed out.
_TOGETHER = 64


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw of a noise, at a severity, or of a counterfactual, which has none."""

    test: str
    severity: int | None
    seed: int


@dataclass(frozen=True, slots=True)
class _Perturbed:
    """A text after a draw, which had something to edit if `applicable`."""

    text: str
    applicable: bool
    groups: tuple[str, str] = ("", "")


def run(texts: Sequence[str], draw: Draw, ask: Answers) -> Iterator[tuple[int, Outcome]]:
    """Perturbs every text once and asks about it before and after; outcomes by the text's index."""
    for start in range(0, len(texts), _TOGETHER):
        some = texts[start : start + _TOGETHER]
        perturbed = [_perturbed(text, draw) for text in some]
        answers = ask([*some, *_texts(perturbed)])
        for offset, (text, after) in enumerate(zip(some, perturbed, strict=True)):
            yield start + offset, _outcome(text, after, answers)


def survey(
    classifier: Classifier,
    text: str,
    draws: Sequence[Draw],
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[Outcome]:
    """One text under many draws, in their order; the model is asked for all of them together.

    Each outcome equals what `attacks.engine.run` gives for that draw. A draw that crashes becomes an
    outcome of status "error". `on_progress(done, total)` is called after every few dozen texts.
    """
    perturbed = [_perturbed(text, draw) for draw in draws]
    wanted = list(dict.fromkeys([text, *_texts(perturbed)]))
    ask = Answers(classifier)
    answers: dict[str, Answer] = {}
    for start in range(0, len(wanted), _TOGETHER):
        answers |= ask(wanted[start : start + _TOGETHER])
        if on_progress:
            on_progress(len(answers), len(wanted))
    return [_outcome(text, after, answers) for after in perturbed]


def _texts(perturbed: Sequence[_Perturbed | Exception]) -> list[str]:
    return [each.text for each in perturbed if isinstance(each, _Perturbed)]


def _perturbed(text: str, draw: Draw) -> _Perturbed | Exception:
    """The text after a draw, or what the draw stumbled over: it must not stop the others."""
    try:
        if draw.severity is not None:
            after = noise.perturb(text, draw.test, draw.severity, draw.seed)
            return _Perturbed(after, noise.applicable(text, draw.test))
        swapped = counterfactuals.swap(text, draw.test, draw.seed)
    except Exception as problem:
        return problem
    groups = (swapped.group_before, swapped.group_after)
    return _Perturbed(swapped.text, swapped.text != text, groups)


def _outcome(text: str, after: _Perturbed | Exception, answers: Mapping[str, Answer]) -> Outcome:
    if isinstance(after, Exception):
        return failure(text, after)
    answer, answer_after = answers[text], answers[after.text]
    if isinstance(answer, Exception):
        return failure(text, answer)
    if isinstance(answer_after, Exception):
        return failure(text, answer_after)
    return Outcome(
        text=text,
        perturbed=after.text,
        status="unchanged" if after.text == text else "perturbed",
        error=None,
        probabilities_before=tuple(map(float, answer)),
        probabilities_after=tuple(map(float, answer_after)),
        queries=0,
        characters_edited=share_of_characters(text, after.text),
        words_edited=share_of_words(text, after.text),
        applicable=after.applicable,
        group_before=after.groups[0],
        group_after=after.groups[1],
    )
