import zoneinfo
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from config.admin.buttons import archiving
from config.admin.columns import column
from config.admin.money import MoneyField, MoneyForm
from config.admin.pages import Pages
from config.admin.taxes import BehaviorField, PercentField
from config.tenancy.companies import (
    ERASURE_DAYS,
    MOST_ERASURE_DAYS,
    MOST_LATE_HOURS,
    Company,
    Workplace,
)
from config.tenancy.money_fields import MOST

from .. import actions
from .limits import allowance, company_field
from .money_table import money_table


class SettingsForm(MoneyForm):
    credit_limit = MoneyField(
        label=_("Limit of front desk"),
        required=False,
        most=MOST,
        help_text=_(
            "The most that one credit may be worth which front desk issues. Empty: no limit. Zero: "
            "front desk issues none. Owners and managers have no limit."
        ),
    )
    refund_limit = MoneyField(
        label=_("Refund limit of front desk"),
        required=False,
        most=MOST,
        help_text=_(
            "The most that front desk may give back of one payment, let go of one invoice, or "
            "waive. Empty: no limit. Zero: front desk refunds nothing. Owners and managers have no "
            "limit."
        ),
    )
    late_cancellation_hours = forms.IntegerField(
        label=_("Late cancellation"),
        required=False,
        min_value=1,
        max_value=MOST_LATE_HOURS,
        help_text=_(
            "Hours before a booking begins from which cancelling it is late. A booking that is "
            "moved after that stays late. Empty: never."
        ),
        widget=UnfoldAdminIntegerFieldWidget,
    )
    late_cancellation_fee = MoneyField(
        label=_("Fee of a late cancellation"),
        most=MOST,
        initial=0,
        help_text=_("What is kept of the money, or else asked for by an invoice, if it is a fee."),
    )
    erasure_days = forms.IntegerField(
        label=_("Days before an erasure"),
        min_value=0,
        max_value=MOST_ERASURE_DAYS,
        initial=ERASURE_DAYS,
        help_text=_("How long the erasure of a person waits, in which it can be cancelled."),
        widget=UnfoldAdminIntegerFieldWidget,
    )
    tax_behavior = BehaviorField(
        label=_("Tax of new prices is"),
        empty=_("As usual in the country"),
        help_text=_("Prices that there are stay as they are."),
    )
    tax_rate = PercentField(label=_("Tax of new prices in percent"), initial=0)
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [(zone, zone) for zone in sorted(zoneinfo.available_timezones())],
        widget=UnfoldAdminSelectWidget,
    )


class CompanyForm(SettingsForm):
    requests_per_minute = company_field()


SETTINGS = (
    *("name", "slug", "currency", "timezone", "country", "portal_url", "credit_limit"),
    *("tax_behavior", "tax_rate", "refund_limit"),
    *("late_cancellation_hours", "late_cancellation_keeps", "late_cancellation_fee"),
    "erasure_days",
    "requires_second_factor",
)


@admin.register(Company)
class Companies(Pages):
    """All companies, for superusers."""

    icon = "storefront"
    added_says = _("Company %(name)s added.")
    saved_says = _("Company %(name)s saved.")
    form = CompanyForm
    creates = staticmethod(actions.create_company)
    changes = staticmethod(actions.change_company)
    buttons = archiving(
        _(
            "Nobody will be able to work in this company, and its API clients and keys will be "
            "refused at once. Nothing is lost, and the company can be restored."
        ),
        actions.archive_company,
        actions.restore_company,
        permission="access.change_company",
    )
    list_display = ("name", "slug", "country", "currency", "timezone", "is_open", "created_on")
    ordering = ("name", "id")
    search_fields = ("name", "slug")
    fields = (*SETTINGS, "requests_per_minute")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("currency",) if obj is not None and actions.is_currency_fixed(obj) else ()

    is_open = column(_("open"), lambda row: not row.is_archived, boolean=True)


class WorkplaceForm(SettingsForm):
    class Meta:
        help_texts = {
            "currency": _("You can change it until the first amount of money is recorded."),
            "portal_url": _(
                "The site where customers book. Invitations link to it; without it, none are sent."
            ),
        }


@admin.register(Workplace)
class WorkplaceAdmin(Pages):
    """The settings of the session's company, for its owners."""

    icon = "store"
    saved_says = _("Settings of %(name)s saved.")
    saves_on = False
    form = WorkplaceForm
    changes = staticmethod(actions.change_company)
    fields = (*SETTINGS, "may_come")

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).filter(pk=request.actor.company_id)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        """Make the short name read-only: integrations and commands identify the company by it."""
        fixed = ("slug", "may_come")
        return (*fixed, "currency") if actions.is_currency_fixed(request.company) else fixed

    may_come = column(_("limit of the API"), allowance)

    def related(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        """Show which roles may do which money actions, and up to which limit."""
        return [money_table(row)]

    def changelist_view(self, request: Any, extra_context: Any = None) -> HttpResponse:
        """Redirect to the settings: the list would have only this company."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect(self.address_of(request.company))

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return redirect(self.address_of(obj))
