"""Copies of a module that share its weights."""

import copy
from typing import Any


def twin(module: Any, *replaced: tuple[object, object]) -> Any:
    """The same module in objects of its own; only the weights are shared.

    `replaced` are pairs of something in the module (a part, a tensor, its configuration) and what takes its
    place in the copy, wherever it stands.
    """
    shared: dict[int, object] = {id(each): each for each in (*module.parameters(), *module.buffers())}
    return copy.deepcopy(module, shared | {id(old): new for old, new in replaced})
