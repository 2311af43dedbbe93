import hashlib
import secrets
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import BasePasswordHasher, mask_hash
from django.utils.crypto import constant_time_compare


def new_credential(kind: str, company_id: UUID, *, random_bytes: int = 32) -> str:
    """Return a fresh credential that names its company: `reg_<kind>_<company>_<random>`.

    So a request tells whose data it needs before anything is looked up. What it may do is decided
    by the look-up alone, which compares the whole text.
    """
    return f"reg_{kind}_{company_id.hex}_{secrets.token_urlsafe(random_bytes)}"


def digest(secret: str) -> str:
    """Return the SHA-256, in hexadecimal, under which a secret is kept and looked up."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class SecretHasher(BasePasswordHasher):
    """Keeps secrets that we made ourselves from at least 128 random bits.

    Slow hashing protects what people choose; what nobody could guess gains nothing by it, and a
    token request that costs 300 ms tells an unknown client from a wrong secret, and melts a CPU.
    """

    algorithm = "regulars_secret"

    def salt(self) -> str:
        return "-"

    def encode(self, password: str, salt: str) -> str:
        return f"{self.algorithm}${digest(password)}"

    def decode(self, encoded: str) -> dict[str, Any]:
        algorithm, _, hashed = encoded.partition("$")
        return {"algorithm": algorithm, "hash": hashed, "salt": "-"}

    def verify(self, password: str, encoded: str) -> bool:
        return constant_time_compare(encoded, self.encode(password, "-"))

    def safe_summary(self, encoded: str) -> Any:
        return {"algorithm": self.algorithm, "hash": mask_hash(self.decode(encoded)["hash"])}

    def must_update(self, encoded: str) -> bool:
        return False

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Nothing to even out: there is one speed."""
