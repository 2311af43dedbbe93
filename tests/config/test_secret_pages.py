"""Pages that show a secret are not compressed, as the compressed size could reveal it."""

from typing import Any

import pytest

from config.access.models import Staff
from config.tenancy.companies import Company
from tests.backoffice import Browser, shown_once
from tests.doors import CODES, SET_UP, set_up, sign_in, visit
from tests.factories import AWebhook

PACKED = {"headers": {"Accept-Encoding": "gzip"}}


def is_packed(answer: Any) -> bool:
    return answer.headers.get("Content-Encoding") == "gzip"


@pytest.fixture
def browser(studio: Company, owner: Staff) -> Browser:
    return Browser(owner, studio)


def test_a_page_is_compressed(browser: Browser) -> None:
    assert is_packed(browser.client.get("/admin/customers/customer/", **PACKED))


def test_a_page_with_a_new_key_is_not(browser: Browser, studio: Company) -> None:
    form = browser.form("/admin/access/apikey/add/")
    typed = form.values | {"name": "Site", "preset": "everything"}
    answer = browser.client.post("/admin/access/apikey/add/", typed, **PACKED)
    assert shown_once(answer)
    assert not is_packed(answer)


def test_a_page_with_a_renewed_secret_is_not(browser: Browser, studio: Company) -> None:
    hook = AWebhook(company=studio)
    address = f"/admin/changes/webhookendpoint/{hook.pk}/rotate/"
    form = browser.form(address)
    answer = browser.client.post(address, form.values, **PACKED)
    assert shown_once(answer)
    assert not is_packed(answer)


def test_the_pages_of_a_second_factor_are_not(owner: Staff) -> None:
    client = visit()
    sign_in(client)
    assert not is_packed(client.get(SET_UP, **PACKED))
    set_up(client)
    assert not is_packed(client.get(CODES, **PACKED))
    assert is_packed(client.get("/admin/customers/customer/", **PACKED))
