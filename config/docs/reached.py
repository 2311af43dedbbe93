"""Find the refusals that the API can return, by following the calls of its endpoints' code."""

import inspect
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from types import CodeType, FunctionType, ModuleType
from typing import Any

from django.urls import get_resolver

from config.errors import Refusal
from config.jobs.kinds import Kind

# Modules that all endpoints share; their error codes belong to the frame.
_SHARED = "config.api."
_KNOWN: dict[int, tuple[Any, list[Any]]] = {}
_OURS = ("config.", "customers.", "billing.", "credits.", "bookings.")


def endpoints() -> list[Any]:
    """Return the view classes of the API's paths."""
    callbacks = [getattr(one, "callback", None) for one in get_resolver().url_patterns]
    classes = [getattr(one, "cls", None) for one in callbacks]
    return [one for one in classes if one is not None]


def handler_of(method: str, path: str) -> tuple[Any, str]:
    """Return the view class of an operation, and the name of its action; "" for a plain view.

    `path` is written as in the OpenAPI document: `/v1/customers/{id}`.
    """
    return _handlers()[method, path]


@cache
def _handlers() -> dict[tuple[str, str], tuple[Any, str]]:
    found = {}
    for one in get_resolver().url_patterns:
        callback: Any = getattr(one, "callback", None)
        path = "/" + str(one.pattern).replace("<", "{").replace(">", "}")
        for method, action in getattr(callback, "actions", {}).items():
            found[method.upper(), path] = (callback.cls, action)
    return found


def starts_of(handler: Any, action: str) -> list[Any]:
    """Return the code that an operation starts with: its action, and its input shape."""
    accepts = handler.accepts.get(action)
    begun = [_verb_of(handler, action) or _methods_of(handler, action)]
    if handler.takes_file and action == "create":
        begun += [_methods_of(handler, "store"), _methods_of(handler, "check_room")]
    return [*begun, *([accepts] if accepts else [])]


def _verb_of(handler: Any, action: str) -> Any:
    """Return the action function of a declared verb, None if a method handles it instead."""
    for base in handler.__mro__:
        if verb := vars(base).get("verbs", {}).get(action):
            return inspect.unwrap(verb.action)
        if action in vars(base):
            return None
    return None


def _methods_of(handler: Any, action: str) -> list[Any]:
    """Return a method of an endpoint and its own methods that it calls, without the frame's."""
    found: dict[str, Any] = {}
    waiting = [action]
    while waiting:
        name = waiting.pop()
        method = inspect.unwrap(getattr(handler, name, None))  # type: ignore[arg-type]
        is_ours = isinstance(method, FunctionType) and not method.__module__.startswith(_SHARED)
        if is_ours and name not in found:
            found[name] = method
            waiting += _names_in(method.__code__)
    return list(found.values())


def refusals_of(start: Iterable[Any], *, with_jobs: bool = True) -> set[type[Refusal]]:
    """Return the refusals that are named in code, and in the code that it calls.

    A method is followed with its whole class, a function by its name, so the result may have too
    many refusals. Without `with_jobs`, refusals of jobs that the code starts are left out.
    """
    found: set[type[Refusal]] = set()
    seen: set[int] = set()
    waiting = [*start]
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and issubclass(one, Refusal):
            found.add(one)
        elif id(one) not in seen and (with_jobs or not isinstance(one, Kind)):
            seen.add(id(one))
            waiting += _known_by(one)
    return found


def _known_by(one: Any) -> list[Any]:
    """Return what a part of our code names; the result is cached, because code never changes."""
    if id(one) not in _KNOWN:
        # The part is stored as well, so that no other object gets its id.
        _KNOWN[id(one)] = (one, list(_named_by(one)))
    return _KNOWN[id(one)][1]


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
