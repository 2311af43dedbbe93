"""The bodies of webhook messages, rendered by PostgreSQL as the feed shows a change."""

from collections.abc import Iterator
from typing import Any

from config.changes.expressions import TYPES, AnyOf, type_of
from config.statements.compiling import AnyActor, Param, Statement, compiled
from config.tenancy.scoping import active_company

from .feed.positions import between
from .feed.shapes import WebhookMessage, events


def write_bodies(after: int, until: int, types: list[str] | None) -> Iterator[tuple[int, str, str]]:
    """Yield the id, the event type and the body of each event between two positions.

    The events are those of the active company, and of these types unless `types` is None.
    """
    statement = compiled((write_bodies, types is None), lambda: _bodies(types is None))
    values = {"company_id": active_company(), "after": after, "until": until, "types": types}
    rows: Any = statement.rows(values)
    yield from rows


def _bodies(of_all_types: bool) -> Statement:
    rows = between(events().visible_to(AnyActor()))
    if not of_all_types:
        rows = rows.filter(AnyOf(type_of(), Param("types", TYPES)))
    shown = WebhookMessage.render(rows.annotate(event=type_of()))
    return Statement.of(shown.values_list("id", "event", "document"))
