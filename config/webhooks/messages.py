"""Messages to webhooks and their outcomes, in a module that sends nothing."""

from dataclasses import dataclass

# How long one attempt may take.
SECONDS = 15


@dataclass(frozen=True, slots=True)
class Message:
    """A message to a webhook, its URL, and the secrets that sign it."""

    id: str
    url: str
    body: str
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of an attempt: a status, or an error that says why there is none."""

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
