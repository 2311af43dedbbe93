"""Secrets of webhooks are kept closed, under a key that follows from the software's own."""

import base64
from typing import Any

import pytest
from cryptography.fernet import InvalidToken

from config.changes.webhooks.secrets import MARK, new_secret, seal, unseal


def test_a_secret_is_what_the_standard_asks_for() -> None:
    one, other = new_secret(), new_secret()
    assert one != other
    assert one.startswith(MARK)
    assert 24 <= len(base64.b64decode(one.removeprefix(MARK), validate=True)) <= 64


def test_a_kept_secret_tells_nothing_and_is_opened_again() -> None:
    secret = new_secret()
    kept = seal(secret)
    assert secret.removeprefix(MARK) not in kept
    assert unseal(kept) == secret


def test_another_key_opens_no_secret_and_an_earlier_one_still_does(settings: Any) -> None:
    secret = new_secret()
    kept, before = seal(secret), settings.SECRET_KEY
    settings.SECRET_KEY = "another " * 8
    with pytest.raises(InvalidToken):
        unseal(kept)
    settings.SECRET_KEY_FALLBACKS = [before]
    assert unseal(kept) == secret
