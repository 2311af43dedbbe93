"""The secret key: check that every machine has the same one, and rotate it.

The database stores a fingerprint of each key that is used with it. A machine with another key is
refused, because it would write data that the other machines cannot decrypt.
"""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from config.access.signing_in.adapters import reencrypt
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from config.webhooks.models import WebhookEndpoint
from config.webhooks.secrets import reseal

from .models import KeyFingerprint

# The key of an advisory lock that nothing else in this database uses.
LOCK = 7_264_187
_FACTOR_SECRETS = ("secret", "seed")
_ENDPOINT_SECRETS = ("secret", "previous_secret")


def fingerprint(key: str) -> str:
    """Return a hash that identifies a key without revealing it."""
    return salted_hmac("regulars key fingerprint", "", secret=key, algorithm="sha256").hexdigest()


def other_secret_key() -> str:
    """Return a sentence if the database is used with a key that this machine lacks, else ""."""
    known = {fingerprint(str(key)) for key in settings.SECRET_KEY_FALLBACKS}
    ours = fingerprint(settings.SECRET_KEY)
    kept = {one.fingerprint: one for one in KeyFingerprint.objects.all()}
    for one in kept.values():
        if one.retired_at is None and one.fingerprint not in {ours, *known}:
            return (
                f"The database is used with the secret key of fingerprint {one}, and this machine "
                f"has the one of {ours[:8]}. Set REGULARS_SECRET_KEY to the key of the other "
                "machines, or restore the file secret_key of the data folder; while a key is "
                "rotated, name both (/docs/operating/secret-key). If the key is lost, run "
                "manage.py rotate_secret_key --lost."
            )
    if ours in kept and kept[ours].retired_at is not None:
        return (
            f"The secret key of this machine (fingerprint {ours[:8]}) was retired by "
            "manage.py rotate_secret_key. Set REGULARS_SECRET_KEY to the key that replaced it."
        )
    return ""


def register_key() -> str:
    """Register this machine's key, unless it is registered; return why that is refused, or ""."""
    with transaction.atomic():
        _take_lock()
        if reason := other_secret_key():
            return reason
        KeyFingerprint.objects.get_or_create(fingerprint=fingerprint(settings.SECRET_KEY))
    return ""


@dataclass
class Rotation:
    """How many secrets were encrypted again, and how many cannot be decrypted with any key."""

    webhooks: int = 0
    factors: int = 0
    unreadable_webhooks: int = 0
    unreadable_factors: int = 0

    @property
    def is_whole(self) -> bool:
        return not (self.unreadable_webhooks or self.unreadable_factors)


def rotate_key(*, is_lost: bool = False) -> Rotation:
    """Encrypt every secret again with the current key, and retire the other keys.

    If a secret cannot be decrypted, no key is retired, unless the missing key `is_lost`.
    """
    rotation = Rotation()
    for company in Company.objects.all():
        with acting_for(company.id):
            _rotate_webhooks(rotation)
    _rotate_factors(rotation)
    if is_lost or rotation.is_whole:
        ours = fingerprint(settings.SECRET_KEY)
        with transaction.atomic():
            _take_lock()
            KeyFingerprint.objects.update_or_create(fingerprint=ours, defaults={"retired_at": None})
            others = KeyFingerprint.objects.exclude(fingerprint=ours)
            others.filter(retired_at=None).update(retired_at=Now())
    return rotation


def _rotate_webhooks(rotation: Rotation) -> None:
    for endpoint in WebhookEndpoint.objects.select_for_update(no_key=True).exclude(secret=""):
        try:
            again = {
                name: reseal(kept)
                for name in _ENDPOINT_SECRETS
                if (kept := getattr(endpoint, name))
            }
        except InvalidToken:
            rotation.unreadable_webhooks += 1
            continue
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(**again)
        rotation.webhooks += 1


def _rotate_factors(rotation: Rotation) -> None:
    for id in Authenticator.objects.values_list("pk", flat=True):
        with transaction.atomic():
            factor = Authenticator.objects.select_for_update().filter(pk=id).first()
            if factor is None:
                continue
            try:
                again = {
                    name: reencrypt(factor.data[name])
                    for name in _FACTOR_SECRETS
                    if name in factor.data
                }
            except InvalidToken:
                rotation.unreadable_factors += 1
                continue
            factor.data |= again
            factor.save(update_fields=["data"])
            rotation.factors += 1


def _take_lock() -> None:
    """Take the lock of starts and rotations until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
