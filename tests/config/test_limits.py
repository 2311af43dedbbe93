"""Rate limits: the headers of every answer, the callers that are refused, and the reset."""

import re
import uuid
from base64 import b64encode
from typing import Any

import pytest
from django.db import ProgrammingError, connections, transaction
from django.test import Client

from config.access.limits import came_lately
from config.access.models import ApiKey
from config.access.tasks import forget_counters
from config.tenancy.companies import Company
from tests.callers import Answer, Caller, call_as, nobody
from tests.factories import make_api_client, make_api_key

FORM = "application/x-www-form-urlencoded"
POLICY = re.compile(r'"([a-z-]+)";q=(\d+)(?:;w=60|;qu="concurrent-requests")')
CREDITS = ("/customers/customers/x/credits",)
# The code of a refusal, by path; other paths have none.
CODES = {"/v1/customers": "too_many_requests", "/customers/x": "too_many_requests"}
STATE = re.compile(r'"([a-z]+)";r=(\d+);t=(\d+)')


def limited(company: Company, most: int, name: str = "limited") -> tuple[Caller, ApiKey]:
    terms = {"scopes": ["customers:read"], "requests_per_minute": most}
    key, text = make_api_key(company, name=name, **terms)
    return Caller({"X-API-Key": text}), key


def told(answer: Answer) -> dict[str, tuple[int, int | None]]:
    """Return each limit and its remaining requests, from the structured header fields."""
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
        caller("DELETE", "/v1/customers"),
        caller("POST", "/v1/coupons", b"{"),
    ]
    assert [one.status for one in answers] == [200, 404, 403, 405, 403]
    for count, answer in enumerate(answers, 1):
        left = {"client": (7, 7 - count), "company": (24_000, 24_000 - count)}
        assert told(answer) == {**left, "at-once": (64, None)}
    assert (came_lately(key.pk), came_lately(studio.pk)) == (5, 5)


def test_a_client_past_its_limit_is_told_to_wait_in_each_surfaces_words_and_stops_nobody_else(
    studio: Company, rival: Company
) -> None:
    caller, _key = limited(studio, 2)
    assert [caller.get("/v1/customers").status for _ in range(2)] == [200, 200]
    for path in ("/v1/customers", "/customers/x", "/customer/x/profile", *CREDITS):
        answer = caller.get(path)
        assert (answer.status, told(answer)["client"]) == (429, (2, 0)), path
        wait = int(answer.headers["Retry-After"])
        assert f'client";r=0;t={wait}' in answer.headers["RateLimit"], path
        error = answer.body["error"] if "v1" in path else answer.body
        sentence = (
            "This client may send 2 requests a minute, and has sent them. Send fewer. Retry in "
        )
        assert error["message"].startswith(sentence), path
        assert error.get("type", "rate_limit_exceeded") == "rate_limit_exceeded", path
        assert error.get("code") == CODES.get(path), path
    assert came_lately(studio.pk) == 2, "who is refused does not use up the company's limit"
    assert limited(studio, 1, "other")[0].get("/v1/customers").status == 200
    assert call_as(rival).get("/v1/customers").status == 200


def test_a_companys_limit_stops_its_clients_and_no_other(studio: Company, rival: Company) -> None:
    studio.requests_per_minute = 2
    studio.save()
    (one, _), (other, key) = limited(studio, 9, "one"), limited(studio, 9, "other")
    assert [one.get("/v1/customers").status for _ in range(2)] == [200, 200]
    answer = other.get("/v1/customers")
    assert answer.status == 429
    assert told(answer) == {"company": (2, 0), "client": (9, 9), "at-once": (64, None)}
    assert answer.body["error"]["message"].startswith("All clients of the company together ")
    assert came_lately(key.pk) == 0, "what the company refuses, the client has still"
    assert call_as(rival).get("/v1/customers").status == 200


