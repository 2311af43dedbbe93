"""Every write to webhooks and to what is sent by them."""

from .deliveries import MOST_AT_ONCE, redeliver, redeliver_range, send_test_event
from .endpoints import (
    LONGEST_OVERLAP,
    MOST_ENDPOINTS,
    OVERLAP,
    archive_endpoint,
    change_endpoint,
    create_endpoint,
    disable_endpoint,
    enable_endpoint,
    rotate_secret,
)

__all__ = [
    "LONGEST_OVERLAP",
    "MOST_AT_ONCE",
    "MOST_ENDPOINTS",
    "OVERLAP",
    "archive_endpoint",
    "change_endpoint",
    "create_endpoint",
    "disable_endpoint",
    "enable_endpoint",
    "redeliver",
    "redeliver_range",
    "rotate_secret",
    "send_test_event",
]
