"""Messages to webhooks and their outcomes, in a module without HTTP."""

from dataclasses import dataclass

# How long one attempt may take, in seconds.
SECONDS = 15


@dataclass(frozen=True, slots=True)
class Message:
    """A message to a webhook, with its URL and the secrets that sign it."""

    id: str
    url: str
    body: str
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of an attempt: a status, or an error if there was no response."""

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
