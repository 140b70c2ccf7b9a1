"""Matching a corpus's label names to a model's."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain

from corpora import loading
from corpora.columns import holds
from corpora.examples import Corpus, CorpusError

#: Names that mean the same, after `_plain`. Kept short on purpose: what is not here needs a label map.
SYNONYMS: tuple[frozenset[str], ...] = (
    frozenset({"negative", "neg"}),
    frozenset({"positive", "pos"}),
    frozenset({"neutral", "neu"}),
    frozenset({"false", "no"}),
    frozenset({"true", "yes"}),
    frozenset({"ham", "notspam", "nospam"}),
    frozenset({"sport", "sports"}),
    frozenset({"scitech", "sciencetechnology", "scienceandtechnology", "sciencetech", "sciandtech"}),
)
#: What 0 and 1 stand for, where one side has just these two and the other one of these pairs.
_NUMBERED = ({"0": "negative", "1": "positive"}, {"0": "false", "1": "true"})


def align(
    corpus: Corpus,
    labels: Sequence[str],
    label_map: Mapping[str, str] | None = None,
    *,
    among: Sequence[str] = (),
    column: str | None = None,
) -> Corpus:
    """The corpus with its labels renamed to `labels`, the model's, in the model's order.

    Per label of the corpus, the first that fits: `label_map` (corpus name to model name; several may
    go to one); the same name; the same but for case, blanks and punctuation (`LABEL_1` is `1`); the
    same meaning by `SYNONYMS`; 0 and 1 for negative and positive or false and true, where the numbers
    start at 0 and there are two labels. The corpus may use fewer labels than the model has.

    Where each of the labels `among` holds or does not by itself, and `labels` are the choice about one of
    them (`negated(label)`, label), a row is labelled by whether that one holds: as its labels are written,
    apart by |, by semicolons or by commas, none where it is empty; or in a column about this label alone,
    as 0 and 1, false and true, no and yes. `column` is where the labels stand, where that was named: one
    called as another label is no such column.

    Raises CorpusError, with a map to copy, for a label that fits none or more than one, for two labels
    of different meaning that fit the same one, and for names in `label_map` that neither side has.
    """
    model = tuple(labels)
    if among:
        return _held(corpus, model, tuple(among), label_map or {}, column)
    chosen = _mapped(corpus.labels, model, label_map or {})
    rest = [label for label in corpus.labels if label not in chosen]
    unmatched = []
    for label in rest:
        fits = _fits(label, corpus.labels, model)
        if len(fits) == 1:
            chosen[label] = fits[0]
        else:
            unmatched.append(label)
    if unmatched:
        raise CorpusError(
            _several(corpus, model, unmatched) or _message(corpus, model, unmatched, "do not match")
        )
    if clashing := _clashing(rest, chosen):
        raise CorpusError(_message(corpus, model, clashing, "would become the same label"))
    examples = tuple(
        example if chosen[example.label] == example.label else replace(example, label=chosen[example.label])
        for example in corpus.examples
    )
    return Corpus(corpus.name, corpus.reference, examples, model)


def load_for(
    labels: Sequence[str],
    reference: str,
    *,
    text_column: str | None = None,
    label_column: str | None = None,
    label_map: Mapping[str, str] | None = None,
    among: Sequence[str] = (),
) -> Corpus:
    """Data under a model's labels: `corpora.loading.load`, then `align`, which say what is raised."""
    how, about = reading(labels, among)
    loaded = loading.load(
        reference, text_column=text_column, label_column=label_column, labelled=how, about=about
    )
    return align(loaded, labels, label_map, among=among, column=label_column)


def reading(labels: Sequence[str], among: Sequence[str]) -> tuple[loading.Labelling, tuple[str, ...]]:
    """How `corpora.loading.load` has to read data for a model that chooses: `labelled`, and what `about`."""
    return ("several", (labels[1],)) if among else ("choice", ())


def negated(label: str) -> str:
    """What to call that a label does not hold, where each is a yes-or-no question."""
    return f"not {label}"


