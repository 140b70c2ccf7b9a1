"""Does the text that an attack found still say what the text said? Evidence, not the verdict.

An adversarial example that changed the meaning proves nothing about a model. Morris et al. (2020),
"Reevaluating Adversarial Examples in Natural Language", measure what they call semantics with a sentence
encoder. Where to draw the line is the reader's choice (`audits.validity`).
"""

from dataclasses import replace

from attacks.outcome import Outcome

#: Decimals kept: beyond them several threads, or a graphics card, round in their own way.
_DECIMALS = 6


def judged(outcome: Outcome, device: str = "cpu") -> Outcome:
    """The outcome with `similarity` filled in, where an attack succeeded; any other as it came.

    Similarity is the cosine of both texts' sentence vectors (`models.encoder`), between -1 and 1. It
    depends on the two texts alone, never on what else is judged.

    Raises ModelError where the encoder cannot be loaded on the device.
    """
    if outcome.status != "succeeded":
        return outcome
    from models.encoder import load_encoder

    before, after = load_encoder(device).vectors([outcome.text, outcome.perturbed]).astype(float)
    similarity = round(float(before @ after), _DECIMALS)
    return replace(outcome, similarity=min(1.0, max(-1.0, similarity)))
