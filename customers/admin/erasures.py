"""The pages of erasures, each with its preview and its certificate."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin.buttons import Button
from config.admin.columns import column
from config.admin.filters import ChoiceFilter
from config.admin.pages import CompanyAdmin
from config.admin.tables import link_to, table_of

from ..actions import cancel_erasure
from ..models import Erasure
from .privacy import STATUSES, counted_tables

MENTIONS = {
    "webhook_messages": gettext_lazy("messages to webhooks"),
    "webhook_answers": gettext_lazy("answers of receivers of webhooks"),
    "kept_answers": gettext_lazy("answers kept for a second try"),
    "requests": gettext_lazy("API requests"),
    "refused_rows": gettext_lazy("refused rows of imports"),
    "background_work": gettext_lazy("reports of background work"),
    "files": gettext_lazy("files of imports and exports"),
    "data_exports": gettext_lazy("filters of data exports"),
}


class StatusFilter(ChoiceFilter):
    """Filter by state: waiting, cancelled or done."""

    title = gettext_lazy("state")
    parameter_name = "state"
    names = {status: text for status, (_kind, text) in STATUSES.items()}

    def by(self, rows: Any, chosen: str) -> Any:
        if chosen == "waiting":
            return rows.waiting()
        return rows.filter(**{f"{chosen}_at__isnull": False})


@admin.register(Erasure)
class ErasureAdmin(CompanyAdmin):
    """The erasures of people, each with its certificate."""

    icon = "person_remove"
    joined = ("customer",)
    begins = gettext_lazy("Erasures of customers stand here, with what was erased and when.")
    list_display = ("person", "state", "due_at", "requested_by", "created_on")
    list_filter = (StatusFilter,)
    shown = (
        *("person", "state_name", "created_at", "requested_by", "due_at"),
        *("cancelled_at", "cancelled_by", "erased_at", "erased_by"),
    )
    fields = shown
    buttons = (
        Button(
            name="cancel",
            label=gettext_lazy("Cancel the erasure"),
            done=gettext_lazy("cancelled"),
            asks=gettext_lazy("Cancel the erasure of %(name)s?"),
            says=gettext_lazy("The erasure of %(name)s is cancelled."),
            confirm_text=gettext_lazy("Nothing is erased. It can be requested again."),
            act=cancel_erasure,
            is_available=lambda erasure: erasure.is_waiting,
            icon="undo",
            many=False,
            ends=True,
        ),
    )

    def is_frozen(self, row: Any) -> bool:
        """An erasure is never frozen: it is not part of an archived customer's record."""
        return False

    def has_export_permission(self, request: Any) -> bool:
        return False

    def related(self, request: Any, row: Erasure) -> list[dict[str, Any]]:
        """Show the preview before the erasure, and the certificate after it."""
        report, is_done = row.report, row.erased_at is not None
        title = _("Erased") if is_done else _("To be erased, as of the request")
        tables = counted_tables(report.get("erased", {}), report.get("kept", {}), title)
        return [*tables, *(_certificate(report) if is_done else ())]

    state_name = column(gettext_lazy("state"), lambda row: capfirst(str(STATUSES[row.status][1])))
    person = column(gettext_lazy("customer"), lambda row: link_to(row.customer))
    state = column(
        gettext_lazy("state"),
        lambda row: (row.status, STATUSES[row.status][1]),
        label={status: kind for status, (kind, _text) in STATUSES.items()},
    )


def _certificate(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the tables of erased mentions elsewhere, and of the second scan."""
    mentions = [(_("entries of the history"), report.get("changes", 0))]
    mentions += [(str(MENTIONS.get(name, name)), n) for name, n in report["mentions"].items()]
    scan = report["scan"]
    looked = _("%(columns)s columns of %(tables)s tables were looked through.") % scan
    return [
        table_of(
            _("Emptied or removed elsewhere"),
            (_("what"), _("how many")),
            [(capfirst(name), f"{count:,}") for name, count in mentions],
        ),
        table_of(
            _("Second scan"),
            (_("where an e-mail address, phone or id of the person still stands"), _("rows")),
            [(name, f"{count:,}") for name, count in scan["found"].items()],
            empty=_("No e-mail address, phone number or id of the person was found."),
            note=looked,
        ),
    ]
