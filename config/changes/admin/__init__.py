"""The back-office's pages of webhooks and of what was sent."""

from .endpoints import WebhookPages
from .messages import DeliveryPages

__all__ = ["DeliveryPages", "WebhookPages"]
