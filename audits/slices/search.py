"""Weak slices: the known ones tested, others searched for on one half and confirmed on the other."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from audits import statistics
from audits.rows import Row, source
from audits.slices.conditions import (
    FEWEST,
    Answers,
    Condition,
    Metadata,
    answers_of,
    containing,
    known,
    weaker,
    words_in,
)
from audits.slices.figures import Found, Outcome, Slice, Slices

#: Words that so many examples share are tried as conditions, the most frequent first.
MOST_WORDS = 80
#: So many weak slices of each kind are put to the other half.
CANDIDATES = 4


def slices(
    clean: Iterable[Row],
    under_noise: Iterable[Row],
    labels: Sequence[str],
    metadata: Metadata | None = None,
    seed: int = 0,
    *,
    asked: Sequence[str] = (),
) -> Slices:
    """The slices of an audit from its clean rows and those of its noises, all without errors.

    `metadata` holds the data's other columns by example. `seed` draws the halves. `asked` are the known
    slices to look at (`audits.slices.named`), in the place of all.
    """
    answers = answers_of(clean, under_noise, labels)
    if len(answers.rows) < 2 * FEWEST:
        return Slices()
    conditions = known(answers, metadata or {}, asked)
    outcomes: list[Outcome] = ["unchanged"]
    if not np.isnan(answers.noisy).all():
        outcomes.append("under noise")
    found, tried = _searched(answers, conditions, outcomes, seed)
    return Slices(known=_figures(answers, conditions, outcomes), found=found, tried=tried)


def _figures(
    answers: Answers, conditions: Sequence[Condition], outcomes: Sequence[Outcome]
) -> tuple[Slice, ...]:
    values = {
        outcome: [weaker(answers.values(outcome), one.holds) for one in conditions] for outcome in outcomes
    }
    adjusted = iter(statistics.holm([value for outcome in outcomes for value in values[outcome]]))
    corrected = {outcome: [next(adjusted) for _ in conditions] for outcome in outcomes}
    return tuple(
        Slice(
            by=one.by,
            value=one.value,
            name=one.name,
            examples=int(one.holds.sum()),
            clean=answers.estimate(one.holds, "unchanged"),
            noisy=answers.estimate(one.holds, "under noise") if "under noise" in outcomes else None,
            p_clean=corrected["unchanged"][place],
            p_noisy=corrected["under noise"][place] if "under noise" in outcomes else None,
        )
        for place, one in enumerate(conditions)
    )


def _searched(
    answers: Answers, conditions: Sequence[Condition], outcomes: Sequence[Outcome], seed: int
) -> tuple[tuple[Found, ...], int]:
    """Weak slices of one half, put to the other; and how many were looked at."""
    names = sorted({source(row) for row in answers.rows})
    drawn = np.random.default_rng(seed).permutation(len(names))
    first = {names[place] for place in drawn[: len(names) // 2]}
    half = np.array([source(row) in first for row in answers.rows])
    # A slice of low confidence is weak by its making, and stands among the known ones.
    tried = [one for one in conditions if one.by != "confidence"] + _words(answers, half)
    if not tried:
        return (), 0
    matrix = np.stack([one.holds for one in tried])
    candidates = [
        (outcome, pair) for outcome in outcomes for pair in _weakest(matrix, answers.values(outcome), half)
    ]
    tests = [_confirmed(answers.values(outcome), matrix, pair, ~half) for outcome, pair in candidates]
    found = []
    for (outcome, pair), p_adjusted in zip(candidates, statistics.holm(tests), strict=True):
        inside = _both(matrix, pair)
        found.append(
            Found(
                conditions=tuple(tried[place].written for place in pair),
                outcome=outcome,
                searched=answers.estimate(inside & half, outcome).value,
                accuracy=answers.estimate(inside & ~half, outcome),
                rest=answers.estimate(~inside & ~half, outcome),
                p_adjusted=p_adjusted,
            )
        )
    return tuple(found), len(tried) * (len(tried) + 1) // 2


def _confirmed(
    values: NDArray[np.float64], matrix: NDArray[np.bool_], pair: tuple[int, ...], half: NDArray[np.bool_]
) -> float:
    """How likely chance alone makes the slice weaker than the rest and, for a pair, than either condition.

    All must be rejected, so the largest p-value stands (Berger 1982, Technometrics 24).
    """
    inside = _both(matrix, pair)
    against = [half] + ([half & matrix[place] for place in pair] if len(pair) > 1 else [])
    return max(weaker(values[where], inside[where]) for where in against)


def _both(matrix: NDArray[np.bool_], pair: tuple[int, ...]) -> NDArray[np.bool_]:
    """Where the conditions of a pair, or of one alone, hold together."""
    return np.logical_and.reduce([matrix[place] for place in pair])


def _words(answers: Answers, half: NDArray[np.bool_]) -> list[Condition]:
    """Words that enough examples of the searching half hold, and enough lack."""
    texts = [words_in(row.text) for row in answers.rows]
    counts = Counter(word for place in np.flatnonzero(half).tolist() for word in texts[place])
    # Sets have another order in every process: equally frequent words go by their letters.
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    usual = [word for word, count in ordered if FEWEST <= count <= half.sum() - FEWEST]
    return [containing(word, texts) for word in usual[:MOST_WORDS]]


def _lower(inside: NDArray[np.float64], outside: NDArray[np.float64]) -> NDArray[np.float64]:
    """By how many standard errors the mean inside is lower; both hold counts, sums and sums of squares."""
    with np.errstate(all="ignore"):
        means = inside[1] / inside[0], outside[1] / outside[0]
        spread = (inside[2] / inside[0] - means[0] ** 2) / inside[0]
        spread = spread + (outside[2] / outside[0] - means[1] ** 2) / outside[0]
        score = (means[1] - means[0]) / np.sqrt(np.maximum(spread, 1e-9))
    return np.where((inside[0] >= FEWEST) & (outside[0] >= FEWEST), score, -np.inf)


def _weakest(
    matrix: NDArray[np.bool_], values: NDArray[np.float64], half: NDArray[np.bool_]
) -> list[tuple[int, ...]]:
    """The conditions, alone or in pairs, that are weakest in the searching half, none much like another."""
    use = half & ~np.isnan(values)
    there, known = matrix[:, use].astype(float), values[use]
    other = matrix[:, ~half].astype(float)
    sums = np.stack([there @ there.T, (there * known) @ there.T, (there * known**2) @ there.T])
    everything = np.array([len(known), known.sum(), (known**2).sum()])[:, None, None]
    alone = np.diagonal(sums, axis1=1, axis2=2)
    score = _lower(sums, everything - sums)
    pairs = ~np.eye(len(matrix), dtype=bool)
    # A pair says more than either of its conditions only where it is weaker than what is left of both.
    for parent in (alone[:, :, None], alone[:, None, :]):
        score[pairs] = np.minimum(score, _lower(sums, parent - sums))[pairs]
    score[other @ other.T < FEWEST] = -np.inf
    chosen: list[tuple[int, ...]] = []
    masks: list[NDArray[np.bool_]] = []
    firsts, seconds = np.triu_indices(len(matrix))
    for place in np.argsort(-score[firsts, seconds], kind="stable").tolist():
        one, two = int(firsts[place]), int(seconds[place])
        if len(chosen) == CANDIDATES or not score[one, two] > 0:
            break
        mask = matrix[one] & matrix[two]
        if all((mask & taken).sum() < 0.5 * (mask | taken).sum() for taken in masks):
            chosen.append((one,) if one == two else (one, two))
            masks.append(mask)
    return chosen
