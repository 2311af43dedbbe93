"""Secrets that sign messages: how they are generated, and how they are encrypted for storage.

They cannot be stored as a hash, because they sign messages. The encryption key is derived from
SECRET_KEY, so a copy of the database does not reveal them. SECRET_KEY_FALLBACKS decrypt secrets
that an earlier key encrypted.
"""

import base64
import secrets

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

MARK = "whsec_"
_BYTES = 32
_PURPOSE = b"regulars webhook secrets"


def new_secret() -> str:
    """Return a new secret in the format of receivers: `whsec_` and 32 random bytes in base64."""
    return MARK + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def seal(secret: str) -> str:
    """Encrypt a secret for storage."""
    return _lock().encrypt(secret.encode()).decode()


def unseal(kept: str) -> str:
    """Decrypt a stored secret; raises InvalidToken if no key decrypts it."""
    return _lock().decrypt(kept.encode()).decode()


def reseal(kept: str) -> str:
    """Encrypt a stored secret again with the current key."""
    return _lock().rotate(kept.encode()).decode()


def _lock() -> MultiFernet:
    return MultiFernet(
        [Fernet(_key(one)) for one in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _key(text: str | bytes) -> bytes:
    material = force_bytes(text)
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(material)
    return base64.urlsafe_b64encode(derived)
