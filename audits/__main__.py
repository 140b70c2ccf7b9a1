"""Audits on the command line: `python -m audits --help`."""

import sys

from audits.commands import main

if __name__ == "__main__":
    sys.exit(main())
