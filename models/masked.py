"""The masked language model that comes with Assay: which word fits into a gap, and how well a text reads.

Its encoder is all-MiniLM-L6-v2's with a small difference that was trained (`python -m models.train_masked`),
its decoder all-MiniLM-L6-v2's word embeddings. Its card in `models/bundled/masked` says how good it is.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models import bundled
from models.batching import CPU_TOKENS, pad, padded_width, run_in_batches, steady
from models.encoding import EncodedText, Encoder, longest_input
from models.loading import find_device, load_tokenizer, quiet
from models.safety import MINILM_SHA256, sha256, weight_files

FOLDER = bundled.FOLDER / "masked"
STEM = "masked_model"
"""The weights' file is `masked_model.safetensors`: what was trained, and nothing of the base."""

DOWN, UP = ".down", ".up"
"""Endings of a weight's difference to the base's in two thin factors: base + up @ down."""

LONGEST = 128
"""Tokens, special ones included, that it was trained on and that a text to be scored may have."""


class MaskedLanguageModel:
    """A masked language model and its tokenizer.

    Attributes:
        module: a Transformers model for masked language modelling, in evaluation mode, parameters frozen.
        tokenizer: its fast tokenizer, which has a mask token.
        fingerprint: SHA-256 over the hashes of all weights.
    """

    def __init__(self, module: Any, tokenizer: Any, fingerprint: str):
        self.module = module.eval().requires_grad_(False)
        steady(self.module)
        self.tokenizer = tokenizer
        self.fingerprint = fingerprint
        self._longest = min(LONGEST, longest_input(module, tokenizer))
        self._encoder = Encoder(tokenizer, self._longest)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.module.parameters()).device

    def log_probabilities(
        self, texts: Sequence[str], on_batch: Callable[[], object] = lambda: None
    ) -> NDArray[np.float64]:
        """How likely each text is: its mean pseudo-log-likelihood a token, in nats; one number a text.

        Every token is hidden once, alone, and the model asked how likely it is at that place (Salazar et
        al. 2020, "Masked Language Model Scoring"). Cost: as many inputs as the text has tokens. NaN for a
        text without tokens and for one of more than `LONGEST`, which would be cut.

        On a processor in one thread a text's number is the same to the last bit in any company. `on_batch` is
        called before each batch, a fraction of a second's work; it may raise to stop.

        Raises:
            ModelError: one text alone does not fit the memory.
        """
        distinct = list(dict.fromkeys(texts))
        encoded = self._encoder(distinct)
        hidden = [
            (text, place)
            for text, item in enumerate(encoded)
            if not item.truncated
            for place in range(len(item))
            if not item.special[place]
        ]
        widths = [padded_width(len(encoded[text]), self._longest) for text, _ in hidden]

        def run(indices: list[int]) -> list[float]:
            on_batch()
            chosen = [hidden[index] for index in indices]
            return self._of_hidden([(encoded[text], place) for text, place in chosen], widths[indices[0]])

        budget = CPU_TOKENS if self.device.type == "cpu" else 32 * CPU_TOKENS
        scores = run_in_batches(widths, run, token_budget=budget)
        by_text: dict[str, list[float]] = {text: [] for text in distinct}
        for (text, _), score in zip(hidden, scores, strict=True):
            by_text[distinct[text]].append(score)
        means = {text: float(np.mean(found)) if found else np.nan for text, found in by_text.items()}
        return np.array([means[text] for text in texts], dtype=np.float64)

    def _of_hidden(self, chosen: Sequence[tuple[EncodedText, int]], width: int) -> list[float]:
        """The log-probability of each text's token at one place, when that token is hidden."""
        inputs = pad(self.tokenizer, [item for item, _ in chosen], self.device, width)
        rows = torch.arange(len(chosen), device=self.device)
        places = torch.tensor([place for _, place in chosen], device=self.device)
        wanted = inputs["input_ids"][rows, places]
        inputs["input_ids"][rows, places] = self.tokenizer.mask_token_id
        with torch.inference_mode():
            states = self.module.base_model(**inputs).last_hidden_state
            logits: Tensor = self.module.cls(states[rows, places]).double()
            return logits.log_softmax(-1)[rows, wanted].tolist()


@cache
def load_masked(device: str = "auto") -> MaskedLanguageModel:
    """The masked language model that comes with Assay, on a device (`auto`: CUDA where present); kept.

    Raises:
        ModelError: the device is not here, the base is missing or altered, or the weights are broken.
    """
    chosen = find_device(device)
    module, tokenizer = assemble(FOLDER)
    return MaskedLanguageModel(module.to(chosen), tokenizer, fingerprint())


def fingerprint() -> str:
    """That of the bundled masked language model, without loading it."""
    (file,) = weight_files(FOLDER, STEM)
    return hashlib.sha256(f"{MINILM_SHA256}{sha256(file)}".encode()).hexdigest()


def bare(attention: str | None = None) -> tuple[Any, Any]:
    """The base with a head that has learnt nothing (drawn from Torch's random state), and its tokenizer.

    `attention` is one of Transformers' implementations; its own choice when not given.
    """
    from transformers import AutoModelForMaskedLM

    folder = bundled.base_folder()
    with quiet():
        module = AutoModelForMaskedLM.from_pretrained(
            folder,
            use_safetensors=True,
            local_files_only=True,
            dtype=torch.float32,
            attn_implementation=attention,
        )
        return module, load_tokenizer(folder)


def assemble(folder: Path) -> tuple[Any, Any]:
    """The base with what the folder's weights add to it, and its tokenizer.

    Raises:
        ModelError: the base is missing or altered, or the folder's weights are missing or broken.
    """
    from safetensors.torch import load_file

    (file,) = weight_files(folder, STEM)
    with torch.random.fork_rng(devices=[]):
        module, tokenizer = bare()
    parameters = dict(module.named_parameters())
    tensors = load_file(file)
    with torch.no_grad():
        for name, value in tensors.items():
            if name.endswith(DOWN):
                parameters[name.removesuffix(DOWN)] += tensors[name.removesuffix(DOWN) + UP] @ value
            elif not name.endswith(UP):
                parameters[name].copy_(value)
    return module, tokenizer
