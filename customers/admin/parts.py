"""What hangs on a customer: addresses, users, notes."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import linebreaksbr
from django.utils.translation import gettext_lazy

from config.admin.buttons import archiving
from config.admin.filters import ArchivedFilter, CreatedFilter, searchable
from config.admin.lists import yes_of
from config.admin.pages import CompanyPages

from ..actions import (
    add_address,
    add_user,
    archive_address,
    archive_user,
    change_address,
    change_user,
    restore_address,
    restore_user,
    write_note,
)
from ..models import Address, CustomerUser, Note
from ..models.finding import Meaning
from ..shapes.shown import ADDRESS, NOTE, USER


class OfCustomer(CompanyPages):
    """Pages of what hangs on a customer, who is chosen once."""

    grows = True
    autocomplete_fields = ("customer",)
    readonly_preprocess_fields = {"content": linebreaksbr, "access_notes": linebreaksbr}
    search_fields = ("customer",)
    search_help_text = gettext_lazy("Name, e-mail or phone of the customer")
    list_filter: Any = (ArchivedFilter, ("created_at", CreatedFilter))

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request).select_related("customer")
        return rows.defer("customer__search_words")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        words = searchable(search_term)
        if not words:
            return queryset, False
        return queryset.filter(Meaning.of(words).by("customer__")), False

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Go to the customer: that is where a new address, user or note is read."""
        return redirect("admin:customers_customer_change", obj.customer_id)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("customer", "created_at") if obj is not None else ()


@admin.register(Address)
class AddressPages(OfCustomer):
    icon = "home_pin"
    known_as = {ADDRESS: "pk"}
    creates = staticmethod(add_address)
    changes = staticmethod(change_address)
    buttons = archiving(
        archive_address,
        restore_address,
        gettext_lazy(
            "The address stays in the record and can be restored. If it is the default, the "
            "oldest address left takes its place."
        ),
    )
    list_display = ("__str__", "customer", "label", "shown_default", "life", "created_on")
    shown_default = yes_of("is_default", gettext_lazy("default"))
    fields = (
        *("customer", "label", "street", "sub_premise", "city", "state"),
        *("postal_code", "country", "access_notes", "is_default"),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The default is not given up, it passes to another address that is made the default."""
        kept = ("is_default",) if obj is not None and obj.is_default else ()
        return super().get_readonly_fields(request, obj) + kept


@admin.register(CustomerUser)
class UserPages(OfCustomer):
    icon = "badge"
    known_as = {USER: "pk"}
    creates = staticmethod(add_user)
    changes = staticmethod(change_user)
    buttons = archiving(
        archive_user,
        restore_user,
        gettext_lazy("The user stays in the record and can be restored."),
    )
    list_display = ("__str__", "customer", "email", "life", "created_on")
    fields = ("customer", "email", "first_name", "last_name")


@admin.register(Note)
class NotePages(OfCustomer):
    """Notes are written and read; what was written stays."""

    icon = "sticky_note_2"
    known_as = {NOTE: "pk"}
    creates = staticmethod(write_note)
    list_display = ("__str__", "customer", "author_name", "created_on")
    list_filter = (("created_at", CreatedFilter),)
    fields = ("customer", "content")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.fields, "author_name", "created_at") if obj else self.fields
