"""The registered kinds of background jobs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .work import Work

type Run = Callable[["Work"], Mapping[str, int]]


@dataclass(frozen=True)
class Kind:
    """A kind of job; the package's docstring says how it runs."""

    name: str
    label: Any
    run: Run
    resumes: bool = False
    counts: Mapping[str, Any] = field(default_factory=dict)
    template: str = ""
    below: str = ""


KINDS: dict[str, Kind] = {}


def job_kind(name: str, **facts: Any) -> Callable[[Run], Run]:
    """Register a function as the kind of job with this name; `facts` are the fields of `Kind`."""

    def register(run: Run) -> Run:
        KINDS[name] = Kind(name=name, run=run, **facts)
        return run

    return register
