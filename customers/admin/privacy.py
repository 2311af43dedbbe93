"""The page about a customer's personal data: export it, or erase the person."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.http import content_disposition_header
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.admin.buttons import Button
from config.admin.forms import Answers
from config.admin.pages import Pages
from config.admin.tables import link_to, table_of
from config.tenancy.personal import Kept

from ..actions import export_person, request_erasure
from ..actions.handing_over import EXPORT_PERMISSION
from ..models import Customer, Erasure
from ..privacy.exporting import CONTENT_TYPES
from ..privacy.holding import held_about
from ..privacy.registry import PersonalTable, people_of, personal_tables

# Describes the open rows of customers, by their ids.
type Tells = Callable[[Sequence[Customer], Any], Mapping[Any, str]]

ERASE = "erase"
STATUSES = {
    "waiting": ("warning", gettext_lazy("waits")),
    "cancelled": ("default", gettext_lazy("cancelled")),
    "erased": ("success", gettext_lazy("erased")),
}


class Erasing(Answers):
    """The form that requests an erasure; it shows what is erased and what is kept."""

    def prepare(self) -> None:
        days, open_items = self.company.erasure_days, self.open_items()
        waits = ngettext(
            "It waits for %(n)d day, in which it can be cancelled.",
            "It waits for %(n)d days, in which it can be cancelled.",
            days,
        ) % {"n": days}
        self.explains = [
            _(
                "Everything that says who this is will be erased for good: here, in the history, "
                "in messages to webhooks and in files of exports and imports."
            ),
            waits if days else _("It is done within ten minutes, and cannot be undone."),
            *open_items,
        ]
        self.tables = tables_of(self.row, self.actor)

    def __init__(self, row: Any, request: Any, *, tells: Tells) -> None:
        self.company, self.tells = request.company, tells
        super().__init__(row, request)

    def open_items(self) -> list[str]:
        """Return the sentence about open rows, or nothing."""
        found = self.tells([self.row], self.actor).get(self.row.pk)
        if not found:
            return []
        text = _("Still open: %(items)s. Archive the customer and end what is open first.")
        return [text % {"items": found}]


def erase_button(tells: Tells) -> Button:
    """Return the button that erases a person; `tells` describes the customer's open rows."""
    return Button(
        name=ERASE,
        label=gettext_lazy("Erase"),
        done=gettext_lazy("to be erased"),
        asks=gettext_lazy("Erase everything about %(name)s?"),
        says=gettext_lazy("The erasure is requested. Cancel it on its page while it waits."),
        act=request_erasure,
        is_available=lambda customer: not customer.is_erased,
        icon="person_remove",
        danger=True,
        many=False,
        form=partial(Erasing, tells=tells),
        permission="customers.add_erasure",
    )


class HasPrivacy(Pages):
    """Adds the page about a customer's personal data, and the button that erases the person."""

    def get_urls(self) -> list[Any]:
        page = self.page_at("<str:object_id>/personal-data/", self.privacy_view, "privacy")
        return [page, *super().get_urls()]

    def offered_buttons(self, request: Any, row: Any) -> list[Button]:
        """Offer the erase button only on the page about personal data."""
        return [one for one in super().offered_buttons(request, row) if one.name != ERASE]

    def privacy_links(self, request: Any, row: Customer) -> list[dict[str, Any]]:
        """Return the link to the page about personal data, for staff who may export it."""
        if not request.user.has_perm(EXPORT_PERMISSION):
            return []
        path = self.with_filters(request, self.address_of(row, "privacy"))
        return [{"icon": "shield", "title": _("Personal data"), "path": path}]

    def privacy_view(self, request: Any, object_id: str) -> HttpResponseBase:
        """Show the data held about a customer, or download it in the `format` of the query."""
        if not request.user.has_perm(EXPORT_PERMISSION):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        form = request.GET.get("format", "")
        if request.method == "GET" and form in CONTENT_TYPES:
            return _sent(row, form, request)
        return self._privacy_page(request, row)

    def _privacy_page(self, request: Any, row: Customer) -> HttpResponse:
        erasures = Erasure.objects.visible_to(request.actor).filter(customer=row).newest_first()
        erase = next(one for one in self.buttons if one.name == ERASE)
        may_erase = self.may_act(request, erase) and erase.is_offered(row)
        context = {
            "title": _("Personal data of %(name)s") % {"name": row},
            "original": row,
            "address": self.address_of(row, "privacy"),
            "back": self.with_filters(request, self.address_of(row)),
            "erase": self.address_of(row, ERASE) if may_erase else "",
            "tables": [*tables_of(row, request.actor), _erasures(list(erasures[:10]))],
        }
        return self.render_page(request, "admin/customers/customer/privacy.html", context)


