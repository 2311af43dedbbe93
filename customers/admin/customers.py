"""The list of customers, and the form of a customer."""

from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminExpandableTextareaWidget,
    UnfoldAdminNullBooleanSelectWidget,
    UnfoldAdminTextInputWidget,
)

from bookings.actions import bring_back_customer, wind_down_customer
from bookings.admin.till_page import HasTill
from config.admin.buttons import Button, archive_button, restore_button
from config.admin.columns import column
from config.admin.exporting import SHOWN, Export
from config.admin.filters import BY_CREATION, ArchivedFilter, searchable
from config.admin.find import MOST_IN_BOX, Found, describe
from config.admin.forms import PageForm
from config.admin.pages import CompanyAdmin
from config.errors import Refusal
from credits.admin.issuing_to_many import ISSUE_TO_MANY

from ..actions import create_customer, pause_customer, resume_customer, update_customer
from ..actions.details import clean_tags
from ..models import Customer
from ..models.birthdays import read_birthday, show_birthday
from . import filters
from .archiving import Archiving, ArchivingMany, Restoring, open_in_words
from .customer_sections import KNOWN_PREFERENCES
from .duplicates import TellsDuplicates
from .importing import ImportsCustomers
from .lapsing import LapsingFilter
from .merging import MERGE_BUTTONS
from .page import ShowsCustomer
from .privacy import HasPrivacy, erase_button


class CustomerForm(PageForm):
    """A customer, with the two preferences that staff can edit."""

    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        help_text=gettext_lazy("One on each line, or with commas between them. VIP, say."),
        widget=UnfoldAdminExpandableTextareaWidget,
    )
    birthday = forms.CharField(
        label=gettext_lazy("Birthday"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Like 4 May 1990, or 4 May where the year is not known."),
        widget=UnfoldAdminTextInputWidget,
    )
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
        self.initial["tags"] = "\n".join(self.instance.tags)
        self.initial["birthday"] = show_birthday(self.instance.birthday)

    def clean_tags(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["tags"].splitlines()]
        # An integrator's tag may contain a comma.
        parts = [[one] if one in self.instance.tags else one.split(",") for one in lines]
        tags = [tag for several in parts for tag in several if tag.strip()]
        try:
            return clean_tags(tags)
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal))

    def clean_birthday(self) -> str:
        typed = self.cleaned_data["birthday"]
        birthday = read_birthday(typed)
        if birthday is None:
            sentence = _(
                "“%(typed)s” is not a day. Write it like 4 May 1990, or 4 May where the year is "
                "not known."
            )
            raise forms.ValidationError(sentence % {"typed": typed})
        return birthday

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
        """Return the preferences in the values; an emptied one becomes null, which removes it."""
        known = {name: values[name] for name in KNOWN_PREFERENCES if name in values}
        return {name: None if value == "" else value for name, value in known.items()}


