import hashlib
import secrets
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import BasePasswordHasher, mask_hash
from django.utils.crypto import constant_time_compare


def new_credential(kind: str, company_id: UUID, *, random_bytes: int = 32) -> str:
    """Return a new credential that contains its company's id: `reg_<kind>_<company>_<random>`.

    With it the company of a request is known before any query. The credential's rights are decided
    by the look-up alone, which compares the hash of the whole text.
    """
    return f"reg_{kind}_{company_id.hex}_{secrets.token_urlsafe(random_bytes)}"


def digest(secret: str) -> str:
    """Return the hexadecimal SHA-256 by which a secret is stored and looked up."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class SecretHasher(BasePasswordHasher):
    """Hash generated secrets of at least 128 random bits, by SHA-256.

    Slow hashing protects passwords that people choose; random secrets do not need it. A slow hash
    would also take CPU time for each token request, and its duration would show whether a client
    exists.
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
        """Do nothing: every secret takes the same time to hash."""
