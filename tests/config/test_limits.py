"""Limits: what every answer tells of them, whom they stop, and when they let in again."""

import re
import uuid
from typing import Any

import pytest
from django.db import ProgrammingError, connections, transaction
from django.test import Client

from config.access.actions import create_api_client, create_api_key
from config.access.limits import came_lately
from config.access.models import ApiKey, Company
from config.access.tasks import forget_counters
from tests.callers import Answer, Caller, call_as, nobody

FORM = "application/x-www-form-urlencoded"
POLICY = re.compile(r'"([a-z-]+)";q=(\d+)(?:;w=60|;qu="concurrent-requests")')
STATE = re.compile(r'"([a-z]+)";r=(\d+);t=(\d+)')


def limited(company: Company, most: int, name: str = "limited") -> tuple[Caller, ApiKey]:
    key, text = create_api_key(
        company, name=name, scopes=["customers:read"], requests_per_minute=most
    )
    return Caller({"X-API-Key": text}), key


def told(answer: Answer) -> dict[str, tuple[int, int | None]]:
    """Return of each limit how much it is and what is left, as structured fields have it."""
    policies = answer.headers["RateLimit-Policy"].split(", ")
    states = answer.headers["RateLimit"].split(", ")
    left: dict[str, int] = {}
    for state in states:
        match = STATE.fullmatch(state)
        assert match, state
        assert 1 <= int(match[3]) <= 65
        left[match[1]] = int(match[2])
    matches = [POLICY.fullmatch(policy) for policy in policies]
    assert all(matches), policies
    return {match[1]: (int(match[2]), left.get(match[1])) for match in matches if match}


def test_every_answer_tells_what_is_left(studio: Company) -> None:
    caller, key = limited(studio, 7)
    answers = [
        caller.get("/customers?limit=1"),
        caller.get("/v1/customers/nonsense"),
        caller.post("/v1/customers", {}),
        caller("PUT", "/v1/customers"),
        caller("POST", "/v1/coupons", b"{"),
    ]
    assert [one.status for one in answers] == [200, 404, 403, 405, 403]
    assert [told(one)["client"] for one in answers] == [(7, left) for left in (6, 5, 4, 3, 2)]
    assert [told(one)["company"] for one in answers] == [
        (24_000, 24_000 - count) for count in range(1, 6)
    ]
    assert told(answers[0])["at-once"] == (64, None)
    assert (came_lately(key.pk), came_lately(studio.pk)) == (5, 5)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/customers", lambda said: said["error"]["message"]),
        ("/customers/x", lambda said: said["message"]),
        ("/customer/x/profile", lambda said: said["message"]),
        ("/customers/customers/x/credits", lambda said: said["message"]),
    ],
)
def test_a_client_past_its_limit_is_told_to_wait_in_each_surfaces_words(
    studio: Company, path: str, body: Any
) -> None:
    caller, _key = limited(studio, 2)
    caller.get("/v1/customers"), caller.get("/v1/customers")
    answer = caller.get(path)
    assert (answer.status, told(answer)["client"]) == (429, (2, 0))
    wait = int(answer.headers["Retry-After"])
    assert f'client";r=0;t={wait}' in answer.headers["RateLimit"]
    sentence = "This client has sent its 2 requests of a minute. Wait "
    assert body(answer.body).startswith(sentence)
    assert came_lately(studio.pk) == 2, "who is refused does not use up the company's limit"
    if "v1" in path:
        error = answer.body["error"]
        assert (error["type"], error["code"]) == ("rate_limit_exceeded", "too_many_requests")
    elif path == "/customers/x":
        assert answer.body["code"] == "too_many_requests"


def test_a_client_past_its_limit_stops_nobody_else(studio: Company, rival: Company) -> None:
    caller, _ = limited(studio, 1)
    assert [caller.get("/v1/customers").status for _ in range(2)] == [200, 429]
    assert limited(studio, 1, "other")[0].get("/v1/customers").status == 200
    assert call_as(rival).get("/v1/customers").status == 200


