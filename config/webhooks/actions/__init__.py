"""Every write to webhooks and to their messages."""

from .deliveries import MOST_AT_ONCE, redeliver, redeliver_range, send_test_event
from .dispatch import (
    FAILING_FOR,
    AtWork,
    Held,
    at_work,
    claim_due,
    fan_out,
    record_attempt,
    release,
)
from .endpoints import (
    LONGEST_OVERLAP,
    MOST_ENDPOINTS,
    OVERLAP,
    archive_endpoint,
    change_endpoint,
    create_endpoint,
    disable_endpoint,
    enable_endpoint,
    restore_endpoint,
    rotate_secret,
)
