"""Building TextAttack's own recipes, as published or with named parts replaced and nothing else changed.

A recipe names its parts (an encoder, an embedding, a tagger) in its module. While one is built, the
names stand for what is at hand here.
"""

import importlib
import threading
from collections.abc import Callable
from typing import Any

from attacks.recipes.parts import Parts
from attacks.recipes.setup import Setup

#: Names belong to a module, so only one recipe may be built with replaced ones at a time.
_lock = threading.Lock()


def _none(setup: Setup) -> Parts:
    return {}


def _wrapper(setup: Setup) -> Any:
    return setup.wrapper


def build_with(
    module: str,
    name: str,
    parts: Callable[[Setup], Parts] = _none,
    wrapper: Callable[[Setup], Any] = _wrapper,
) -> Callable[[Setup], Any]:
    """How to build the recipe `name` of `textattack.attack_recipes.<module>`, with `parts` in place."""

    def build(setup: Setup) -> Any:
        found = importlib.import_module(f"textattack.attack_recipes.{module}")
        replaced = parts(setup)
        with _lock:
            before = {part: getattr(found, part) for part in replaced if hasattr(found, part)}
            vars(found).update({part: replaced[part] for part in before})
            try:
                return getattr(found, name).build(wrapper(setup))
            finally:
                vars(found).update(before)

    return build
