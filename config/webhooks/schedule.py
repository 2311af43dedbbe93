"""When a message that did not arrive is sent again: as Standard Webhooks 1.0.0 has it."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# What is waited after each attempt that failed: ten attempts in a little more than three days.
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
ATTEMPTS = len(PAUSES) + 1
# By how much a pause is stretched at the most, so that what failed together does not come together.
JITTER = 0.1
# What a receiver may ask for: longer than this is no pause but an end.
LONGEST = timedelta(hours=24)


def pause_after(attempts: int, retry_after: str, now: datetime) -> timedelta | None:
    """Return how long to wait after so many attempts, None after the last.

    Never shorter than the receiver asked for (`Retry-After`), a day at the most.
    """
    if attempts >= ATTEMPTS:
        return None
    pause = PAUSES[attempts - 1] * random.uniform(1, 1 + JITTER)  # noqa: S311
    return max(pause, min(_asked(retry_after, now), LONGEST))


def _asked(retry_after: str, now: datetime) -> timedelta:
    """Return the pause that a header asks for: seconds, or a moment; none where it is neither."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 10**8))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return timedelta(0)
    # A date without a zone is in UTC, as HTTP has it.
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
