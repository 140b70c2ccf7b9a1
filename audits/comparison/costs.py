"""What two models cost beside each other."""

from audits.comparison.sides import Side
from audits.costs import milliseconds, per_second
from views.numbers import memory, percent

#: Latencies nearer to each other than this are the same: two runs of one model differ by as much.
SAME = 0.1


def comparable(first: Side, second: Side) -> bool:
    """Whether the seconds of both were measured on the same texts and machine."""
    one, two = first.cost, second.cost
    return bool(one and two and one.machine == two.machine and one.sample == two.sample)


def speed(first: Side, second: Side) -> float | None:
    """How many times as fast the second answers a text alone; None where that says nothing."""
    if not (first.cost and second.cost and comparable(first, second)):
        return None
    if first.cost.is_disturbed or second.cost.is_disturbed:
        return None
    return first.cost.median / second.cost.median


def in_short(first: Side, second: Side) -> str:
    """What to say of speed and memory beside a difference in accuracy; empty where nothing is known."""
    parts = []
    times = speed(first, second)
    if times is not None:
        about = f"{times:.1f} times as fast" if times >= 1 else f"{1 / times:.1f} times as slow"
        parts.append("about as fast" if abs(times - 1) <= SAME else about)
    if first.cost and second.cost and second.cost.weights != first.cost.weights:
        share = second.cost.weights / first.cost.weights
        parts.append(f"{percent(share, 0)} of its size" if share < 1 else f"{share:.1f} times its size")
    return " and ".join(parts)


def lines(first: Side, second: Side) -> list[tuple[str, str, str, str]]:
    """What was measured, of the first, of the second, and their ratio where it means something."""
    one, two = first.cost, second.cost
    if not one or not two:
        return []
    same = comparable(first, second)

    def ratio(after: float | None, before: float | None, *, sound: bool = True) -> str:
        return f"× {after / before:.2f}" if sound and after and before else "–"

    return [
        ("A text asked alone, median", milliseconds(one.median), milliseconds(two.median),
         ratio(two.median, one.median, sound=same)),
        ("95 % of them within", milliseconds(one.p95), milliseconds(two.p95),
         ratio(two.p95, one.p95, sound=same)),
        ("Many asked together", per_second(one.throughput), per_second(two.throughput),
         ratio(two.throughput, one.throughput, sound=same)),
        ("Weights", memory(one.weights), memory(two.weights), ratio(two.weights, one.weights)),
        ("Most in use, with the program" if one.device == "cpu" else "Most in use",
         memory(one.peak) if one.peak else "–", memory(two.peak) if two.peak else "–",
         ratio(two.peak, one.peak, sound=one.device == two.device)),
    ]  # fmt: skip


def note(first: Side, second: Side) -> str:
    """What the seconds may be held against, in a sentence; empty where none were measured."""
    one, two = first.cost, second.cost
    missing = [side.title for side in (first, second) if side.cost is None]
    if not one or not two:
        return f"What {' and '.join(missing)} cost was not measured." if len(missing) < 2 else ""
    if one.machine != two.machine:
        return "They were measured on different machines, so their seconds say nothing of the models."
    if one.sample != two.sample:
        return "They were measured on other texts, so their seconds say nothing of the models."
    busy = one.is_disturbed or two.is_disturbed
    load = " Other work ran beside, so they are rough: measure again on a quiet machine." if busy else ""
    return (
        f"Measured on the first {one.texts} of the audits' own texts, on {one.processor}, {one.threads} "
        f"thread{'s' if one.threads != 1 else ''}. Seconds compare only on the same machine.{load}"
    )
