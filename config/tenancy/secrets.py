"""Detects whether a secret was replaced after a form was opened."""

from django.utils.crypto import constant_time_compare, salted_hmac

from .errors import AlreadyMade


def mark_of(secret: str) -> str:
    """Return a keyed digest of a stored secret, which forms can contain without revealing it."""
    return salted_hmac("regulars.seen", secret, algorithm="sha256").hexdigest()


def check_seen(seen: str, secret: str) -> None:
    """Raise AlreadyMade if the secret changed since `seen` was made; "" skips the check."""
    if seen and not constant_time_compare(seen, mark_of(secret)):
        raise AlreadyMade
