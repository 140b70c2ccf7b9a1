"""Work in the background: begun once a question, watched, given up when nobody looks any more."""

from collections.abc import Callable, Hashable
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
_MINE, _STOPPED = "jobs.mine", "jobs.stopped"


@st.cache_resource(show_spinner=False)
def kept() -> selection.Kept:
    """The jobs begun last, for all visitors, with their results."""
    return selection.Kept(256)


def begin_run() -> None:
    """Call before the first job of a run: what was asked for in the last one counts as left behind."""
    st.session_state[_MINE] = (st.session_state.get(_MINE, ((), ()))[1], ())


def give_up_left_behind() -> None:
    """Call after the last job of a run: cancels those that this visitor no longer looks at."""
    before, now = st.session_state.get(_MINE, ((), ()))
    for job in before:
        if job not in now:
            job.cancel()


def job_of(
    key: Hashable, work: Callable[[Callable[[int, int], None]], T], among: selection.Kept | None = None
) -> "Job[T]":
    """The job under this key: the one there is, else a new one. A cancelled one is begun anew.

    Large results are kept `among` fewer than the usual 256.
    """
    from analysis.background import Job

    place = kept() if among is None else among
    found = place.get(key)
    if not isinstance(found, Job) or found.cancelled:
        found = Job(work)
        place.put(key, found)
    before, now = st.session_state.get(_MINE, ((), ()))
    st.session_state[_MINE] = (before, (*now, found))
    return found


def outcome(job: "Job[T]", name: str, *, key: str, again: Hashable, until_then: str = "") -> T | None:
    """A job's result; while there is none, its progress and the way out. Raises the problem it met.

    `key` names the place on the page and `again` what is asked for: stopped, it stays so until the
    reader wants it after all.
    """
    if st.session_state.get(_STOPPED, {}).get(key) == again:
        job.cancel()
        if feedback.empty("Stopped", f"{name} was stopped.", "Compute it", key=f"jobs.again.{key}"):
            del st.session_state[_STOPPED][key]
            st.rerun()
        return None
    if not job.wait(PATIENCE):
        _watch(job, name, key, again, until_then)
        return None
    if job.problem is not None:
        raise job.problem
    return job.result


@st.fragment(run_every=0.4)
def _watch(job: "Job[Any]", name: str, key: str, again: Hashable, until_then: str) -> None:
    """Progress and the way out; draws the page anew when the job has ended."""
    if job.finished:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key=f"jobs-wait-{key}"):
        share = job.done / job.total if job.total else 0.0
        st.progress(min(share, 1.0), text=f"{_progress(job, name)}. {until_then}".strip())
        if st.button("Cancel", key=f"jobs.stop.{key}", icon=":material/close:", type="tertiary"):
            job.cancel()
            st.session_state.setdefault(_STOPPED, {})[key] = again
            st.rerun()


def _progress(job: "Job[Any]", name: str) -> str:
    if not job.total:
        return f"{name} has begun"
    left = job.seconds / job.done * (job.total - job.done) if job.done else 0
    told = f"{name}: {grouped(job.done)} of {grouped(job.total)}"
    return f"{told}, about {duration(left)} left" if left > 2 else told
