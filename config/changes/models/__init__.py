from .changes import OF_A_RECORD, Change, ChangeQuerySet
from .webhooks import WebhookAttempt, WebhookDelivery, WebhookEndpoint

__all__ = [
    "OF_A_RECORD",
    "Change",
    "ChangeQuerySet",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
]
