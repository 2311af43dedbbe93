"""Rate limits under concurrency, over HTTP on a started server (threats 32 and 33)."""

import os
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import requests

from config.access.scopes import SCOPES
from config.database import embedded
from tests.servers import pids, started
from tests.shop import AT_ONCE, Shop

ADDRESSES, PLACES = 10, 3
LIMIT = 10
# Even without the guard, the first requests of a time slice wait for one another, so a slow machine
# may need several storms to hit the race.
CARELESS = tuple(f"careless storm {number}" for number in range(5))


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A company on a server with few concurrent requests and few attempts for each address."""
    data = tmp_path_factory.mktemp("few") / "data"
    with started(
        data, "--no-demo", "--workers", "2", settings="tests.settings_low_limits"
    ) as server:
        yield Shop(server)


@pytest.fixture(scope="module")
def keys(few: Shop) -> dict[str, dict[str, str]]:
    """Headers with an API key, by the key's name; the keys of storms have a limit."""
    limited, free = ("storm", *CARELESS), ("beside a stranger",)
    _, *made = few.server.run_all(
        ("create_company", "Rival", "--slug", "rival"),
        *(new_key("shop", name) for name in (*limited, *free)),
        new_key("rival", "rival"),
    )
    with owner_of(few) as owner:
        owner.execute(
            "UPDATE access_apikey SET requests_per_minute = %s WHERE name = ANY(%s)",
            [LIMIT, list(limited)],
        )
    names = (*limited, *free, "rival")
    return {name: {"X-API-Key": one["key"]} for name, one in zip(names, made, strict=True)}


def new_key(company: str, name: str) -> tuple[str, ...]:
    scopes = " ".join(SCOPES)
    return ("create_api_key", "--company", company, "--name", name, "--scopes", scopes)


def owner_of(shop: Shop) -> psycopg.Connection[Any]:
    return psycopg.connect(embedded(shop.server.data).owner_url)


def ask(shop: Shop, headers: dict[str, str], path: str = "/v1/customers/none") -> Any:
    """Send a short request; repeat it while the concurrency limit refuses it."""
    while True:
        answer = requests.get(shop.server.url + path, headers=headers, timeout=60)
        if "too_many_at_once" not in answer.text:
            return answer


def storm(shop: Shop, headers: dict[str, str]) -> Counter[bool]:
    """Send many requests at once with one key; count which were accepted."""
    url = f"{shop.server.url}/v1/customers/none"
    calls = (lambda: requests.get(url, headers=headers, timeout=60) for _ in range(AT_ONCE))
    answers = shop.answers_at_once(*calls)
    return Counter("too_many_requests" not in one.text for one in answers)


def is_passed_by_a_storm(shop: Shop, headers: dict[str, str]) -> bool:
    """Whether a storm exceeds the limit of a key whose counter exists already."""
    ask(shop, headers)
    return storm(shop, headers)[True] + 1 > LIMIT


def careless(function: str, who: str, quota: str) -> str:
    """Return the counting function with a pause between its check and its write."""
    guard = f"subject = {who} AND slice = this AND NOT closed AND before + came < {quota}"
    counts = re.compile(
        rf"UPDATE public.access_counter SET came = came \+ 1\s+WHERE {re.escape(guard)}"
    )
    assert counts.search(function)
    return counts.sub(
        f"PERFORM pg_sleep(0.05) FROM public.access_counter WHERE {guard};"
        "UPDATE public.access_counter SET came = came + 1"
        f" WHERE FOUND AND subject = {who} AND slice = this",
        function,
    )


def test_of_64_at_once_exactly_as_many_as_the_limit_are_let_in(
    few: Shop, keys: dict[str, dict[str, str]]
) -> None:
    assert storm(few, keys["storm"]) == {True: LIMIT, False: AT_ONCE - LIMIT}
    # The negative control: a counter that is read and then written without a lock.
    counting = {"access_count": ("who", "quota"), "access_admit": ("credential", "client_quota")}
    with owner_of(few) as owner:
        kept = []
        for name, names in counting.items():
            told = owner.execute("SELECT pg_get_functiondef(%s::regproc)", [name]).fetchone()
            kept.append(told[0])
            owner.execute(careless(kept[-1], *names))
        owner.commit()
        try:
            assert any(is_passed_by_a_storm(few, keys[name]) for name in CARELESS)
        finally:
            for function in kept:
                owner.execute(function)
            owner.commit()