def test_a_company_past_its_limit_stops_all_of_its_clients_and_no_other_company(
    studio: Company, rival: Company
) -> None:
    studio.requests_per_minute = 2
    studio.save()
    (one, _), (other, key) = limited(studio, 9, "one"), limited(studio, 9, "other")
    assert [one.get("/v1/customers").status for _ in range(2)] == [200, 200]
    answer = other.get("/v1/customers")
    assert (answer.status, told(answer)) == (
        429,
        {"company": (2, 0), "client": (9, 9), "at-once": (64, None)},
    )
    assert answer.body["error"]["message"].startswith("All clients of the company together ")
    assert came_lately(key.pk) == 0, "what the company refuses, the client has still"
    assert call_as(rival).get("/v1/customers").status == 200


def test_what_does_not_open_counts_for_no_company(
    studio: Company, client: Any, settings: Any
) -> None:
    create_api_client(studio, name="Till", scopes=["customers:read"])
    for headers in ({"X-API-Key": "reg_live_x"}, {"Authorization": "Bearer x"}, {}):
        assert Caller(headers).get("/v1/customers").status == 401
    assert came_lately(studio.pk) == 0


def test_guesses_are_stopped_by_address_and_valid_credentials_are_not(
    studio: Company, settings: Any
) -> None:
    settings.ADDRESS_LIMIT = 4
    guesser, valid = Caller({"Authorization": "Bearer guess"}), call_as(studio)
    assert [guesser.get("/v1/customers").status for _ in range(3)] == [401] * 3
    form = {"client_id": "x", "client_secret": "y"}
    assert nobody().post("/token", form).status == 401, "secrets are counted as tokens are"
    for answer in (guesser.get("/v1/customers"), nobody().post("/token", form)):
        assert (answer.status, told(answer)) == (429, {"address": (4, 0)})
        assert int(answer.headers["Retry-After"]) >= 1
    assert valid.get("/v1/customers").status == 200
    guesser.client.defaults["REMOTE_ADDR"] = "192.0.2.7"
    assert guesser.get("/v1/customers").status == 401, "elsewhere nobody has guessed"


@pytest.mark.parametrize(("proxies", "tries"), [(0, 2), (1, 9)])
def test_an_address_is_what_our_own_proxies_noted(proxies: int, tries: int, settings: Any) -> None:
    settings.ADDRESS_LIMIT, settings.PROXIES = 2, proxies
    body = b"grant_type=client_credentials&client_id=x&client_secret=y"
    statuses = [
        nobody()(
            "POST", "/oauth/token", body, content_type=FORM, X_Forwarded_For=f"203.0.113.{number}"
        ).status
        for number in range(9)
    ]
    assert statuses == [401] * tries + [429] * (9 - tries)


