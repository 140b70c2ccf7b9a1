"""Hooks on a model that several visitors ask at the same time."""

from collections.abc import Callable
from functools import wraps
from threading import get_ident
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def only_here(hook: Callable[P, R]) -> Callable[P, R | None]:
    """A hook for Torch that acts in the thread which made it, and leaves everybody else's answers alone."""
    mine = get_ident()

    @wraps(hook)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | None:
        return hook(*args, **kwargs) if get_ident() == mine else None

    return guarded
