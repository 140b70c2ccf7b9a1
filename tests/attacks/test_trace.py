from hypothesis import given
from hypothesis import strategies as st

from attacks.trace import LONGEST, Step, Trace, difference

words = st.lists(st.sampled_from("abc"), max_size=8)


@given(st.integers(0, 3000))
def test_a_trace_is_bounded_and_keeps_its_ends(count):
    trace = Trace()
    steps = [Step(number, 0.0, "", 1) for number in range(count)]
    for step in steps:
        trace.add(step)
    kept = trace.steps
    assert len(kept) <= LONGEST
    assert list(kept) == sorted(set(kept), key=lambda step: step.queries)
    if count <= LONGEST // 2:
        assert list(kept) == steps
    if steps:
        assert kept[0] is steps[0] and kept[-1] is steps[-1]


@given(words, words, words, words)
def test_a_difference_leaves_out_what_both_share(start, before, after, end):
    shown = difference([*start, *before, *end], [*start, *after, *end])
    if before == after:
        assert shown == ("", "")
    assert len(shown[0].split()) <= max(len(before), 0) and len(shown[1].split()) <= max(len(after), 0)


def test_a_difference_names_the_words():
    assert difference(["a", "dull", "film"], ["a", "bright", "film"]) == ("dull", "bright")
    assert difference(["a", "dull", "film"], ["a", "film"]) == ("dull", "")
    assert difference([], list("abcdefgh")) == ("", "a b c d e f …")
