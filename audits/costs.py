"""What a model costs: seconds a text and bytes, measured on an audit's own texts as its run begins."""

import hashlib
import os
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from audits.provenance import graphics_card, processor
from models.classifier import Classifier
from views.numbers import grouped, memory

#: So many of the audit's texts are measured on, the first of its sample: the same for every model.
TEXTS = 64
#: Texts asked before the clock counts, and seconds that each part of the measurement may take, about.
WARM_UP, SECONDS = 3, 2.0
#: Calls that each part takes at least, however slow the model is.
FEWEST = 5


class Cost(BaseModel):
    """Seconds and bytes of one model on one machine.

    `median` and `p95` are seconds of one text asked alone, over `calls` such calls; `throughput` is texts a
    second when `together` texts are asked in one call. `sample` is a hash of the texts. `weights` are the
    bytes of parameters and buffers, packed ones included; `peak` the most that the device had in use while it
    answered, or on a processor the whole process: None where the system does not say. `load` is how many
    processes wanted the processor then.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    texts: int
    sample: str
    median: float
    p95: float
    calls: int
    throughput: float
    together: int
    weights: int
    peak: int | None
    device: str
    processor: str
    threads: int
    cores: int
    load: float | None

    @property
    def machine(self) -> tuple[str, str, int]:
        """Where it was measured; seconds of two machines say nothing of two models."""
        return self.device, self.processor, self.threads

    @property
    def is_disturbed(self) -> bool:
        """Whether more wanted the processor than it has cores: seconds are longer then by who knows what."""
        return self.load is not None and self.load > self.cores

    @property
    def sentence(self) -> str:
        """The figures in one line."""
        peak = f", at most {memory(self.peak)} in use" if self.peak else ""
        threads = f"{self.threads} thread{'s' if self.threads != 1 else ''}"
        where = threads if self.device == "cpu" else self.device
        busy = f", while {self.load:.1f} processes wanted {self.cores} cores" if self.is_disturbed else ""
        return (
            f"{milliseconds(self.median)} a text asked alone (95 % within {milliseconds(self.p95)}, "
            f"{self.calls} calls), {per_second(self.throughput)} when {self.together} are asked together; "
            f"{memory(self.weights)} of weights{peak}. Measured on {self.processor}, {where}{busy}."
        )


def kept(record: object) -> Cost | None:
    """A cost as it was kept (JSON, or the values of it); None for one that another Assay wrote otherwise.

    An audit is worth reading without it: the model then counts as not measured.
    """
    try:
        return Cost.model_validate_json(record) if isinstance(record, str) else Cost.model_validate(record)
    except ValidationError:
        return None


def milliseconds(seconds: float) -> str:
    """`12.3 ms`, three digits at most."""
    return f"{1000 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def per_second(throughput: float) -> str:
    """`83 texts/s`, whole from ten on."""
    return f"{grouped(round(throughput)) if throughput >= 10 else f'{throughput:.2g}'} texts/s"


def measure(
    classifier: Classifier, texts: Sequence[str], stopping: Callable[[], bool] = lambda: False
) -> Cost | None:
    """What the classifier costs here and now, in about two times `SECONDS`; None once `stopping` says so.

    None as well for one that does not know its weights: an answer from elsewhere costs what the way costs.
    """
    weights = getattr(classifier, "memory_bytes", None)
    sample = list(texts[:TEXTS])
    if weights is None or not sample:
        return None
    model: Any = classifier
    device = str(model.device)
    for text in sample[:WARM_UP]:
        classifier.probabilities([text])
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    alone = _timed(
        lambda place: classifier.probabilities([sample[place % len(sample)]]), len(sample), stopping
    )
    if not alone:
        return None
    # As many together as fit the time: of a slow model a few.
    together = sample[: max(FEWEST, int(SECONDS / float(np.median(alone))))]
    forget_peak(device)
    whole = _timed(lambda _: classifier.probabilities(together), 3, stopping, fewest=1)
    if not whole:
        return None
    import torch

    return Cost(
        texts=len(sample),
        sample=hashlib.sha256("\x1e".join(sample).encode("utf-8", "surrogatepass")).hexdigest()[:16],
        median=float(np.median(alone)),
        p95=float(np.quantile(alone, 0.95)),
        calls=len(alone),
        throughput=len(together) / float(np.median(whole)),
        together=len(together),
        weights=int(weights),
        peak=peak(device),
        device=device,
        processor=graphics_card(device) if device.startswith("cuda") else processor(),
        threads=torch.get_num_threads(),
        cores=os.cpu_count() or 1,
        load=load,
    )


def _timed(
    call: Callable[[int], object], most: int, stopping: Callable[[], bool], fewest: int = FEWEST
) -> list[float]:
    """Seconds of each call, so many at most and about `SECONDS` in all; nothing once `stopping` says so."""
    found: list[float] = []
    begun = time.perf_counter()
    while len(found) < most and (len(found) < fewest or time.perf_counter() - begun < SECONDS):
        if stopping():
            return []
        before = time.perf_counter()
        call(len(found))
        found.append(time.perf_counter() - before)
    return found


def forget_peak(device: str) -> None:
    """Begins to watch how much memory is in use, where that can be watched."""
    if device.startswith("cuda"):
        import torch

        torch.cuda.reset_peak_memory_stats(device)
        return
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def peak(device: str) -> int | None:
    """The most bytes in use since `forget_peak`: on a graphics card torch's own, else the process's."""
    if device.startswith("cuda"):
        import torch

        return int(torch.cuda.max_memory_allocated(device))
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    except OSError:
        return None
    return 1024 * int(found[1]) if found else None