def _held(
    corpus: Corpus,
    choice: tuple[str, ...],
    among: tuple[str, ...],
    label_map: Mapping[str, str],
    column: str | None,
) -> Corpus:
    """The rows labelled by whether one label holds, the second of `choice`."""
    written = list(dict.fromkeys(example.label for example in corpus.examples))
    parts = {each: _parts(each, among) for each in written}
    goals = dict.fromkeys((*choice, *among))
    mapped = _mapped(list(dict.fromkeys([*written, *chain(*parts.values())])), tuple(goals), label_map)
    answers = _answers(corpus, [each for each in written if each not in mapped], choice, among)
    if answers and column and (of := _same_name(column, among)) and choice[1] not in of:
        raise CorpusError(
            f"{corpus.name}: the column {column!r:.60} says whether {of[0]!r:.60} holds, and the model is "
            f"asked about {choice[1]!r:.60}. Choose the column of that label."
        )
    mapped |= answers

    def meant(part: str, beside: Sequence[str]) -> str | None:
        fits = [mapped[part]] if part in mapped else _fits(part, beside, among)
        return fits[0] if len(fits) == 1 else None

    names = {
        each: [mapped[each]] if each in mapped else [meant(part, beside) for part in beside]
        for each, beside in parts.items()
    }
    holding = {each: choice[choice[1] in found] for each, found in names.items()}
    unknown = [each for each, found in names.items() if None in found]
    if unknown:
        rows = sum(example.label in unknown for example in corpus.examples)
        raise CorpusError(
            f"{corpus.name}: {rows} of {len(corpus)} rows have labels that the model does not have, such as "
            f"{_listed(sorted(unknown), 3)}. The model has {_listed(among)}. Choose a column with these "
            f"names, several of a row apart by |, or one of 0 and 1: whether {choice[1]!r:.60} holds."
        )
    examples = tuple(replace(example, label=holding[example.label]) for example in corpus.examples)
    return Corpus(corpus.name, corpus.reference, examples, choice)


def _answers(
    corpus: Corpus, written: Sequence[str], choice: tuple[str, ...], among: tuple[str, ...]
) -> dict[str, str]:
    """What a column about one label alone says in each of its rows; nothing where it is no such column.

    Raises CorpusError where a row is empty, or where 0 and 1 may as well be two of the model's own labels.
    """
    by_name = {each: _named(each, choice) for each in written if each}
    said = {each: fits[0] == choice[1] if fits else holds(each) for each, fits in by_name.items()}
    if None in said.values() or all(fits == [choice[1]] for fits in by_name.values()):
        return {}
    if unsure := [each for each, fits in by_name.items() if not fits and _same_name(each, among)]:
        raise CorpusError(
            f"{corpus.name}: {_listed(unsure, 3)} may be a label of the model or say whether "
            f"{choice[1]!r:.60} holds. Say which with a label map, for example "
            f"{unsure[0]:.60}={choice[1]:.60}."
        )
    if "" in written:
        rows = sum(not example.label for example in corpus.examples)
        raise CorpusError(
            f"{corpus.name}: {rows} of {len(corpus)} rows do not say whether {choice[1]!r:.60} holds. "
            "Fill these rows or take them out."
        )
    return {each: choice[bool(yes)] for each, yes in said.items()}


def _parts(written: str, among: Sequence[str]) -> list[str]:
    """The names of a row's labels, of which there may be several, or none."""
    exact = [part.strip() for part in written.split("|")]
    if all(part in among for part in exact):  # names with commas in them
        return exact
    return [part for part in (part.strip(" []()'\"") for part in re.split("[|;,]", written)) if part]


def _mapped(own: Sequence[str], model: Sequence[str], label_map: Mapping[str, str]) -> dict[str, str]:
    """The explicit part of the matching; both sides of a pair may differ in case and punctuation."""
    chosen: dict[str, str] = {}
    for source, goal in label_map.items():
        sources, goals = _same_name(source, own), _same_name(goal, model)
        if len(sources) != 1:
            raise CorpusError(f"The label map names {source!r}, but the data has {_listed(own)}.")
        if len(goals) != 1:
            raise CorpusError(
                f"The label map sends {source!r} to {goal!r}, but the model has {_listed(model)}."
            )
        if chosen.setdefault(sources[0], goals[0]) != goals[0]:
            raise CorpusError(f"The label map sends {sources[0]!r} to two labels.")
    return chosen


