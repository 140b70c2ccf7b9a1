"""The planted model of `benchmarks.planted`, under the name that these tests know."""

from benchmarks.planted import FILLER, KEYWORD, classifier

__all__ = ["FILLER", "KEYWORD", "classifier"]
