"""The shelf of classifiers."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import SimpleNamespace

import pytest

from models.classifier import ModelError
from models.loading import load
from models.shelf import ModelShelf
from tests.models import tiny


class Loads:
    """Stands for the loader: counts, and fails for "broken"."""

    def __init__(self):
        self.asked = []

    def __call__(self, reference, device="auto", dtype="auto"):
        self.asked.append((reference, device, dtype))
        if reference == "broken":
            raise ModelError("broken")
        return SimpleNamespace(reference=reference, memory_bytes=40)


def test_a_classifier_is_loaded_once():
    loads = Loads()
    shelf = ModelShelf(load=loads)
    first = shelf.get("a/b/c")
    assert shelf.get("a/b/c") is first
    assert shelf.get("a/b/c", "cpu") is not first
    assert shelf.get("a/b/c", dtype="float16") is not first
    assert len(loads.asked) == 3
    assert shelf.memory_bytes == 120


def test_the_least_recently_used_goes_first():
    loads = Loads()
    shelf = ModelShelf(max_bytes=100, load=loads)
    for name in ("a", "b", "a", "c", "a"):
        shelf.get(name)
    assert [name for name, *_ in loads.asked] == ["a", "b", "c"]
    shelf.get("b")
    assert [name for name, *_ in loads.asked] == ["a", "b", "c", "b"]
    assert shelf.memory_bytes == 80


def test_the_last_stays_whatever_its_size():
    loads = Loads()
    shelf = ModelShelf(max_bytes=10, load=loads)
    assert shelf.get("a") is shelf.get("a")


def test_a_failed_load_changes_nothing():
    loads = Loads()
    shelf = ModelShelf(max_bytes=100, load=loads)
    first, second = shelf.get("a"), shelf.get("b")
    with pytest.raises(ModelError, match="broken"):
        shelf.get("broken")
    assert shelf.get("a") is first
    assert shelf.get("b") is second
    assert len(loads.asked) == 3


def test_a_label_shares_the_weights_of_its_model_where_that_is_here(tmp_path):
    folder = str(tiny.save(tmp_path, labels=("a", "b", "c"), problem_type="multi_label_classification"))
    shelf = ModelShelf(load=partial(load, any_head=True))
    alone, whole, other = (shelf.get(name) for name in (f"{folder}#b", folder, f"{folder}#c"))
    weights = [model.module.get_input_embeddings().weight for model in (alone, whole, other)]
    assert weights[0] is not weights[1] is weights[2]
    assert shelf.memory_bytes == alone.memory_bytes + whole.memory_bytes
    assert (other.reference, other.fingerprint) == (f"{folder}#c", load(f"{folder}#c").fingerprint)
    assert shelf.get(f"{folder}#b", dtype="int8").quantised
    with pytest.raises(ModelError, match="no label 'd'"):
        shelf.get(f"{folder}#d")


def test_many_threads_load_it_once():
    loads = Loads()
    shelf = ModelShelf(load=loads)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(shelf.get, ["a"] * 50))
    assert len({id(item) for item in found}) == len(loads.asked) == 1


def test_changed_weights_are_loaded_anew(tmp_path):
    folder = str(tiny.save(tmp_path))
    shelf = ModelShelf()
    first = shelf.get(folder)
    assert shelf.get(folder) is first
    tiny.save(tmp_path, seed=1)
    second = shelf.get(folder)
    assert second.fingerprint != first.fingerprint
    assert shelf.memory_bytes == second.memory_bytes