def _sent(customer: Customer, form: str, request: Any) -> StreamingHttpResponse:
    file = export_person(customer, format=form, actor=request.actor)
    answer = StreamingHttpResponse(file.pieces(), content_type=file.content_type)
    answer["Content-Disposition"] = content_disposition_header(True, file.name)
    answer["Cache-Control"] = "private, no-store"
    return answer


def tables_of(customer: Customer, actor: Any) -> list[dict[str, Any]]:
    """Return tables of the data held about a customer: what an erasure removes and keeps."""
    held = held_about(people_of(customer, actor=actor))
    return counted_tables(
        {one.table.table: {"rows": one.rows, "fields": one.erased} for one in held if one.erased},
        {one.table.table: {"rows": one.rows, "fields": one.kept} for one in held if one.kept},
        _("An erasure takes away"),
    )


def counted_tables(
    erased: Mapping[str, Any], kept: Mapping[str, Any], title: Any
) -> list[dict[str, Any]]:
    known = {one.table: one for one in personal_tables()}

    def cells(name: str, counts: Mapping[str, Any]) -> tuple[str, str, str]:
        table = known.get(name)
        rows, fields = counts["rows"], counts["fields"]
        return _plural(table, name), f"{rows:,}", _fields(table, fields)

    taken = [cells(name, erased[name]) for name in known if name in erased]
    left = [
        (*cells(name, kept[name]), _reason(known[name], kept[name]["fields"]))
        for name in known
        if name in kept
    ]
    headers = (_("of"), _("rows"), _("fields, and in how many rows they are filled"))
    return [
        table_of(title, headers, taken, empty=_("Nothing is left.")),
        table_of(
            _("Kept, as the law wants it"), (*headers, _("why, and until when")), left,
            empty=_("Nothing is kept."),
        ),
    ]  # fmt: skip


def _plural(table: PersonalTable | None, name: str) -> str:
    return capfirst(str(table.model._meta.verbose_name_plural)) if table else name


def _fields(table: PersonalTable | None, counts: Mapping[str, int]) -> str:
    """Return the fields that have a label, each with the number of rows that fill it."""
    columns = {one.name: one.verbose_name for one in table.model._meta.fields} if table else {}
    named = ((columns.get(name, name), count) for name, count in counts.items())
    return ", ".join(
        f"{name} ({count:,})" for name, count in named if isinstance(name, Promise) or not table
    )


def _reason(table: PersonalTable | None, counts: Mapping[str, int]) -> str:
    known: Mapping[str, Kept] = table.personal.keep if table else {}
    told = dict.fromkeys(
        _("%(reason)s Until %(until)s.") % {"reason": one.reason, "until": one.until}
        for name, one in known.items()
        if name in counts
    )
    return " ".join(told)


def _erasures(rows: list[Erasure]) -> dict[str, Any]:
    return table_of(
        _("Erasures"),
        (_("requested"), _("by"), _("state"), _("is done from")),
        [
            (
                link_to(one, _moment(one.created_at)),
                one.requested_by,
                capfirst(str(STATUSES[one.status][1])),
                _moment(one.due_at),
            )
            for one in rows
        ],
        empty=_("None was requested."),
    )


def _moment(moment: Any) -> str:
    return date_format(localtime(moment), "DATETIME_FORMAT")
