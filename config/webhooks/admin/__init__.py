"""The back-office's pages of webhooks and of what was sent."""

from .endpoints import WebhookAdmin
from .messages import DeliveryAdmin
