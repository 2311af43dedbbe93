"""The pages of webhook deliveries and their attempts."""

import json
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from config.admin.buttons import Button
from config.admin.columns import column, exact
from config.admin.filters import DayFilter, FieldChoiceFilter, RowFilter, titled
from config.admin.pages import CompanyAdmin
from config.admin.tables import label, link_to, table_of
from config.changes.descriptions import event_text
from config.times import database_now

from ..actions import redeliver
from ..models import MESSAGE, WebhookAttempt, WebhookDelivery
from .columns import state_of

State = WebhookDelivery.State
# The page of a message that is due within this time reloads by itself.
SOON = timedelta(seconds=30)
MOST_ATTEMPTS = 100


@admin.register(WebhookDelivery)
class DeliveryAdmin(CompanyAdmin):
    icon = "outgoing_mail"
    called = (gettext_lazy("webhook message"), gettext_lazy("webhook messages"))
    known_as = {WebhookDelivery.id_prefix: "pk", MESSAGE: "pk"}
    grows = True
    begins = gettext_lazy(
        "Messages to your webhooks are listed here, with every attempt and response. "
        "Create a webhook and send it a test event."
    )
    buttons = (
        Button(
            name="redeliver",
            label=gettext_lazy("Send again"),
            done=gettext_lazy("sent again"),
            asks=gettext_lazy("Send this message again?"),
            says=gettext_lazy("The message is sent again."),
            confirm_text=gettext_lazy(
                "The same message is sent now with the same id, by which the receiver "
                "recognizes it."
            ),
            act=redeliver,
            is_available=lambda row: row.endpoint.is_enabled,
            icon="replay",
        ),
    )
    list_display = ("event", "endpoint", "shown_state", "attempts", "made", "arrived")
    list_filter = (
        ("state", FieldChoiceFilter),
        ("endpoint", RowFilter),
        ("created_at", titled(DayFilter, gettext_lazy("made"))),
    )
    autocomplete_fields = ("endpoint",)
    joined = ("endpoint",)
    fields = (
        *("event", "to", "shown_state", "next_attempt", "arrived", "made"),
        *("message_name", "shown_body"),
    )

    class Media:
        css = {"all": ("backoffice/webhooks.css",)}
        js = ("backoffice/webhooks.js",)

    def related(self, request: Any, row: WebhookDelivery) -> list[dict[str, Any]]:
        attempts = WebhookAttempt.objects.visible_to(request.actor).filter(delivery=row)
        return [
            table_of(
                _("Attempts"),
                (_("began"), _("took"), _("answer"), _("what came back")),
                [_attempt(one) for one in attempts.newest_first()[:MOST_ATTEMPTS]],
                empty=_("None yet."),
            )
        ]

    event = column(gettext_lazy("event"), lambda row: event_text(row.type))
    to = column(gettext_lazy("webhook"), lambda row: link_to(row.endpoint))

    @display(description=gettext_lazy("state"))
    def shown_state(self, row: WebhookDelivery) -> SafeString:
        if row.state != State.PENDING or row.next_at is None:
            return state_of(row)
        is_soon = row.next_at <= database_now() + SOON and row.endpoint.is_enabled
        return format_html(
            '<span data-sent-soon="{}">{}</span>', row.attempts if is_soon else "", state_of(row)
        )

    @display(description=gettext_lazy("next attempt"))
    def next_attempt(self, row: WebhookDelivery) -> str:
        if row.state != State.PENDING or row.next_at is None:
            return "–"
        if not row.endpoint.is_enabled:
            return _("Once the webhook is enabled")
        return _("Now") if row.next_at <= database_now() else exact(row.next_at)

    made = column(gettext_lazy("made"), lambda row: exact(row.created_at), ordering="id")
    arrived = column(
        gettext_lazy("delivered"), lambda row: exact(row.delivered_at) if row.delivered_at else "–"
    )
    message_name = column(
        gettext_lazy("id of the message"),
        lambda row: format_html("<code>{}</code>", row.message_id),
    )

    @display(description=gettext_lazy("body"))
    def shown_body(self, row: WebhookDelivery) -> SafeString:
        text = json.dumps(json.loads(row.body), indent=2, ensure_ascii=False)
        return format_html('<pre class="sent-body" tabindex="0">{}</pre>', text)


def _attempt(one: WebhookAttempt) -> tuple[Any, ...]:
    is_good = one.status is not None and 200 <= one.status < 300
    answer = label(one.status or _("None"), "success" if is_good else "danger")
    back = capfirst(one.error) or one.answer or "–"
    took = _("%(count)s ms") % {"count": f"{one.milliseconds:,}"}
    return exact(one.began_at), took, answer, format_html('<span class="sent-back">{}</span>', back)
