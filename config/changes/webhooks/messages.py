"""What is sent, and what becomes of it: known to those as well who never send anything."""

from dataclasses import dataclass
from datetime import datetime

# How long one attempt may take.
SECONDS = 15


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent, where to, and the secrets that sign it."""

    id: str
    url: str
    body: str
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt: a status, or else an error that says why there is none."""

    began_at: datetime
    milliseconds: int
    status: int | None = None
    error: str = ""
    answer: str = ""
    retry_after: str = ""

    @property
    def has_arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        return self.status == 410
