"""Every method by name: what it is, what it costs, and what it needs from a model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from analysis.asking import Asking
from analysis.attribution import attention, deeplift, games, integrated, local, values
from analysis.attribution.task import Scores, Task

Group = Literal["quick", "gradients", "removal", "attention"]
Need = Literal[
    "gradients", "rules for every step", "attention weights", "gradients of attention", "values", "nothing"
]


@dataclass(frozen=True)
class Method:
    """One way to score words.

    `needs` is what the model must give; what a family cannot give is found out by asking it
    (`analysis.attribution.unusable`). `slow` methods take seconds for a sentence on a processor, the
    others less than one. `signed` scores speak for or against; the others only say how much. `scale` says
    what the scores are counted in: the "answer" (logits, or whatever the quantity is), a "share" of a
    whole, or a unit of its "own". `uses` are the settings that concern it. `run` finds the scores of one
    text; written as a computation that asks (`analysis.asking`), or as a game, it shares its batches with
    other texts.
    """

    name: str
    title: str
    group: Group
    description: str
    paper: str
    needs: Need
    run: Callable[[Task], Scores | Asking[Scores]] | games.Game
    signed: bool = True
    scale: Literal["answer", "share", "own"] = "answer"
    slow: bool = False
    uses: tuple[str, ...] = ()


_ALL = (
    Method(
        name="relevance",
        title="attention relevance",
        group="quick",
        description="Attention weights times their gradients, followed from the answer back to the words.",
        paper="Chefer, Gur and Wolf, 2021",
        needs="gradients of attention",
        run=attention.relevance,
        signed=False,
        scale="own",
    ),
    Method(
        name="gradient-input",
        title="gradient × input",
        group="quick",
        description="The slope at the text times each word's embedding; misleads where the model is sure.",
        paper="Denil et al., 2014; Shrikumar et al., 2016",
        needs="gradients",
        run=local.gradient_times_input,
    ),
    Method(
        name="saliency",
        title="saliency",
        group="quick",
        description="How fast the answer moves with each word's embedding, in whatever direction.",
        paper="Simonyan et al., 2014; Li et al., 2016",
        needs="gradients",
        run=local.saliency,
        signed=False,
        scale="own",
    ),
    Method(
        name="integrated-gradients",
        title="integrated gradients",
        group="gradients",
        description="Slopes summed along the line from a text without words to this one; they add up.",
        paper="Sundararajan, Taly and Yan, 2017",
        needs="gradients",
        run=integrated.integrated_gradients,
        uses=("baseline", "tolerance", "max_steps", "precision"),
    ),
    Method(
        name="deeplift",
        title="DeepLIFT",
        group="gradients",
        description="The difference to a text without words, handed back step by step; adds up in one pass.",
        paper="Shrikumar, Greenside and Kundaje, 2017; Lundberg and Lee, 2017",
        needs="rules for every step",
        run=deeplift.deeplift,
        uses=("baseline",),
    ),
    Method(
        name="gradient-shap",
        title="gradient SHAP",
        group="gradients",
        description="Integrated gradients over several baselines, by random draws.",
        paper="Lundberg and Lee, 2017; Erion et al., 2021",
        needs="gradients",
        run=integrated.gradient_shap,
        uses=("samples", "seed", "tolerance"),
    ),
    Method(
        name="smoothgrad",
        title="SmoothGrad",
        group="gradients",
        description="Gradient × input with the gradient averaged over noisy copies of the text.",
        paper="Smilkov et al., 2017",
        needs="gradients",
        run=local.smooth_gradient,
        uses=("samples", "seed"),
    ),
    Method(
        name="occlusion",
        title="leave one out",
        group="removal",
        description="What the answer loses without each word; two words that say the same hide each other.",
        paper="Zeiler and Fergus, 2014; Li, Monroe and Jurafsky, 2016",
        needs="nothing",
        run=games.OCCLUSION,
        uses=("removal",),
    ),
    Method(
        name="lime",
        title="LIME",
        group="removal",
        description="A linear model of the answer, fitted to the text with random words taken away.",
        paper="Ribeiro, Singh and Guestrin, 2016",
        needs="nothing",
        run=games.LIME,
        slow=True,
        uses=("removal", "samples", "seed"),
    ),
    Method(
        name="kernel-shap",
        title="Kernel SHAP",
        group="removal",
        description="Shapley values by a weighted fit: each word's fair part; exact for short texts.",
        paper="Lundberg and Lee, 2017; Covert and Lee, 2021",
        needs="nothing",
        run=games.KERNEL_SHAP,
        slow=True,
        uses=("removal", "samples", "seed"),
    ),
    Method(
        name="shapley-sampling",
        title="Shapley sampling",
        group="removal",
        description="Shapley values: what each word adds, averaged over random orders of the words.",
        paper="Castro et al., 2009; Štrumbelj and Kononenko, 2010",
        needs="nothing",
        run=games.SHAPLEY_SAMPLING,
        slow=True,
        uses=("removal", "samples", "seed"),
    ),
    Method(
        name="rollout",
        title="attention rollout",
        group="attention",
        description="Attention weights multiplied through the layers; knows nothing of the label.",
        paper="Abnar and Zuidema, 2020",
        needs="attention weights",
        run=attention.rollout,
        signed=False,
        scale="share",
    ),
    Method(
        name="value-zeroing",
        title="value zeroing",
        group="attention",
        description="How far the states turn without each word's value; knows nothing of the label.",
        paper="Mohebbi et al., 2023",
        needs="values",
        run=values.value_zeroing,
        signed=False,
        scale="share",
    ),
)

METHODS: Mapping[str, Method] = MappingProxyType({method.name: method for method in _ALL})
