"""Classifiers: loading them safely, running them in batches, and the ones that come with Assay."""
