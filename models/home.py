"""Where Assay keeps what it makes: the store of audits and the caches."""

import os
from pathlib import Path


def home() -> Path:
    """The folder `$ASSAY_HOME`, or `.assay` in the project's root; made when missing."""
    given = os.environ.get("ASSAY_HOME")
    folder = Path(given).expanduser() if given else Path(__file__).parents[1] / ".assay"
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder
