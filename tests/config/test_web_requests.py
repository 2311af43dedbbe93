"""A request in the web server: headers, body and queueing (threat 50)."""

import asyncio
import json
import threading
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings

from config.access.actions import revoke_api_key
from config.api.bodies import UNREAD
from config.api.problems import Refused
from config.server.asgi import application
from config.server.asgi.application import WebApplication
from config.server.asgi.requests import MOST_IN_MEMORY, Body, ClientGone, environ_of
from config.server.asgi.threads import Stranger, Task, Threads, Turns
from config.server.asgi.uploads import LIMITS, SCOPES, Uploads
from config.tenancy.companies import Company
from tests.factories import act, make_api_key


def scope(*headers: tuple[str, str], path: str = "/v1/customers", method: str = "POST") -> Any:
    return {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": b"", "client": ("127.0.0.1", 5_000), "server": ("127.0.0.1", 80),
        "http_version": "1.1", "scheme": "http",
        "headers": [(name.encode(), text.encode()) for name, text in headers],
    }  # fmt: skip


UNDERSCORED = (
    *("x_api_key", "x_forwarded_for", "x_reason", "idempotency_key", "x-forwarded_for", "host_"),
)
ONCE = ("authorization", "x-api-key", "host", "content-type", "idempotency-key", "x-reason")


def test_a_header_with_an_underscore_is_as_if_not_sent() -> None:
    bare = environ_of(scope()) | {"wsgi.input": 0}
    for header in UNDERSCORED:
        assert environ_of(scope((header, "1"))) | {"wsgi.input": 0} == bare, header


def test_a_header_that_may_come_once_is_refused_twice() -> None:
    for header in ONCE:
        with pytest.raises(Refused, match=header) as refused:
            environ_of(scope((header, "a"), (header, "b")))
        assert refused.value.problem.status == 400


def test_lists_and_cookies_that_come_twice_are_joined_and_a_path_is_decoded() -> None:
    twice = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "2.2.2.2")]
    environ = environ_of(
        scope(*twice, ("cookie", "a=1"), ("cookie", "b=2"), path="/v1/Zo%C3%AB%FF")
    )
    assert environ["HTTP_X_FORWARDED_FOR"] == "1.1.1.1, 2.2.2.2"
    assert environ["HTTP_COOKIE"] == "a=1; b=2"
    assert environ["PATH_INFO"] == "/v1/ZoÃ«ÿ"


def read(headers: list[tuple[str, str]], *chunks: bytes, path: str = "/v1/customers") -> Any:
    """Read a body that arrives in chunks, and return the request's environment."""
    messages = [{"type": "http.request", "body": one, "more_body": True} for one in chunks]
    messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Any:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    environ = environ_of(scope(*headers, path=path))
    body = Body(environ, receive)
    try:
        asyncio.run(body.read())
        file = environ["wsgi.input"]
        return environ | {"body": file.read(), "is_on_disk": getattr(file, "_rolled", False)}
    finally:
        body.close()


def test_a_body_of_chunks_gets_its_length_and_one_that_breaks_off_reaches_nobody() -> None:
    environ = read([("transfer-encoding", "chunked")], b"ab", b"c")
    assert (environ["CONTENT_LENGTH"], environ["body"]) == ("3", b"abc")
    assert "HTTP_TRANSFER_ENCODING" not in environ
    large = read([("transfer-encoding", "chunked")], *[b"x" * 400_000] * 4)
    assert int(large["CONTENT_LENGTH"]) > 1_048_576, "a body that is too large shows it"
    with pytest.raises(ClientGone):
        read([("content-length", "10")], b"abc", b"")


def test_a_file_waits_on_disk_unless_it_is_too_large() -> None:
    length = str(MOST_IN_MEMORY + 1)
    small = read([("content-length", "3")], b"abc", path="/admin/import/")
    large = read([("content-length", length)], b"x" * int(length), path="/admin/import/")
    assert (small["is_on_disk"], large["is_on_disk"]) == (False, True)
    with pytest.raises(Refused) as refused:
        read([("content-length", str(70 * 1024 * 1024))], path="/admin/import/")
    assert refused.value.problem.status == 413


