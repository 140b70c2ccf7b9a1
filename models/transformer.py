"""A local Transformer that classifies sequences, with everything that looking inside needs."""

import copy
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Literal, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.batching import CPU_TOKENS, pad, padded_width, run_in_batches, steady
from models.encoding import EncodedText, Encoder, longest_input

__all__ = ["EncodedText", "TransformerClassifier"]

T = TypeVar("T")

#: What a head's outputs are: scores of labels of which one is chosen, scores of labels each of which holds or
#: does not (multi-label), or numbers (regression).
Answering = Literal["choice", "several", "number"]

GPU_TOKENS = 32 * CPU_TOKENS
#: CANINE brings four tokens together and answers nothing to fewer.
_SHORTEST = 4
_NOT_IN_FINGERPRINT = {"_name_or_path", "transformers_version", "architectures", "dtype", "torch_dtype"}


class TransformerClassifier:
    """A sequence classifier and its tokenizer; satisfies `models.classifier.Classifier`.

    The answer for a text does not depend on its neighbours in the call: to the last bit where it
    `is_steady` and the processor computes in one thread (`models.batching.one_thread`), otherwise but for
    the rounding of floats (about 1e-6 in a float32 logit).

    Attributes:
        reference: what the user asked for.
        name: a short name to show.
        module: the model, in evaluation mode, its parameters frozen.
        tokenizer: a fast tokenizer, with a padding token.
        device, dtype: where the weights are, and their type (of a quantised copy: of those that are not).
        quantised: how the linear layers are stored where that is another type, such as `int8`; else empty.
        labels: label names, in the order of the logits.
        among: all labels of the model of which this is one (`models.one_label`); empty for a whole model.
        max_length: the most tokens of a text, special ones included; longer texts are cut.
        notes: sentences that a user should read (labels without names, a borrowed padding token).
    """

    def __init__(
        self,
        module: Any,
        tokenizer: Any,
        *,
        reference: str,
        weights: str,
        name: str = "",
        notes: Sequence[str] = (),
        quantised: str = "",
        among: Sequence[str] = (),
    ):
        """`weights` is a hash of the weights' files; see `fingerprint`."""
        self.module = module.eval().requires_grad_(False)
        steady(self.module)
        self.tokenizer = tokenizer
        self.reference = reference
        self.name = name or reference
        self.notes = tuple(notes)
        config = module.config
        self.labels: tuple[str, ...] = tuple(
            str(config.id2label[index]) for index in range(config.num_labels)
        )
        if self.answering == "number":
            self.labels = tuple(re.sub(r"^LABEL_(\d+)$", r"value \1", label) for label in self.labels)
            self.labels = ("value",) if self.labels == ("value 0",) else self.labels
        self.max_length: int = longest_input(module, tokenizer)
        self.weights = weights
        self.quantised = quantised
        self.among = tuple(among)
        self._encoder = Encoder(tokenizer, self.max_length)
        self._eager: TransformerClassifier | None = None

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.module.parameters()).device

    @property
    def dtype(self) -> torch.dtype:
        """The weights' floating-point type."""
        return next(self.module.parameters()).dtype

    @property
    def precision(self) -> str:
        """The type of the numbers it computes with, as users choose it: `float32`, `bfloat16`, `int8` …"""
        return self.quantised or str(self.dtype).removeprefix("torch.")

    @property
    def answering(self) -> Answering:
        """What the head's outputs are, as the configuration says it."""
        config = self.module.config
        if config.problem_type == "regression" or config.num_labels == 1:
            return "number"
        return "several" if config.problem_type == "multi_label_classification" else "choice"

    @property
    def is_steady(self) -> bool:
        """Whether an answer computed in one thread is the same to the last bit in any company.

        Graphics cards, and processors in half precision, add the terms of larger products in another order.
        """
        return self.device.type == "cpu" and self.precision in ("float32", "int8")

    @property
    def architecture(self) -> str:
        """The module's class, such as `BertForSequenceClassification`."""
        return type(self.module).__name__

    @property
    def family(self) -> str:
        """The architecture's family, such as `bert`."""
        return str(self.module.config.model_type)

    @property
    def layers(self) -> int:
        """How many blocks the model stacks."""
        return int(self.module.config.num_hidden_layers)

    @property
    def heads(self) -> int:
        """Attention heads a layer."""
        return int(self.module.config.num_attention_heads)

    @property
    def hidden_size(self) -> int:
        """The width of a token's vector between layers."""
        return int(self.module.config.hidden_size)

    @cached_property
    def parameters(self) -> int:
        """How many numbers the model has learnt."""
        return sum(tensor.numel() for tensor in (*self.module.parameters(), *self._packed))

    @property
    def _packed(self) -> list[Tensor]:
        """Weights that are no parameters any more."""
        from models.quantised import packed_tensors

        return packed_tensors(self.module) if self.quantised else []

    @cached_property
    def memory_bytes(self) -> int:
        """Bytes of parameters and buffers on the device; what a run needs comes on top."""
        tensors = [*self.module.parameters(), *self.module.buffers(), *self._packed]
        return sum(tensor.numel() * tensor.element_size() for tensor in tensors)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over weights, configuration, tokenizer, labels, dtype and the longest input."""
        config = {
            key: value
            for key, value in self.module.config.to_dict().items()
            if key not in _NOT_IN_FINGERPRINT
        }
        parts = (
            self.weights,
            json.dumps(config, sort_keys=True, default=str),
            self.tokenizer.backend_tokenizer.to_str(),
            json.dumps(self.labels),
            str(self.dtype),
            str(self.max_length),
            *filter(None, [self.quantised]),
        )
        digests = [hashlib.sha256(part.encode("utf-8", "surrogatepass")).hexdigest() for part in parts]
        return hashlib.sha256("".join(digests).encode()).hexdigest()

    @cached_property
    def mean_embedding(self) -> Tensor:
        """The mean of all word embeddings, as the model's own layer gives them out (width,)."""
        embed = self.module.get_input_embeddings()
        count = int(embed.weight.shape[0])
        with torch.inference_mode(False), torch.no_grad():
            total = torch.zeros(1, device=embed.weight.device)
            for start in range(0, count, 8192):  # a large vocabulary in float32 need not be held at once
                ids = torch.arange(start, min(start + 8192, count), device=embed.weight.device)
                total = total + embed(ids).float().sum(0)
            return (total / count).to(embed.weight.dtype)

    def encode(self, texts: Sequence[str]) -> list[EncodedText]:
        """Each text as tokens, cut to `max_length`, not padded. See `Encoder` for odd characters."""
        return self._encoder(texts)

    def run(
        self,
        encoded: Sequence[EncodedText],
        read: Callable[[dict[str, Tensor]], Sequence[T]],
        *,
        exact: bool = False,
    ) -> list[T]:
        """Read something off the model for each text, in batches; the results are in the texts' order.

        `read` gets one batch as the keywords that the module takes and returns one result a text. `exact`
        pads nothing (but what is shorter than CANINE can read): quickest where many texts have few lengths,
        such as copies of one without some words.

        Raises:
            ModelError: one text alone does not fit the memory.
        """
        widths = [
            max(len(item), _SHORTEST) if exact else padded_width(len(item), self.max_length)
            for item in encoded
        ]

        def run(indices: list[int]) -> Sequence[T]:
            texts = [encoded[index] for index in indices]
            return read(pad(self.tokenizer, texts, self.device, widths[indices[0]]))

        # A quantised copy rounds a whole batch on one scale, so each text is a batch of its own.
        budget = 1 if self.quantised else CPU_TOKENS if self.device.type == "cpu" else GPU_TOKENS
        return run_in_batches(widths, run, token_budget=budget)

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Scores before the softmax: one row a text in the caller's order, one column a label.

        Raises:
            ModelError: one text alone does not fit the memory.
        """
        distinct = list(dict.fromkeys(texts))
        encoded = dict(zip(distinct, self.encode(distinct), strict=True))

        def read(inputs: dict[str, Tensor]) -> list[NDArray[np.float64]]:
            with torch.inference_mode():
                return list(self.module(**inputs).logits.double().cpu().numpy())

        # Different texts may be the same tokens: to an uncased model, or where they are cut.
        different = {item.ids: item for item in encoded.values()}
        found = dict(zip(different, self.run(list(different.values()), read), strict=True))
        return np.array([found[encoded[text].ids] for text in texts]).reshape(len(texts), len(self.labels))

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Each label's probability, in double precision: rows sum to 1 where one label is chosen."""
        return self.answers(self.logits(texts))

    def answers(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """What logits (texts, labels) say: the softmax; of several labels that may hold, each one's own
        probability (the sigmoid); of a regression the values themselves."""
        if self.answering == "number":
            return logits
        if self.answering == "several":
            return 0.5 * (1 + np.tanh(logits / 2))
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    def eager(self) -> "TransformerClassifier":
        """This classifier with attention computed step by step, so that a run can return its weights.

        Shares the weights' memory; is itself where attention is computed like that already. (Fused
        attention never holds the weights in memory, and not every family can be switched afterwards:
        the module is built anew, without weights, and given these.)
        """
        if self.module.config._attn_implementation == "eager":
            return self
        if self._eager is None:
            config = copy.deepcopy(self.module.config)
            config._attn_implementation = "eager"
            with torch.device("meta"):
                module = type(self.module)(config)
            _share(self.module, module)
            self._eager = TransformerClassifier(
                module,
                self.tokenizer,
                reference=self.reference,
                weights=self.weights,
                name=self.name,
                notes=self.notes,
                among=self.among,
            )
        return self._eager


def _share(source: nn.Module, target: nn.Module) -> None:
    """Give each module of `target` the tensors that the module of the same name has in `source`."""
    modules = dict(source.named_modules())
    for name, module in target.named_modules():
        module._parameters.update(modules[name]._parameters)
        module._buffers.update(modules[name]._buffers)
