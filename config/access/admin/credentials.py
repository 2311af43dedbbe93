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
from config.admin.forms import PageForm
from config.admin.pages import Pages
from config.admin.secrets import OneMore, Renewal, shown_once

from ..actions import (
    create_api_client,
    create_api_key,
    resume_api_client,
    revoke_api_key,
    rotate_api_client,
    rotate_api_key,
    suspend_api_client,
)
from ..curl import curl_for_client, curl_for_key
from ..ids import new_id
from ..models import ApiClient, ApiKey
from ..scopes import GROUPS, PRESETS, SCOPES
from .conditions import CONDITIONS
from .limits import LIMIT, allowance, credential_field


def with_sentence(scope: str) -> Any:
    sentence = SCOPES.get(scope, "")
    return format_html("<code>{}</code> – {}", scope, sentence and _(sentence))


class CredentialForm(PageForm):
    """What a credential may do; its id is decided here, so that the form does its work once."""

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
    once = forms.UUIDField(label="", required=False, initial=new_id, widget=forms.HiddenInput)

    def terms(self) -> dict[str, Any]:
        """Return the scopes, the limit and the id of the credential, as the actions take them."""
        _title, preset = PRESETS.get(self.cleaned_data["preset"], ("", ()))
        ticked = self.cleaned_data["scopes"]
        return {
            "scopes": [*preset, *ticked],
            "requests_per_minute": self.cleaned_data["requests_per_minute"],
            "id": self.cleaned_data["once"],
        }


class Credentials(Pages):
    """Pages of what lets an integrator in: made here, and never edited.

    `show_secret(request, row, secret)` answers with the page that shows a secret this once.
    """

    show_secret: Callable[..., HttpResponse]
    state: Callable[..., tuple[str, Any]]
    form = CredentialForm
    saves_on = False
    search_fields = ("name",)

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).filter(company_id=request.actor.company_id)

    def response_add(self, request: Any, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        return self.show_secret(request, obj, request.secret)

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

    @display(description=gettext_lazy("limit"))
    def may_come(self, row: Any) -> str:
        return allowance(row)

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
    creates = staticmethod(create_api_client)
    makes = gettext_lazy("Create API client")
    buttons = (
        Button(
            name="rotate",
            label=gettext_lazy("New secret"),
            done=gettext_lazy("given a new secret"),
            asks=gettext_lazy(
                "The client gets a new secret, which you will see once. The old one stops at once; "
                "access tokens that are out already run to their end, an hour at most."
            ),
            act=lambda client, actor, seen: rotate_api_client(client, seen=seen),
            fits=lambda client: True,
            icon="key",
            many=False,
            form=NewSecret,
        ),
        *CONDITIONS,
        Button(
            name="suspend",
            label=gettext_lazy("Suspend"),
            done=gettext_lazy("suspended"),
            asks=gettext_lazy(
                "The client and its access tokens are refused from their next request on, until "
                "you let it back in."
            ),
            act=lambda client, actor: suspend_api_client(client),
            fits=lambda client: client.suspended_at is None,
            icon="block",
        ),
        Button(
            name="resume",
            label=gettext_lazy("Let back in"),
            done=gettext_lazy("let back in"),
            asks=gettext_lazy("The client may get access tokens again, with the secret it has."),
            act=lambda client, actor: resume_api_client(client),
            fits=lambda client: client.suspended_at is not None,
            icon="play_arrow",
        ),
        LIMIT,
    )
    list_display = ("name", "state", "scope_count", "used")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("name", "preset", "scopes", "requests_per_minute", "once")
        return (
            *("name", "client_id", "state_name", "may_come", "requires_match", "used"),
            *("created", "suspended_at", "granted"),
        )

    def save_model(self, request: Any, obj: ApiClient, form: Any, change: bool) -> None:
        client, request.secret = self.creates(request.company, name=obj.name, **form.terms())
        obj.__dict__.update(vars(client))

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
    creates = staticmethod(create_api_key)
    makes = gettext_lazy("Create API key")
    buttons = (
        Button(
            name="rotate",
            label=gettext_lazy("Replace"),
            done=gettext_lazy("replaced"),
            asks=gettext_lazy(
                "You get a second key of this name, which you will see once. This one stays live "
                "until you revoke it, so that nothing stops while you change over."
            ),
            act=lambda key, actor, id: rotate_api_key(key, id=id),
            fits=lambda key: key.revoked_at is None,
            icon="autorenew",
            many=False,
            form=OneMore,
        ),
        *CONDITIONS,
        Button(
            name="revoke",
            label=gettext_lazy("Revoke"),
            done=gettext_lazy("revoked"),
            asks=gettext_lazy(
                "The key is refused from its next request on. This cannot be undone."
            ),
            act=lambda key, actor: revoke_api_key(key),
            fits=lambda key: key.revoked_at is None,
            icon="block",
            danger=True,
        ),
        LIMIT,
    )
    list_display = ("name", "begins_with", "state", "scope_count", "used")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("name", "preset", "scopes", "requests_per_minute", "expires_at", "once")
        return (
            *("name", "begins_with", "state_name", "may_come", "requires_match", "used"),
            *("created_at", "expires_at", "revoked_at", "granted"),
        )

    def save_model(self, request: Any, obj: ApiKey, form: Any, change: bool) -> None:
        key, request.secret = self.creates(
            request.company,
            name=obj.name,
            expires_at=obj.expires_at,
            **form.terms(),
        )
        obj.__dict__.update(vars(key))

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

    @display(description=gettext_lazy("begins with"))
    def begins_with(self, key: ApiKey) -> str:
        return f"{key.start}…"

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
