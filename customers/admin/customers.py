"""The list of customers, and the page of one."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminNullBooleanSelectWidget, UnfoldAdminTextInputWidget

from config.admin.buttons import Button
from config.admin.exporting import SHOWN, Export
from config.admin.filters import ArchivedFilter, CreatedFilter, searchable
from config.admin.find import Found, describe
from config.admin.forms import PageForm
from config.admin.pages import CompanyPages
from credits.admin.issuing_to_many import ISSUE_TO_MANY

from ..actions import (
    archive_customer,
    create_customer,
    pause_customer,
    restore_customer,
    resume_customer,
    update_customer,
)
from ..models import Customer
from ..shapes.shown import CUSTOMER
from .archiving import Archiving, Restoring
from .columns import Columns
from .filters import (
    STATUS_NAMES,
    CreditFilter,
    OwesFilter,
    StatusFilter,
    SubscriptionFilter,
    ZoneFilter,
)
from .importing import ImportsCustomers
from .lapsing import LapsingFilter
from .of_customer import KNOWN_PREFERENCES
from .page import ShowsCustomer


class CustomerForm(PageForm):
    """A customer, and the two preferences that staff know."""

    preferred_contact = forms.CharField(
        label=gettext_lazy("Prefers to be reached by"),
        required=False,
        help_text=gettext_lazy("E-mail or phone, say."),
        widget=UnfoldAdminTextInputWidget,
    )
    marketing_opt_in = forms.NullBooleanField(
        label=gettext_lazy("Wants to hear of offers"),
        required=False,
        widget=UnfoldAdminNullBooleanSelectWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in KNOWN_PREFERENCES:
            self.initial.setdefault(name, self.instance.preferences.get(name))

    def clean(self) -> None:
        super().clean()
        if self.instance._state.adding:
            self.instance.preferences = self._preferences(self.cleaned_data)

    def changes(self) -> dict[str, Any]:
        changes = super().changes()
        preferences = self._preferences(changes)
        others = {name: value for name, value in changes.items() if name not in KNOWN_PREFERENCES}
        return others | ({"preferences": preferences} if preferences else {})

    def _preferences(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the preferences among values; one that was emptied is null, which removes it."""
        known = {name: values[name] for name in KNOWN_PREFERENCES if name in values}
        return {name: None if value == "" else value for name, value in known.items()}


@admin.register(Customer)
class CustomerPages(ImportsCustomers, ShowsCustomer, Columns, CompanyPages):
    grows = True
    icon = "group"
    known_as = {CUSTOMER: "pk"}
    exports = (
        *SHOWN,
        Export(
            "all-csv",
            gettext_lazy("Every customer with their address, to import again (CSV)"),
            kind="export_customers",
            is_of_all=True,
        ),
        Export(
            "all-ndjson",
            gettext_lazy("Every customer with their address, to import again (NDJSON)"),
            kind="export_customers",
            format="ndjson",
            is_of_all=True,
        ),
    )
    creates = staticmethod(create_customer)
    changes = staticmethod(update_customer)
    buttons = (
        ISSUE_TO_MANY,
        Button(
            name="pause",
            label=gettext_lazy("Pause"),
            done=gettext_lazy("paused"),
            asks=gettext_lazy("A paused customer is shown as inactive until you resume them."),
            act=pause_customer,
            fits=lambda customer: customer.status == Customer.ACTIVE,
            icon="pause",
        ),
        Button(
            name="resume",
            label=gettext_lazy("Resume"),
            done=gettext_lazy("resumed"),
            asks=gettext_lazy("The customer will be active again."),
            act=resume_customer,
            fits=lambda customer: customer.status == Customer.INACTIVE,
            icon="play_arrow",
        ),
        Button(
            name="archive",
            label=gettext_lazy("Archive"),
            done=gettext_lazy("archived"),
            asks=gettext_lazy(
                "An archived customer keeps everything and can be restored at any time. "
                "Until then nothing about them can be changed."
            ),
            act=archive_customer,
            fits=lambda customer: not customer.is_archived,
            icon="archive",
            form=Archiving,
        ),
        Button(
            name="restore",
            label=gettext_lazy("Restore"),
            done=gettext_lazy("restored"),
            asks=gettext_lazy("Everything comes back as it was."),
            act=restore_customer,
            fits=lambda customer: customer.is_archived,
            icon="unarchive",
            form=Restoring,
        ),
    )

    form = CustomerForm
    begins = gettext_lazy("Add the first one here, or bring all of them in with the API.")
    list_display = (
        *("shown_name", "contact", "shown_status", "next_booking", "last_booking"),
        *("owes", "credits", "subscription", "created_on"),
    )
    list_filter = (
        *(StatusFilter, ArchivedFilter, ZoneFilter),
        *(SubscriptionFilter, CreditFilter, OwesFilter, LapsingFilter),
        ("created_at", CreatedFilter),
    )
    search_fields = ("search_words",)
    search_help_text = gettext_lazy("Name, e-mail, phone or external id")
    readonly_fields = ("status_name", "other_preferences", "created_at", "updated_at")
    fieldsets = (
        (gettext_lazy("Person"), {"fields": ("first_name", "last_name")}),
        (gettext_lazy("Organisation"), {"fields": ("name", "legal_name", "tax_id")}),
        (
            gettext_lazy("How to reach them"),
            {"fields": ("email", "phone", *KNOWN_PREFERENCES)},
        ),
        (
            gettext_lazy("Record"),
            {
                "fields": (
                    *("external_id", "status_name", "other_preferences"),
                    *("created_at", "updated_at"),
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("search_words")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        words = searchable(search_term)
        return queryset.meant_by(words) if words else queryset, False

    def find(self, request: HttpRequest, wanted: str, most: int) -> list[Found]:
        words = wanted.casefold()
        return [
            describe(
                self,
                row,
                facts=tuple(filter(None, (row.email, row.phone, row.external_id))),
                state="" if row.status == Customer.ACTIVE else STATUS_NAMES[row.status],
                is_exact=words in (row.email.casefold(), row.external_id.casefold()),
            )
            for row in self.model.objects.likeliest(wanted, most)
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for the external id of a new customer; the rest of its record is not there yet."""
        if obj is not None:
            return super().get_fieldsets(request, obj)
        return (*self.fieldsets[:-1], (_("Record"), {"fields": ("external_id",)}))

    def describe(self, row: Customer) -> str:
        return " · ".join(dict.fromkeys(filter(None, (str(row), row.email, row.phone))))

    def response_post_save_add(self, request: HttpRequest, obj: Customer) -> HttpResponse:
        """Go to the new customer: that is where what comes next is done."""
        return redirect(self.address_of(obj))

    def response_post_save_change(self, request: HttpRequest, obj: Customer) -> HttpResponse:
        return redirect(self.with_filters(request, self.address_of(obj)))

    @display(description=gettext_lazy("status"))
    def status_name(self, customer: Customer) -> Any:
        return STATUS_NAMES[customer.status]

    @display(description=gettext_lazy("prefers to be reached by"))
    def preferred_contact(self, customer: Customer) -> str:
        return customer.preferences.get("preferred_contact", "")

    @display(description=gettext_lazy("wants to hear of offers"), boolean=True)
    def marketing_opt_in(self, customer: Customer) -> bool | None:
        return customer.preferences.get("marketing_opt_in")

    @display(description=gettext_lazy("other preferences"))
    def other_preferences(self, customer: Customer) -> str:
        others = (
            (name, value)
            for name, value in customer.preferences.items()
            if name not in KNOWN_PREFERENCES
        )
        return format_html_join("\n", "{}: {}", others) or "–"
