"""Which column is the text and which the label."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import filterfalse

from corpora.examples import PAIR_MARK, CorpusError
from corpora.tables import is_missing

#: Looked for first, ignoring case: two texts that are read as a pair (inference, paraphrase).
PAIR_COLUMNS = (
    *("premise|hypothesis", "sentence1|sentence2", "question1|question2", "sentence_a|sentence_b"),
    *("text1|text2", "text_a|text_b"),
)
#: Looked for in this order, ignoring case. Joined columns come first: where a table has a title and a
#: body (AG News), the two together are what its models were trained on.
TEXT_COLUMNS = (
    *("title+text", "title+content", "title+description", "title+body", "headline+lead"),
    *("text", "sentence", "review", "content", "headline", "question", "comment", "tweet", "message"),
    *("utterance", "document", "body", "query", "title", "description", "input", "sms", "verse"),
)
#: Names come before numbers: sets that have `label_text` have the same labels as integers in `label`.
LABEL_COLUMNS = (
    *("label_text", "label_name", "label", "labels", "class", "category", "sentiment", "target", "topic"),
    *("polarity", "coarse_label", "intent", "emotion", "gold", "gold_label", "output", "y"),
)

_SAID = {"0": False, "false": False, "no": False, "1": True, "true": True, "yes": True}


def holds(value: object) -> bool | None:
    """What a value says in a column about one label: 1, true or yes, or the contrary; None for any other."""
    return _SAID.get(re.sub(r"(?<=\d)\.0+$", "", str(value).strip().casefold()))


def about(columns: Mapping[str, Sequence[object]], labels: Iterable[str]) -> dict[str, str]:
    """For each label the column of its name, which says whether it holds; nothing unless each has one."""
    by_name = {column.casefold(): column for column in columns}
    found = {label: by_name.get(label.casefold(), "") for label in labels}
    if "" in found.values() or len(set(found.values())) < len(found):
        return {}
    said = [{*map(holds, filterfalse(is_missing, columns[column]))} for column in found.values()]
    return found if all(each and None not in each for each in said) else {}


def choose(
    columns: Iterable[str],
    text_column: str | None,
    label_column: str | None,
    name: str,
    left_out: Iterable[str] = (),
) -> tuple[tuple[str, ...], str, str]:
    """The columns that make up the text (in this order), what stands between them, and the label's column.

    A column asked for may be written in another case; `title+text` means both, joined by a space, and
    `premise|hypothesis` a pair of texts.
    Raises CorpusError, with the columns there are, for one that is not there, is among those that could not
    be read (`left_out`), or cannot be guessed.
    """
    columns = list(columns)
    unread = {column.casefold() for column in left_out}
    for asked in filter(None, (text_column, label_column)):
        if asked.casefold() in unread and asked not in columns:
            raise CorpusError(
                f"{name}: the column {asked!r} holds neither texts nor numbers (a label's may hold lists of "
                f"these, too), so it cannot be used. {_there_are(columns)}"
            )
    if label_column is not None:
        label = _asked(label_column, columns, name)
    else:
        found = _guessed(LABEL_COLUMNS, columns)
        label = _one(found, "label", columns, name)
    if text_column is not None:
        text, between = _asked_joined(text_column, columns, name)
    else:
        rest = [column for column in columns if column != label]
        pair = _guessed(PAIR_COLUMNS, rest)
        text = pair or _guessed(TEXT_COLUMNS, rest) or (_one(None, "text", columns, name),)
        between = PAIR_MARK if pair else " "
    if label in text:
        raise CorpusError(f"{name}: the column {label!r} cannot be both the text and the label.")
    return text, between, label


def _asked_joined(wanted: str, columns: list[str], name: str) -> tuple[tuple[str, ...], str]:
    if wanted in columns or not ("+" in wanted or "|" in wanted):
        return (_asked(wanted, columns, name),), " "
    mark = "|" if "|" in wanted else "+"
    parts = wanted.split(mark)
    if mark == "|" and len(parts) != 2:
        raise CorpusError(
            f"{name}: {wanted!r} names {len(parts)} columns; a pair is two, as in premise|hypothesis."
        )
    found = tuple(_asked(part.strip(), columns, name) for part in parts)
    return found, PAIR_MARK if mark == "|" else " "


def _asked(wanted: str, columns: list[str], name: str) -> str:
    if wanted in columns:
        return wanted
    same = [column for column in columns if column.casefold() == wanted.casefold()]
    if len(same) == 1:
        return same[0]
    raise CorpusError(f"{name}: there is no column {wanted!r}. {_there_are(columns)}")


def _guessed(candidates: Iterable[str], columns: list[str]) -> tuple[str, ...] | None:
    by_name = {column.casefold(): column for column in reversed(columns)}
    for candidate in candidates:
        parts = re.split(r"[+|]", candidate)
        if all(part in by_name for part in parts):
            return tuple(by_name[part] for part in parts)
    return None


def _one(found: tuple[str, ...] | None, kind: str, columns: list[str], name: str) -> str:
    if found is None:
        hint = ""
        if len(columns) == 1 and (separators := [mark for mark in ";\t|," if mark in columns[0]]):
            hint = f" It looks separated by {separators[0]!r}: save it with commas, or tabs as .tsv."
        raise CorpusError(
            f"{name}: cannot tell which column is the {kind}. {_there_are(columns)} "
            f"Name one as the {kind} column.{hint}"
        )
    return found[0]


def _there_are(columns: list[str], shown: int = 30) -> str:
    named = ", ".join(repr(column)[:60] for column in columns[:shown])
    more = f" and {len(columns) - shown} more" if len(columns) > shown else ""
    return f"The columns are {named}{more}." if len(columns) != 1 else f"The only column is {named}."
