"""A sentence encoder: texts to vectors whose cosine says how alike they mean."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models import bundled
from models.batching import CPU_TOKENS, pad, padded_width, run_in_batches
from models.encoding import Encoder
from models.loading import find_device, load_tokenizer, quiet
from models.safety import MINILM_SHA256

#: What sentence-transformers cuts all-MiniLM-L6-v2's input to, in tokens.
LONGEST = 256


class SentenceEncoder:
    """all-MiniLM-L6-v2 as a sentence encoder: the mean over the tokens' last states, at unit length.

    Reimers & Gurevych (2019), Sentence-BERT. On a processor in one thread a text's vector is the same to
    the last bit whatever shares its batch (`models.batching`).

    Attributes:
        fingerprint: SHA-256 of the weights.
        width: numbers a vector (384).
    """

    def __init__(self, module: Any, tokenizer: Any):
        self.module = module.eval().requires_grad_(False)
        self.tokenizer = tokenizer
        self.fingerprint = MINILM_SHA256
        self.width: int = int(module.config.hidden_size)
        self._encoder = Encoder(tokenizer, LONGEST)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.module.parameters()).device

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of unit length a text, in the caller's order: (texts, width).

        Raises:
            ModelError: one text alone does not fit the memory.
        """
        distinct = list(dict.fromkeys(texts))
        tokens = dict(zip(distinct, self._encoder(distinct), strict=True))
        # Different texts may be the same tokens: the model is uncased and cuts long ones.
        different = {item.ids: item for item in tokens.values()}
        encoded = list(different.values())
        widths = [padded_width(len(item), LONGEST) for item in encoded]

        def run(indices: list[int]) -> list[NDArray[np.float32]]:
            inputs = pad(
                self.tokenizer, [encoded[index] for index in indices], self.device, widths[indices[0]]
            )
            return list(self._pooled(inputs).float().cpu().numpy())

        budget = CPU_TOKENS if self.device.type == "cpu" else 32 * CPU_TOKENS
        found = dict(zip(different, run_in_batches(widths, run, token_budget=budget), strict=True))
        rows = [found[tokens[text].ids] for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), self.width)

    def _pooled(self, inputs: dict[str, Tensor]) -> Tensor:
        with torch.inference_mode():
            states = self.module(**inputs).last_hidden_state
            mask = inputs["attention_mask"].unsqueeze(-1).to(states.dtype)
            mean = (states * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, dim=1)


@cache
def load_encoder(device: str = "auto") -> SentenceEncoder:
    """The sentence encoder that comes with Assay, on a device (`auto`: CUDA where present); kept for good.

    Raises:
        ModelError: the device is not here, or the package that carries the weights is missing or altered.
    """
    from transformers import AutoModel

    folder = bundled.base_folder()
    with quiet():
        module = AutoModel.from_pretrained(folder, use_safetensors=True, local_files_only=True)
        return SentenceEncoder(module.to(find_device(device)), load_tokenizer(folder))
