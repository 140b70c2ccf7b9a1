"""One noise at every severity on some rows, in the background and kept nowhere: a quick curve."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from attacks import engine
from attacks.outcome import Outcome
from attacks.registry import entry
from attacks.running import Running
from audits import statistics
from models.classifier import Classifier
from views.charts.curves import Curve, Point


@dataclass(eq=False)
class Sweep(Running):
    """A noise's way through its severities.

    `done` of `total` answers are there. Where it ended early, the severities that were complete by then stay.
    """

    noise: str
    texts: Sequence[str]
    targets: Sequence[int]
    seed: int
    done: int = 0
    _outcomes: dict[int, list[Outcome]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many rows it makes, all severities together."""
        return len(self.texts) * len(entry(self.noise).severities)

    def curve(self) -> Curve | None:
        """Accuracy over the share really edited, clean answers first; None before one severity is done."""
        complete = sorted(self._outcomes.items())
        points = [self._point(outcomes, f"severity {severity}") for severity, outcomes in complete]
        found = [point for point in points if point]
        clean = self._point(complete[0][1], "unchanged", before=True) if complete else None
        return Curve(entry(self.noise).title, (clean, *found)) if clean else None

    def _point(self, outcomes: Sequence[Outcome], note: str, *, before: bool = False) -> Point | None:
        """One severity, or the answers before it; rows that failed count nowhere."""
        valid = [
            (target, outcome)
            for target, outcome in zip(self.targets, outcomes, strict=True)
            if outcome.status != "error"
        ]
        if not valid:
            return None
        right = np.array(
            [
                int(np.argmax(outcome.probabilities_before if before else outcome.probabilities_after))
                == target
                for target, outcome in valid
            ]
        )
        edited = 0.0 if before else float(np.mean([outcome.characters_edited for _, outcome in valid]))
        rate = statistics.accuracy(right)
        return Point(edited, rate.value, rate.low, rate.high, rate.count, note)

    def work(self, classifier: Classifier) -> None:
        """Puts the texts through one severity after the other."""
        for severity in entry(self.noise).severities:
            self._outcomes[severity] = engine.run(
                self.noise,
                severity,
                classifier,
                self.texts,
                self.targets,
                seed=self.seed,
                on_outcome=self._count,
                cancelled=self._cancel.is_set,
            )

    def _count(self, index: int, outcome: Outcome) -> None:
        self.done += 1
