"""Labelled data: loading it, matching its labels to a model's, and the sets that come with Assay."""
