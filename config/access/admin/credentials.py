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
from .conditions import CONDITIONS
from .limits import LIMIT, allowance, credential_field
from .requests import usage_tables


def with_sentence(scope: str) -> Any:
    sentence = SCOPES.get(scope, "")
    return format_html("<code>{}</code> – {}", scope, sentence and _(sentence))


class CredentialForm(PageForm):
    """The form of a new credential: its scopes and its rate limit."""

    preset = forms.ChoiceField(
        label=gettext_lazy("Preset"),
        choices=lambda: [
            ("", gettext_lazy("Only the scopes below")),
            *((key, title) for key, (title, _scopes) in PRESETS.items()),
        ],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Scopes"),
        choices=lambda: [
            (group, [(scope, with_sentence(scope)) for scope in scopes]) for group, scopes in GROUPS
        ],
        required=False,
        widget=GroupedBoxes,
    )
    requests_per_minute = credential_field()

    def fill(self, credential: ApiClient | ApiKey) -> None:
        """Set the scopes of a credential: those of the preset and those that are ticked."""
        _title, preset = PRESETS.get(self.cleaned_data["preset"], ("", ()))
        credential.scopes = [*preset, *self.cleaned_data["scopes"]]


class Credentials(Pages):
    """The pages of API clients and API keys, which can be created but not edited.

    `show_secret(request, row, secret)` returns the page that shows the secret of a new credential.
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

    @display(description=gettext_lazy("scopes"))
    def granted(self, row: Any) -> str:
        lines = ((with_sentence(scope),) for scope in row.scopes)
        return format_html_join("", "<div>{}</div>", lines)

    @display(description=gettext_lazy("state"))
    def state_name(self, row: Any) -> Any:
        return self.state(row)[1]

    @display(description=gettext_lazy("scopes"))
    def scope_count(self, row: Any) -> str:
        if len(row.scopes) == len(SCOPES):
            return _("All")
        count = len(row.scopes)
        return ngettext("%(count)d scope", "%(count)d scopes", count) % {"count": count}

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
    added_says = gettext_lazy("API client %(name)s added.")
    creates = staticmethod(actions.create_api_client)
    makes = gettext_lazy("Create API client")
    buttons = (
        Button(
            name="rotate",
            label=gettext_lazy("New secret"),
            done=gettext_lazy("given a new secret"),
            asks=gettext_lazy("Replace the secret of %(name)s?"),
            says=gettext_lazy("%(name)s has a new secret."),
            confirm_text=gettext_lazy(
                "The client gets a new secret, which is shown once. The old one stops "
                "working at once; existing access tokens work until they expire, "
                "within an hour."
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
            asks=gettext_lazy("Suspend %(name)s?"),
            says=gettext_lazy("%(name)s suspended."),
            confirm_text=gettext_lazy(
                "The client and its access tokens are refused at once, until you reactivate it."
            ),
            act=actions.suspend_api_client,
            is_available=lambda client: client.suspended_at is None,
            icon="block",
        ),
        Button(
            name="resume",
            label=gettext_lazy("Reactivate"),
            done=gettext_lazy("reactivated"),
            asks=gettext_lazy("Reactivate %(name)s?"),
            says=gettext_lazy("%(name)s is active again."),
            confirm_text=gettext_lazy(
                "The client can get access tokens again with its current secret."
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
        *("name", "client_id", "state_name", "may_come"),
        *("requires_match", "refuses_duplicates", "used"),
        *("created", "suspended_at", "granted"),
    )

    def pressed(self, request: HttpRequest, row: ApiClient, result: Any) -> HttpResponse | None:
        return self.show_secret(request, row, result) if result else None

    def show_secret(self, request: HttpRequest, row: ApiClient, secret: str) -> HttpResponse:
        return shown_once(
            self,
            request,
            row,
            _("Copy the secret now: it is shown only this once, and nobody can look it up later."),
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
    added_says = gettext_lazy("API key %(name)s added.")
    creates = staticmethod(actions.create_api_key)
    makes = gettext_lazy("Create API key")
    buttons = (
        Button(
            name="rotate",
            label=gettext_lazy("Replace"),
            done=gettext_lazy("replaced"),
            asks=gettext_lazy("Replace the secret of %(name)s?"),
            says=gettext_lazy("%(name)s has a new secret."),
            confirm_text=gettext_lazy(
                "You get a second key with this name, which is shown once. This key "
                "keeps working until you revoke it, so that you can switch without an "
                "interruption."
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
            asks=gettext_lazy("Revoke %(name)s?"),
            says=gettext_lazy("%(name)s revoked."),
            confirm_text=gettext_lazy("The key is refused at once. This cannot be undone."),
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
        *("name", "begins_with", "state_name", "may_come"),
        *("requires_match", "refuses_duplicates", "used"),
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
            _("Copy the key now: it is shown only this once, and nobody can look it up later."),
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
