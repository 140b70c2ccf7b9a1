"""Where a model places texts and words: pooled hidden states, projections, neighbours."""

from analysis.embeddings.hidden import POOLINGS, EmbeddingError, Pooled, Pooling, embed, pool_layers
from analysis.embeddings.neighbours import label_votes, nearest, neighbours_kept
from analysis.embeddings.projection import METHODS, Method, Projection, project
from analysis.embeddings.vocabulary import nearest_words, word_pieces

__all__ = [
    "METHODS",
    "POOLINGS",
    "EmbeddingError",
    "Method",
    "Pooled",
    "Pooling",
    "Projection",
    "embed",
    "label_votes",
    "nearest",
    "nearest_words",
    "neighbours_kept",
    "pool_layers",
    "project",
    "word_pieces",
]
