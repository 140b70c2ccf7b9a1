"""YAML that people write, read so that every complaint can name a line.

Values stay the texts that stand there: `no` is a label called no, and whoever checks a field makes a number
of `100`. Only an empty value, `null` and `~` mean nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

#: In characters: far more than anybody writes by hand.
LONGEST = 500_000
#: Fields within fields, so many at most; the reader slows down and breaks with thousands.
DEEPEST = 12
#: Where something stands: the names of fields and the places in lists that lead to it.
Where = tuple[str | int, ...]


class WrittenError(ValueError):
    """A file that is no YAML of this kind. The message names the line and what would be right."""


@dataclass(frozen=True)
class Written:
    """What stands in a file: its fields, and the line of each (from 1)."""

    source: str
    fields: Mapping[str, Any]
    lines: Mapping[Where, int] = field(default_factory=dict)

    def line(self, where: Where) -> int:
        """The line of what stands there, or of the nearest thing around it that does."""
        return next(self.lines[where[:end]] for end in range(len(where), -1, -1) if where[:end] in self.lines)

    def at(self, where: Where) -> str:
        """`plan.yaml, line 7: `; without a line for what stands nowhere."""
        known = any(where[:end] in self.lines for end in range(1, len(where) + 1))
        return f"{self.source}, line {self.line(where)}: " if known else f"{self.source}: "


def read(path: Path | str) -> Written:
    """The fields in a file. Raises WrittenError."""
    try:
        text = Path(path).expanduser().read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, RuntimeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not UTF-8 text"
        raise WrittenError(f"{path}: this file cannot be read: {reason}.") from None
    return parse(text, str(path))


def parse(text: str, source: str) -> Written:
    """The fields in a text of YAML, which errors call `source`. Raises WrittenError."""
    if len(text) > LONGEST:
        raise WrittenError(f"{source}: {len(text)} characters are more than a plan or a policy can have.")
    try:
        depth = 0
        for event in yaml.parse(text, yaml.SafeLoader):
            line = event.start_mark.line + 1
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                raise WrittenError(f"{source}, line {line}: nothing here stands {depth} levels deep.")
            # A few lines of aliases to aliases unfold to gigabytes.
            if isinstance(event, yaml.AliasEvent):
                raise WrittenError(f"{source}, line {line}: write *{event.anchor} out; aliases are not read.")
        root = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        told = problem.problem or problem.context or "something is out of place"
        raise WrittenError(f"{source}, line {line}: this is not YAML: {told}.") from None
    except yaml.YAMLError as problem:
        told = " ".join(str(problem).split())[:200]
        raise WrittenError(f"{source}: this is not YAML: {told}.") from None
    if not isinstance(root, yaml.MappingNode):
        raise WrittenError(f"{source}: write one field a line, such as `model: bundled:sentiment`.")
    lines: dict[Where, int] = {}
    return Written(source, _plain(root, (), lines, source), lines)


def _plain(node: yaml.Node, where: Where, lines: dict[Where, int], source: str) -> Any:
    """The node as mappings, lists, texts and None; notes the line of everything in it."""
    lines.setdefault(where, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise WrittenError(f"{source}, line {line}: the name of a field is a word.")
            name = key.value.strip()
            if name in found:
                first = lines[*where, name]
                raise WrittenError(
                    f"{source}, line {line}: {name} stands here a second time, after line {first}. Keep one."
                )
            lines[*where, name] = line
            found[name] = _plain(value, (*where, name), lines, source)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*where, place), lines, source) for place, item in enumerate(node.value)]
    plain = node.style is None
    return None if plain and node.tag == "tag:yaml.org,2002:null" else node.value
