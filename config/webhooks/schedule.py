"""When a failed message is retried, as Standard Webhooks 1.0.0 recommends."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# The pauses after failed attempts: ten attempts in a little more than three days.
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
ATTEMPTS = len(PAUSES) + 1
# The largest random part added to a pause, so that messages that failed together are spread out.
JITTER = 0.1
# The longest pause that a receiver may ask for; a longer one would be an end.
LONGEST = timedelta(hours=24)


def pause_after(attempts: int, retry_after: str, now: datetime) -> timedelta | None:
    """Return how long to wait after `attempts` attempts, None after the last.

    The pause is at least what the receiver asked for (`Retry-After`), up to one day.
    """
    if attempts >= ATTEMPTS:
        return None
    pause = PAUSES[attempts - 1] * random.uniform(1, 1 + JITTER)  # noqa: S311
    return max(pause, min(_asked(retry_after, now), LONGEST))


def _asked(retry_after: str, now: datetime) -> timedelta:
    """Return the pause that `Retry-After` asks for, in seconds or as a date; zero if invalid."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 10**8))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return timedelta(0)
    # HTTP dates without a zone are in UTC.
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
