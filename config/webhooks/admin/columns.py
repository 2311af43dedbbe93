"""Columns with states, for the pages of webhooks."""

from django.utils.safestring import SafeString

from config.admin.tables import label

from ..models import WebhookDelivery

State = WebhookDelivery.State
COLOURS = {
    State.PENDING: "info",
    State.DELIVERED: "success",
    State.FAILED: "danger",
    State.CANCELLED: "default",
}


def state_of(row: WebhookDelivery) -> SafeString:
    """Return a message's state as a coloured label."""
    return label(row.get_state_display(), COLOURS[State(row.state)])
