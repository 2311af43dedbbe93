import zoneinfo
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from config.admin.buttons import archiving
from config.admin.forms import PageForm
from config.admin.pages import Pages

from ..actions import archive_company, change_company, create_company, restore_company
from ..models import Company


class CompanyForm(PageForm):
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [(zone, zone) for zone in sorted(zoneinfo.available_timezones())],
        widget=UnfoldAdminSelectWidget,
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
    )
    list_display = ("name", "slug", "country", "currency", "timezone", "is_open", "created_on")
    ordering = ("name", "id")
    search_fields = ("name", "slug")
    fields = (
        "name",
        "slug",
        "currency",
        "timezone",
        "country",
        "portal_url",
        "requires_second_factor",
    )

    @staticmethod
    def creates(company: Company, *, actor: Any) -> None:
        create_company(company)

    @staticmethod
    def changes(company: Company, *, changes: dict[str, Any], actor: Any) -> None:
        change_company(company, changes=changes)

    @display(description=_("open"), boolean=True)
    def is_open(self, company: Company) -> bool:
        return not company.is_archived
