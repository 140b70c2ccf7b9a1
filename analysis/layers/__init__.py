"""How an answer comes about: the head's answer after each layer, what each part adds, how states move."""

from analysis.layers.contributions import Contributions, Part, contribute
from analysis.layers.inference import Comparison, Inference, Pair, align, compare, infer
from analysis.layers.lens import Lens, drift, read_layers, turn
from analysis.layers.stack import LayerError, Stack

__all__ = [
    "Comparison",
    "Contributions",
    "Inference",
    "LayerError",
    "Lens",
    "Pair",
    "Part",
    "Stack",
    "align",
    "compare",
    "contribute",
    "drift",
    "infer",
    "read_layers",
    "turn",
]
