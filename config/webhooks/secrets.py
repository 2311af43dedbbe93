"""Secrets that messages are signed with: made here, and encrypted wherever they are kept.

They cannot be kept as a hash, since the software signs with them. The key follows from SECRET_KEY,
so a copy of the database alone opens none; SECRET_KEY_FALLBACKS open what an earlier key closed.
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
    """Return a fresh secret as receivers are given it: `whsec_` and 32 random bytes in base64."""
    return MARK + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def seal(secret: str) -> str:
    """Return a secret as it is kept."""
    return _lock().encrypt(secret.encode()).decode()


def unseal(kept: str) -> str:
    """Return the secret behind what is kept of it; raises InvalidToken where no key opens it."""
    return _lock().decrypt(kept.encode()).decode()


def reseal(kept: str) -> str:
    """Return what is kept of a secret, encrypted again with the current key."""
    return _lock().rotate(kept.encode()).decode()


def _lock() -> MultiFernet:
    return MultiFernet(
        [Fernet(_key(one)) for one in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _key(text: str | bytes) -> bytes:
    material = force_bytes(text)
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(material)
    return base64.urlsafe_b64encode(derived)