def _fits(label: str, own: Sequence[str], model: Sequence[str]) -> list[str]:
    """The model's labels that this label may mean, by the first rule under which there are any."""
    if same := _named(label, model):
        return same
    plain_own, plain_model = {_plain(name) for name in own}, {_plain(name) for name in model}
    for numbered in _NUMBERED:
        named = {name: number for number, name in numbered.items()}
        if plain_own <= {"0", "1"} and "0" in plain_own and len(model) == len(numbered):
            wanted: str | None = numbered[_plain(label)]
        elif plain_model == {"0", "1"}:
            wanted = named.get(_meaning(label))
        else:
            continue
        if same := [other for other in model if _meaning(other) == wanted]:
            return same
    return []


def _named(label: str, names: Sequence[str]) -> list[str]:
    """Those of the names that are this label's, or else mean the same."""
    return _same_name(label, names) or [name for name in names if _meaning(name) == _meaning(label)]


def _same_name(label: str, names: Sequence[str]) -> list[str]:
    return [name for name in names if name == label] or [
        name for name in names if _plain(name) == _plain(label)
    ]


def _plain(label: str) -> str:
    """The name without case, blanks and punctuation, and without the `LABEL_` before a number."""
    folded = unicodedata.normalize("NFKC", label).casefold()
    plain = "".join(character for character in folded if character.isalnum()) or folded.strip()
    return re.sub(r"label(?=\d+$)", "", plain)


def _meaning(label: str) -> str:
    """One name for all that mean the same."""
    plain = _plain(label)
    return next(
        (max(group, key=lambda name: (len(name), name)) for group in SYNONYMS if plain in group), plain
    )


def _clashing(labels: Sequence[str], chosen: Mapping[str, str]) -> list[str]:
    """Labels matched by rule, of different plain names, that share a goal."""
    by_goal: dict[str, dict[str, str]] = {}
    for label in labels:
        by_goal.setdefault(chosen[label], {}).setdefault(_plain(label), label)
    return [label for group in by_goal.values() if len(group) > 1 for label in group.values()]


def _message(corpus: Corpus, model: Sequence[str], labels: Sequence[str], what: str) -> str:
    pairs = ",".join(
        f"{label}={model[min(at, len(model) - 1)]}" for at, label in enumerate(labels[:6]) if model
    )
    return (
        f"{corpus.name}: the labels {_listed(labels)} of the data {what}. The data has "
        f"{_listed(corpus.labels)}; the model has {_listed(model)}. Say which is which with a label map, "
        f"for example {pairs}."
    )


def _several(corpus: Corpus, model: Sequence[str], unmatched: Sequence[str]) -> str:
    """What to say where labels are several of the model's in one; nothing where they are not."""
    joined = {}
    for label in unmatched:
        parts = [part.strip() for part in re.split(r"[|;,]", label) if part.strip()]
        fits = [_fits(part, parts, model) for part in parts]
        if len(parts) > 1 and all(len(each) == 1 for each in fits):
            joined[label] = fits[0][0]
    if not joined:
        return ""
    rows = sum(example.label in joined for example in corpus.examples)
    label, first = next(iter(joined.items()))
    example = "" if "," in label else f", for example {label:.60}={first}"
    return (
        f"{corpus.name}: {rows} of {len(corpus)} rows have several labels, such as {label!r:.60}. This model "
        "chooses one, and could be neither right nor wrong there. Take these rows out, or say which label "
        f"counts with a label map{example}. (Models that give several labels take them as they are.)"
    )


def _listed(names: Sequence[str], shown: int = 12) -> str:
    text = ", ".join(repr(name)[:60] for name in names[:shown]) or "none"
    return text if len(names) <= shown else f"{text} and {len(names) - shown} more"
