"""Whether a secret is still the one that a form was opened on."""

from django.utils.crypto import constant_time_compare, salted_hmac

from .errors import AlreadyMade


def mark_of(secret: str) -> str:
    """Return a digest that tells a stored secret from its successor, and reveals nothing of it."""
    return salted_hmac("regulars.seen", secret, algorithm="sha256").hexdigest()


def check_seen(seen: str, secret: str) -> None:
    """Raise AlreadyMade if the secret changed since the form was opened; "" is no form."""
    if seen and not constant_time_compare(seen, mark_of(secret)):
        raise AlreadyMade
