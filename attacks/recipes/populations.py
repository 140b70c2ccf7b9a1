"""Recipes that breed a population of texts: genetic algorithms and particle swarms."""

from typing import Any

from attacks.entry import Entry
from attacks.recipes import parts
from attacks.recipes.neighbours import ready
from attacks.recipes.recipe import Recipe
from attacks.recipes.setup import Setup
from attacks.recipes.variants import build_with
from attacks.recipes.words import EACH_ONCE, FLIP, STOP_WORDS
from attacks.resources import published, tagger, wordnet
from attacks.resources.published import COUNTER_FITTED
from models.classifier import Classifier

_FIFTH = "at most a fifth of the words"
_NEAR = "words alike: squared distance of 0.5 or less"


def _embedded(setup: Setup) -> parts.Parts:
    return parts.embedded()


def _without_language_model(setup: Setup) -> parts.Parts:
    free = parts.unconstrained()
    models = {"Google1BillionWordsLanguageModel": free, "LearningToWriteLanguageModel": free}
    return {**parts.embedded(), **models}


def _with_wordnet(setup: Setup) -> parts.Parts:
    return {"WordSwapHowNet": parts.synonyms_of_same_part()}


def _load_published(classifier: Classifier) -> None:
    published.load_counter_fitted()


def _load_wordnet(classifier: Classifier) -> None:
    wordnet.load()
    tagger.pos_tag(["ready"], lang=tagger.TEXTBLOB)


_GENETIC: dict[str, Any] = {"kind": "attack", "family": "Populations", "goal": FLIP, "fast": False}
_ALZANTOT: dict[str, Any] = {
    "description": "Crosses and mutates texts that differ in near neighbours of words; the fittest go on.",
    "paper": "Alzantot et al. (2018), Generating Natural Language Adversarial Examples",
    "constraints": (EACH_ONCE, STOP_WORDS, _FIFTH, _NEAR, "a language model approves the new word"),
}
_FASTER: dict[str, Any] = {
    "description": "Alzantot's genetic algorithm with more generations and a faster language model.",
    "paper": "Jia et al. (2019), Certified Robustness to Adversarial Word Substitutions",
    "constraints": (EACH_ONCE, STOP_WORDS, _FIFTH, _NEAR, "a language model approves the new word"),
}
_IGA: dict[str, Any] = {
    "description": "A genetic algorithm that may replace a word again, and crosses texts at one place.",
    "paper": "Wang et al. (2019), Natural Language Adversarial Attacks and Defenses in Word Level",
    "constraints": (STOP_WORDS, _FIFTH, _NEAR),
}
_PSO: dict[str, Any] = {
    "description": "A swarm of texts moves towards the best known ones, word by word.",
    "paper": "Zang et al. (2020), Word-level Textual Adversarial Attacking as Combinatorial Optimization",
    "constraints": (EACH_ONCE, STOP_WORDS),
}

RECIPES = (
    Recipe(
        Entry(
            name="alzantot",
            title="Genetic algorithm (Alzantot)",
            needs=(
                COUNTER_FITTED.need,
                published.never(
                    "Google's language model",
                    "Its language model is a graph of TensorFlow 1, which cannot be loaded here: "
                    "run alzantot-local.",
                ),
            ),
            **_GENETIC,
            **_ALZANTOT,
        ),
        build_with("genetic_algorithm_alzantot_2018", "GeneticAlgorithmAlzantot2018"),
        _load_published,
    ),
    Recipe(
        Entry(
            name="alzantot-local",
            title="Genetic algorithm (Alzantot, local)",
            variant=f"Alzantot's algorithm with {parts.EMBEDDING}, and without its language model.",
            **_GENETIC,
            **_ALZANTOT | {"constraints": _ALZANTOT["constraints"][:-1]},
        ),
        build_with(
            "genetic_algorithm_alzantot_2018", "GeneticAlgorithmAlzantot2018", _without_language_model
        ),
        ready,
    ),
    Recipe(
        Entry(
            name="faster-alzantot",
            title="Faster genetic algorithm",
            needs=(
                COUNTER_FITTED.need,
                published.never(
                    "the learning-to-write language model",
                    "Its language model is a pickle, which is code from a stranger and is not loaded: "
                    "run faster-alzantot-local.",
                ),
            ),
            **_GENETIC,
            **_FASTER,
        ),
        build_with("faster_genetic_algorithm_jia_2019", "FasterGeneticAlgorithmJia2019"),
        _load_published,
    ),
    Recipe(
        Entry(
            name="faster-alzantot-local",
            title="Faster genetic algorithm (local)",
            variant=f"The faster genetic algorithm with {parts.EMBEDDING}, and without its language model.",
            **_GENETIC,
            **_FASTER | {"constraints": _FASTER["constraints"][:-1]},
        ),
        build_with(
            "faster_genetic_algorithm_jia_2019", "FasterGeneticAlgorithmJia2019", _without_language_model
        ),
        ready,
    ),
    Recipe(
        Entry(
            name="iga",
            title="Improved genetic algorithm",
            needs=(COUNTER_FITTED.need,),
            **_GENETIC,
            **_IGA,
        ),
        build_with("iga_wang_2019", "IGAWang2019"),
        _load_published,
    ),
    Recipe(
        Entry(
            name="iga-local",
            title="Improved genetic algorithm (local)",
            variant=f"The improved genetic algorithm with {parts.EMBEDDING}.",
            **_GENETIC,
            **_IGA,
        ),
        build_with("iga_wang_2019", "IGAWang2019", _embedded),
        ready,
    ),
    Recipe(
        Entry(
            name="pso",
            title="Particle swarm",
            needs=(
                published.never(
                    "HowNet's synonyms and flair's tagger",
                    "Both come as pickles, which are code from strangers and are not loaded: run pso-local.",
                ),
            ),
            **_GENETIC,
            **_PSO,
        ),
        build_with("pso_zang_2020", "PSOZang2020"),
    ),
    Recipe(
        Entry(
            name="pso-local",
            title="Particle swarm (local)",
            needs=(wordnet.NEED,),
            variant="The particle swarm with WordNet's synonyms instead of HowNet's, and TextBlob's "
            "part-of-speech tagger instead of flair's.",
            **_GENETIC,
            **_PSO,
        ),
        build_with("pso_zang_2020", "PSOZang2020", _with_wordnet),
        _load_wordnet,
    ),
    Recipe(
        Entry(
            name="leap",
            title="LEAP",
            description="A particle swarm with Lévy flights that swaps WordNet's synonyms.",
            paper="Xiao et al. (2023), LEAP: Efficient and Automated Test Method for NLP Software",
            constraints=(STOP_WORDS, "at most 16 % of the words"),
            needs=(wordnet.NEED,),
            **_GENETIC,
        ),
        build_with("leap_2023", "LEAP2023"),
        _load_wordnet,
    ),
)
