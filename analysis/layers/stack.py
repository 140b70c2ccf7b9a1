"""A model's blocks, one after the other: their states recorded, and any state read by the model's own head.

What comes after the last block (a final norm, a pooler, the position that is read, the head) differs
from family to family, and is never built anew here: the model's own code runs, with every block's
place taken by the state that is to be read. So the last block's state gives the model's own logits.
"""

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from models.batching import pad, run_in_batches
from models.classifier import ModelError
from models.encoding import EncodedText
from models.transformer import TransformerClassifier
from models.twin import twin

Kind = Literal["attention", "cross-attention", "MLP"]

#: Tokens that the head reads at once.
_TOKENS_AT_ONCE = 8192

#: The modules of a block whose output is added to the residual stream, by the names families give them.
_LAYOUTS: tuple[dict[Kind, str], ...] = (
    {"attention": "attention.output.dense", "MLP": "output.dense"},  # BERT, RoBERTa, ELECTRA, DeBERTa
    {"attention": "attention.attn.o", "MLP": "output.dense"},  # MPNet
    {"attention": "attention.out_lin", "MLP": "ffn.lin2"},  # DistilBERT
    {"attention": "attention.dense", "MLP": "ffn_output"},  # ALBERT
    {"attention": "attention.dense", "MLP": "mlp.dense_4h_to_h"},  # GPT-NeoX
    {"attention": "rel_attn.dropout", "MLP": "ff.layer_2"},  # XLNet, whose projection is no module
    {"attention": "attn.Wo", "MLP": "mlp.Wo"},  # ModernBERT
    {"attention": "attn.c_proj", "MLP": "mlp.c_proj"},  # GPT-2
    {"attention": "self_attn.out_proj", "cross-attention": "encoder_attn.out_proj", "MLP": "fc2"},  # BART
    {"attention": "self_attn.out_proj", "MLP": "fc2"},  # OPT
    {"attention": "self_attn.o_proj", "MLP": "mlp.down_proj"},  # Llama, Qwen2, Mistral, Gemma
    {"attention": "self_attention.dense", "MLP": "mlp.dense_4h_to_h"},  # BLOOM, Falcon
    {"attention": "self_attn.dense", "MLP": "mlp.fc2"},  # Phi
    {  # T5
        "attention": "layer.0.SelfAttention.o",
        "cross-attention": "layer.1.EncDecAttention.o",
        "MLP": "layer.2.DenseReluDense.wo",
    },
)


class LayerError(ModelError):
    """A model or text that cannot be followed through its layers. The message says why, and what to do."""


@dataclass(frozen=True)
class Branch:
    """One part of a block that adds to the residual stream: `writes` is the module that it ends with."""

    kind: Kind
    writes: nn.Module


