"""Who lies beside whom at one layer, and what follows: found in the background, after the first picture."""

import time
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.background import Job
from pages import jobs, selection
from pages.points.scene import SEED, Scene

if TYPE_CHECKING:
    from analysis.embeddings import Projection
    from analysis.embeddings.errors import Region

#: Among more texts than this the search would take computing time from a browser on the same machine.
MANY = 2000
#: Seconds that the browser then has to draw the picture before the search begins.
HEAD_START = 1.0
_KEPT = selection.Kept(12)
_SHARES = selection.Kept(200)


@dataclass(frozen=True)
class Nearby:
    """What the neighbours of each text say; where nobody is nearer than another, `near` is None.

    `near` is (texts, neighbours), nearest first; `votes` the label that most of them carry, or their mean
    number; `errors` how far off the model's answers to them are: the share of wrong ones, or the mean.
    `worst` is where wrong answers are densest, with the `words` that are typical there; None where there is
    no such place.
    """

    near: NDArray[np.int32] | None = None
    votes: NDArray[Any] = field(default_factory=lambda: np.zeros(0))
    errors: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    worst: "Region | None" = None
    words: tuple[str, ...] = ()


def known(scene: Scene) -> Nearby | None:
    """What was found before; None where nobody asked yet."""
    job = _KEPT.get(_key(scene))
    return job.result if isinstance(job, Job) else None


def wait(scene: Scene, *, drawn: bool = False) -> Nearby | None:
    """The neighbours from a job; while it runs its progress stands here, and None is returned.

    `drawn` says that the picture has been sent: among many texts its drawing comes first.
    """

    def work(report: jobs.Report) -> Nearby:
        if drawn and len(scene.corpus) > MANY:
            time.sleep(HEAD_START)
            report(0, len(scene.corpus))  # it may have been given up meanwhile
        return find(scene, report)

    job = jobs.job_of(_key(scene), work, among=_KEPT)
    return jobs.outcome(job, "Looking for neighbours", key="nearby")


def find(scene: Scene, report: jobs.Report) -> Nearby:
    """The neighbours and what they say."""
    from analysis.embeddings import neighbourhood
    from analysis.embeddings.errors import error_density, typical_words, worst_region

    near = neighbourhood(scene.vectors, report)
    if near is None:
        return Nearby()
    told = scene.told
    worst = None if told.wrong is None else worst_region(scene.vectors, told.wrong, seed=SEED)
    return Nearby(
        near,
        told.vote(near),
        error_density(near, told.off),
        worst,
        tuple(typical_words(scene.corpus.texts, worst.rows)) if worst else (),
    )


def kept(scene: Scene, found: Nearby, shown: "Projection") -> float:
    """The share of each text's neighbours that a picture of the scene keeps."""
    from analysis.embeddings import neighbours_kept

    assert found.near is not None
    key = ("kept", *scene.key, shown.method, shown.points.shape[1])
    share = _SHARES.get(key)
    if not isinstance(share, float):
        share = neighbours_kept(found.near, shown.points)
        _SHARES.put(key, share)
    return share


def _key(scene: Scene) -> tuple[Hashable, ...]:
    return ("nearby", *scene.key)
