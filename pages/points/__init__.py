"""The parts of the Embeddings page: what it draws from, slow projections, the rows, and the words."""
