"""Suites of checks in the manner of CheckList: templates whose slots are filled, and what a model must do.

Ribeiro et al. (2020), Beyond Accuracy: Behavioral Testing of NLP Models with CheckList, ACL. A suite is a
YAML file (`suite`); its cases are sampled from all that its templates can say (`filling`).
"""

from attacks.templates.filling import Case, cases
from attacks.templates.suite import SUITES, Check, Direction, Invariance, Minimum, Suite, load, parse

__all__ = ["SUITES", "Case", "Check", "Direction", "Invariance", "Minimum", "Suite", "cases", "load", "parse"]