MANY = 2 * 1_048_576
A, B = UUID(int=1), UUID(int=2)


def test_a_file_of_customers_is_read_and_any_other_large_body_is_not() -> None:
    length = [("content-length", str(MANY))]
    for path, size in (("/v1/imports", MANY), ("/v1/exports", 0), ("/v1/imports/1/cancel", 0)):
        environ = read(length, b"x" * MANY, path=path)
        assert (len(environ["body"]), environ["CONTENT_LENGTH"]) == (size, str(MANY)), path
    larger = str(settings.MAX_IMPORT_BYTES + 1)
    assert read([("content-length", larger)], b"x", path="/v1/imports")["body"] == b""


def test_of_a_body_it_is_known_whether_it_needs_a_place() -> None:
    for headers, path, needs in (
        ([("content-length", str(MANY))], "/v1/imports", True),
        ([("transfer-encoding", "chunked")], "/v1/imports", True),
        ([("content-length", "1000")], "/v1/imports", False),
        ([("content-length", str(settings.MAX_IMPORT_BYTES + 1))], "/v1/imports", False),
        ([("content-length", str(MANY))], "/v1/customers", False),
        ([("content-length", str(MANY))], "/admin/x/", False),
    ):
        environ = environ_of(scope(*headers, path=path))
        assert Body(environ, lambda: None).needs_place is needs, (headers, path)  # type: ignore[arg-type, return-value]


