"""The kinds of background work that there are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .work import Work

type Run = Callable[["Work"], Mapping[str, int]]


@dataclass(frozen=True)
class Kind:
    """A kind of work; see the package for what it may count on."""

    name: str
    label: Any
    run: Run
    resumes: bool = False
    counts: Mapping[str, Any] = field(default_factory=dict)
    template: str = ""
    below: str = ""


KINDS: dict[str, Kind] = {}


def job_kind(name: str, **facts: Any) -> Callable[[Run], Run]:
    """Make a function the kind of work of this name; the facts are those of a Kind."""

    def register(run: Run) -> Run:
        KINDS[name] = Kind(name=name, run=run, **facts)
        return run

    return register