def test_a_stranger_gains_nothing_by_what_he_says_of_his_address(
    few: Shop, keys: dict[str, dict[str, str]]
) -> None:
    form = {"grant_type": "client_credentials", "client_id": "x", "client_secret": "guess"}

    def guess(number: int) -> requests.Response:
        spoofed = {"X-Forwarded-For": f"203.0.113.{number}", "Forwarded": f"for=203.0.113.{number}"}
        url = f"{few.server.url}/oauth/token"
        return requests.post(url, data=form, headers=spoofed, timeout=60)

    statuses = few.at_once(*(lambda n=n: guess(n) for n in range(AT_ONCE)))
    assert statuses == {401: ADDRESSES, 429: AT_ONCE - ADDRESSES}
    answer = ask(few, keys["beside a stranger"])
    assert answer.status_code == 404, "who has a credential comes in from there"


def test_of_64_requests_for_a_token_at_once_as_many_as_the_limit_are_let_in(few: Shop) -> None:
    names = ("--company", "shop", "--name", "till", "--scopes", "notes:read")
    made = few.server.run("create_api_client", *names)
    form = {name: made[name] for name in ("client_id", "client_secret")}
    url = f"{few.server.url}/token"
    calls = (lambda: requests.post(url, json=form, timeout=60) for _ in range(AT_ONCE))
    assert few.at_once(*calls) == {200: ADDRESSES, 429: AT_ONCE - ADDRESSES}


NOBODY = f"/v1/customers/{uuid4()}"


def wait_for_a_row(shop: Shop, count: int) -> tuple[Any, list[Any]]:
    """Lock a customer's row, and let `count` requests wait for it; return owner and answers."""
    customer = shop.customer()
    owner = owner_of(shop)
    owner.execute("SELECT 1 FROM customers_customer WHERE id = %s FOR UPDATE", [customer[5:]])
    path = f"/v1/customers/{customer}"
    slow = [
        shop.threads.submit(shop.send, "PATCH", path, {"first_name": f"Ann {number}"})
        for number in range(count)
    ]
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    until = time.monotonic() + 30
    while owner.execute(waiting).fetchone() != (count,):
        assert time.monotonic() < until, [one.result() for one in slow if one.done()]
        time.sleep(0.02)
    return owner, slow


def test_slow_requests_of_a_company_take_its_places_and_no_others(
    few: Shop, keys: dict[str, dict[str, str]]
) -> None:
    owner, slow = wait_for_a_row(few, PLACES)
    answer = few.send("GET", NOBODY)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert answer.json()["error"]["code"] == "too_many_at_once"
    assert answer.headers["RateLimit-Policy"].endswith(
        f'"at-once";q={PLACES};qu="concurrent-requests"'
    )
    assert few.send("GET", "/customers?limit=1").json()["code"] == "too_many_at_once"
    url = f"{few.server.url}{NOBODY}"
    assert requests.get(url, headers=keys["rival"], timeout=60).status_code == 404
    owner.close()
    assert [one.result().status_code for one in slow] == [200] * PLACES
    assert few.send("GET", NOBODY).status_code == 404


def test_the_places_of_a_killed_worker_are_free_again(few: Shop) -> None:
    owner, slow = wait_for_a_row(few, PLACES)
    workers = pids(few.server, "granian")
    assert len(workers) >= 2
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    assert all(one.exception() for one in slow)
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            if few.send("GET", NOBODY).status_code == 404:
                break
        except requests.ConnectionError:
            pass
        time.sleep(0.1)
    assert few.send("GET", NOBODY).status_code == 404, "with the row still held"
    owner.close()
