"""The back-office pages of the active company's webhooks."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from config.admin.columns import column
from config.admin.filters import ChoiceFilter
from config.admin.pages import CompanyAdmin
from config.admin.secrets import shown_once
from config.admin.tables import link_to, page_name, table_of
from config.changes.descriptions import event_text
from config.times import database_now

from ..actions import MOST_AT_ONCE, change_endpoint, create_endpoint
from ..models import WebhookDelivery, WebhookEndpoint
from .buttons import BUTTONS
from .columns import state_of
from .forms import WebhookForm

LATEST = 10


def show(moment: Any, nothing: Any = "–") -> Any:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else nothing


class StateFilter(ChoiceFilter):
    title = gettext_lazy("state")
    parameter_name = "standing"
    names = {
        "enabled": gettext_lazy("Enabled"),
        "disabled": gettext_lazy("Disabled"),
        "failing": gettext_lazy("Failing"),
        "archived": gettext_lazy("Archived"),
    }

    def by(self, rows: Any, chosen: str) -> Any:
        return {
            "enabled": rows.enabled,
            "disabled": lambda: rows.live().filter(disabled_at__isnull=False),
            "failing": lambda: rows.live().filter(failing_since__isnull=False),
            "archived": rows.archived,
        }[chosen]()


@admin.register(WebhookEndpoint)
class WebhookAdmin(CompanyAdmin):
    icon = "webhook"
    added_says = gettext_lazy("Webhook %(name)s added.")
    saved_says = gettext_lazy("Webhook %(name)s saved.")
    begins = gettext_lazy(
        "Enter a URL, and events are sent to it within seconds: a new customer, a "
        "moved booking, a used credit."
    )
    archived_says = gettext_lazy(
        "This webhook is archived: nothing is sent, and its secret is deleted. Restore "
        "it to send again, with a new secret."
    )
    saves_on = False
    form = WebhookForm
    creates = staticmethod(create_endpoint)
    makes = gettext_lazy("Create webhook")
    changes = staticmethod(change_endpoint)
    buttons = BUTTONS
    list_display = ("name", "shown_url", "event_count", "state", "last_arrived", "failing")
    list_filter = (StateFilter,)
    search_fields = ("url", "description")
    readonly_fields = ("state_name", "last_arrived", "failing", "old_secret", "made_on")
    asked = ("url", "description", "types")
    fields = (*asked, *readonly_fields)
    shown = ("url", "description", "shown_events", *readonly_fields)

    class Media:
        css = {"all": ("backoffice/webhooks.css",)}

    def save_model(self, request: Any, obj: WebhookEndpoint, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        _endpoint, request.secret = self.creates(obj, actor=request.actor)

    def response_add(self, request: Any, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        return self.show_secret(request, obj, request.secret)

    def pressed(self, request: Any, row: WebhookEndpoint, result: Any) -> HttpResponse | None:
        match result:
            case str():
                return self.show_secret(request, row, result)
            case WebhookDelivery():
                messages.success(request, _("A test event is on its way."))
                address = reverse(page_name(WebhookDelivery, "change"), args=[result.pk])
                return HttpResponseRedirect(address)
            case (int() as count, bool() as has_more):
                messages.success(request, _sent_again(count, has_more))
                return HttpResponseRedirect(log_of(row))
        return None

    def show_secret(self, request: HttpRequest, row: WebhookEndpoint, secret: str) -> HttpResponse:
        return shown_once(
            self,
            request,
            row,
            _(
                "Copy the secret now: it is shown only this once, and nobody can look it up later. "
                "Give it to the receiver, which verifies every message with it."
            ),
            [(_("secret"), secret)],
            guide="/docs/guide/webhooks",
        )

    def related(self, request: Any, row: WebhookEndpoint) -> list[dict[str, Any]]:
        found = list(row.deliveries.visible_to(request.actor).newest_first()[:LATEST])
        return [
            table_of(
                _("Latest messages"),
                (_("event"), _("state"), _("made"), _("delivered")),
                [
                    (
                        link_to(one, event_text(one.type)),
                        state_of(one),
                        show(one.created_at),
                        show(one.delivered_at),
                    )
                    for one in found
                ],
                all_address=log_of(row) if len(found) == LATEST else "",
                empty=_(
                    "Nothing was sent yet. Send a test event, or wait until something happens."
                ),
            )
        ]

    # --- Columns --------------------------------------------------------------------------------

    name = column(gettext_lazy("webhook"), str, ordering="description")
    shown_url = column(
        gettext_lazy("address"),
        lambda row: format_html('<span class="sent-back">{}</span>', row.url),
        ordering="url",
    )

    @display(description=gettext_lazy("events"))
    def event_count(self, row: WebhookEndpoint) -> str:
        if not row.types:
            return _("All")
        if len(row.types) == 1:
            return event_text(row.types[0])
        return ngettext("%(count)d event", "%(count)d events", len(row.types)) % {
            "count": len(row.types)
        }

    @display(description=gettext_lazy("events"))
    def shown_events(self, row: WebhookEndpoint) -> str:
        if not row.types:
            return _("All")
        return format_html_join("", "<div>{}</div>", ((event_text(one),) for one in row.types))

    @display(
        description=gettext_lazy("state"),
        label={
            "enabled": "success",
            "failing": "warning",
            "disabled": "danger",
            "archived": "default",
        },
    )
    def state(self, row: WebhookEndpoint) -> tuple[str, Any]:
        if row.is_archived:
            return "archived", _("Archived")
        if row.disabled_at:
            return "disabled", _("Disabled")
        return ("failing", _("Failing")) if row.failing_since else ("enabled", _("Enabled"))

    @display(description=gettext_lazy("state"))
    def state_name(self, row: WebhookEndpoint) -> str:
        name = self.state(row)[1]
        if row.disabled_at is None or row.is_archived:
            return name
        return _("%(state)s since %(when)s. %(why)s") % {
            "state": name,
            "when": show(row.disabled_at),
            "why": row.get_disabled_because_display(),
        }

    last_arrived = column(
        gettext_lazy("last delivered"), lambda row: show(row.last_delivered_at, _("Never"))
    )
    failing = column(gettext_lazy("failing since"), lambda row: show(row.failing_since))

    @display(description=gettext_lazy("old secret signs until"))
    def old_secret(self, row: WebhookEndpoint) -> str:
        ends = row.previous_ends_at
        return show(ends if ends and ends > database_now() else None)

    made_on = column(gettext_lazy("created"), lambda row: show(row.created_at))


def log_of(row: WebhookEndpoint) -> str:
    """Return the URL of the list of a webhook's messages."""
    return f"{reverse(page_name(WebhookDelivery, 'changelist'))}?endpoint__id__exact={row.pk}"


def _sent_again(count: int, has_more: bool) -> str:
    if not count:
        return _("There are no such messages on those days.")
    sentence = ngettext(
        "%(count)s message is sent again.", "%(count)s messages are sent again.", count
    ) % {"count": f"{count:,}"}
    if not has_more:
        return sentence
    more = _("There are more: press “Send again” once more for the next %(most)s.")
    return f"{sentence} {more % {'most': f'{MOST_AT_ONCE:,}'}}"
