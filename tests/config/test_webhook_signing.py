"""Messages are signed as Standard Webhooks 1.0.0 has it, and sent again by its schedule."""

import datetime
import time
from collections.abc import Callable

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from config.changes.webhooks.schedule import ATTEMPTS, JITTER, PAUSES, pause_after
from config.changes.webhooks.secrets import new_secret
from config.changes.webhooks.signing import headers

BODY = '{"type":"customer.created","data":{"name":"Zoë"}}'
NOW = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.UTC)


def now() -> int:
    return int(time.time())


def test_a_receiver_that_follows_the_specification_verifies_it() -> None:
    secret = new_secret()
    signed = headers("msg_1", now(), BODY, [secret])
    assert Webhook(secret).verify(BODY, signed)["data"]["name"] == "Zoë"


def test_while_a_secret_is_replaced_either_one_verifies() -> None:
    old, new = new_secret(), new_secret()
    signed = headers("msg_1", now(), BODY, [new, old])
    assert signed["webhook-signature"].count("v1,") == 2
    for secret in (old, new):
        Webhook(secret).verify(BODY, signed)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(BODY, signed)


@pytest.mark.parametrize(
    ("part", "alter"),
    [
        ("body", lambda body: body.replace("Zoë", "Zoe")),
        ("body", lambda body: body + " "),
        ("webhook-id", lambda _: "msg_2"),
        ("webhook-timestamp", lambda second: str(int(second) + 1)),
    ],
)
def test_what_was_altered_is_refused(part: str, alter: Callable[[str], str]) -> None:
    secret = new_secret()
    signed = {"body": BODY, **headers("msg_1", now() - 1, BODY, [secret])}
    signed[part] = alter(signed[part])
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(secret).verify(signed.pop("body"), signed)


@pytest.mark.parametrize(("seconds", "what"), [(-301, "too old"), (302, "too new")])
def test_what_is_sent_again_by_a_stranger_later_is_refused(seconds: int, what: str) -> None:
    secret = new_secret()
    signed = headers("msg_1", now() + seconds, BODY, [secret])
    with pytest.raises(WebhookVerificationError, match=what):
        Webhook(secret).verify(BODY, signed)


def test_the_schedule_is_that_of_the_specification() -> None:
    minutes = [pause / datetime.timedelta(minutes=1) for pause in PAUSES]
    assert minutes == [5 / 60, 5, 30, *(60 * hours for hours in (2, 5, 10, 14, 20, 24))]
    assert sum(PAUSES, datetime.timedelta()) == datetime.timedelta(hours=75, minutes=35, seconds=5)


def test_every_pause_is_stretched_by_a_little_each_time_another() -> None:
    for attempt, pause in enumerate(PAUSES, start=1):
        found = {pause_after(attempt, "", NOW) for _ in range(20)}
        assert len(found) > 1
        assert all(one and pause <= one <= pause * (1 + JITTER) for one in found)
    assert pause_after(ATTEMPTS, "", NOW) is None


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        *(("120", 120, 120), ("0", 5, 5.5), ("-7", 5, 5.5), ("soon", 5, 5.5), ("", 5, 5.5)),
        ("9" * 400, 86_400, 86_400),
        ("Wed, 25 Nov 2026 12:10:00 GMT", 600, 600),
        ("Wed, 25 Nov 2026 11:10:00 GMT", 5, 5.5),
        *(("Wed, 99 Nov 2026 11:10:00 GMT", 5, 5.5), ("²", 5, 5.5), ("1" + "\0", 5, 5.5)),
    ],
)
def test_a_receiver_may_ask_for_a_longer_pause_within_reason(
    asked: str, least: float, most: float
) -> None:
    pause = pause_after(1, asked, NOW)
    assert pause is not None
    assert least <= pause.total_seconds() <= most
    assert pause_after(ATTEMPTS, asked, NOW) is None
