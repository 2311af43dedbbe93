"""API clients and API keys of the session's company."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from config.admin.boxes import GroupedBoxes
from config.admin.buttons import Button
from config.admin.columns import column
from config.admin.forms import PageForm
from config.admin.pages import Pages
from config.admin.secrets import Renewal, shown_once

from .. import actions
from ..curl import curl_for_client, curl_for_key
from ..models import ApiClient, ApiKey
from ..scopes import GROUPS, PRESETS, SCOPES
from .limits import LIMIT, allowance, credential_field
from .requests import usage_tables

# The buttons that require If-Match with every change, or stop requiring it.
CONDITIONS = (
    Button(
        name="require_match",
        label=gettext_lazy("Only what it has seen"),
        done=gettext_lazy("held to what it has seen"),
        confirm_text=gettext_lazy(
            "From its next request on, every change has to name the version that was seen "
            "(If-Match), so that it overwrites nothing that another has changed meanwhile. A "
            "change without is refused; making something new is not."
        ),
        act=actions.require_match,
        is_available=lambda row: not row.requires_match,
        icon="fact_check",
    ),
    Button(
        name="waive_match",
        label=gettext_lazy("Without what it has seen"),
        done=gettext_lazy("let change without what it has seen"),
        confirm_text=gettext_lazy(
            "Changes need not name the version that was seen (If-Match) any more."
        ),
        act=actions.waive_match,
        is_available=lambda row: row.requires_match,
        icon="edit",
    ),
)


def with_sentence(scope: str) -> Any:
    sentence = SCOPES.get(scope, "")
    return format_html("<code>{}</code> – {}", scope, sentence and _(sentence))


class CredentialForm(PageForm):
    """The scopes and the limit of a new credential."""

    preset = forms.ChoiceField(
        label=gettext_lazy("May do all of"),
        choices=lambda: [
            ("", gettext_lazy("Only what is ticked below")),
            *((key, title) for key, (title, _scopes) in PRESETS.items()),
        ],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("And each of"),
        choices=lambda: [
            (group, [(scope, with_sentence(scope)) for scope in scopes]) for group, scopes in GROUPS
        ],
        required=False,
        widget=GroupedBoxes,
    )
    requests_per_minute = credential_field()

    def fill(self, credential: ApiClient | ApiKey) -> None:
        """Give a credential the scopes of the preset and those that are ticked."""
        _title, preset = PRESETS.get(self.cleaned_data["preset"], ("", ()))
        credential.scopes = [*preset, *self.cleaned_data["scopes"]]


class Credentials(Pages):
    """Pages of API clients and keys, which are created here and never edited.

    `show_secret(request, row, secret)` returns the page that shows a secret once.
    """

    show_secret: Callable[..., HttpResponse]
    state: Callable[..., tuple[str, Any]]
    form = CredentialForm
    saves_on = False
    search_fields = ("name",)

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).filter(company_id=request.actor.company_id)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        form.fill(obj)
        _row, request.secret = self.creates(obj, actor=request.actor)

    def response_add(self, request: Any, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        return self.show_secret(request, obj, request.secret)

    def related(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        return usage_tables(request, row)

    @display(description=gettext_lazy("may"))
    def granted(self, row: Any) -> str:
        lines = ((with_sentence(scope),) for scope in row.scopes)
        return format_html_join("", "<div>{}</div>", lines)

    @display(description=gettext_lazy("state"))
    def state_name(self, row: Any) -> Any:
        return self.state(row)[1]

    @display(description=gettext_lazy("may do"))
    def scope_count(self, row: Any) -> str:
        if len(row.scopes) == len(SCOPES):
            return _("Everything")
        count = len(row.scopes)
        return ngettext("%(count)d thing", "%(count)d things", count) % {"count": count}

    may_come = column(gettext_lazy("limit"), allowance)

    @display(description=gettext_lazy("last used"), ordering="last_used_at")
    def used(self, row: Any) -> str:
        if row.last_used_at is None:
            return _("Never")
        return date_format(timezone.localtime(row.last_used_at), "DATETIME_FORMAT")


class NewSecret(Renewal):
    kept_in = "client_secret"


@admin.register(ApiClient)
class ApiClients(Credentials):
    icon = "conversion_path"
    creates = staticmethod(actions.create_api_client)
    makes = gettext_lazy("Create API client")
    buttons = (
        Button(
            name="rotate",
            label=gettext_lazy("New secret"),
            done=gettext_lazy("given a new secret"),
            confirm_text=gettext_lazy(
                "The client gets a new secret, which you will see once. The old one stops at once; "
                "access tokens that are out already run to their end, an hour at most."
            ),
            act=actions.rotate_api_client,
            icon="key",
            many=False,
            form=NewSecret,
        ),
        *CONDITIONS,
        Button(
            name="suspend",
            label=gettext_lazy("Suspend"),
            done=gettext_lazy("suspended"),
            confirm_text=gettext_lazy(
                "The client and its access tokens are refused from their next request on, until "
                "you let it back in."
            ),
            act=actions.suspend_api_client,
            is_available=lambda client: client.suspended_at is None,
            icon="block",
        ),
        Button(
            name="resume",
            label=gettext_lazy("Let back in"),
            done=gettext_lazy("let back in"),
            confirm_text=gettext_lazy(
                "The client may get access tokens again, with the secret it has."
            ),
            act=actions.resume_api_client,
            is_available=lambda client: client.suspended_at is not None,
            icon="play_arrow",
        ),
        LIMIT,
    )
    list_display = ("name", "state", "scope_count", "used")

    asked = ("name", "preset", "scopes", "requests_per_minute")
    shown = (
        *("name", "client_id", "state_name", "may_come", "requires_match", "used"),
        *("created", "suspended_at", "granted"),
    )

    def pressed(self, request: HttpRequest, row: ApiClient, result: Any) -> HttpResponse | None:
        return self.show_secret(request, row, result) if result else None

    def show_secret(self, request: HttpRequest, row: ApiClient, secret: str) -> HttpResponse:
        return shown_once(
            self,
            request,
            row,
            _("Keep the secret now: it is shown only this once, and nobody can look it up later."),
            [(_("client id"), row.client_id), (_("client secret"), secret)],
            command=curl_for_client(row.client_id, secret),
        )

    @display(description=gettext_lazy("state"), label={"active": "success", "suspended": "warning"})
    def state(self, client: ApiClient) -> tuple[str, Any]:
        if client.suspended_at is None:
            return "active", _("Active")
        return "suspended", _("Suspended")


@admin.register(ApiKey)
class ApiKeys(Credentials):
    icon = "vpn_key"
    creates = staticmethod(actions.create_api_key)
    makes = gettext_lazy("Create API key")
    buttons = (
        Button(
            name="rotate",
            label=gettext_lazy("Replace"),
            done=gettext_lazy("replaced"),
            confirm_text=gettext_lazy(
                "You get a second key of this name, which you will see once. This one stays live "
                "until you revoke it, so that nothing stops while you change over."
            ),
            act=actions.rotate_api_key,
            is_available=lambda key: key.revoked_at is None,
            icon="autorenew",
            many=False,
        ),
        *CONDITIONS,
        Button(
            name="revoke",
            label=gettext_lazy("Revoke"),
            done=gettext_lazy("revoked"),
            confirm_text=gettext_lazy(
                "The key is refused from its next request on. This cannot be undone."
            ),
            act=actions.revoke_api_key,
            is_available=lambda key: key.revoked_at is None,
            icon="block",
            danger=True,
        ),
        LIMIT,
    )
    list_display = ("name", "begins_with", "state", "scope_count", "used")

    asked = ("name", "preset", "scopes", "requests_per_minute", "expires_at")
    shown = (
        *("name", "begins_with", "state_name", "may_come", "requires_match", "used"),
        *("created_at", "expires_at", "revoked_at", "granted"),
    )

    def pressed(self, request: HttpRequest, row: ApiKey, result: Any) -> HttpResponse | None:
        if result is None:
            return None
        key, text = result
        return self.show_secret(request, key, text)

    def show_secret(self, request: HttpRequest, row: ApiKey, secret: str) -> HttpResponse:
        return shown_once(
            self,
            request,
            row,
            _("Keep the key now: it is shown only this once, and nobody can look it up later."),
            [(_("API key"), secret)],
            command=curl_for_key(secret, row.scopes),
        )

    begins_with = column(gettext_lazy("begins with"), lambda row: f"{row.start}…")

    @display(
        description=gettext_lazy("state"),
        label={"active": "success", "expired": "default", "revoked": "danger"},
    )
    def state(self, key: ApiKey) -> tuple[str, Any]:
        if key.revoked_at is not None:
            return "revoked", _("Revoked")
        if not key.is_live:
            return "expired", _("Expired")
        if key.expires_at is None:
            return "active", _("Active")
        until = date_format(timezone.localtime(key.expires_at), "DATE_FORMAT")
        return "active", _("Active until %(day)s") % {"day": until}
