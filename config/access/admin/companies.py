import zoneinfo
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from config.admin.buttons import archiving
from config.admin.money import MoneyField, MoneyForm
from config.admin.pages import Pages

from ..actions import (
    HIGHEST_LIMIT,
    archive_company,
    change_company,
    create_company,
    is_currency_fixed,
    restore_company,
)
from ..models import Company, Workplace
from .limits import allowance, company_field


class SettingsForm(MoneyForm):
    credit_limit = MoneyField(
        label=_("Limit of front desk"),
        required=False,
        most=HIGHEST_LIMIT,
        help_text=_(
            "The most that one credit may be worth which front desk issues. Empty: no limit. Zero: "
            "front desk issues none. Owners and managers have no limit."
        ),
    )
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [(zone, zone) for zone in sorted(zoneinfo.available_timezones())],
        widget=UnfoldAdminSelectWidget,
    )


class CompanyForm(SettingsForm):
    requests_per_minute = company_field()


SETTINGS = (
    *("name", "slug", "currency", "timezone", "country", "portal_url", "credit_limit"),
    "requires_second_factor",
)


@admin.register(Company)
class Companies(Pages):
    """Every company there is, for superusers."""

    icon = "storefront"
    form = CompanyForm
    buttons = archiving(
        lambda company, actor: archive_company(company),
        lambda company, actor: restore_company(company),
        _(
            "Nobody will be able to work in this company, and its API clients and keys will be "
            "refused at once. Nothing is lost, and the company can be restored."
        ),
        permission="access.change_company",
    )
    list_display = ("name", "slug", "country", "currency", "timezone", "is_open", "created_on")
    ordering = ("name", "id")
    search_fields = ("name", "slug")
    fields = (*SETTINGS, "requests_per_minute")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("currency",) if obj is not None and is_currency_fixed(obj) else ()

    @staticmethod
    def creates(company: Company, *, actor: Any) -> None:
        create_company(company)

    @staticmethod
    def changes(company: Company, *, changes: dict[str, Any], actor: Any) -> None:
        change_company(company, changes=changes)

    @display(description=_("open"), boolean=True)
    def is_open(self, company: Company) -> bool:
        return not company.is_archived


class WorkplaceForm(SettingsForm):
    class Meta:
        help_texts = {
            "currency": _("It can be changed for as long as there is no amount of money in it."),
            "portal_url": _("Where customers book; invitations to customers lead there."),
        }


@admin.register(Workplace)
class WorkplacePages(Pages):
    """The settings of the company that the session works for, for its owners."""

    icon = "store"
    saves_on = False
    form = WorkplaceForm
    fields = (*SETTINGS, "may_come")

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).filter(pk=request.actor.company_id)

    @staticmethod
    def changes(company: Workplace, *, changes: dict[str, Any], actor: Any) -> None:
        change_company(company, changes=changes)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        """Keep the short name, which integrations and commands know the company by."""
        fixed = ("slug", "may_come")
        return (*fixed, "currency") if is_currency_fixed(request.company) else fixed

    @display(description=_("limit of the API"))
    def may_come(self, company: Workplace) -> str:
        return allowance(company)

    def changelist_view(self, request: Any, extra_context: Any = None) -> HttpResponse:
        """Open the one company that the list would hold."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect(self.address_of(request.company))

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return redirect(self.address_of(obj))
