"""The row of choices on the Explain page: what is explained, by which method, with which settings."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from pages import selection
from pages.selection import AUTO, plain
from views.numbers import percent

if TYPE_CHECKING:
    from analysis.attribution import Baseline, Quantity, Removal
    from models.transformer import TransformerClassifier

#: How the URL writes the quantities that hold the label against nothing.
QUANTITIES: "dict[str, Quantity]" = {"-": "logit", "-p": "probability", "-odds": "log-odds"}
GROUPS = {"quick": "Quick", "gradients": "Gradients", "removal": "Removal", "attention": "Attention"}
TOLERANCES = (0.01, 0.02, 0.05, 0.1)
STEPS = (12, 36, 108, 324)
SAMPLES = (50, 100, 200, 400, 800, 1600)
REMOVALS = {"mask": "masked", "delete": "deleted"}


@dataclass(frozen=True)
class Choice:
    """Everything that is asked of an attribution; label numbers, None where the model's answer decides."""

    method: str
    target: int | None
    contrast: int | None
    quantity: "Quantity"
    baseline: "Baseline" = "pad"
    tolerance: float = 0.02
    steps: int = STEPS[-1]
    samples: int | None = None
    seed: int = 0
    removal: "Removal | None" = None

    def by(self, method: str) -> "Choice":
        """The same question put to another method, with its usual settings."""
        return Choice(method, self.target, self.contrast, self.quantity, seed=self.seed)

    def from_baseline(self, baseline: "Baseline") -> "Choice":
        """The same question put from another baseline."""
        return replace(self, baseline=baseline)


def sensible_baselines(model: "TransformerClassifier") -> "tuple[list[Baseline], list[str]]":
    """The baselines that make sense for a model, and why the others make none."""
    from analysis.attribution import BASELINES, why_not

    reasons = {baseline: why_not(model, baseline) for baseline in BASELINES}
    return [one for one, reason in reasons.items() if reason is None], [*filter(None, reasons.values())]


def draw(model: "TransformerClassifier", predicted: int, unusable: dict[str, str]) -> Choice:
    """The compact row; methods that the model cannot be explained by are left out and named below it."""
    from analysis.attribution import METHODS

    usable = [name for name in METHODS if name not in unusable]
    number = {label: index for index, label in enumerate(model.labels)}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="explain-settings"):
        usual = "integrated-gradients" if "integrated-gradients" in usable else "kernel-shap"
        method = selection.option(
            "method",
            usable,
            usual,
            label="Method",
            format_func=lambda name: (
                f"{GROUPS[METHODS[name].group]}: {METHODS[name].title}" if name in METHODS else name
            ),
            help=METHODS[_asked(usable, usual)].description,
            width=245,
        )
        target = selection.option(
            "target",
            [AUTO, *model.labels],
            AUTO,
            label="Explain",
            format_func=lambda name: (
                f"the answer ({plain(model.labels[predicted], 30)})" if name == AUTO else plain(name, 40)
            ),
            width=182,
        )
        explained = predicted if target == AUTO else number[target]
        usual_contrast, quantities = _against(model)
        others = [label for label in model.labels if label != model.labels[explained]]
        contrast = selection.option(
            "contrast",
            [AUTO, *(others if model.answering != "number" else ()), *quantities],
            AUTO,
            label="rather than",
            format_func=lambda name: {AUTO: usual_contrast, **quantities}.get(name, plain(name, 40)),
            width=180,
        )
        choice = Choice(
            method=method,
            target=None if target == AUTO else number[target],
            contrast=None if contrast == AUTO or contrast in QUANTITIES else number[contrast],
            quantity=QUANTITIES.get(contrast, "difference"),
        )
        return _settings(model, choice)


def _against(model: "TransformerClassifier") -> tuple[str, dict[str, str]]:
    """What the answer is held against unless told, in words, and the quantities held against nothing."""
    if model.answering == "number":
        return "nothing: the value itself", {}
    chance = {"-p": "nothing: its probability"}
    if model.answering == "several":
        return "nothing: its log-odds", chance
    usual = "the other label" if len(model.labels) == 2 else "the runner-up"
    return usual, {"-": "nothing: its logit alone", **chance, "-odds": "nothing: its log-odds"}


def _asked(usable: list[str], usual: str) -> str:
    asked = selection.remembered("method", usual)
    return asked if asked in usable else usual


def _settings(model: "TransformerClassifier", choice: Choice) -> Choice:
    """What concerns the chosen method, in the same row."""
    from analysis.attribution import METHODS, baseline_title, removals

    uses = METHODS[choice.method].uses
    if "baseline" in uses:
        sensible, senseless = sensible_baselines(model)
        baseline = selection.option(
            "baseline",
            sensible,
            sensible[0],
            label="Baseline",
            format_func=lambda name: baseline_title(model, name),
            help=" ".join(["What stands in place of every word where the path begins.", *senseless]),
            width=140,
        )
        choice = replace(choice, baseline=baseline)
    if "max_steps" in uses:
        tolerance = selection.option(
            "tolerance",
            TOLERANCES,
            0.02,
            label="Error at most",
            format_func=lambda value: percent(value, 0),
            help="Steps rise until the scores add up to what they explain, but for this share of it.",
            width=110,
        )
        steps = selection.option("steps", STEPS, STEPS[-1], label="Steps at most", width=100)
        choice = replace(choice, tolerance=tolerance, steps=steps)
    if "removal" in uses:
        ways = removals(model)
        removal = selection.option(
            "removal",
            ways,
            ways[0],
            label="Words are",
            format_func=lambda name: REMOVALS[name],
            help="Masked words leave a mask token in their place; deleted ones leave nothing.",
            width=110,
        )
        choice = replace(choice, removal=removal)
    if "samples" in uses:
        samples = selection.option(
            "samples",
            (0, *SAMPLES),
            0,
            label="Samples",
            format_func=lambda number: str(number or "the usual"),
            width=110,
        )
        choice = replace(choice, samples=samples or None)
    if "seed" in uses:
        seed = selection.seed_input("explain.seed", "Decides everything that the method draws.")
        choice = replace(choice, seed=seed)
    return choice
