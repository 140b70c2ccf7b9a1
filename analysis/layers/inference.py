"""One text through all layers, and two texts beside each other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.layers.lens import Lens, distance, drift, read_layers, turn
from analysis.words import Word, words_of

if TYPE_CHECKING:
    from torch import Tensor

    from analysis.layers.contributions import Contributions
    from analysis.layers.stack import Stack
    from models.encoding import EncodedText
    from models.transformer import Answering, TransformerClassifier


@dataclass(frozen=True)
class Inference:
    """How the answer to one text came about.

    `positions` names what stands at each position of the states: the tokens, of a decoder behind an encoder
    one later. `drift` is (layers, positions), see `lens.drift`. `contributions` is None where the model
    is not known well enough to take its answer apart. `target` is the label, or number, that it is about.
    """

    text: str
    encoded: "EncodedText"
    positions: tuple[str, ...]
    lens: Lens
    drift: NDArray[np.float64]
    contributions: "Contributions | None"
    answering: "Answering"
    target: int

    @property
    def asked(self) -> Lens:
        """The lens that is asked for the answer: `lens`, where one label is chosen, else `target`'s own.

        See `Lens.of`.
        """
        if self.answering == "choice":
            return self.lens
        return self.lens.of(self.target, from_start=self.answering == "number")


@dataclass(frozen=True)
class Pair:
    """Words of two texts that stand for each other; one side is empty where words came or went."""

    before: tuple[Word, ...]
    after: tuple[Word, ...]

    @property
    def changed(self) -> bool:
        """Whether both sides differ."""
        return [word.text for word in self.before] != [word.text for word in self.after]


@dataclass(frozen=True)
class Comparison:
    """Two texts through the same model.

    `pairs` are their words, aligned, and `apart` (layers + 1, pairs) how far the states of each pair are
    from each other: 1 minus the cosine of both sides' mean states, NaN where a side is empty.
    """

    before: Inference
    after: Inference
    pairs: tuple[Pair, ...]
    apart: NDArray[np.float64]

    @property
    def turn(self) -> int | None:
        """The first layer after which both answers differ and stay apart; None where they end alike.

        Two numbers are apart where they differ by at least half of what they do in the end.
        """
        before, after = self.before, self.after
        if before.answering != "number":
            return turn(before.asked, after.asked)
        gap = Lens(after.lens.logits - before.lens.logits).of(before.target)
        return gap.settled if gap.logits[-1, 1] else None


#: What is told of the way: (steps done, all steps). Raising in it gives the work up.
Progress = Callable[[int, int], None]
#: The steps of following one text: reading it, asking the head, taking the answer apart.
_STEPS = 3


def infer(
    classifier: "TransformerClassifier",
    text: str,
    label: int | None = None,
    on_progress: Progress | None = None,
) -> Inference:
    """Follow one text; the contributions explain the model's answer over its runner-up.

    Of labels that may hold beside others, and of numbers, `label` is followed alone, by default the one with
    the highest logit. Raises LayerError for a model that cannot be followed.
    """
    from analysis.layers.stack import Stack

    step = _steps(on_progress, 1)
    stack = Stack(classifier, classifier.encode([text])[0])
    step()
    sides = _answer_and_next(stack)
    if classifier.answering != "choice":
        sides = sides[0] if label is None else label, None
    return _infer(stack, text, classifier.answering, sides, step)


def compare(
    classifier: "TransformerClassifier",
    before: str,
    after: str,
    label: int | None = None,
    on_progress: Progress | None = None,
) -> Comparison:
    """Follow two texts, and see where they part.

    Both texts' contributions explain the same difference: the first text's answer against the second's,
    or where they are the same against the first one's runner-up. Of labels that may hold beside others, and
    of numbers, `label` is followed alone, by default the one that changes most, those first that come to
    hold or cease to. Raises LayerError as `infer`.
    """
    from analysis.layers.stack import Stack

    step = _steps(on_progress, 2)
    stacks = []
    for encoded in classifier.encode([before, after]):
        stacks.append(Stack(classifier, encoded))
        step()
    one, other = stacks
    sides: tuple[int, int | None] = int(one.logits.argmax()), int(other.logits.argmax())
    if classifier.answering != "choice":
        sides = _most_changed(classifier, one, other) if label is None else label, None
    elif sides[0] == sides[1]:
        sides = _answer_and_next(one)
    pairs = align(words_of(one.encoded, before), words_of(other.encoded, after))
    apart = np.full((one.layers + 1, len(pairs)), np.nan)
    for layer, (here, there) in enumerate(zip(one.states, other.states, strict=True)):
        both = [number for number, pair in enumerate(pairs) if pair.before and pair.after]
        if both:
            left = _means(one, here, [pairs[number].before for number in both])
            right = _means(other, there, [pairs[number].after for number in both])
            apart[layer, both] = distance(left, right)
    answering = classifier.answering
    return Comparison(
        _infer(one, before, answering, sides, step),
        _infer(other, after, answering, sides, step),
        pairs,
        apart,
    )


def align(before: Sequence[Word], after: Sequence[Word]) -> tuple[Pair, ...]:
    """The words of two texts, side by side: equal ones, then those that stand in each other's place.

    As many words in the place of as many are paired one by one, else all together.
    """
    match = SequenceMatcher(None, [word.text for word in before], [word.text for word in after], False)
    pairs = []
    for _, begin, end, start, stop in match.get_opcodes():
        if end - begin == stop - start:
            pairs += [
                Pair((one,), (other,))
                for one, other in zip(before[begin:end], after[start:stop], strict=True)
            ]
        else:
            pairs.append(Pair(tuple(before[begin:end]), tuple(after[start:stop])))
    return tuple(pairs)


def _steps(on_progress: Progress | None, texts: int) -> Callable[[], None]:
    """What to call after each step of following so many texts."""
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if on_progress is not None:
            on_progress(done, _STEPS * texts)

    return step


def _infer(
    stack: "Stack",
    text: str,
    answering: "Answering",
    sides: tuple[int, int | None],
    step: Callable[[], None],
) -> Inference:
    from analysis.layers.contributions import contribute

    tokens = stack.encoded.tokens
    lens, drifted = read_layers(stack), drift(stack)
    step()
    contributions = contribute(stack, *sides)
    step()
    return Inference(
        text=text,
        encoded=stack.encoded,
        positions=("(start)", *tokens[:-1]) if stack.shift else tokens,
        lens=lens,
        drift=drifted,
        contributions=contributions,
        answering=answering,
        target=sides[0],
    )


def _answer_and_next(stack: "Stack") -> tuple[int, int | None]:
    """The highest logit and the next, if there is one."""
    first, *rest = stack.logits.topk(min(2, len(stack.logits))).indices.tolist()
    return first, next(iter(rest), None)


def _most_changed(classifier: "TransformerClassifier", one: "Stack", other: "Stack") -> int:
    logits = np.stack([stack.logits.double().cpu().numpy() for stack in (one, other)])
    old, new = classifier.answers(logits)
    turned = ((old > 0.5) != (new > 0.5)) & (classifier.answering == "several")
    return int(np.lexsort((abs(new - old), turned))[-1])


def _means(stack: "Stack", state: "Tensor", groups: Sequence[Sequence[Word]]) -> "Tensor":
    """The mean state of each group of words: (groups, width)."""
    import torch

    rows = stack.rows(state)
    last = len(rows) - 1
    return torch.stack(
        [
            rows[[min(token + stack.shift, last) for word in group for token in word.tokens]].mean(0)
            for group in groups
        ]
    )
