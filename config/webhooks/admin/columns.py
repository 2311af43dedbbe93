"""States and moments as pages of webhooks show them."""

from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
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
    """Return a message's state in its colour."""
    return label(row.get_state_display(), COLOURS[State(row.state)])


def exact(moment: Any) -> str:
    """Return a moment to the second, as a log has it."""
    return date_format(timezone.localtime(moment), "d M Y, H:i:s")
