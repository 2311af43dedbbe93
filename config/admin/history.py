"""The history of a row: each recorded change with its old and new values, author and reason."""

from dataclasses import dataclass
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from config.changes.descriptions import FieldChange, event_text, field_changes, referenced_ids
from config.changes.event_types import MODELS
from config.changes.expressions import type_of
from config.changes.models import Change, ChangeQuerySet

from .batch_read import gather
from .lists import Lists

EACH = 25
# The columns that can name a row, in this order.
_NAMES = ("display_name", "name", "number", "email")


@dataclass(frozen=True)
class Entry:
    """One change as the history page shows it."""

    change: Change
    what: str
    by: str
    fields: list[FieldChange]

    @property
    def is_of_api(self) -> bool:
        """Whether the change was made through the API, so that its request may be in the log."""
        return self.change.actor_kind in (Change.Kind.CLIENT, Change.Kind.KEY)


class Histories(Lists):
    """Show the history of rows from the audit log, which database triggers write."""

    @property
    def has_history(self) -> bool:
        """Whether the audit log records changes of this model."""
        return self.opts.db_table in MODELS

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Write nothing: the change is recorded already."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Write nothing: the change is recorded already."""

    def recorded(self, row: Any) -> ChangeQuerySet:
        """Return the changes that the history of a row shows."""
        return Change.objects.of_object(row.pk)

    def history_view(
        self, request: Any, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the changes of a row, newest first, without as many as the parameter `skip` says.

        The ids of changes count those of all companies, so no address has one.
        """
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        sent = request.GET.get("skip", "")
        skip = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0
        context = {
            "title": _("History: %(name)s") % {"name": row},
            "subtitle": None,
            "object": row,
            "original": row,
            **self._entries(request, row, skip),
        }
        return self.render_page(request, "admin/object_history.html", context)

    def _entries(self, request: Any, row: Any, skip: int) -> dict[str, Any]:
        rows = self.recorded(row).visible_to(request.actor).newest_first()
        # Leave out tables that no longer exist: their changes cannot be described.
        rows = rows.filter(table_name__in=sorted(MODELS)).annotate(type=type_of())
        found = list(rows[skip : skip + EACH + 1])
        page, has_more = found[:EACH], len(found) > EACH
        names = _names_in(page)
        return {
            "entries": [
                Entry(
                    change,
                    event_text(change.type),  # type: ignore[attr-defined]
                    f"{change.actor_name} ({change.get_actor_kind_display()})",
                    field_changes(change, names, request.company.currency),
                )
                for change in page
            ],
            "older": skip + EACH if has_more else None,
            "is_first_page": not skip,
        }


def _names_in(page: list[Change]) -> dict[Any, str]:
    """Return the names of the rows that changed foreign keys refer to, by one statement."""
    wanted = {}
    for table, ids in referenced_ids(page).items():
        model = MODELS.get(table)
        columns = {field.name for field in model._meta.concrete_fields} if model else set()
        name = next((name for name in _NAMES if name in columns), None)
        if model and name:
            wanted[table] = (name, model._default_manager.filter(pk__in=ids))
    found = gather({table: rows for table, (_name, rows) in wanted.items()})
    return {
        (table, row.pk): getattr(row, wanted[table][0])
        for table, rows in found.items()
        for row in rows
    }
