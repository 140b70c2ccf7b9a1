"""What every test may use."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# One thread a process: the suite runs in parallel processes, and results must not depend on the count.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

# A slow machine is no failure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real labelled data beside a development checkout, where there is one."""
    if not SHARED_DATA.is_dir():
        pytest.skip("no labelled data beside this checkout")
    return SHARED_DATA
