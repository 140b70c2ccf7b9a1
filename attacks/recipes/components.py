"""What a recipe of one's own may be put together from: TextAttack's components by their names, and ours.

Only what is listed here can be named, with these parameters and no others.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from attacks.entry import Need
from attacks.recipes import parts
from attacks.recipes.gradients import swap_by_gradient
from attacks.recipes.setup import Setup
from attacks.resources import masked_models, wordnet

Kind = Literal["transformation", "constraint", "search method"]
Parameters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Component:
    """One component: how it is made for an example, the types of its parameters, what it needs."""

    make: Callable[..., Any]
    parameters: Parameters = field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    white_box: bool = False


def _of(module: str, name: str) -> Callable[..., Any]:
    """TextAttack's own class."""

    def make(setup: Setup, **options: Any) -> Any:
        return getattr(importlib.import_module(f"textattack.{module}"), name)(**options)

    return make


def _part(name: str, found: Callable[[], parts.Parts]) -> Callable[..., Any]:
    """TextAttack's class around what is at hand here."""

    def make(setup: Setup, **options: Any) -> Any:
        return found()[name](**options)

    return make


def _masked() -> parts.Parts:
    return parts.masked(*masked_models.bundled())


def _encoder(setup: Setup, **options: Any) -> Any:
    return parts.encoder(setup)(**options)


def _synonyms(setup: Setup) -> Any:
    return parts.synonyms_of_same_part()()


def _plain(module: str, listed: Mapping[str, Parameters], *needs: Need) -> dict[str, Component]:
    """TextAttack's own classes with their parameters."""
    return {name: Component(_of(module, name), parameters, needs) for name, parameters in listed.items()}


_ONE_LETTER: Parameters = {"random_one": bool, "skip_first_char": bool, "skip_last_char": bool}
_POPULATION: Parameters = {"pop_size": int, "max_iters": int, "post_crossover_check": bool}
_MASKED: Parameters = {"max_candidates": int, "min_confidence": float}

TRANSFORMATIONS: Mapping[str, Component] = {
    "WordSwapEmbedding": Component(_part("WordSwapEmbedding", parts.embedded), {"max_candidates": int}),
    "WordNetOfSamePart": Component(_synonyms, needs=(wordnet.NEED,)),
    "SwapByGradient": Component(swap_by_gradient, {"candidates": int, "nearest": int | None}, white_box=True),
    "WordSwapMaskedLM": Component(
        _part("WordSwapMaskedLM", _masked),
        {"method": Literal["bae", "bert-attack"], **_MASKED},
        (masked_models.NEED,),
    ),
    "WordInsertionMaskedLM": Component(
        _part("WordInsertionMaskedLM", _masked), _MASKED, (masked_models.NEED,)
    ),
    "WordMergeMaskedLM": Component(_part("WordMergeMaskedLM", _masked), _MASKED, (masked_models.NEED,)),
    "WordSwapChangeName": Component(_part("WordSwapChangeName", parts.named), {"num_name_replacements": int}),
    "WordSwapChangeLocation": Component(_part("WordSwapChangeLocation", parts.named), {"n": int}),
    **_plain("transformations", {"WordSwapWordNet": {}, "WordInsertionRandomSynonym": {}}, wordnet.NEED),
    **_plain(
        "transformations",
        {
            "WordDeletion": {},
            "WordInnerSwapRandom": {},
            "WordSwapChangeNumber": {"max_change": float, "n": int},
            "WordSwapContract": {},
            "WordSwapExtend": {},
            "WordSwapHomoglyphSwap": {"random_one": bool},
            "WordSwapNeighboringCharacterSwap": _ONE_LETTER,
            "WordSwapQWERTY": _ONE_LETTER,
            "WordSwapRandomCharacterDeletion": _ONE_LETTER,
            "WordSwapRandomCharacterInsertion": _ONE_LETTER,
            "WordSwapRandomCharacterSubstitution": {"random_one": bool},
        },
    ),
}

CONSTRAINTS: Mapping[str, Component] = {
    "SentenceEncoder": Component(
        _encoder,
        {
            "threshold": float,
            "metric": Literal["cosine", "angular"],
            "window_size": int | None,
            "skip_text_shorter_than_window": bool,
            "compare_against_original": bool,
        },
    ),
    "WordEmbeddingDistance": Component(
        _part("WordEmbeddingDistance", parts.embedded),
        {
            "min_cos_sim": float,
            "max_mse_dist": float,
            "include_unknown_words": bool,
            "compare_against_original": bool,
        },
    ),
    "PartOfSpeech": Component(
        _part("PartOfSpeech", parts.tagged),
        {"allow_verb_noun_swap": bool, "compare_against_original": bool},
    ),
    **_plain(
        "constraints.pre_transformation",
        {
            "MaxModificationRate": {"max_rate": float, "min_threshold": int},
            "MaxNumWordsModified": {"max_num_words": int},
            "MaxWordIndexModification": {"max_length": int},
            "MinWordLength": {"min_length": int},
            "RepeatModification": {},
            "StopwordModification": {},
        },
    ),
    **_plain(
        "constraints.overlap",
        {
            "LevenshteinEditDistance": {"max_edit_distance": int, "compare_against_original": bool},
            "MaxWordsPerturbed": {
                "max_num_words": int,
                "max_percent": float,
                "compare_against_original": bool,
            },
        },
    ),
}

SEARCHES: Mapping[str, Component] = _plain(
    "search_methods",
    {
        "AlzantotGeneticAlgorithm": _POPULATION,
        "BeamSearch": {"beam_width": int},
        "GreedySearch": {},
        "GreedyWordSwapWIR": {"wir_method": Literal["unk", "delete", "weighted-saliency", "random"]},
        "ImprovedGeneticAlgorithm": {**_POPULATION, "max_replace_times_per_index": int},
        "ParticleSwarmOptimization": {"pop_size": int, "max_iters": int, "post_turn_check": bool},
    },
)

LISTS: Mapping[Kind, Mapping[str, Component]] = {
    "transformation": TRANSFORMATIONS,
    "constraint": CONSTRAINTS,
    "search method": SEARCHES,
}
