"""Recipes of one's own: what they build, what is said of bad ones, and their way through a plan."""

import pytest

from attacks import engine
from attacks.entry import AttackError
from attacks.recipes import custom
from audits import plan
from tests.attacks.doubles import WordCounter

GOOD = """
name: typos
transformations:
  - WordSwapQWERTY
  - WordSwapNeighboringCharacterSwap: {skip_first_char: true}
constraints:
  - RepeatModification
  - StopwordModification
  - MaxWordsPerturbed: {max_percent: 0.5}
search:
  GreedyWordSwapWIR: {wir_method: delete}
"""
TEXTS = ("A good film with a dull ending", "It was an awful journey", "Superb cooking, bad service")


def targets(model):
    return [int(row.argmax()) for row in model.probabilities(TEXTS)]


def test_a_recipe_is_what_it_says_whatever_its_comments():
    recipe = custom.load(GOOD)
    assert recipe.entry.name == "custom:typos" and recipe.entry.flips and not recipe.entry.needs
    assert custom.load("# mine\n" + GOOD).content == recipe.content
    assert custom.load(GOOD.replace("0.5", "0.6")).content != recipe.content


def test_it_attacks_as_textattacks_own_parts_do():
    from attacks.resources import import_textattack

    import_textattack()
    from textattack import Attack
    from textattack.constraints.overlap import MaxWordsPerturbed
    from textattack.constraints.pre_transformation import RepeatModification, StopwordModification
    from textattack.goal_functions import UntargetedClassification
    from textattack.search_methods import GreedyWordSwapWIR
    from textattack.transformations import (
        CompositeTransformation,
        WordSwapNeighboringCharacterSwap,
        WordSwapQWERTY,
    )

    from attacks.recipes import Recipe

    def by_hand(setup):
        swaps = [WordSwapQWERTY(), WordSwapNeighboringCharacterSwap(skip_first_char=True)]
        constraints = [RepeatModification(), StopwordModification(), MaxWordsPerturbed(max_percent=0.5)]
        goal = UntargetedClassification(setup.wrapper)
        return Attack(goal, constraints, CompositeTransformation(swaps), GreedyWordSwapWIR("delete"))

    recipe, model = custom.load(GOOD), WordCounter()
    found = engine.run(recipe, None, model, TEXTS, targets(model), seed=5, judge=False)
    wanted = engine.run(
        Recipe(recipe.entry, by_hand), None, model, TEXTS, targets(model), seed=5, judge=False
    )
    assert found == wanted
    assert any(outcome.status == "succeeded" for outcome in found)


def test_a_goal_of_one_label_and_one_that_keeps_the_answer():
    model = WordCounter(("a", "b", "c"))
    recipe = custom.load(GOOD + "goal: {targeted: c}\n")
    outcomes = engine.run(recipe, None, model, TEXTS, [0] * 3, seed=0, judge=False)
    for outcome in outcomes:
        if outcome.status == "succeeded":
            assert outcome.probabilities_after.index(max(outcome.probabilities_after)) == 2
    with pytest.raises(AttackError, match=r"no label 'd'. There are: a, b, c"):
        engine.run(custom.load(GOOD + "goal: {targeted: d}\n"), None, model, TEXTS, [0] * 3, seed=0)

    reduction = "name: less\ngoal: input-reduction\ntransformations: [WordDeletion]\nsearch: GreedySearch\n"
    recipe = custom.load(reduction)
    assert recipe.entry.name == "custom-reduction:less" and not recipe.entry.flips
    (outcome,) = engine.run(recipe, None, model, TEXTS[:1], targets(model)[:1], seed=0)
    assert outcome.status == "succeeded" and len(outcome.perturbed) < len(TEXTS[0])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            GOOD.replace("WordSwapQWERTY", "WordSwapQWRTY"),
            "transformations: there is no .* Did you mean Word",
        ),
        (
            GOOD.replace("skip_first_char", "skip_first"),
            "has no parameter 'skip_first'. Did you mean skip",
        ),
        (GOOD.replace("0.5", "half"), "constraints: MaxWordsPerturbed, max_percent: .* not 'half'"),
        (GOOD.replace("delete", "erase"), "search: GreedyWordSwapWIR, wir_method"),
        (
            GOOD.replace("constraints", "constrants"),
            "constrants: a recipe has no such field. Did you mean",
        ),
        (GOOD.replace("typos", "My typos!"), "name: it is made of small letters"),
        (GOOD + "goal: win", "goal: it is untargeted, {targeted: LABEL} or input-reduction"),
        ("name: x\nsearch: GreedySearch\ntransformations: []\n", "transformations: name at least one"),
        ("name: x\ntransformations: [WordDeletion]\n", "search: it is missing"),
        ("name: x\n y: : z\n", "this is not YAML"),
        ("a: !!python/object/apply:os.system [ls]\n", "this is not YAML"),
        ("- a\n- b\n", "a recipe has the fields name"),
        ("x" * 30_000, "too many for a recipe"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text, said):
    with pytest.raises(AttackError, match=said):
        custom.load(text, source="my.yaml")
    with pytest.raises(AttackError, match=r"^my\.yaml: "):
        custom.load(text, source="my.yaml")


def test_parts_that_do_not_go_together_are_told_before_the_first_example():
    text = GOOD.replace("GreedyWordSwapWIR: {wir_method: delete}", "ParticleSwarmOptimization").replace(
        "WordSwapQWERTY", "WordDeletion"
    )
    with pytest.raises(AttackError, match="do not go together"):
        engine.run(custom.load(text), None, WordCounter(), TEXTS, [0] * 3, seed=0)


def test_a_plan_carries_the_recipe_and_needs_its_file_no_more(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD)
    made = plan.make(model="m", data="d", tests=f"{file},deepwordbug")
    file.unlink()
    assert made.tests == ("custom:typos", "deepwordbug")
    again = plan.Plan.model_validate_json(made.model_dump_json())
    recipe = again.recipe("custom:typos")
    assert recipe is not None and recipe.content == custom.load(GOOD).content
    assert again.recipe("deepwordbug") is None
    assert "--tests=typos.yaml,deepwordbug" in again.command
    assert plan.make(**again.model_dump()) == again


def test_a_plan_says_which_file_is_wrong(tmp_path):
    file = tmp_path / "mine.yaml"
    with pytest.raises(plan.PlanError, match=r"tests: .*mine.yaml: the recipe cannot be read: No such file"):
        plan.make(model="m", data="d", tests=str(file))
    file.write_text(GOOD.replace("WordSwapQWERTY", "WordSwapQWRTY"))
    with pytest.raises(plan.PlanError, match=r"tests: .*mine.yaml: transformations: there is no"):
        plan.make(model="m", data="d", tests=str(file))
    other = tmp_path / "other.yaml"
    file.write_text(GOOD)
    other.write_text(GOOD.replace("0.5", "0.6"))
    with pytest.raises(plan.PlanError, match="another recipe is called custom:typos already"):
        plan.make(model="m", data="d", tests=f"{file},{other}")
