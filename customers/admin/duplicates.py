"""Likely duplicates: shown when staff add a customer, and listed for staff who may merge them."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin.buttons import Button
from config.admin.columns import column
from config.admin.filters import YesNoFilter
from config.admin.pages import CompanyAdmin, Pages
from config.admin.tables import label, link_to, page_name, table_of
from config.tenancy.ids import read_id, show_id

from ..actions import dismiss_duplicate, reopen_duplicate
from ..errors import PossibleDuplicate
from ..models import Address, Customer, Duplicate
from ..models.birthdays import show_birthday
from ..models.duplicates import facts_in_words
from .filters import STATUS_NAMES

# The hidden fields of the form for a new customer, with the duplicates it has shown.
KNOWN = "known_others"


class TellsDuplicates(Pages):
    """Shows likely duplicates in the form for a new customer before it is saved."""

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Create a customer, unless a likely duplicate exists that the form has not shown."""
        if change:
            super().save_model(request, obj, form, change)
        else:
            self.creates(obj, known_others=_known(request), actor=request.actor)

    def render_change_form(self, request: Any, context: Any, **kwargs: Any) -> Any:
        """Show the likely duplicates above the form, which can then be saved anyway."""
        refusal = getattr(request, "refusal", None)
        answer = super().render_change_form(request, context, **kwargs)
        if isinstance(refusal, PossibleDuplicate):
            answer.context_data |= _told(request, refusal.details["candidates"])
        return answer


def _known(request: Any) -> set[Any]:
    sent = (read_id(Customer.id_prefix, one) for one in request.POST.getlist(KNOWN))
    return {id for id in sent if id}


def _told(request: Any, candidates: Any) -> dict[str, Any]:
    """Return the table of candidates, and their ids for the hidden fields."""
    ids = [read_id(Customer.id_prefix, one["id"]) for one in candidates]
    rows = Customer.objects.visible_to(request.actor).defer("search_words").in_bulk(ids)
    cells = [
        (
            link_to(rows[id]),
            describe_customer(rows[id]),
            " · ".join(facts_in_words(one["reasons"])),
            _state(rows[id]),
        )
        for id, one in zip(ids, candidates, strict=True)
        if id in rows
    ]
    return {
        "likely": table_of(_("Likely the same person"), (), cells),
        "known_others": sorted(one.hex for one in {*_known(request), *rows}),
        "known_field": KNOWN,
        "makes": _("Save anyway"),
    }


def _state(customer: Customer) -> Any:
    if customer.status == Customer.ACTIVE:
        return ""
    return label(STATUS_NAMES[customer.status], "warning")


def describe_customer(customer: Customer) -> str:
    """Return a line that distinguishes a customer from others with the same name."""
    return " · ".join(_facts(customer)) or _("Nothing else is known.")


def _facts(customer: Customer) -> list[str]:
    return [*filter(None, (customer.email, customer.phone, show_birthday(customer.birthday)))]


class DismissedFilter(YesNoFilter):
    """Filter for dismissed pairs; without it, the list shows the pairs to check."""

    title = gettext_lazy("not the same")
    parameter_name = "dismissed"
    names = {"yes": gettext_lazy("Yes")}

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return self.by(queryset, self.value())

    def by(self, rows: Any, chosen: str | None) -> Any:
        return rows.dismissed() if chosen == "yes" else rows.waiting()


def _person(name: str, description: Any) -> Any:
    """Return the column of one of the two customers of a pair."""

    def shown(pair: Duplicate) -> Any:
        customer = getattr(pair, name)
        lines = ((fact,) for fact in _facts(customer))
        facts = format_html_join("", '<div class="text-subtle">{}</div>', lines)
        return format_html("{}{}", link_to(customer), facts)

    return column(description, shown, exports=lambda pair: str(getattr(pair, name)))


