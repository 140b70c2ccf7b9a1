"""Where a model looks: attention weights, what each head does with them, and what flows to the answer.

Attention weights say where a layer took its mixture of values from. They are not by themselves
evidence of why a model answered as it did (Jain & Wallace 2019, "Attention is not Explanation";
Wiegreffe & Pinter 2019, "Attention is not not Explanation"): for that, see `analysis.attribution`.
"""

from analysis.attention.ablation import scaled, without_each
from analysis.attention.comparison import Comparison, compare
from analysis.attention.effects import HeadEffects, effects, softmax
from analysis.attention.flow import flow_to_answer, rollout, rollout_to_answer
from analysis.attention.glance import Glance, glance
from analysis.attention.gradients import Importance, importance, weights_and_gradients
from analysis.attention.heads import HeadProfiles, Pattern
from analysis.attention.weights import Attention, Part, attend, parts

__all__ = [
    "Attention",
    "Comparison",
    "Glance",
    "HeadEffects",
    "HeadProfiles",
    "Importance",
    "Part",
    "Pattern",
    "attend",
    "compare",
    "effects",
    "flow_to_answer",
    "glance",
    "importance",
    "parts",
    "rollout",
    "rollout_to_answer",
    "scaled",
    "softmax",
    "weights_and_gradients",
    "without_each",
]
