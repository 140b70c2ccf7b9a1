import pytest

from audits import plan_file, rules
from audits.plan import PlanError, make
from audits.rules import PolicyError, Rule

FIELDS = {"model": "m", "data": "d", "tests": "casing@1,deepwordbug"}
POLICY = """\
# limits of the release
rules:
  - figure: accuracy
    at_least: 85 %

  - figure: drop *
    at_most: 0.05
    worse_by_at_most: 2%
"""


def test_a_policys_file_gives_its_rules_and_their_lines(tmp_path):
    file = tmp_path / "policy.yaml"
    file.write_text(POLICY)
    policy = rules.load(str(file))
    assert policy.rules == (
        Rule(figure="accuracy", at_least=0.85),
        Rule(figure="drop *", at_most=0.05, worse_by_at_most=0.02),
    )
    assert policy.lines == (3, 6) and policy.needs_baseline
    # The policy of a plan, and a plan that names the file.
    (tmp_path / "plan.yaml").write_text(f"model: m\npolicy: {file}\n")
    assert rules.load(str(tmp_path / "plan.yaml")) == policy
    (tmp_path / "plan.yaml").write_text("model: m\npolicy: [{figure: accuracy, at_least: 1}]\n")
    assert rules.load(str(tmp_path / "plan.yaml")).rules == (Rule(figure="accuracy", at_least=1),)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("{figur: accuracy, at_least: 1}", ["line 2: rule 1: figur", "Did you mean figure?"]),
        ("{figure: acuracy, at_least: 1}", ["line 2: rule 1", "no figure 'acuracy'", "accuracy?"]),
        ("{figure: accuracy}", ["it sets no limit", "at_least"]),
        ("{figure: accuracy, at_least: high}", ["at_least: 'high' cannot be used", "85 %"]),
        ("{figure: accuracy, at_least: 85}", ["85 is more than any share", "0.85 or 85 %"]),
        ("{figure: accuracy, at_least: nan}", ["'nan' cannot be used"]),
        ("{figure: accuracy, at_least: .9, at_most: .8}", ["more than at_most"]),
        ("{figure: drop, at_most: .1}", ["drop of what?", "drop *"]),
        ("{figure: 'accuracy [length>long]', at_most: .1}", ["'length>long' is no slice", "length>20"]),
        ("{figure: 'macro_f1 [length>9]', at_most: .1}", ["only accuracy and drop are known by slice"]),
        ("{figure: accuracy, worse_by_at_most: -0.1}", ["worse_by_at_most: '-0.1'", "0 or more"]),
        ("accuracy >= 0.8", ["rule 1", "- figure: accuracy"]),
    ],
)
def test_a_wrong_rule_is_named_with_its_line(tmp_path, rule, words):
    file = tmp_path / "policy.yaml"
    file.write_text(f"rules:\n  - {rule}\n")
    with pytest.raises(PolicyError) as problem:
        rules.load(str(file))
    assert all(word in str(problem.value) for word in words), problem.value
    # The same in a plan, whose error it is then.
    with pytest.raises(PlanError) as planned:
        plan_file.parse(f"model: m\ntests: casing@1,deepwordbug\npolicy:\n  - {rule}\ndata: d\n", "p.yaml")
    assert "p.yaml, line 4: policy, rule 1" in str(planned.value)


def test_rules_are_read_from_a_text_and_written_as_one():
    found = rules.parse("- figure: accuracy\n  at_least: 85 %\n")
    assert found == (Rule(figure="accuracy", at_least=0.85),)
    assert rules.parse(rules.dump(found)) == rules.parse(f"rules:\n{rules.dump(found)}") == found
    assert rules.parse(" \n") == () and rules.dump(()) == ""
    for text in ("accuracy", "- figure: [", "figure: accuracy"):
        with pytest.raises(PolicyError):
            rules.parse(text)


@pytest.mark.parametrize("text", ["rules: []\n", "rules:\n", "a: 1\n", "rules: {a: b}\n"])
def test_a_file_without_rules_says_how_they_are_written(tmp_path, text):
    (tmp_path / "policy.yaml").write_text(text)
    with pytest.raises(PolicyError, match="figure: accuracy"):
        rules.load(str(tmp_path / "policy.yaml"))


def test_what_else_stands_in_a_policy_is_not_ignored(tmp_path):
    (tmp_path / "policy.yaml").write_text("rules: [{figure: accuracy, at_least: 0.8}]\nconfidence: 0.5\n")
    with pytest.raises(PolicyError, match="line 2: confidence"):
        rules.load(str(tmp_path / "policy.yaml"))
    with pytest.raises(PlanError, match=r"policy: .*gone.yaml"):
        make(**FIELDS, policy=str(tmp_path / "gone.yaml"))


def test_a_plan_keeps_its_policy_and_knows_its_tests(tmp_path):
    (tmp_path / "policy.yaml").write_text(POLICY)
    plan = make(**FIELDS, policy=str(tmp_path / "policy.yaml"), baseline="nodag")
    assert len(plan.policy) == 2 and make(**FIELDS).policy == ()
    assert plan_file.parse(plan_file.dump(plan)) == plan
    for figure, words in (
        ("drop casing@3", "no test 'casing@3'. Did you mean casing@1?"),
        ("drop x*", "no test"),
    ):
        text = plan_file.dump(make(**FIELDS)) + f"policy:\n- figure: {figure}\n  at_most: 0.1\n"
        with pytest.raises(PlanError, match=r"line \d+: policy, rule 1: figure: the plan has") as problem:
            plan_file.parse(text)
        assert words in str(problem.value)
