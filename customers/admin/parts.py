"""The pages of a customer's addresses, contact points, users and notes."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.defaultfilters import linebreaksbr
from django.utils.translation import gettext_lazy

from config.admin.buttons import archiving
from config.admin.filters import BY_CREATION, ArchivedFilter, FieldChoiceFilter, searchable
from config.admin.lists import yes_of
from config.admin.pages import CompanyAdmin

from .. import actions
from ..models import Address, ContactPoint, CustomerUser, Note
from ..models.finding import Meaning


class OfCustomer(CompanyAdmin):
    """Pages of rows of a customer; the customer cannot be changed later."""

    grows = True
    joined = ("customer",)
    # After saving, open the customer's page, which shows the new row.
    leads_to = "customer"
    autocomplete_fields = ("customer",)
    readonly_preprocess_fields = {"content": linebreaksbr, "access_notes": linebreaksbr}
    search_fields = ("customer",)
    search_help_text = gettext_lazy("Name, e-mail or phone of the customer")
    list_filter: Any = (ArchivedFilter, BY_CREATION)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("customer__search_words")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        words = searchable(search_term)
        if not words:
            return queryset, False
        return queryset.filter(Meaning.of(words).by("customer__")), False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("customer", "created_at") if obj is not None else ()


@admin.register(Address)
class AddressAdmin(OfCustomer):
    icon = "home_pin"
    added_says = gettext_lazy("Address added for %(customer)s: %(name)s.")
    saved_says = gettext_lazy("Address of %(customer)s saved: %(name)s.")
    creates = staticmethod(actions.add_address)
    changes = staticmethod(actions.change_address)
    buttons = archiving(
        gettext_lazy(
            "You can restore it. If it is the default, the oldest remaining address "
            "takes its place."
        ),
        actions.archive_address,
        actions.restore_address,
    )
    list_display = ("__str__", "customer", "label", "shown_default", "life", "created_on")
    shown_default = yes_of("is_default", gettext_lazy("default"))
    fields = (
        *("customer", "label", "street", "sub_premise", "city", "state"),
        *("postal_code", "country", "access_notes", "is_default"),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A default address stays the default until another address becomes it."""
        kept = ("is_default",) if obj is not None and obj.is_default else ()
        return super().get_readonly_fields(request, obj) + kept


@admin.register(ContactPoint)
class ContactPointAdmin(OfCustomer):
    icon = "alternate_email"
    added_says = gettext_lazy("%(name)s added as a contact point of %(customer)s.")
    saved_says = gettext_lazy("Contact point %(name)s of %(customer)s saved.")
    creates = staticmethod(actions.create_contact_point)
    changes = staticmethod(actions.update_contact_point)
    buttons = archiving(
        gettext_lazy("You can restore it."),
        actions.archive_contact_point,
        actions.restore_contact_point,
    )
    list_display = ("__str__", "customer", "kind", "label", "life", "created_on")
    list_filter = (ArchivedFilter, ("kind", FieldChoiceFilter), BY_CREATION)
    fields = ("customer", "kind", "value", "label")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The kind of a contact point cannot be changed."""
        kept = ("kind",) if obj is not None else ()
        return super().get_readonly_fields(request, obj) + kept


@admin.register(CustomerUser)
class UserAdmin(OfCustomer):
    icon = "badge"
    called = (gettext_lazy("contact"), gettext_lazy("contacts"))
    added_says = gettext_lazy("%(name)s added as a contact of %(customer)s.")
    saved_says = gettext_lazy("Contact %(name)s of %(customer)s saved.")
    creates = staticmethod(actions.add_user)
    changes = staticmethod(actions.change_user)
    buttons = archiving(
        gettext_lazy("You can restore it."), actions.archive_user, actions.restore_user
    )
    list_display = ("__str__", "customer", "email", "life", "created_on")
    fields = ("customer", "email", "first_name", "last_name")


@admin.register(Note)
class NoteAdmin(OfCustomer):
    """Notes can be added, but not edited."""

    icon = "sticky_note_2"
    adds = gettext_lazy("Write a note")
    added_says = gettext_lazy("Note on %(customer)s saved.")
    creates = staticmethod(actions.write_note)
    list_display = ("__str__", "customer", "author_name", "created_on")
    list_filter = (BY_CREATION,)
    asked = ("customer", "content")
    shown = (*asked, "author_name", "created_at")
