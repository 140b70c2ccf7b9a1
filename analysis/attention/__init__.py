"""Where a model looks: attention weights, what each head does with them, and what flows to the answer.

Attention weights say where a layer took its mixture of values from. They are not by themselves
evidence of why a model answered as it did (Jain & Wallace 2019, "Attention is not Explanation";
Wiegreffe & Pinter 2019, "Attention is not not Explanation"): for that, see `analysis.attribution`.
"""

from analysis.attention.flow import rollout, rollout_to_answer
from analysis.attention.heads import HeadProfiles, Pattern, profiles, strongest_pair
from analysis.attention.weights import Attention, attend

__all__ = [
    "Attention",
    "HeadProfiles",
    "Pattern",
    "attend",
    "profiles",
    "rollout",
    "rollout_to_answer",
    "strongest_pair",
]
