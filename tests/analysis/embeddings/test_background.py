"""The helper process: its answers, its progress, and its end."""

import time

import numpy as np
import pytest

from analysis.embeddings import neighbourhood, neighbours_kept, project
from analysis.embeddings.background import Projector
from analysis.embeddings.worker import Progress

VECTORS = np.random.default_rng(0).normal(size=(60, 12)).astype(np.float32)


def around(vectors):
    """The neighbourhoods of vectors that have some."""
    near = neighbourhood(vectors)
    assert near is not None
    return near


@pytest.fixture(scope="module")
def projector():
    one = Projector()
    yield one
    one.close()


def wait(job):
    deadline = time.monotonic() + 240
    while job.unfinished and time.monotonic() < deadline:
        time.sleep(0.02)
    return job


def test_the_answer_is_that_of_project(projector):
    job = wait(projector.submit("tsne", VECTORS, "tsne", seed=4))
    expected = project(VECTORS, "tsne", seed=4)
    assert job.state == "done"
    assert job.result is not None
    np.testing.assert_array_equal(job.result.points, expected.points)
    assert 0 < job.share <= 1
    assert job.vectors is None
    assert projector.submit("tsne", VECTORS, "tsne", seed=4) is job
    assert projector.find("tsne") is job


def test_umap_is_repeatable_and_finite_down_to_five_rows(projector):
    jobs = [wait(projector.submit(("umap", run), VECTORS, "umap", seed=1)) for run in range(2)]
    assert [job.state for job in jobs] == ["done", "done"]
    assert np.array_equal(jobs[0].result.points, jobs[1].result.points)
    assert neighbours_kept(around(VECTORS), jobs[0].result.points) > 0.3
    assert jobs[0].share is not None
    few = wait(projector.submit("few", VECTORS[:5], "umap"))
    deep = wait(projector.submit("deep", VECTORS, "tsne", 3))
    assert deep.result.points.shape == (60, 3)
    repeated = wait(projector.submit("repeated", np.repeat(VECTORS[:4], 10, axis=0), "umap"))
    for job in (few, repeated):
        assert job.state == "done", job.error
        assert np.isfinite(job.result.points).all()


def test_an_impossible_job_says_why_and_the_next_one_runs(projector):
    job = wait(projector.submit("impossible", VECTORS[:3], "tsne"))
    assert job.state == "failed"
    assert "at least 5 texts" in str(job.error)
    assert wait(projector.submit("possible", VECTORS, "tsne")).state == "done"


def test_a_cancelled_job_stops_and_can_be_asked_for_again():
    projector = Projector()
    many = np.random.default_rng(1).normal(size=(2500, 12)).astype(np.float32)
    running, waiting = projector.submit("many", many, "tsne"), projector.submit("next", VECTORS, "tsne")
    while running.state == "waiting":
        time.sleep(0.02)
    projector.cancel(waiting)
    projector.cancel(running)
    assert running.state == waiting.state == "cancelled"
    again = projector.submit("next", VECTORS, "tsne")
    assert again is not waiting
    assert wait(again).state == "done"
    assert waiting.result is None
    projector.close()


def test_a_killed_helper_is_a_failed_job_and_not_the_end():
    projector = Projector()
    assert wait(projector.submit("first", VECTORS, "tsne")).state == "done"
    many = np.random.default_rng(1).normal(size=(2500, 12)).astype(np.float32)
    job = projector.submit("many", many, "tsne")
    while job.share is None:
        time.sleep(0.02)
    projector.close()
    assert wait(job).state == "failed"
    assert "stopped unexpectedly" in str(job.error)
    assert wait(projector.submit("second", VECTORS, "tsne")).state == "done"
    projector.close()


def test_progress_is_read_from_what_the_libraries_print():
    heard: list[float] = []
    talk = Progress(heard.append)
    print("UMAP(n_jobs=1)", file=talk)
    print("\tcompleted ", 50, " / ", 200, "epochs", file=talk)
    print("[t-SNE] Iteration 750: error = 1.7, gradient norm = 0.0007 (50 iterations in 0.038s)", file=talk)
    assert heard == [0.25, 0.75]
