"""The back-office's pages of webhooks and of their messages."""

from .endpoints import WebhookAdmin
from .messages import DeliveryAdmin
