"""Looking inside a model: attributions, attention, embeddings."""
