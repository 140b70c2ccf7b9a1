"""The file of results: one section a benchmark, replaced whenever that benchmark runs again."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"

_HEAD = """# Results

What the benchmarks printed when they last ran. Each section says when, on what machine and with which
versions; the same command writes it anew. Seconds differ from machine to machine, ratios less.
"""


def section(title: str, body: str, command: str, made_with: Mapping[str, str], when: datetime) -> str:
    """One benchmark's section: its heading, when and where it ran, and what it found."""
    where = " · ".join(f"{name} {value}" for name, value in made_with.items())
    stamp = when.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"## {title}\n\n`{command}`, {stamp}.\n{where}.\n\n{body.strip()}\n"


def replaced(document: str, title: str, written: str) -> str:
    """The document with `written` in place of the section called `title`, or at the end if there is none."""
    head, *sections = re.split(r"(?m)^(?=## )", document or _HEAD)
    mine = [place for place, old in enumerate(sections) if old.splitlines()[0] == f"## {title}"]
    if mine:
        sections[mine[0]] = written
    else:
        sections.append(written)
    return "\n\n".join(part.strip() for part in (head, *sections)) + "\n"


def record(title: str, written: str, path: Path = RESULTS) -> None:
    """Puts a section into the file of results."""
    document = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(replaced(document, title, written), encoding="utf-8")