def test_no_secret_is_looked_at_past_the_limit(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ADDRESS_LIMIT = 1
    looked: list[Any] = []
    monkeypatch.setattr(
        "config.api.views.issue_token",
        lambda *given: looked.append(given) or (401, {"error": "invalid_client"}),
    )
    body = b"grant_type=client_credentials"
    answers = [nobody()("POST", "/oauth/token", body, content_type=FORM) for _ in range(3)]
    assert [one.status for one in answers] == [401, 429, 429]
    assert answers[1].body["error"] == "temporarily_unavailable"
    assert len(looked) == 1


def test_a_token_answer_tells_what_is_left(studio: Company) -> None:
    client, secret = create_api_client(studio, name="Till", scopes=["customers:read"])
    answer = nobody().post("/token", {"client_id": client.client_id, "client_secret": secret})
    assert told(answer) == {"address": (300, 299)}
    caller = Caller({"Authorization": f"Bearer {answer.body['access_token']}"})
    assert told(caller.get("/v1/customers"))["client"] == (12_000, 11_999)
    again = nobody().post("/token", {"client_id": client.client_id, "client_secret": secret})
    caller = Caller({"Authorization": f"Bearer {again.body['access_token']}"})
    assert told(caller.get("/v1/customers"))["client"] == (12_000, 11_998), "a client, not a token"


def test_pages_of_staff_are_not_counted(browser: Any, studio: Company) -> None:
    browser.get("/admin/customers/customer/")
    assert came_lately(studio.pk) == 0


# --- The counters themselves ---


class Counter:
    """A counter of somebody, which the owner of the tables can turn back."""

    def __init__(self) -> None:
        self.who = uuid.uuid4()

    def come(self, quota: int = 10) -> tuple[bool, int, int]:
        return self._run("SELECT * FROM access_count(%s, %s)", self.who, quota)

    def wait(self, slices: int) -> None:
        self._run(
            "UPDATE access_counter SET slice = slice - %s WHERE subject = %s RETURNING 1",
            slices,
            self.who,
        )

    def came(self) -> int:
        return int(self._run("SELECT access_came(%s)", self.who)[0])

    def _run(self, statement: str, *values: Any) -> Any:
        with connections["owner"].cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()


@pytest.fixture
def counter() -> Counter:
    return Counter()


def test_no_minute_wherever_it_begins_holds_more_than_the_limit(counter: Counter) -> None:
    for _ in range(5):
        assert counter.come()[0]
    counter.wait(15)
    for _ in range(5):
        assert counter.come()[0]
    assert not counter.come()[0]
    counter.wait(14)
    assert counter.come()[:2] == (False, 0), "the first five came within a minute still"
    counter.wait(3)
    assert counter.come()[:2] == (True, 4)
    counter.wait(32)
    assert counter.come()[:2] == (True, 9)


def test_the_wait_that_is_told_is_long_enough_and_no_longer(counter: Counter) -> None:
    assert counter.come(1)[:2] == (True, 0)
    first = counter.come(1)
    assert first[0] is False
    assert 60 <= first[2] <= 62
    counter.wait(5)
    assert first[2] - 10 - counter.come(1)[2] in (0, 1)
    counter.wait(-(-first[2] // 2) - 5)
    assert counter.come(1)[0]


def test_a_limit_that_is_lowered_holds_from_the_next_request_on(counter: Counter) -> None:
    for _ in range(5):
        counter.come(9)
    assert counter.come(3)[:2] == (False, 0)
    assert counter.come(6)[:2] == (True, 0)


def test_what_is_told_of_the_last_minute_passes_with_it(counter: Counter) -> None:
    counter.come(), counter.come()
    assert counter.came() == 2
    counter.wait(31)
    assert counter.came() == 0


def test_who_has_not_come_for_a_minute_is_forgotten(counter: Counter) -> None:
    counter.come()
    present = Counter()
    present.come()
    counter.wait(32)
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT access_forget()")
        cursor.execute("SELECT subject FROM access_counter")
        rows = {row[0] for row in cursor.fetchall()}
    assert present.who in rows
    assert counter.who not in rows
    forget_counters(0)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM access_counter",
        "UPDATE access_counter SET came = 0",
        "DELETE FROM access_counter",
        "TRUNCATE access_counter",
        "SELECT access_uncount(gen_random_uuid())",
    ],
)
def test_the_software_reaches_its_counters_through_their_functions_alone(statement: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connections["default"].cursor() as cursor,
    ):
        cursor.execute(statement)


def test_a_slice_that_is_over_counts_nobody_who_is_late(counter: Counter) -> None:
    """Else somebody who read the clock just before would be missing from the sum."""
    counter.come()
    counter.wait(1)
    counter.come()
    rows = "SELECT count(*) FILTER (WHERE closed), count(*) FROM access_counter WHERE subject = %s"
    assert counter._run(rows, counter.who) in [(1, 2), (2, 3)]


def test_counting_writes_no_log(counter: Counter) -> None:
    kept = counter._run("SELECT relpersistence FROM pg_class WHERE relname = 'access_counter'")
    assert kept == ("u",)


def test_a_page_that_no_surface_answers_is_not_counted(studio: Company) -> None:
    assert Client(SERVER_NAME="localhost").get("/openapi.json").status_code == 200
    assert came_lately(studio.pk) == 0
