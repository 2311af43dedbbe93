"""Query parameters of the list of what was sent to a webhook."""

from config.api.filtering import Choice, Filters, Moment
from config.changes.event_types import TEST, TYPES

from .models import WebhookDelivery


class DeliveryFilters(Filters):
    """How an app looks for what was sent, or was not."""

    status = Choice(
        *WebhookDelivery.State.values,
        field_name="state",
        help_text="How far the delivery is. Absent: deliveries of every status.",
    )
    type = Choice(*TYPES, TEST, help_text="The event type. Absent: events of every type.")
    created_after = Moment("created_at", "gte", help_text="Made at this moment or later.")
    created_before = Moment("created_at", "lt", help_text="Made before this moment.")
