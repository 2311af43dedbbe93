"""The bodies of webhook messages, rendered by PostgreSQL as the feed shows a change."""

from collections.abc import Iterator
from typing import Any

from config.changes.expressions import AnyOf, type_of

from .feed.shapes import RecordedChange


def write_bodies(changes: Any, types: list[str]) -> Iterator[tuple[int, str, str]]:
    """Yield the id, the event type and the body of each change, of these types if any are given."""
    public = changes.public().oldest_first()
    if types:
        public = public.annotate(is_wanted=AnyOf(type_of(), types)).filter(is_wanted=True)
    shown = RecordedChange.render(public.annotate(event=type_of()))
    for id, event, at, document in shown.values_list("id", "event", "at", "document"):
        moment = f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"
        yield id, event, f'{{"type":"{event}","timestamp":"{moment}","data":{document}}}'
