"""Adapters of allauth: how it checks passwords and encrypts second factors."""

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
        """Check the user's password again; failures count like those of a sign-in."""
        return authenticate(context.request, username=user.email, password=password) == user

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Do not ask for the password right after a sign-in."""
        return not has_just_signed_in(context.request)

    def get_client_ip(self, request: Any) -> str:
        return client_address(request)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: our pages add their own messages."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: our actions send the e-mails."""


class FactorAdapter(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        """Encrypt the data of a second factor with SECRET_KEY before it is stored."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt the data of a second factor; if the key is lost, return a random secret."""
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
    """Encrypt the data of a second factor again with the current key; raises InvalidToken."""
    return _cipher().rotate(encrypted_text.encode()).decode()


def _cipher() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key_from(str(key))) for key in keys])


def _key_from(secret: str) -> bytes:
    digest = salted_hmac("second factor", "", secret=secret, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest)
