"""A job gives its result, its problem or its end away, and stops when it is told to."""

import threading

import pytest

from analysis.background import Cancelled, Job


def test_a_result_and_its_progress():
    def work(report):
        report(3, 4)
        return "done"

    job = Job(work)
    assert job.wait(10)
    assert (job.result, job.problem, job.cancelled, job.done, job.total) == ("done", None, False, 3, 4)
    assert job.finished


def test_a_problem_is_kept():
    def fail(report):
        raise ValueError("too bad")

    job: Job[None] = Job(fail)
    assert job.wait(10)
    assert str(job.problem) == "too bad"
    assert not job.cancelled


def test_a_cancelled_job_stops_at_its_next_report():
    begun, go_on = threading.Event(), threading.Event()
    reached = []

    def work(report):
        begun.set()
        go_on.wait(10)
        try:
            report(1, 2)
        except Cancelled:
            reached.append("told")
            raise
        reached.append("went on")

    job: Job[None] = Job(work)
    assert begun.wait(10)
    assert not job.wait(0)
    job.cancel()
    go_on.set()
    assert job.wait(10)
    assert job.cancelled
    assert (job.result, job.problem) == (None, None)
    assert reached == ["told"]


@pytest.mark.parametrize("value", [0, "", None])
def test_any_value_is_a_result(value):
    job = Job(lambda report: value)
    assert job.wait(10)
    assert job.finished
    assert job.result == value
