"""Tiny classifiers, made once a process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from models.loading import load
from models.transformer import TransformerClassifier
from tests.models import tiny

# Property tests say nothing of time: a busy machine is no failure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

SENTENCES = [
    "the film was not good",
    "a very dull plot",
    "wonderful!",
    "",
    "the story of this film is great, but the actor was awful and it was never bright " * 2,
    "the film was not good",
    "Ünïcode 🙂 and 電影",
]


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    made: dict[str, Path] = {}

    def folder(family: str) -> Path:
        if family not in made:
            made[family] = tiny.save(tmp_path_factory.mktemp("tiny") / family, family)
        return made[family]

    return folder


@pytest.fixture(scope="session", params=tiny.FAMILIES)
def classifier(request: pytest.FixtureRequest, tiny_folder: Callable[[str], Path]) -> TransformerClassifier:
    return load(str(tiny_folder(request.param)))