class Stack:
    """One text on its way through a model, in modules of its own that share the model's weights.

    Attributes:
        encoded: the text as tokens, unpadded.
        inputs: the same as the module's keywords, a batch of one.
        states: what enters the first block, then what leaves each: (1, positions, width), or
            (positions, 1, width) where `batch_axis` is 1. Of an encoder-decoder, the decoder's.
        logits: the model's own, (labels,).
    """

    def __init__(self, classifier: TransformerClassifier, encoded: EncodedText):
        """Raises LayerError where no stack of blocks is found, or it does not lead to the logits."""
        self.encoded = encoded
        # Hooks on the shared module would be felt by whoever else asks it at the same time.
        self.module = twin(classifier.module)
        self.batch_axis = 1 if classifier.family == "xlnet" else 0
        self._name = f"{classifier.name} ({classifier.family})"
        self.blocks = self._find_blocks()
        self.inputs = pad(classifier.tokenizer, [encoded], classifier.device)
        self._rest: Any = None  # what a block returns beside the state
        self.states: list[Tensor] = []
        with torch.no_grad():
            self.states, self.logits = self.follow()
        if len({state.shape for state in self.states}) != 1:
            raise self._unusable("its blocks do not pass one state on")
        self._check()

    @property
    def layers(self) -> int:
        """How many blocks the text went through."""
        return len(self.states) - 1

    @property
    def shift(self) -> int:
        """How many positions later than in the text a token stands: a decoder begins with a start token."""
        return int(self.module.config.is_encoder_decoder)

    def follow(self, enter: Callable[[Tensor], Tensor] = lambda state: state) -> tuple[list[Tensor], Tensor]:
        """Run the text once: the states as in `states`, and the logits (labels,).

        `enter` may put something else in the place of what enters the first block.
        """
        states: list[Tensor] = []

        def before(block: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            if states:
                return None
            if args:
                states.append(enter(args[0]))
                return (states[0], *args[1:]), kwargs
            name = next(iter(inspect.signature(block.forward).parameters))
            states.append(enter(kwargs[name]))
            return args, kwargs | {name: states[0]}

        def after(block: nn.Module, args: tuple[Any, ...], output: Any) -> None:
            self._rest = output[1:] if isinstance(output, tuple) else None
            states.append(output[0] if isinstance(output, tuple) else output)

        hooks = [block.register_forward_pre_hook(before, with_kwargs=True) for block in self.blocks]
        hooks += [block.register_forward_hook(after) for block in self.blocks]
        try:
            (output,) = run_in_batches([len(self.encoded)], lambda _: [self.module(**self.inputs)])
        finally:
            for hook in hooks:
                hook.remove()
        return states, output.logits[0]

    def read(self, states: Tensor) -> Tensor:
        """What the head says to each of `states`, in the place of the last block's: (count, labels).

        `states` is (count, positions, width). Differentiable.
        """
        most = max(1, _TOKENS_AT_ONCE // states.shape[1])
        return torch.cat([self._read(part) for part in states.split(most)])

    def rows(self, state: Tensor) -> Tensor:
        """A state as (positions, width), or some of them as (count, positions, width), for `read`."""
        return state.select(self.batch_axis, 0)

    def branches(self) -> dict[nn.Module, tuple[Branch, ...]]:
        """Each block's branches; a block whose parts go by other names than those known has none."""
        return {block: _branches(block) for block in self.blocks}

    def _read(self, states: Tensor) -> Tensor:
        given = states.transpose(0, 1) if self.batch_axis == 1 else states
        output = given if self._rest is None else (given, *self._rest)
        inputs = {name: value.expand(len(states), -1) for name, value in self.inputs.items()}
        with _standing_in(self.blocks, output):
            return self.module(**inputs).logits

    def _find_blocks(self) -> list[nn.Module]:
        config = self.module.config
        lists = [
            (name, part) for name, part in self.module.named_modules() if isinstance(part, nn.ModuleList)
        ]
        if config.is_encoder_decoder:
            found = next((part for name, part in lists if "decoder" in name), None)
        elif config.model_type == "albert":  # one block, used again and again
            found = next((part for name, part in lists if name.endswith("albert_layers")), None)
        else:
            found = next((part for _, part in lists if len(part) == config.num_hidden_layers), None)
        if not found:
            raise self._unusable("its layers go by no name known here")
        return list(found)

    def _check(self) -> None:
        """The last state must lead to the model's logits, by the very code that reads the others."""
        positions = self.rows(self.states[0]).shape[0]
        if positions != len(self.encoded) and not self.module.config.is_encoder_decoder:
            raise self._unusable("its layers do not hold one state for each token")
        with torch.no_grad():
            read = self.read(self.rows(self.states[-1])[None])[0]
        scale = max(float(self.logits.abs().max()), 1.0)
        tolerance = 1e-4 if self.logits.dtype in (torch.float32, torch.float64) else 0.05
        if not math.isclose(0, float((read - self.logits).abs().max()), abs_tol=tolerance * scale):
            raise self._unusable("its answer does not follow from the last layer alone")

    def _unusable(self, why: str) -> LayerError:
        return LayerError(f"{self._name} cannot be followed layer by layer: {why}.")


def _branches(block: nn.Module) -> tuple[Branch, ...]:
    parts = dict(block.named_modules())
    for layout in _LAYOUTS:
        if all(name in parts for name in layout.values()):
            return tuple(Branch(kind, parts[name]) for kind, name in layout.items())
    return ()


@contextmanager
def _standing_in(blocks: Sequence[nn.Module], output: Any) -> Iterator[None]:
    """Have every block answer with `output`, whatever it is asked."""
    for block in blocks:
        block.forward = lambda *_, **__: output  # type: ignore[method-assign]
    try:
        yield
    finally:
        for block in blocks:
            del block.forward
