"""Where Assay keeps what it writes: audits, caches, logs."""

import os
from pathlib import Path


def home() -> Path:
    """The folder `$ASSAY_HOME`, or `.assay` in the project's root. Created where it is missing."""
    folder = Path(os.environ.get("ASSAY_HOME") or Path(__file__).parent.parent / ".assay").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder
