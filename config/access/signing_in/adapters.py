"""Adapters of allauth: staff have one address, and secrets are encrypted."""

import base64
import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth import authenticate
from django.utils.crypto import salted_hmac

from .addresses import client_address
from .factors import must_have_factor
from .sessions import has_just_signed_in

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    def reauthenticate(self, user: Any, password: str) -> bool:
        """Check the password of who is signed in; misses count as those of a sign-in do."""
        return authenticate(context.request, username=user.email, password=password) == user

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask nobody for the password that they gave a moment ago."""
        return not has_just_signed_in(context.request)

    def get_client_ip(self, request: Any) -> str:
        return client_address(request)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Our pages say what they did in words of their own."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Our actions write."""


class FactorAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        """Encrypt what the database keeps of a second factor, under SECRET_KEY."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt it; what cannot be decrypted any more becomes a secret that no code fits."""
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            log.error("A second factor was kept under another REGULARS_SECRET_KEY.")
            return generate_totp_secret()

    def get_totp_issuer(self) -> str:
        return str(settings.UNFOLD["SITE_TITLE"])

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not must_have_factor(authenticator.user)


def reencrypt(encrypted_text: str) -> str:
    """Encrypt what is kept of a second factor again with the current key; raises InvalidToken."""
    return _cipher().rotate(encrypted_text.encode()).decode()


def _cipher() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key_from(str(key))) for key in keys])


def _key_from(secret: str) -> bytes:
    digest = salted_hmac("second factor", "", secret=secret, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest)
