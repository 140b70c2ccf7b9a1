"""Does the text that an attack found still say what the text said? Evidence, not the verdict.

An adversarial example that changed the meaning proves nothing about a model. Morris et al. (2020),
"Reevaluating Adversarial Examples in Natural Language", measure meaning with a sentence encoder and ask
for good grammar. Where to draw the line is the reader's choice (`audits.validity`).
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from math import isnan
from threading import Lock

from attacks.outcome import Outcome

#: Decimals kept: beyond them several threads, or a graphics card, round in their own way.
_DECIMALS = 6

#: The fluency of unchanged texts, which several attacks start from: the latest so many.
_KEPT = 4096
_read: OrderedDict[tuple[str, str], float] = OrderedDict()
_reading = Lock()


def judged(outcome: Outcome, device: str = "cpu", check: Callable[[], object] = lambda: None) -> Outcome:
    """The outcome with `similarity` and `fluency` filled in, where an attack succeeded; any other as it came.

    Similarity is the cosine of both texts' sentence vectors (`models.encoder`), between -1 and 1. Fluency
    is the mean pseudo-log-likelihood a token of the perturbed text minus that of the text, in nats, under
    the masked language model that comes with Assay (`models.masked`); it stays None where one of them has
    no token or is too long to be read whole. Both depend on the two texts alone, never on what else
    is judged. `check` is called every fraction of a second and may raise to stop.

    Raises ModelError where a model cannot be loaded on the device.
    """
    if outcome.status != "succeeded":
        return outcome
    from models.encoder import load_encoder

    check()
    before, after = load_encoder(device).vectors([outcome.text, outcome.perturbed]).astype(float)
    similarity = min(1.0, max(-1.0, round(float(before @ after), _DECIMALS)))
    return replace(outcome, similarity=similarity, fluency=_fluency(outcome, device, check))


def _fluency(outcome: Outcome, device: str, check: Callable[[], object]) -> float | None:
    from models.masked import load_masked

    model = load_masked(device)
    with _reading:
        before = _read.get((device, outcome.text))
    if before is None:
        before = float(model.log_probabilities([outcome.text], check)[0])
        with _reading:
            _read[device, outcome.text] = before
            while len(_read) > _KEPT:
                _read.popitem(last=False)
    if isnan(before):
        return None
    change = float(model.log_probabilities([outcome.perturbed], check)[0]) - before
    return None if isnan(change) else round(change, _DECIMALS)
