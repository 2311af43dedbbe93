"""API clients and API keys of the session's company."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from config.admin.buttons import Button
from config.admin.forms import PageForm
from config.admin.pages import Pages
from config.admin.secrets import shown_once

from ..actions import (
    create_api_client,
    create_api_key,
    resume_api_client,
    revoke_api_key,
    rotate_api_client,
    rotate_api_key,
    suspend_api_client,
)
from ..models import ApiClient, ApiKey
from ..scopes import SCOPES


def with_sentence(scope: str) -> Any:
    sentence = SCOPES.get(scope, "")
    return format_html("<code>{}</code> – {}", scope, sentence and _(sentence))


class CredentialForm(PageForm):
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("May"),
        choices=lambda: [(scope, with_sentence(scope)) for scope in SCOPES],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )


class Credentials(Pages):
    """Pages of what lets an integrator in: made here, and never edited.

    `show_secret(request, row, secret)` answers with the page that shows a secret this once.
    """

    show_secret: Callable[..., HttpResponse]
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

    @display(description=gettext_lazy("scopes"))
    def scope_names(self, row: Any) -> str:
        shown, left = row.scopes[:4], len(row.scopes) - 4
        return ", ".join(shown) + (f" + {left}" if left > 0 else "")


@admin.register(ApiClient)
class ApiClients(Credentials):
    icon = "conversion_path"
    creates = staticmethod(create_api_client)
    buttons = (
        Button(
            name="rotate",
            label=gettext_lazy("New secret"),
            done=gettext_lazy("given a new secret"),
            asks=gettext_lazy(
                "The client gets a new secret, which you will see once. The old one stops at once; "
                "access tokens that are out already run to their end, an hour at most."
            ),
            act=lambda client, actor: rotate_api_client(client),
            fits=lambda client: True,
            icon="key",
            many=False,
        ),
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
    )
    list_display = ("name", "client_id", "scope_names", "is_let_in", "created")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("name", "scopes")
        return ("name", "client_id", "granted", "created", "suspended_at")

    def save_model(self, request: Any, obj: ApiClient, form: Any, change: bool) -> None:
        client, request.secret = create_api_client(
            request.company, name=obj.name, scopes=form.cleaned_data["scopes"]
        )
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
        )

    @display(description=gettext_lazy("let in"), boolean=True)
    def is_let_in(self, client: ApiClient) -> bool:
        return client.suspended_at is None


@admin.register(ApiKey)
class ApiKeys(Credentials):
    icon = "vpn_key"
    creates = staticmethod(create_api_key)
    buttons = (
        Button(
            name="rotate",
            label=gettext_lazy("Replace"),
            done=gettext_lazy("replaced"),
            asks=gettext_lazy(
                "You get a second key of this name, which you will see once. This one stays live "
                "until you revoke it, so that nothing stops while you change over."
            ),
            act=lambda key, actor: rotate_api_key(key),
            fits=lambda key: key.revoked_at is None,
            icon="autorenew",
            many=False,
        ),
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
    )
    list_display = (
        *("name", "begins_with", "scope_names", "is_let_in"),
        *("expires_at", "last_used_at", "created_at"),
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("name", "scopes", "expires_at")
        return (
            *("name", "begins_with", "granted", "created_at"),
            *("last_used_at", "expires_at", "revoked_at"),
        )

    def save_model(self, request: Any, obj: ApiKey, form: Any, change: bool) -> None:
        key, request.secret = create_api_key(
            request.company,
            name=obj.name,
            scopes=form.cleaned_data["scopes"],
            expires_at=obj.expires_at,
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
        )

    @display(description=gettext_lazy("begins with"))
    def begins_with(self, key: ApiKey) -> str:
        return f"{key.start}…"

    @display(description=gettext_lazy("let in"), boolean=True)
    def is_let_in(self, key: ApiKey) -> bool:
        return key.is_live
