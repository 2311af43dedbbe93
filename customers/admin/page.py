"""The page of one customer, with links to everything that staff do with a customer."""

from functools import cache
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminExpandableTextareaWidget

from billing.admin.customer_sections import ADDED_UP, PAYMENT_METHODS, SUBSCRIPTIONS, sums_of
from bookings.admin.customer_sections import MEDIA_BOUGHT, NEXT_BOOKINGS
from bookings.admin.to_pay import parts_to_pay, to_pay
from bookings.models import Booking
from config.admin.batch_read import Gathering, Whose, values_of
from config.admin.form_mixins import FreeText
from config.admin.forms import add_refusal
from config.admin.pages import Pages
from config.admin.tables import Section, adding, page_name
from config.changes.models import Change, ChangeQuerySet
from config.errors import Refusal
from config.tenancy.ids import read_id
from credits.admin import customer_sections as credits
from credits.models import Credit, Goodwill, PassPurchase

from ..actions import write_note
from ..models import Customer, CustomerMerge, Note
from .columns import Columns, holdings_in_words
from .customer_sections import ADDRESSES, CONTACT_POINTS, USERS, facts_of, ways_to_reach, zones
from .timeline import NAMES, timeline_of


class NoteForm(FreeText, forms.Form):
    """A note, written above the timeline."""

    content = forms.CharField(
        label=gettext_lazy("Write a note"),
        max_length=Note._meta.get_field("content").max_length,
        error_messages={"required": gettext_lazy("Write something in the note.")},
        widget=UnfoldAdminExpandableTextareaWidget(attrs={"rows": 2}),
    )


