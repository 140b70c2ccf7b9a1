"""Slow projections in a process of their own, so that the app stays responsive and a cancel is real.

UMAP and t-SNE hold the interpreter for seconds at a time and cannot be interrupted from a thread. One
helper process takes the jobs in turn and stays up between them: UMAP compiles itself for many seconds
on its first job and runs the next ones at once.
"""

import json
import queue
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.embeddings.projection import Dimensions, Method, Projection

ROOT = Path(__file__).parents[2]
REMEMBERED = 64
"""How many finished jobs are kept. They hold two or three numbers a row, not the vectors."""
IDLE_SECONDS = 600.0
"""How long the helper process waits for another job before it is sent home."""


@dataclass(eq=False)
class Job:
    """One projection asked for. Only the projector writes to it; anyone may read it at any time.

    `share` is how much of the optimisation is done (0 to 1), or None while the library is still
    compiling or looking for neighbours. `seconds` counts from when the job was asked for.
    """

    method: Method
    dimensions: Dimensions
    seed: int
    state: Literal["waiting", "running", "done", "failed", "cancelled"] = "waiting"
    share: float | None = None
    result: Projection | None = None
    error: str | None = None
    vectors: NDArray[np.float32] | None = field(default=None, repr=False)
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None

    @property
    def seconds(self) -> float:
        """How long the job has taken so far, or took."""
        return (self.ended or time.monotonic()) - self.started

    @property
    def unfinished(self) -> bool:
        """Whether an answer may still come."""
        return self.state in ("waiting", "running")


class Projector:
    """Runs projections one after another in a helper process, and remembers their results."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[Hashable, Job] = OrderedDict()
        self._waiting: queue.Queue[Job] = queue.Queue()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None

    def submit(
        self,
        key: Hashable,
        vectors: NDArray[np.float32],
        method: Method,
        dimensions: Dimensions = 2,
        seed: int = 0,
    ) -> Job:
        """The job under this key: the running or finished one if there is one, else a new one.

        `key` must name everything that decides the result. A failed or cancelled job is tried again.
        """
        with self._lock:
            job = self._jobs.get(key)
            if job is None or job.state in ("failed", "cancelled"):
                job = Job(method, dimensions, seed, vectors=np.ascontiguousarray(vectors, np.float32))
                self._jobs[key] = job
                self._waiting.put(job)
            self._jobs.move_to_end(key)
            for old in [name for name, one in self._jobs.items() if not one.unfinished][:-REMEMBERED]:
                del self._jobs[old]
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="projector", daemon=True)
                self._thread.start()
            return job

    def find(self, key: Hashable) -> Job | None:
        """The job under this key, if it is still remembered."""
        return self._jobs.get(key)

    def cancel(self, job: Job) -> None:
        """Give a job up. The helper process is stopped if it is at work on it."""
        with self._lock:
            if not job.unfinished:
                return
            running = job.state == "running"
            _end(job, "cancelled")
            if running and self._process is not None:
                self._process.kill()

    def close(self) -> None:
        """Stop the helper process."""
        with self._lock:
            if self._process is not None:
                self._process.kill()

    def _work(self) -> None:
        while True:
            try:
                job = self._waiting.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                self._stop()
                continue
            self._run(job)

    def _run(self, job: Job) -> None:
        with self._lock:
            if job.state != "waiting" or job.vectors is None:
                return
            job.state = "running"
            vectors = job.vectors
            if self._process is None or self._process.poll() is not None:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "analysis.embeddings.worker"],
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            process = self._process
        try:
            self._talk(process, job, vectors)
        except (OSError, ValueError, KeyError):
            # The pipe broke or spoke nonsense: cancelled, or killed from outside (short of memory).
            with self._lock:
                if job.unfinished:
                    _end(
                        job,
                        "failed",
                        error="The projection stopped unexpectedly, perhaps for lack of memory.",
                    )
            self._stop()

    def _talk(self, process: subprocess.Popen[bytes], job: Job, vectors: NDArray[np.float32]) -> None:
        assert process.stdin is not None and process.stdout is not None
        asked = {
            "method": job.method,
            "dimensions": job.dimensions,
            "seed": job.seed,
            "shape": vectors.shape,
        }
        process.stdin.write(json.dumps(asked).encode() + b"\n" + vectors.tobytes())
        process.stdin.flush()
        while job.unfinished:
            line = process.stdout.readline()
            if not line:
                raise BrokenPipeError
            answer = json.loads(line)
            with self._lock:
                if not job.unfinished:
                    return
                if "share" in answer:
                    job.share = answer["share"]
                elif "error" in answer:
                    _end(job, "failed", error=answer["error"])
                else:
                    points = np.asarray(answer["points"], np.float64)
                    _end(job, "done", result=Projection(points, job.method, None))

    def _stop(self) -> None:
        process = self._process
        if process is not None:
            process.kill()
            process.wait()
            self._process = None


def _end(
    job: Job,
    state: Literal["done", "failed", "cancelled"],
    *,
    result: Projection | None = None,
    error: str | None = None,
) -> None:
    job.result, job.error, job.vectors, job.ended = result, error, None, time.monotonic()
    job.state = state  # last: whoever sees the state sees the rest
