"""Render the bodies of webhook messages in PostgreSQL, as the feed renders changes."""

from collections.abc import Iterator
from typing import Any

from config.changes.expressions import TYPES, AnyOf, type_of
from config.statements.compiling import AnyActor, Param, Statement, compiled
from config.tenancy.scoping import active_company

from .feed.positions import between, within_room
from .feed.shapes import WebhookMessage, events


def write_bodies(
    after: int, until: int, types: list[str] | None, room: int
) -> Iterator[tuple[int, str | None, str]]:
    """Yield the id, the body and the event type of each event between two positions.

    The events are those of the active company, limited to `types` unless it is None. Bodies beyond
    the first `room` bytes are None, except the body of the first event.
    """
    statement = compiled((write_bodies, types is None), lambda: _bodies(types is None))
    position = {"after": after, "until": until}
    values = {"company_id": active_company(), **position, "types": types, "room": room}
    rows: Any = statement.rows(values)
    yield from rows


def _bodies(of_all_types: bool) -> Statement:
    rows = between(events().visible_to(AnyActor()))
    if not of_all_types:
        rows = rows.filter(AnyOf(type_of(), Param("types", TYPES)))
    shown = WebhookMessage.render(rows.annotate(event=type_of()))
    rendered = Statement.of(shown.values_list("id", "document", "event"))
    return within_room(rendered, "event")
