"""What a model's answers are worth beyond accuracy, clean or under a test."""

from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from audits import statistics
from audits.rows import Row, source
from audits.statistics import Estimate


class Quality(BaseModel):
    """Scores of the answers on some rows, each with its interval.

    `recalls` holds for each label that occurs the share of its rows answered right. Macro F1, recalls and
    the Brier score lie between 0 and 1, `log_loss` is in nats, `calibration_error` is the
    expected one in ten bins.
    """

    model_config = ConfigDict(frozen=True)

    macro_f1: Estimate
    recalls: Mapping[str, Estimate]
    brier: Estimate
    log_loss: Estimate
    calibration_error: Estimate

    @property
    def weakest(self) -> tuple[str, Estimate]:
        """The label that is recognised least, and how often."""
        return min(self.recalls.items(), key=lambda pair: pair[1].value)


def quality(rows: Sequence[Row], labels: Sequence[str]) -> Quality | None:
    """The scores of rows that carry answers; None where there are none, or where a label is unknown."""
    places = {label: index for index, label in enumerate(labels)}
    answered = [row for row in rows if row.probabilities and row.label in places]
    if not answered:
        return None
    truth = np.array([places[row.label] for row in answered])
    said = np.array([row.predicted for row in answered])
    scores = np.array([row.probabilities for row in answered])
    sources = [source(row) for row in answered]
    found = statistics.recalls(truth, said, len(labels), sources)
    return Quality(
        macro_f1=statistics.macro_f1(truth, said, len(labels), sources),
        recalls={label: one for label, one in zip(labels, found, strict=True) if one.count},
        brier=statistics.brier(scores, truth, sources),
        log_loss=statistics.log_loss(scores, truth, sources),
        calibration_error=statistics.calibration_error(scores, truth, sources),
    )