@admin.register(Duplicate)
class DuplicateAdmin(CompanyAdmin):
    """Pairs of customers, the most likely first, with both records side by side."""

    icon = "content_copy"
    grows = True
    joined = ("customer", "other")
    ordering = ("-score", "-id")
    begins = gettext_lazy("They are found in the background, within minutes of a change.")
    list_display = ("opens", "first", "second", "why")
    list_filter = (DismissedFilter,)
    shown = ("why", "likeliness")
    buttons = (
        Button(
            name="dismiss",
            label=gettext_lazy("Not the same"),
            done=gettext_lazy("marked as not the same"),
            asks=gettext_lazy("Are %(customer)s and %(other)s two different customers?"),
            says=gettext_lazy("%(customer)s and %(other)s are not the same. This is remembered."),
            confirm_text=gettext_lazy(
                "The pair leaves the list and does not come back, whatever is changed later. You "
                "can take this back."
            ),
            act=dismiss_duplicate,
            is_available=lambda pair: not pair.is_dismissed,
            icon="call_split",
        ),
        Button(
            name="reopen",
            label=gettext_lazy("Look at it again"),
            done=gettext_lazy("put back"),
            asks=gettext_lazy("Put %(customer)s and %(other)s back on the list?"),
            says=gettext_lazy("%(customer)s and %(other)s are on the list again."),
            confirm_text=gettext_lazy("The pair is shown as a likely duplicate again."),
            act=reopen_duplicate,
            is_available=lambda pair: pair.is_dismissed,
            icon="undo",
        ),
    )

    first = _person("customer", gettext_lazy("first record"))
    second = _person("other", gettext_lazy("second record"))
    why = column(gettext_lazy("why"), lambda pair: " · ".join(pair.reasons_in_words))
    opens = column(gettext_lazy("how likely"), lambda pair: f"{pair.score} %")
    likeliness = column(gettext_lazy("how likely"), lambda pair: f"{pair.score} %")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """For a dismissed pair, also show who dismissed it and when."""
        said = ("dismissed_at", "dismissed_by") if obj is not None and obj.is_dismissed else ()
        return (*self.shown, *said)

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        return rows.defer("customer__search_words", "other__search_words")

    def links(self, request: HttpRequest, row: Duplicate) -> list[dict[str, Any]]:
        """Put the link to merge first, for staff who may change customers."""
        return [*self._merging(request, row), *super().links(request, row)]

    def _merging(self, request: Any, row: Duplicate) -> list[dict[str, Any]]:
        try:
            address = reverse(page_name(Customer, "merge"), args=[row.customer_id])
        except NoReverseMatch:
            return []
        if row.is_dismissed or not request.user.has_perm("customers.change_customer"):
            return []
        path = f"{address}?with={show_id(Customer.id_prefix, row.other_id)}"
        return [{"title": _("Merge"), "icon": "merge", "path": path}]

    def related(self, request: HttpRequest, row: Duplicate) -> list[dict[str, Any]]:
        """Return a table with both records side by side."""
        both = (row.customer, row.other)
        places = _places(both, request)
        lines = [
            (_("Name"), *map(link_to, both)),
            *(
                (name, *(value(one) or "–" for one in both))
                for name, value in _COMPARED
                if any(value(one) for one in both)
            ),
            (_("Addresses"), *(places.get(one.pk, "–") for one in both)),
            (_("Since"), *(date_format(timezone.localdate(one.created_at)) for one in both)),
        ]
        headers = ("", _("first record"), _("second record"))
        return [table_of(_("Both records"), headers, lines)]


_COMPARED: tuple[tuple[Any, Any], ...] = (
    (gettext_lazy("First name"), lambda one: one.first_name),
    (gettext_lazy("Last name"), lambda one: one.last_name),
    (gettext_lazy("Legal name"), lambda one: one.legal_name),
    (gettext_lazy("Tax number"), lambda one: one.tax_id),
    (gettext_lazy("E-mail"), lambda one: one.email),
    (gettext_lazy("Phone"), lambda one: one.phone),
    (gettext_lazy("Birthday"), lambda one: show_birthday(one.birthday)),
    (gettext_lazy("External id"), lambda one: one.external_id),
    (gettext_lazy("Tags"), lambda one: ", ".join(one.tags)),
    (gettext_lazy("Status"), lambda one: STATUS_NAMES[one.status]),
)


def _places(customers: Sequence[Customer], request: Any) -> dict[Any, str]:
    """Return the live addresses of customers as text, by the customer's id."""
    found: dict[Any, list[str]] = {}
    rows = Address.objects.visible_to(request.actor).live().order_by("-is_default", "id")
    for one in rows.filter(customer__in=customers):
        found.setdefault(one.customer_id, []).append(str(one))
    return {id: "; ".join(several) for id, several in found.items()}
