import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audits import plan_file
from audits.commands import parser
from audits.foreground import plan_of
from audits.plan import PlanError, make
from audits.run import run
from audits.store import Store
from tests.audits.doubles import KeywordClassifier, corpus

SMALL = {"model": "bundled:sentiment", "data": "bundled:reviews", "tests": "casing@1"}
RECIPE = """\
name: mine
transformations:
  - WordSwapQWERTY
search: {GreedySearch: }
"""
PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=12).filter(
    str.strip
)


def test_the_starter_is_a_plan_that_names_every_field():
    text = plan_file.starter()
    plan = plan_file.parse(text)
    assert [rule.figure for rule in plan.policy] == ["accuracy", "drop *"]
    assert (plan.model, plan.data, plan.examples, plan.seed) == (
        "bundled:sentiment",
        "bundled:reviews",
        100,
        0,
    )
    assert plan.tests == (*(f"keyboard-typos@{level}" for level in range(1, 6)), "homoglyphs@2")
    # What stands there as a comment holds too.
    for name in set(type(plan).model_fields) - {"left_out", "recipes"}:
        assert f"\n{name}:" in text or f"\n# {name}:" in text, name


FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "label_map": st.dictionaries(PLAIN, PLAIN, max_size=3),
        "text_column": PLAIN,
        "examples": st.integers(1, 10**6),
        "time_budget": st.floats(1e-3, 1e6),
        "stratify": st.sampled_from([("label",), (), ("label", "no"), ("none of it",)]),
        "seed": st.integers(0, 2**32 - 1),
    },
)


@settings(max_examples=30)
@given(FIELDS)
def test_a_plan_that_is_written_is_read_back(fields):
    plan = make(**SMALL, **fields)
    assert plan_file.parse(plan_file.dump(plan)) == plan


def test_a_recipe_of_ones_own_travels_in_the_file(tmp_path):
    (tmp_path / "mine.yaml").write_text(RECIPE)
    plan = make(**(SMALL | {"tests": ["casing", str(tmp_path / "mine.yaml")]}))
    (tmp_path / "mine.yaml").unlink()
    text = plan_file.dump(plan)
    assert "- casing\n" in text and "  - WordSwapQWERTY\n" in text
    assert plan_file.parse(text) == plan


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("exampels: 3", ["p.yaml, line 4: exampels: a plan has no such field. Did you mean examples?"]),
        ("examples: many", ["p.yaml, line 4: examples: 'many' cannot be used. Give a whole number"]),
        ("revision: main", ["line 4", "owner/name@revision"]),
        ("metrics: [accuracy,\n  macro_f]", ["line 5: metrics: there is no figure 'macro_f'", "macro_f1"]),
        ("left_out: [casing]", ["line 4", "no such field"]),
        ("label_map: neg=negative", ["line 4", "neg: negative"]),
        ("seed: -1\n\nmax_words: 30", ["line 4: seed", "line 6: max_words"]),
        ("tests: [casing]", ["line 4: tests stands here a second time"]),
        ("recipes: {custom:x: a}", ["line 4: recipes: custom:x: a recipe has the fields"]),
    ],
)
def test_a_mistake_is_named_with_its_line_and_what_would_be_right(text, words):
    with pytest.raises(PlanError) as problem:
        plan_file.parse(f"model: m\ndata: d\ntests: casing\n{text}\n", "p.yaml")
    assert all(word in str(problem.value) for word in words), problem.value


def test_the_test_that_cannot_be_planned_is_the_one_that_is_named():
    with pytest.raises(PlanError, match=r"line 5: tests: There is no test called 'keybord-typos'"):
        plan_file.parse("model: m\ndata: d\ntests:\n- casing\n- keybord-typos\n")
    with pytest.raises(PlanError, match=r"^plan: data: it is missing"):
        plan_file.parse("model: m\ntests: casing\n")


def chosen(*arguments):
    return plan_of(parser().parse_args(["run", *arguments]))


def test_options_override_the_file_and_bear_no_line(tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text("model: m\ndata: d\ntests: casing@1\nseed: 5\nexamples: 3\nlabel_map: {a: b}\n")
    plan = chosen(str(file), "--examples", "7", "--label-map", "c=d")
    assert (plan.seed, plan.examples, plan.label_map) == (5, 7, {"c": "d"})
    assert chosen("--plan", str(file)) == plan_file.load(file)
    with pytest.raises(PlanError, match=r"^examples: 0 cannot be used"):
        chosen(str(file), "--examples", "0")
    with pytest.raises(PlanError, match="two files"):
        chosen(str(file), "--plan", str(file))


def keys(plan, path):
    """The keys of all rows that a plan makes of the doubles, in order."""
    store = Store(path)
    audit_id = store.create(plan)
    run(audit_id, store, load_classifier=lambda _: KeywordClassifier(), load_corpus=sampled)
    return [row.key for row in store.rows(audit_id)]


def sampled(plan, _):
    from corpora.sampling import sample

    return sample(corpus(), plan.examples, plan.seed, plan.stratify)


def test_file_command_line_and_python_make_the_same_rows(tmp_path):
    fields = {"examples": 12, "seed": 3, "max_words": 0.5}
    of_python = make(**SMALL, **fields)
    file = tmp_path / "plan.yaml"
    file.write_text(plan_file.dump(of_python))
    of_options = chosen(
        *("--model", SMALL["model"], "--data", SMALL["data"], "--tests", SMALL["tests"]),
        *("--examples", "12", "--seed", "3", "--max-words", "0.5"),
    )
    made = [keys(plan, tmp_path / "audits.db") for plan in (of_python, chosen(str(file)), of_options)]
    assert made[0] == made[1] == made[2] and len(set(made[0])) == 12 * (1 + 3)
    assert keys(chosen(str(file), "--seed", "4"), tmp_path / "audits.db") != made[0]
