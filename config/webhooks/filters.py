"""Query parameters of the lists of webhooks and of what was sent."""

from config.api.filtering import ArchivedSwitch, Choice, Filters, Moment
from config.changes.event_types import TEST, TYPES

from .models import WebhookDelivery


class WebhookFilters(Filters):
    """How an app goes through webhooks."""

    archived = ArchivedSwitch(help_text="Absent: archived ones too.")


class DeliveryFilters(Filters):
    """How an app looks for what was sent, or was not."""

    state = Choice(*WebhookDelivery.State.values)
    type = Choice(*TYPES, TEST)
    created_after = Moment("created_at", "gte", help_text="Made at this moment or later.")
    created_before = Moment("created_at", "lt", help_text="Made before this moment.")
