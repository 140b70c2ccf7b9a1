"""TextAttack as it comes: its model wrapper, its Attacker, its sentence-transformers constraint."""

import copy
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from attacks.recipes import Setup, parts, variants
from attacks.resources import import_textattack
from models import bundled
from models.transformer import TransformerClassifier

#: What one example came to: status, text, queries.
Result = tuple[str, str, int]

_STATUSES = {
    "SuccessfulAttackResult": "succeeded",
    "FailedAttackResult": "failed",
    "SkippedAttackResult": "skipped",
}


def _deepwordbug(wrapper: Any) -> Any:
    from textattack.attack_recipes import DeepWordBugGao2018

    return DeepWordBugGao2018.build(wrapper)


def _pwws(wrapper: Any) -> Any:
    from textattack.attack_recipes import PWWSRen2019

    return PWWSRen2019.build(wrapper)


def _textfooler(wrapper: Any) -> Any:
    """With the word vectors and the tagger of the local variant, and MiniLM through `SBERT`."""

    def at_hand(_: Setup) -> parts.Parts:
        from textattack.constraints.semantics.sentence_encoders import SBERT

        encoder = partial(SBERT, model_name=str(bundled.base_folder()))
        return {"UniversalSentenceEncoder": encoder, **parts.embedded(), **parts.tagged()}

    build = variants.build_with("textfooler_jin_2019", "TextFoolerJin2019", at_hand)
    nothing: Any = None
    return build(Setup(wrapper, 0, (), nothing, nothing))


#: The recipes that are compared, by Assay's name: how TextAttack builds each.
RECIPES: dict[str, Callable[[Any], Any]] = {
    "deepwordbug": _deepwordbug,
    "pwws": _pwws,
    "textfooler-local": _textfooler,
}


def attacker(
    recipe: str, classifier: TransformerClassifier, texts: Sequence[str], targets: Sequence[int], seed: int
) -> Callable[[int | None], list[Result]]:
    """TextAttack made ready; called with a tokenizer's maximum (None: its own) it attacks every text.

    The random states are seeded anew for each example, so that results do not hang on their order; a
    failed search's last try counts as the text left alone.
    """
    textattack = import_textattack()
    textattack.shared.utils.device = "cpu" if classifier.device.type == "cpu" else "cuda"

    def run(longest: int | None) -> list[Result]:
        tokenizer = copy.deepcopy(classifier.tokenizer)
        tokenizer.model_max_length = longest or tokenizer.model_max_length
        wrapper = textattack.models.wrappers.HuggingFaceModelWrapper(classifier.module, tokenizer)
        attack = RECIPES[recipe](wrapper)
        search = attack.attack

        def seeded(*example: Any) -> Any:
            textattack.shared.utils.set_seed(seed)
            return search(*example)

        attack.attack = seeded
        arguments = textattack.AttackArgs(num_examples=len(texts), disable_stdout=True, silent=True)
        dataset = textattack.datasets.Dataset(list(zip(texts, targets, strict=True)))
        found = textattack.Attacker(attack, dataset, arguments).attack_dataset()
        return [_result(text, result) for text, result in zip(texts, found, strict=True)]

    return run


def _result(text: str, result: Any) -> Result:
    status, found = _STATUSES[type(result).__name__], result.perturbed_text()
    if status == "succeeded" and found == text:
        status = "failed"
    return status, found if status == "succeeded" else text, result.num_queries
