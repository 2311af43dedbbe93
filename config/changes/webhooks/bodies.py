"""What messages say, rendered by PostgreSQL as the feed shows it."""

from collections.abc import Iterator
from typing import Any

from ..expressions import AnyOf, type_of
from ..shapes import RecordedChange


def tell(changes: Any, types: list[str]) -> Iterator[tuple[int, str, str]]:
    """Return the id, the event type and the body of changes, of these types where there are any."""
    told = changes.told().oldest_first()
    if types:
        told = told.annotate(is_wanted=AnyOf(type_of(), types)).filter(is_wanted=True)
    shown = RecordedChange.render(told.annotate(event=type_of()))
    for id, event, at, document in shown.values_list("id", "event", "at", "document"):
        moment = f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"
        yield id, event, f'{{"type":"{event}","timestamp":"{moment}","data":{document}}}'