class Clients:
    """File uploads of known companies; the test decides when the last byte arrives."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, known: bool = True) -> None:
        self.seen: list[Any] = []
        self.go = asyncio.Event()
        self.web = WebApplication(self.handle)
        company = lambda environ: UUID(environ["HTTP_X_API_KEY"])  # noqa: E731
        # This cache also knows the company of credentials that were revoked since.
        monkeypatch.setattr(application, "company_of", company)
        monkeypatch.setattr(
            application, "_company_of_sender", company if known else lambda environ: None
        )

    def handle(self, environ: Any, start: Any) -> Any:
        size = len(environ["wsgi.input"].read())
        self.seen.append((environ["HTTP_X_API_KEY"], size, environ.get(UNREAD, False)))
        start("202 Accepted", [])
        return [b""]

    async def send(self, company: UUID, *, slow: bool = False, length: int = MANY) -> int:
        """Upload a file for a company and return the status of the answer."""
        left, sent = [b"x" * (length - 1), b"x"], []

        async def receive() -> Any:
            if not left:
                await asyncio.sleep(60)
            if slow and len(left) == 1:
                await self.go.wait()
            piece = left.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(left)}

        async def answer(message: Any) -> None:
            sent.append(message)

        headers = [("content-length", str(length)), ("x-api-key", str(company))]
        await self.web(scope(*headers, path="/v1/imports"), receive, answer)
        status: int = sent[0]["status"]
        return status


def test_a_company_sends_one_file_at_a_time_and_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def run() -> list[int]:
        clients = Clients(monkeypatch)
        slow = asyncio.ensure_future(clients.send(A, slow=True))
        await asyncio.sleep(0.1)
        others = [await clients.send(A), await clients.send(B), await clients.send(A, length=100)]
        clients.go.set()
        return [*others, await slow, await clients.send(A)]

    assert asyncio.run(run()) == [429, 202, 202, 202, 202]
    # The negative control: without the limit, two files of a company are read at once.
    monkeypatch.setattr(Uploads, "take", lambda *_: None)
    assert asyncio.run(run()) == [202, 202, 202, 202, 202]


def test_a_worker_reads_no_more_files_than_it_has_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.server.asgi.uploads.MOST", 1)

    async def run() -> list[int]:
        clients = Clients(monkeypatch)
        slow = asyncio.ensure_future(clients.send(A, slow=True))
        await asyncio.sleep(0.1)
        refused = await clients.send(B)
        clients.go.set()
        return [refused, await slow, await clients.send(B)]

    assert asyncio.run(run()) == [503, 202, 202]


def test_a_file_of_nobody_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> list[Any]:
        clients = Clients(monkeypatch, known=False)
        await clients.send(A)
        await clients.send(A, length=100)
        return clients.seen

    assert asyncio.run(run()) == [(str(A), 0, True), (str(A), 100, False)]


def test_a_place_is_for_a_credential_that_may_send_the_file_now(
    studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application.connections, "close_all", lambda: None)

    def found(token: str) -> UUID | None:
        headers = [("content-length", str(MANY)), ("x-api-key", token)]
        return application._company_of_sender(environ_of(scope(*headers, path="/v1/imports")))

    assert LIMITS.keys() == SCOPES.keys()
    key, token = make_api_key(studio, name="writes", scopes=["customers:write"])
    _reads, other = make_api_key(studio, name="reads", scopes=["customers:read"])
    assert [found(one) for one in (token, other, "wrong")] == [studio.id, None, None]
    act(studio, revoke_api_key, key)
    assert found(token) is None


def test_a_group_never_takes_the_threads_that_are_kept_for_others() -> None:
    async def take(groups: list[Any]) -> list[bool]:
        turns = Turns(8)
        return [turns.take(Task(list, group)) for group in groups]

    got = asyncio.run(take(list("aaaaaaaabbc")))
    assert got == [*[True] * 6, False, False, True, False, True]
    strangers = [Stranger(str(number)) for number in range(9)]
    got = asyncio.run(take([*strangers, "known"]))
    assert got == [*[True] * 7, False, False, True], "strangers leave one to who is known"


def test_the_group_with_the_fewest_threads_is_next() -> None:
    async def order() -> list[str]:
        turns, got = Turns(1), []
        turns.take(Task(list, "a"))
        names = {}
        for name in ("a1", "a2", "b1", "b2"):
            task = Task(list, name[0])
            names[task] = name
            turns.take(task)
            if name == "b1":
                task.future.cancel()
        holder = "a"
        while begun := turns.give_back(holder):
            (task,) = begun
            got.append(names[task])
            holder = names[task][0]
        return got

    assert asyncio.run(order()) == ["a1", "b2", "a2"]


def test_threads_give_results_and_errors_and_end_when_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.server.asgi.threads.SECONDS_IDLE", 0.05)

    ended: list[threading.Thread] = []

    async def run() -> None:
        threads = Threads(2, "test", lambda: ended.append(threading.current_thread()))
        tasks = [threads.run(partial(int, str(number))) for number in range(50)]
        assert await asyncio.gather(*(task.future for task in tasks)) == list(range(50))
        with pytest.raises(ValueError, match="one"):
            await threads.run(partial(int, "one")).future
        for _ in range(100):
            if len(ended) == 2:
                break
            await asyncio.sleep(0.05)
        assert threads._count == 0
        assert [thread.name for thread in ended] == ["test"] * 2, "each gave back what it held"
        assert await threads.run(lambda: 1).future == 1

    asyncio.run(run())


def test_who_waits_for_a_thread_is_refused_in_time_or_given_up_with_the_client(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """One request holds the only thread; others wait for it."""
    monkeypatch.setattr(application, "SECONDS_UNWATCHED", 0.05)
    monkeypatch.setattr(application, "SECONDS_TO_WAIT", 0.3)
    settings.THREADS = 1
    is_over = threading.Event()

    def handler(environ: Any, start: Any) -> list[bytes]:
        is_over.wait(30)
        start("200 OK", [])
        return [b"done"]

    async def ask(app: Any, *, leaves: bool = False) -> list[Any]:
        sent: list[Any] = []

        async def receive() -> Any:
            await asyncio.sleep(0.1 if leaves else 60)
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await app(scope(method="GET") | {"path": "/v1/customers"}, receive, send)
        told = sent[1]["body"]
        return [sent[0]["status"], "" if told == b"done" else json.loads(told)["error"]["code"]]

    async def all_of_them() -> list[Any]:
        app = application.WebApplication(handler)
        first = asyncio.ensure_future(ask(app))
        await asyncio.sleep(0)
        behind = await asyncio.gather(ask(app), ask(app, leaves=True))
        last = asyncio.ensure_future(ask(app))
        await asyncio.sleep(0.1)
        is_over.set()
        return [*behind, await first, await last]

    assert asyncio.run(all_of_them()) == [
        [503, "overloaded"], [400, "bad_request"], [200, ""], [200, ""],
    ]  # fmt: skip
