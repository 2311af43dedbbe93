"""Messages are signed by Standard Webhooks 1.0.0, and retried by its schedule."""

import base64
import datetime
import time
from typing import Any

import pytest
from cryptography.fernet import InvalidToken
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from config.webhooks.schedule import ATTEMPTS, JITTER, PAUSES, pause_after
from config.webhooks.secrets import MARK, new_secret, seal, unseal
from config.webhooks.signing import headers

BODY = '{"type":"customer.created","data":{"name":"Zoë"}}'
NOW = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.UTC)


def now() -> int:
    return int(time.time())


def test_a_receiver_that_follows_the_specification_verifies_it_by_either_secret() -> None:
    old, new = new_secret(), new_secret()
    signed = headers("msg_1", now(), BODY, [new])
    assert Webhook(new).verify(BODY, signed)["data"]["name"] == "Zoë"
    signed = headers("msg_1", now(), BODY, [new, old])
    assert signed["webhook-signature"].count("v1,") == 2
    for secret in (old, new):
        Webhook(secret).verify(BODY, signed)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(BODY, signed)


def test_what_was_altered_or_is_sent_again_later_by_a_stranger_is_refused() -> None:
    secret = new_secret()
    sent = {"body": BODY, **headers("msg_1", now() - 1, BODY, [secret])}
    later = {"webhook-timestamp": str(int(sent["webhook-timestamp"]) + 1)}
    altered = {"body": BODY.replace("Zoë", "Zoe")}
    for part in (altered, {"body": BODY + " "}, {"webhook-id": "msg_2"}, later):
        received = sent | part
        with pytest.raises(WebhookVerificationError, match="No matching signature"):
            Webhook(secret).verify(received.pop("body"), received)
    for seconds, what in ((-301, "too old"), (302, "too new")):
        with pytest.raises(WebhookVerificationError, match=what):
            Webhook(secret).verify(BODY, headers("msg_1", now() + seconds, BODY, [secret]))


def test_the_schedule_is_that_of_the_specification_each_time_stretched_by_a_little() -> None:
    minutes = [pause / datetime.timedelta(minutes=1) for pause in PAUSES]
    assert minutes == [5 / 60, 5, 30, *(60 * hours for hours in (2, 5, 10, 14, 20, 24))]
    for attempt, pause in enumerate(PAUSES, start=1):
        found = {pause_after(attempt, "", NOW) for _ in range(20)}
        assert len(found) > 1
        assert all(one and pause <= one <= pause * (1 + JITTER) for one in found)
    assert pause_after(ATTEMPTS, "", NOW) is None


def test_a_receiver_may_ask_for_a_longer_pause_within_reason() -> None:
    for asked, least, most in (
        *(("120", 120, 120), ("0", 5, 5.5), ("-7", 5, 5.5), ("soon", 5, 5.5), ("", 5, 5.5)),
        ("9" * 400, 86_400, 86_400),
        ("Wed, 25 Nov 2026 12:10:00 GMT", 600, 600),
        ("Wed, 25 Nov 2026 11:10:00 GMT", 5, 5.5),
        *(("Wed, 99 Nov 2026 11:10:00 GMT", 5, 5.5), ("²", 5, 5.5), ("1" + "\0", 5, 5.5)),
    ):
        pause = pause_after(1, asked, NOW)
        assert pause is not None, asked
        assert least <= pause.total_seconds() <= most, asked
        assert pause_after(ATTEMPTS, asked, NOW) is None, asked


def test_a_secret_is_what_the_standard_asks_for_and_kept_closed(settings: Any) -> None:
    secret, other = new_secret(), new_secret()
    assert secret != other
    assert secret.startswith(MARK)
    assert 24 <= len(base64.b64decode(secret.removeprefix(MARK), validate=True)) <= 64
    kept, before = seal(secret), settings.SECRET_KEY
    assert secret.removeprefix(MARK) not in kept
    assert unseal(kept) == secret
    settings.SECRET_KEY = "another " * 8
    with pytest.raises(InvalidToken):
        unseal(kept)
    settings.SECRET_KEY_FALLBACKS = [before]
    assert unseal(kept) == secret, "an earlier key still opens it"