def test_guesses_are_stopped_but_not_valid_credentials(studio: Company, settings: Any) -> None:
    settings.ADDRESS_LIMIT = 4
    guesser, valid = Caller({"Authorization": "Bearer guess"}), call_as(studio)
    assert [guesser.get("/v1/customers").status for _ in range(3)] == [401] * 3
    form = {"client_id": "x", "client_secret": "y"}
    assert nobody().post("/token", form).status == 401, "secrets are counted as tokens are"
    for answer, passed in (
        (
            guesser.get("/v1/customers"),
            "More than 4 requests with a wrong credential came from this address within a minute. "
            "Check the credential.",
        ),
        (
            nobody().post("/token", form),
            "More than 4 token requests came from this address within a minute. A token lasts an "
            "hour: reuse it.",
        ),
    ):
        assert (answer.status, told(answer)) == (429, {"address": (4, 0)})
        wait = int(answer.headers["Retry-After"])
        assert wait >= 1
        assert answer.body.get("error", answer.body)["message"] == f"{passed} Retry in {wait} s."
    assert valid.get("/v1/customers").status == 200
    guesser.client.defaults["REMOTE_ADDR"] = "192.0.2.7"
    assert guesser.get("/v1/customers").status == 401, "elsewhere nobody has guessed"


def test_an_address_is_what_our_own_proxies_noted(settings: Any) -> None:
    settings.ADDRESS_LIMIT = 2
    body = b"grant_type=client_credentials&client_id=x&client_secret=y"
    for proxies, expected in ((0, [401, 401, 429, 429]), (1, [401] * 4)):
        settings.PROXIES = proxies
        noted = [f"203.0.113.{number}" for number in range(4)]
        answers = [
            nobody()("POST", "/oauth/token", body, content_type=FORM, X_Forwarded_For=address)
            for address in noted
        ]
        assert [one.status for one in answers] == expected, proxies


def till(company: Company, name: str = "Till") -> tuple[str, str]:
    """Create an API client and return its id and secret."""
    client, secret = make_api_client(company, name=name, scopes=["customers:read"])
    return client.client_id, secret


def ask_for_token(client_id: str, secret: str, at: str = "127.0.0.1") -> Answer:
    caller = nobody()
    caller.client.defaults["REMOTE_ADDR"] = at
    return caller.post("/token", {"client_id": client_id, "client_secret": secret})


def test_a_token_answer_tells_what_is_left(studio: Company) -> None:
    client = till(studio)
    answers = [ask_for_token(*client) for _ in range(2)]
    assert told(answers[0]) == {"address": (300, 299)}
    for answer, left in zip(answers, (11_999, 11_998), strict=True):
        caller = Caller({"Authorization": f"Bearer {answer.body['access_token']}"})
        states = told(caller.get("/v1/customers"))
        assert states["client"] == (12_000, left), "a client, not a token"


def test_wrong_credentials_of_neighbours_block_no_client(studio: Company, settings: Any) -> None:
    settings.ADDRESS_LIMIT = 3
    name, secret = till(studio)
    assert [ask_for_token("nobody", "x").status for _ in range(5)] == [401] * 3 + [429] * 2
    body = f"grant_type=client_credentials&client_id={name}&client_secret={secret}"
    form = nobody()("POST", "/oauth/token", body.encode(), content_type=FORM)
    pair = b64encode(f"{name}:{secret}".encode()).decode()
    basic = nobody()(
        "POST", "/oauth/token", b"grant_type=client_credentials", content_type=FORM,
        Authorization=f"basic {pair}",
    )  # fmt: skip
    assert [form.status, basic.status, ask_for_token(name, secret).status] == [200] * 3


def test_guesses_at_a_client_block_it_there_and_no_other(studio: Company, settings: Any) -> None:
    settings.ADDRESS_LIMIT = 3
    known, other = till(studio), till(studio, "Site")
    assert [ask_for_token(known[0], "x").status for _ in range(4)] == [401] * 3 + [429]
    assert ask_for_token(*known).status == 429
    assert ask_for_token(*known, at="192.0.2.7").status == 200
    assert ask_for_token(*other).status == 200
    statuses = [ask_for_token(*other, at="192.0.2.8").status for _ in range(4)]
    assert statuses == [200] * 3 + [429], "a client has a limit of its own"
    statuses = [ask_for_token("nobody", "x", "192.0.2.8").status for _ in range(4)]
    assert statuses == [401] * 3 + [429], "tokens that are issued do not count for the address"


