"""The log of API requests, and the operations that each API client or key uses."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin.columns import column, exact
from config.admin.filters import ChoiceFilter, DayFilter, titled
from config.admin.pages import CompanyAdmin
from config.admin.tables import label, page_name, table_of
from config.requests.models import ApiRequest, RequestCount
from config.requests.usage import operations_used, unused_scopes, watched_since

from ..models import ApiClient, ApiKey


class CredentialFilter(ChoiceFilter):
    """Filter requests by the API client or API key that sent them."""

    title = gettext_lazy("API client or key")
    parameter_name = "credential"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        clients = ApiClient.objects.visible_to(request.actor).order_by("name", "id")
        keys = ApiKey.objects.visible_to(request.actor).order_by("name", "id")
        return [
            *((str(client.pk), client.name) for client in clients),
            *((str(key.pk), str(key)) for key in keys),
        ]

    def by(self, rows: Any, chosen: str) -> Any:
        return rows.filter(credential_id=chosen)


class StatusFilter(ChoiceFilter):
    """Filter requests by the class of their HTTP status: 2xx, 4xx or 5xx."""

    title = gettext_lazy("answer")
    parameter_name = "answer"
    names = {
        "2": gettext_lazy("Done (2xx)"),
        "4": gettext_lazy("Refused (4xx)"),
        "5": gettext_lazy("Failed (5xx)"),
    }

    def by(self, rows: Any, chosen: str) -> Any:
        low = int(chosen) * 100
        return rows.filter(status__gte=low, status__lt=low + 100)


class OperationFilter(ChoiceFilter):
    """Filter requests by operation; offers the operations that the company has used."""

    title = gettext_lazy("operation")
    parameter_name = "call"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        counts = RequestCount.objects.visible_to(request.actor).exclude(operation="")
        names = counts.order_by("operation").values_list("operation", flat=True).distinct()
        return [(name, name) for name in names]

    def by(self, rows: Any, chosen: str) -> Any:
        return rows.filter(operation=chosen)


@admin.register(ApiRequest)
class ApiRequestAdmin(CompanyAdmin):
    """The log of writes and refused requests of the company's API clients and keys."""

    icon = "manage_search"
    grows = True
    begins = gettext_lazy(
        "Writes and refused requests of your API clients and keys. Each is kept for 30 days."
    )
    search_fields = ("request_id__exact",)
    search_help_text = gettext_lazy("Request-Id")
    list_display = ("at", "credential_name", "call", "answer", "took", "request_id")
    list_filter = (
        CredentialFilter,
        StatusFilter,
        OperationFilter,
        ("created_at", titled(DayFilter, gettext_lazy("answered"))),
    )
    fields = (
        *("at", "by", "operation", "method", "path"),
        *("status", "error_code", "took", "request_id"),
    )

    at = column(gettext_lazy("answered"), lambda row: exact(row.created_at), ordering="id")
    call = column(
        gettext_lazy("request"), lambda row: format_html("<code>{} {}</code>", row.method, row.path)
    )
    by = column(
        gettext_lazy("by"),
        lambda row: f"{row.credential_name} ({row.get_credential_kind_display()})",
    )
    took = column(
        gettext_lazy("took"), lambda row: _("%(count)s ms") % {"count": f"{row.milliseconds:,}"}
    )
    answer = column(gettext_lazy("answer"), lambda row: _answer(row))


def _answer(row: ApiRequest) -> SafeString:
    kind = "success" if row.status < 400 else "warning" if row.status < 500 else "danger"
    return label(f"{row.status} {row.error_code}".strip(), kind)


def usage_tables(request: HttpRequest, row: ApiClient | ApiKey) -> list[dict[str, Any]]:
    """Return two tables: the operations used in the last 30 days, and the unused scopes."""
    used = operations_used(row.pk)
    created_at = row.created if isinstance(row, ApiClient) else row.created_at
    since = date_format(localtime(watched_since(created_at)))
    log = f"{reverse(page_name(ApiRequest, 'changelist'))}?{urlencode({'credential': row.pk})}"
    return [
        table_of(
            _("Requests"),
            (
                _("operation"),
                _("last 24 hours"),
                _("last 30 days"),
                _("of these refused or failed"),
            ),
            [(one.operation or "–", *(f"{count:,}" for count in one[1:])) for one in used],
            all_address=log if used else "",
            empty=_("None in the last 30 days."),
        ),
        table_of(
            _("Scopes without a request"),
            (_("scope"), _("state")),
            [
                (
                    format_html("<code>{}</code>", scope),
                    _("Not used since %(day)s") % {"day": since},
                )
                for scope in unused_scopes(row.pk, row.scopes)
            ],
            empty=_("Every scope was used in the last 30 days."),
        ),
    ]
