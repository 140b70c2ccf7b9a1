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
    from models.transformer import TransformerClassifier


@dataclass(frozen=True)
class Inference:
    """How the answer to one text came about.

    `positions` names what stands at each position of the states: the tokens, of a decoder behind an encoder
    one later. `drift` is (layers, positions), see `lens.drift`. `contributions` is None where the model
    is not known well enough to take its answer apart.
    """

    text: str
    encoded: "EncodedText"
    positions: tuple[str, ...]
    lens: Lens
    drift: NDArray[np.float64]
    contributions: "Contributions | None"


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
        """The first layer after which both answers differ and stay apart; None where they end alike."""
        return turn(self.before.lens, self.after.lens)


#: What is told of the way: (steps done, all steps). Raising in it gives the work up.
Progress = Callable[[int, int], None]
#: The steps of following one text: reading it, asking the head, taking the answer apart.
_STEPS = 3


def infer(
    classifier: "TransformerClassifier",
    text: str,
    sides: tuple[int, int] | None = None,
    on_progress: Progress | None = None,
) -> Inference:
    """Follow one text; `sides` are the labels (for, against) that the contributions explain.

    Without `sides` the model's answer and its runner-up. Raises LayerError for a model that cannot be
    followed.
    """
    from analysis.layers.stack import Stack

    step = _steps(on_progress, 1)
    stack = Stack(classifier, classifier.encode([text])[0])
    step()
    return _infer(stack, text, sides, step)


def compare(
    classifier: "TransformerClassifier", before: str, after: str, on_progress: Progress | None = None
) -> Comparison:
    """Follow two texts, and see where they part.

    Both texts' contributions explain the same difference: the first text's answer against the second's,
    or where they are the same against the first one's runner-up. Raises LayerError as `infer`.
    """
    from analysis.layers.stack import Stack

    step = _steps(on_progress, 2)
    stacks = []
    for encoded in classifier.encode([before, after]):
        stacks.append(Stack(classifier, encoded))
        step()
    one, other = stacks
    answers = [int(stack.logits.argmax()) for stack in (one, other)]
    sides = (answers[0], answers[1]) if answers[0] != answers[1] else _answer_and_next(one)
    pairs = align(words_of(one.encoded, before), words_of(other.encoded, after))
    apart = np.full((one.layers + 1, len(pairs)), np.nan)
    for layer, (here, there) in enumerate(zip(one.states, other.states, strict=True)):
        both = [number for number, pair in enumerate(pairs) if pair.before and pair.after]
        if both:
            left = _means(one, here, [pairs[number].before for number in both])
            right = _means(other, there, [pairs[number].after for number in both])
            apart[layer, both] = distance(left, right)
    return Comparison(_infer(one, before, sides, step), _infer(other, after, sides, step), pairs, apart)


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


def _infer(stack: "Stack", text: str, sides: tuple[int, int] | None, step: Callable[[], None]) -> Inference:
    from analysis.layers.contributions import contribute

    target, contrast = sides or _answer_and_next(stack)
    tokens = stack.encoded.tokens
    lens, drifted = read_layers(stack), drift(stack)
    step()
    contributions = contribute(stack, target, contrast)
    step()
    return Inference(
        text=text,
        encoded=stack.encoded,
        positions=("(start)", *tokens[:-1]) if stack.shift else tokens,
        lens=lens,
        drift=drifted,
        contributions=contributions,
    )


def _answer_and_next(stack: "Stack") -> tuple[int, int]:
    first, second = stack.logits.topk(2).indices.tolist()
    return first, second


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
