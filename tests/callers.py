"""API clients that validate every response against the OpenAPI document."""

import json
from collections.abc import Iterable
from typing import Any

from django.test import Client

from config.access.scopes import SCOPES
from config.tenancy.companies import Company
from tests.factories import make_api_key

from .contract import check_answer


class Answer:
    """A response: `status`, `headers`, and the parsed `body`."""

    def __init__(self, response: Any) -> None:
        self.status: int = response.status_code
        self.headers = response.headers
        self.raw: bytes = (
            b"".join(response.streaming_content) if response.streaming else response.content
        )

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def is_json(self) -> bool:
        """Whether the body is JSON, not a file."""
        return self.headers["Content-Type"].partition(";")[0] == "application/json"

    def __repr__(self) -> str:
        return f"<{self.status} {self.raw[:500]!r}>"


class SentFile(bytes):
    """A file to send as the body, CSV by default."""

    content_type = "text/csv"


class Caller:
    """Sends requests with a credential; a body is a dictionary, or bytes sent unchanged."""

    def __init__(self, headers: dict[str, str] | None = None) -> None:
        self.client = Client(SERVER_NAME="localhost", raise_request_exception=True)
        self.headers = headers or {}

    def __call__(
        self, method: str, path: str, body: Any = None, *, content_type: str = "", **headers: str
    ) -> Answer:
        content_type = content_type or getattr(body, "content_type", "application/json")
        if not isinstance(body, bytes):
            body = b"" if body is None else json.dumps(body).encode()
        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        answer = Answer(
            self.client.generic(method, path, body, content_type=content_type, headers=sent)
        )
        check_answer(method, path, answer.status, answer.headers, answer.raw)
        return answer

    def get(self, path: str, **headers: str) -> Answer:
        return self("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self("PATCH", path, body, **headers)

    def delete(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self("DELETE", path, body, **headers)


def call_as(company: Company, scopes: Iterable[str] = SCOPES, name: str = "tests") -> Caller:
    """Return a client with a new API key of a company."""
    _, text = make_api_key(company, name=name, scopes=scopes)
    return Caller({"Authorization": f"Bearer {text}"})


def nobody() -> Caller:
    """Return a client without a credential."""
    return Caller()
