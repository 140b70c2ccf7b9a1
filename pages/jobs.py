"""Work in the background: begun once a question, watched, given up when its page asks something else.

A job belongs to the page, or the view of one, that asks for it. What a run of that page no longer asks for is
given up; to leave the page gives nothing up, and whoever comes back finds the work done, or further on.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from pages import feedback, selection
from views.numbers import duration, grouped

if TYPE_CHECKING:
    from analysis.background import Job

T = TypeVar("T")
#: What a job tells of its progress with: (done, total).
Report = Callable[[int, int], None]

#: Seconds that a page waits for an answer before it shows what it has.
PATIENCE = 0.4
_MINE = "jobs.mine"


@dataclass
class Mine:
    """A visit's jobs: whose are asked for now, those of this run so far, each owner's unfinished ones, and
    those that the reader stopped.
    """

    owner: tuple[str, str] = ("", "")
    asked: "list[Job[Any]]" = field(default_factory=list)
    held: "dict[tuple[str, str], list[Job[Any]]]" = field(default_factory=dict)
    stopped: "list[Job[Any]]" = field(default_factory=list)


def mine() -> Mine:
    """Those of this visit."""
    found: Mine = st.session_state.setdefault(_MINE, Mine())
    return found


@st.cache_resource(show_spinner=False)
def kept() -> selection.Kept:
    """The jobs begun last, for all visitors, with their results."""
    return selection.Kept(256)


def begin_run(view: str = "") -> None:
    """Call before the first job of a run of a page, or of one of its views: they belong to it."""
    mine().owner, mine().asked = (selection.visit().page, view), []


def give_up_left_behind() -> None:
    """Call after the last job of a run: cancels what the owner's last run asked for and nobody asks now."""
    held, owner, asked = mine().held, mine().owner, mine().asked
    before = held.pop(owner, [])
    wanted = [*asked, *chain.from_iterable(held.values())]
    for job in before:
        if job not in wanted:
            job.cancel()
    # A finished one needs no giving up, and its result may be large.
    held[owner] = [job for job in asked if not job.finished]


def found(key: Hashable, among: selection.Kept | None = None) -> "Job[Any] | None":
    """The job under this key, where there is one that was not given up."""
    from analysis.background import Job

    job = (kept() if among is None else among).get(key)
    return job if isinstance(job, Job) and (not job.cancelled or job in mine().stopped) else None


def job_of(
    key: Hashable,
    work: Callable[[Callable[[int, int], None]], T],
    among: selection.Kept | None = None,
    *,
    anew: bool = False,
) -> "Job[T]":
    """The job under this key: the one there is, else a new one. One that was given up is begun anew.

    Large results are kept `among` fewer than the usual 256. `anew` begins even where one has ended.
    """
    from analysis.background import Job

    job = found(key, among)
    if job is None or (anew and (job.finished or job.cancelled)):
        job = Job(work)
        (kept() if among is None else among).put(key, job)
    mine().asked.append(job)
    mine().held.setdefault(mine().owner, []).append(job)  # at once: a run may end before its end
    return job


def outcome(job: "Job[T]", name: str, *, key: str, until_then: str = "") -> T | None:
    """A job's result; while there is none, its progress and the way out. Raises the problem it met.

    `key` names the place on the page. Stopped, it stays so until the reader wants it after all.
    """
    if job in mine().stopped:
        if feedback.empty("Stopped", f"{name} was stopped.", "Compute it", key=f"jobs.again.{key}"):
            mine().stopped.remove(job)
            st.rerun()
        return None
    if not job.wait(PATIENCE):
        _watch(job, name, key, until_then)
        return None
    if job.problem is not None:
        raise job.problem
    return job.result


@st.fragment(run_every=0.4)
def _watch(job: "Job[Any]", name: str, key: str, until_then: str) -> None:
    """Progress and the way out; draws the page anew when the job has ended."""
    if job.finished:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key=f"jobs-wait-{key}"):
        share = job.done / job.total if job.total else 0.0
        st.progress(min(share, 1.0), text=f"{told(job, name)}. {until_then}".strip())
        if st.button("Cancel", key=f"jobs.stop.{key}", icon=":material/close:", type="tertiary"):
            job.cancel()
            mine().stopped.append(job)
            st.rerun()


def told(job: "Job[Any]", name: str) -> str:
    """How far a job is, in words, with the time left where it is worth telling."""
    if not job.total:
        return f"{name} has begun"
    left = job.seconds / job.done * (job.total - job.done) if job.done else 0
    far = f"{name}: {grouped(job.done)} of {grouped(job.total)}"
    return f"{far}, about {duration(left)} left" if left > 2 else far
