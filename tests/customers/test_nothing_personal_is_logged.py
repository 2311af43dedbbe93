"""No personal data reaches the server's log, whatever is requested and whatever fails."""

import logging
from typing import Any

import pytest

from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import request_erasure
from customers.tasks import erase_due
from tests.backoffice import Browser
from tests.callers import Caller
from tests.factories import act
from tests.personal import every_word, known_customer, word


def test_no_planted_word_is_in_the_log(
    integrator: Caller,
    browser: Browser,
    studio: Company,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    Company.objects.filter(pk=studio.pk).update(erasure_days=0)
    customer = known_customer(studio)
    path = f"/v1/customers/{customer.pk}"
    email = word("customers_customer", "email")
    integrator.patch(path, {"email": f"{email}@planted.example"})
    for refused in (
        {"email": email}, {"birthday": email}, {"nickname": email}, {"tags": [email] * 99},
    ):  # fmt: skip
        assert integrator.patch(path, refused).status >= 400
    integrator.get(f"/v1/customers?search={email}")
    integrator.get(f"{path}/export")
    browser.get("/admin/customers/customer/", q=email)
    browser.get(f"/admin/customers/customer/{customer.pk}/personal-data/")

    def breaks(*args: Any, **kwargs: Any) -> None:
        # The message of a database error quotes values of the row like this.
        raise ValueError(f"Key (email)=({email}) already exists.")

    act(studio, request_erasure, customer)
    with monkeypatch.context() as broken:
        broken.setattr("customers.privacy.erasing.sum_words", breaks)
        erase_due(0)
    erase_due(0)
    with acting_for(studio.id):
        customer.refresh_from_db()
    assert customer.is_erased
    assert "customers.erase_due failed" in caplog.text, "something was logged"
    assert [one for one in every_word() if one in caplog.text] == []