@admin.register(Customer)
class CustomerAdmin(
    ImportsCustomers, HasPrivacy, HasTill, ShowsCustomer, TellsDuplicates, CompanyAdmin
):
    grows = True
    icon = "group"
    added_says = gettext_lazy("%(name)s added as a customer.")
    saved_says = gettext_lazy("Changes to %(name)s saved.")
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
            asks=gettext_lazy("Pause %(name)s?"),
            says=gettext_lazy("%(name)s paused."),
            confirm_text=gettext_lazy(
                "A paused customer is shown as inactive until you resume them. Their subscriptions "
                "go on: each is paused on its own page, until a day if you like."
            ),
            act=pause_customer,
            is_available=lambda customer: customer.status == Customer.ACTIVE,
            icon="pause",
        ),
        Button(
            name="resume",
            label=gettext_lazy("Resume"),
            done=gettext_lazy("resumed"),
            asks=gettext_lazy("Resume %(name)s?"),
            says=gettext_lazy("%(name)s is active again."),
            confirm_text=gettext_lazy("The customer will be active again."),
            act=resume_customer,
            is_available=lambda customer: customer.status == Customer.INACTIVE,
            icon="play_arrow",
        ),
        *MERGE_BUTTONS,
        archive_button(
            wind_down_customer,
            gettext_lazy(
                "An archived customer keeps everything and can be restored at any time. "
                "Until then nothing new can be added and nothing can be edited."
            ),
            form=Archiving,
            many_form=ArchivingMany,
            notes=open_in_words,
        ),
        replace(
            restore_button(bring_back_customer, form=Restoring),
            is_available=lambda customer: customer.is_archived and not customer.is_erased,
        ),
        erase_button(open_in_words),
    )

    form = CustomerForm
    leads_to = "self"
    begins = gettext_lazy("Add the first one here, or import them from a file or with the API.")
    list_display = (
        *("shown_name", "contact", "shown_status", "next_booking", "last_booking"),
        *("to_pay", "credits", "subscription", "created_on"),
    )
    list_filter = (
        *(filters.StatusFilter, ArchivedFilter, filters.TagFilter, filters.ZoneFilter),
        *(filters.SubscriptionFilter, filters.CreditFilter, filters.ToPayFilter, LapsingFilter),
        BY_CREATION,
    )
    search_fields = ("search_words",)
    search_help_text = gettext_lazy("Name, e-mail, phone or external id")
    readonly_fields = ("status_name", "other_preferences", "created_at", "updated_at")
    fieldsets = (
        (gettext_lazy("Person"), {"fields": ("first_name", "last_name", "birthday")}),
        (gettext_lazy("Organisation"), {"fields": ("name", "legal_name", "tax_id")}),
        (gettext_lazy("How to reach them"), {"fields": ("email", "phone", *KNOWN_PREFERENCES)}),
        (gettext_lazy("Record"), {"fields": ("tags", "external_id", *readonly_fields)}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("search_words")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        words = searchable(search_term)
        return queryset.meant_by(words) if words else queryset, False

    def changelist_view(self, request: Any, extra_context: Any = None) -> HttpResponse:
        """Show the list; if no customer matches the search, show customers with similar names."""
        answer = super().changelist_view(request, extra_context)
        page = getattr(answer, "context_data", {}).get("cl")
        if page is not None and page.query and not page.result_count:
            found = self.find(request, searchable(page.query), MOST_IN_BOX)
            answer.context_data["similar"] = [one for one in found if one.is_similar]
        return answer

    def find(self, request: HttpRequest, wanted: str, most: int) -> list[Found]:
        words = wanted.casefold()
        return [
            describe(
                self,
                row,
                facts=tuple(filter(None, (row.email, row.phone, row.external_id))),
                state="" if row.status == Customer.ACTIVE else filters.STATUS_NAMES[row.status],
                is_exact=words in (row.email.casefold(), row.external_id.casefold()),
                is_similar=row.is_similar,
            )
            for row in self.model.objects.likeliest(wanted, most)
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for tags and external id of a new customer, but not for the rest of the record."""
        if obj is not None:
            return super().get_fieldsets(request, obj)
        return (*self.fieldsets[:-1], (_("Record"), {"fields": ("tags", "external_id")}))

    def doings(self, request: Any, row: Customer) -> list[dict[str, Any]]:
        """Put the till first: it is used most often."""
        last = self.privacy_links(request, row)
        return [*self.till_links(request, row), *super().doings(request, row), *last]

    def describe(self, row: Customer) -> str:
        return " · ".join(dict.fromkeys(filter(None, (str(row), row.email, row.phone))))

    def response_post_save_change(self, request: HttpRequest, obj: Customer) -> HttpResponse:
        return redirect(self.with_filters(request, self.address_of(obj)))

    status_name = column(gettext_lazy("status"), lambda row: filters.STATUS_NAMES[row.status])
    preferred_contact = column(
        gettext_lazy("prefers to be reached by"),
        lambda row: row.preferences.get("preferred_contact", ""),
    )
    marketing_opt_in = column(
        gettext_lazy("wants to hear of offers"),
        lambda row: row.preferences.get("marketing_opt_in"),
        boolean=True,
    )

    @display(description=gettext_lazy("other preferences"))
    def other_preferences(self, customer: Customer) -> str:
        known = customer.preferences.items()
        others = ((name, value) for name, value in known if name not in KNOWN_PREFERENCES)
        return format_html_join("\n", "{}: {}", others) or "–"
