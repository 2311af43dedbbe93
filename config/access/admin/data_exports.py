"""The log of data exports, for owners."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy

from config.admin.columns import column, exact
from config.admin.filters import DayFilter, FieldChoiceFilter, titled
from config.admin.pages import CompanyAdmin
from config.changes.models import DataExport


@admin.register(DataExport)
class DataExportAdmin(CompanyAdmin):
    """The log of data exports, with authors: lists, people, files, and streams of the API."""

    icon = "ios_share"
    grows = True
    begins = gettext_lazy(
        "Every export of a list or of a person, every download of a file, and every API response "
        "with all customers. Nobody can change this list."
    )
    list_display = ("at", "kind", "what", "query", "count", "by")
    list_filter = (
        ("kind", FieldChoiceFilter),
        ("created_at", titled(DayFilter, gettext_lazy("taken out"))),
    )
    fields = ("at", "kind", "what", "query", "count", "customer_id", "job_id", "by", "request_id")

    at = column(gettext_lazy("taken out"), lambda row: exact(row.created_at), ordering="id")
    by = column(
        gettext_lazy("by"), lambda row: f"{row.actor_name} ({row.get_actor_kind_display()})"
    )

    def has_export_permission(self, request: Any) -> bool:
        return False