class ShowsCustomer(Columns, Pages):
    """Shows the page of a customer at the address of the row, and the form at `edit/`.

    The id of a merge, or of a merged customer, leads to the remaining customer.
    """

    known_as = {Customer.id_prefix: "pk", CustomerMerge.id_prefix: "merges"}

    def get_urls(self) -> list[Any]:
        return [
            self.page_at("<str:object_id>/edit/", self.edit_view, "edit"),
            self.page_at("<str:object_id>/note/", self.note_view, "note"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: Any, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the page; a POST saves the form."""
        if request.method == "POST":
            return self._form(request, object_id)
        row = self._found(request, object_id)
        return row if isinstance(row, HttpResponse) else self._page(request, row, NoteForm())

    def edit_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show or save the form; staff who may not change the customer get the page."""
        if request.method != "POST":
            row = self._found(request, object_id)
            if isinstance(row, HttpResponse):
                return row
            if not self.has_change_permission(request, row):
                return HttpResponseRedirect(self._back(request, row))
        return self._form(request, object_id)

    def note_view(self, request: Any, object_id: str) -> HttpResponse:
        """Write a note; a refused note is shown again above the timeline."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self._found(request, object_id)
        if isinstance(row, HttpResponse):
            return row
        if not request.user.has_perm("customers.add_note"):
            raise PermissionDenied
        form = NoteForm(request.POST)
        if form.is_valid():
            note = Note(customer=row, content=form.cleaned_data["content"])
            try:
                write_note(note, actor=request.actor)
            except Refusal as refusal:
                add_refusal(form, refusal)
            else:
                return HttpResponseRedirect(f"{self._back(request, row)}#timeline")
        return self._page(request, row, form)

    def _back(self, request: HttpRequest, row: Customer) -> str:
        return self.with_filters(request, self.address_of(row))

    def _form(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return super().change_view(request, object_id)

    def _found(self, request: HttpRequest, object_id: str) -> Customer | HttpResponse:
        """Return the customer with this id, or a redirect to the list if there is none."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if request.method == "GET" and str(row.pk) != unquote(object_id):
            messages.info(request, _("The record that you asked for was merged into this one."))
            return HttpResponseRedirect(self._back(request, row))
        return row

    def get_object(self, request: Any, object_id: str, from_field: str | None = None) -> Any:
        """Return the customer with this id; for a merged customer, the remaining one."""
        row = super().get_object(request, object_id, from_field)
        key = read_id("", object_id) if row is None else None
        if key is None:
            return row
        merged = Customer.objects.merged().filter(company_id=request.actor.company_id, pk=key)
        stayed = merged.values_list("merged_into_id", flat=True).first()
        return super().get_object(request, str(stayed), from_field) if stayed else None

    def _page(self, request: Any, row: Customer, note: NoteForm) -> HttpResponse:
        show = request.GET.get("show", "")
        context = {
            **read(row, request),
            "title": str(row),
            "original": row,
            "listed": self.with_filters(request, reverse(page_name(Customer, "changelist"))),
            "status": self.shown_status(row),
            "doings": self.doings(request, row),
            "timeline": timeline_of(row, show=show, before=request.GET.get("before", "")),
            "names": NAMES,
            "show": show if show in NAMES else "",
            "is_older": "before" in request.GET,
            "note": note if note.is_bound or not row.is_archived else None,
            "may_note": request.user.has_perm("customers.add_note"),
            "media": note.media,
        }
        return self.render_page(request, "admin/customers/customer/page.html", context)

    def recorded(self, row: Customer) -> ChangeQuerySet:
        """Return the changes for the history, including those of customers merged into this one."""
        merged = Customer.objects.merged().filter(merged_into=row).values_list("pk", flat=True)
        ids = [row.pk, *merged]
        return (
            Change.objects.filter(customer_id__in=ids)
            if merged
            else (Change.objects.of_customer(row.pk))
        )

    def doings(self, request: Any, row: Customer) -> list[dict[str, Any]]:
        """Return the links to the available operations, the most frequent first."""
        links = [
            {"icon": icon, "title": way["add"], "path": way["add_address"]}
            for icon, way in (
                ("event", adding(request, Booking, row, _("Book"), page="classes")),
                ("redeem", adding(request, Credit, row, _("Issue a credit"))),
                ("volunteer_activism", adding(request, Goodwill, row, _("Give goodwill"))),
            )
            if way
        ]
        if self.has_change_permission(request, row):
            edit = self.with_filters(request, self.address_of(row, "edit"))
            links.append({"icon": "edit", "title": _("Edit"), "path": edit})
        history = self.address_of(row, "history")
        who = {"icon": "history", "title": _("Who changed what"), "path": history}
        return [*links, *self.links(request, row), who]


MAIN = {"next": NEXT_BOOKINGS, "subscriptions": SUBSCRIPTIONS}
SIDE = {
    "contact_points": CONTACT_POINTS,
    "addresses": ADDRESSES,
    "users": USERS,
    "payment_methods": PAYMENT_METHODS,
}


@cache
def _everything() -> Gathering:
    """Return the statement that reads the page's data, except the timeline."""
    sections = MAIN | SIDE | {"media": MEDIA_BOUGHT}
    parts = {name: section.read(Whose) for name, section in sections.items()}
    parts |= {
        name: credits.held(model, Whose)[: ADDED_UP + 1]
        for name, model in (("credits", Credit), ("passes", PassPurchase))
    }
    return Gathering(parts | parts_to_pay(Whose) | {"zones": zones(Whose)})


def read(customer: Customer, request: Any) -> dict[str, Any]:
    """Return the data of the page, except the timeline."""
    found = _everything().read(values_of(customer))

    def tables(sections: dict[str, Section]) -> list[dict[str, Any]]:
        return [one.table(found[name], customer, request) for name, one in sections.items()]

    held = found["credits"], found["passes"]
    owed_to = credits.owed_to(*held, customer, request, sums=_holdings(*held))
    media = {"media": MEDIA_BOUGHT} if found["media"] else {}
    return {
        "main": [owed_to, to_pay(found, customer, request), *tables(MAIN | media)],
        "side": tables(SIDE),
        "reach": ways_to_reach(customer),
        "facts": facts_of(customer, found["zones"]),
    }


def _holdings(credits: list[Credit], passes: list[PassPurchase]) -> str:
    """Return a customer's credits and passes as text, as in the list of customers."""
    money = [one for one in credits[:ADDED_UP] if one.is_amount]
    visits = sum(one.balance for one in passes[:ADDED_UP])
    text = holdings_in_words(sums_of(money), len(credits[:ADDED_UP]) - len(money), visits)
    has_more = max(len(credits), len(passes)) > ADDED_UP
    return _("more than %(sum)s") % {"sum": text} if has_more else text
