"""What several parts of one page ask alike: answered once while the page is gathered, and forgotten with it.

    @together.once
    def of(project): ...

    with together.asking():
        ...  # every `of(project)` in here is one question

Only inside `asking` is anything kept, and only until it ends: a page is gathered from one moment, nothing outlives it.
Nothing may be written inside. Outside, a function marked `once` is an ordinary function.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar

from django.db.models import Model

Answer = TypeVar("Answer")

_kept: ContextVar[dict[Any, Any] | None] = ContextVar("together_kept", default=None)


@contextmanager
def asking() -> Iterator[None]:
    """While it lasts, equal questions are asked once. Inside another one it is part of that."""
    if _kept.get() is not None:
        yield
        return
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def once(function: Callable[..., Answer]) -> Callable[..., Answer]:
    """Marks a selector whose answer depends on its arguments alone: saved records count by their keys, others by value.

    With an argument that is neither saved nor a plain value it is asked each time.
    """

    @wraps(function)
    def asked(*args: Any) -> Answer:
        kept = _kept.get()
        if kept is None or not all(one.pk if isinstance(one, Model) else isinstance(one, Hashable) for one in args):
            return function(*args)
        key = (function, *((type(one), one.pk) if isinstance(one, Model) else one for one in args))
        if key not in kept:
            kept[key] = function(*args)
        return kept[key]

    return asked


def keep(key: Any, answer: Any) -> None:
    """For what is loaded for many questions at once; `kept` finds it. Nothing happens outside of `asking`."""
    if (here := _kept.get()) is not None:
        here[key] = answer


def kept(key: Any) -> Any | None:
    return (_kept.get() or {}).get(key)