def test_limits_do_not_tell_whether_a_client_exists(studio: Company, settings: Any) -> None:
    settings.ADDRESS_LIMIT = 3
    known, _ = till(studio)
    for spent, status in ((0, 401), (3, 429)):
        told = []
        for client in ("nobody", known):
            place = f"192.0.{spent}.{len(told)}"
            for number in range(spent):
                ask_for_token(f"n{number}", "x", place)
            answer = ask_for_token(client, "x", place)
            body = answer.body if not spent else None
            told.append((answer.status, answer.headers["RateLimit"].split(";t=")[0], body))
        assert told[0] == told[1]
        assert told[0][0] == status


def test_no_secret_is_looked_at_past_the_limit_of_an_address_or_of_a_client(
    studio: Company, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ADDRESS_LIMIT = 1
    name, secret = till(studio)
    guesser, body = nobody(), b"grant_type=client_credentials"
    guesser.client.defaults["REMOTE_ADDR"] = "192.0.2.9"
    assert ask_for_token(name, "x").status == 401
    assert guesser("POST", "/oauth/token", body, content_type=FORM).status == 401
    monkeypatch.setattr("config.api.tokens.TokenView.server", None)
    assert ask_for_token(name, secret).status == 429
    answer = guesser("POST", "/oauth/token", body, content_type=FORM)
    assert (answer.status, answer.body["error"]) == (429, "temporarily_unavailable")


def test_a_token_request_that_cannot_be_read_counts_for_the_address(settings: Any) -> None:
    settings.ADDRESS_LIMIT = 3
    bodies = (b"{", b"[]", b'{"client_id": "x"}', b"{")
    assert [nobody().post("/token", body).status for body in bodies] == [400, 400, 400, 429]


def test_staff_pages_and_refused_keys_count_for_no_company(browser: Any, studio: Company) -> None:
    browser.get("/admin/customers/customer/")
    assert Client(SERVER_NAME="localhost").get("/openapi.json").status_code == 200
    for headers in ({"X-API-Key": "reg_live_x"}, {"Authorization": "Bearer x"}, {}):
        assert Caller(headers).get("/v1/customers").status == 401
    assert came_lately(studio.pk) == 0


class Counter:
    """The counter of one caller, which the owner of the tables can set back in time."""

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
    assert all(counter.come()[0] for _ in range(5))
    counter.wait(15)
    assert [counter.come()[0] for _ in range(6)] == [True] * 5 + [False]
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
    assert counter.come(9)[0]
    assert counter.come(1)[:2] == (False, 0), "a lower limit holds from the next request on"
    assert counter.come(2)[:2] == (True, 0)


def test_who_has_not_come_for_a_minute_counts_no_more_and_is_forgotten(counter: Counter) -> None:
    counter.come()
    present = Counter()
    present.come()
    assert counter.came() == 1
    counter.wait(32)
    assert counter.came() == 0
    counter._run("SELECT access_forget()")
    left = "SELECT count(*) FROM access_counter WHERE subject = %s"
    assert (counter._run(left, present.who), counter._run(left, counter.who)) == ((1,), (0,))
    forget_counters(0)


def test_the_software_reaches_its_counters_through_their_functions_alone() -> None:
    for statement in (
        "SELECT * FROM access_counter",
        "UPDATE access_counter SET came = 0",
        "DELETE FROM access_counter",
        "TRUNCATE access_counter",
        "SELECT access_uncount(gen_random_uuid())",
    ):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connections["default"].cursor() as cursor,
        ):
            cursor.execute(statement)


def test_a_slice_that_is_over_counts_no_latecomer_and_no_count_is_logged(counter: Counter) -> None:
    """A closed slice has been summed, so it accepts no late request; the table is unlogged."""
    counter.come()
    counter.wait(1)
    counter.come()
    rows = "SELECT count(*) FILTER (WHERE closed), count(*) FROM access_counter WHERE subject = %s"
    assert counter._run(rows, counter.who) in [(1, 2), (2, 3)]
    kept = counter._run("SELECT relpersistence FROM pg_class WHERE relname = 'access_counter'")
    assert kept == ("u",)
