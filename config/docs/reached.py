"""Which refusals the API can answer: those that the code of its endpoints names, call by call."""

import inspect
from collections.abc import Iterable, Iterator
from functools import cached_property
from types import CodeType, FunctionType, ModuleType
from typing import Any

from django.urls import get_resolver

from config.errors import Refusal

_OURS = ("config.", "customers.", "billing.", "credits.", "bookings.")


def endpoints() -> list[Any]:
    """Return the classes that answer the paths of the API."""
    callbacks = [getattr(one, "callback", None) for one in get_resolver().url_patterns]
    classes = [getattr(one, "cls", None) for one in callbacks]
    return [one for one in classes if one is not None]


def refusals_of(start: Iterable[Any]) -> set[type[Refusal]]:
    """Return the refusals that code names, and the code that it calls.

    A method is followed with its class, a function by its name; this finds more rather than less.
    """
    found: set[type[Refusal]] = set()
    seen: set[int] = set()
    waiting = [*start]
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and issubclass(one, Refusal):
            found.add(one)
        elif id(one) not in seen:
            seen.add(id(one))
            waiting += _named_by(one)
    return found


def _named_by(one: Any) -> Iterable[Any]:
    """Return the functions, classes and values that a part of our code names."""
    if isinstance(one, dict):
        return list(one.values())
    if isinstance(one, tuple | list):
        return one
    if isinstance(one, classmethod | staticmethod):
        return [one.__func__]
    if isinstance(one, property):
        return [one.fget]
    if isinstance(one, cached_property):
        return [one.func]
    if callable(one) and hasattr(one, "__wrapped__"):
        return [inspect.unwrap(one)]
    if isinstance(one, FunctionType):
        return _named_in(one) if _is_ours(one) else []
    if isinstance(one, type):
        return [*vars(one).values(), *one.__bases__] if _is_ours(one) else []
    return [type(one), *vars(one).values()] if _is_ours(type(one)) and _has_facts(one) else []


def _named_in(function: FunctionType) -> Iterator[Any]:
    names = [*_names_in(function.__code__)]
    closed_over = [cell.cell_contents for cell in function.__closure__ or ()]
    for one in [*closed_over, *(function.__globals__.get(name) for name in names)]:
        if isinstance(one, ModuleType):
            yield from (getattr(one, name, None) for name in names)
        else:
            yield one


def _names_in(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names_in(constant)


def _has_facts(one: Any) -> bool:
    return hasattr(one, "__dict__")


def _is_ours(one: Any) -> bool:
    return f"{one.__module__}.".startswith(_OURS)
