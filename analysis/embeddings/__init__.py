"""Where a model places texts and words: pooled hidden states, projections, neighbours."""

from analysis.embeddings.context import InContext, in_context
from analysis.embeddings.hidden import POOLINGS, EmbeddingError, Pooled, Pooling, embed, pool_layers
from analysis.embeddings.neighbours import label_votes, nearest, neighbourhood, neighbours_kept
from analysis.embeddings.projection import METHODS, Dimensions, Method, Projection, aligned, project
from analysis.embeddings.vocabulary import nearest_words, word_pieces

__all__ = [
    "METHODS",
    "POOLINGS",
    "Dimensions",
    "EmbeddingError",
    "InContext",
    "Method",
    "Pooled",
    "Pooling",
    "Projection",
    "aligned",
    "embed",
    "in_context",
    "label_votes",
    "nearest",
    "nearest_words",
    "neighbourhood",
    "neighbours_kept",
    "pool_layers",
    "project",
    "word_pieces",
]
