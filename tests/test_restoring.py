"""The confirmation page of a restore shows clashes, and then has no button."""

from collections.abc import Callable
from typing import Any

import pytest

from bookings.actions import add_pricing_option
from bookings.models import Event, PricingOption
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from tests.backoffice import Browser, fresh, page_of
from tests.factories import (
    AContactPoint,
    ACoupon,
    ACustomer,
    AnEvent,
    APaymentMethod,
    APlan,
    AUser,
    act,
)

# Creates a row with a value that must be unique among the live rows of its parent.
Make = Callable[[], Any]


def an_option(event: Event) -> PricingOption:
    with acting_for(event.company_id):
        option = PricingOption(event=event, name="Early", price=900, visits=1)
        added: PricingOption = act(event.company, add_pricing_option, option)
    return added


def makers(company: Company) -> dict[str, Make]:
    own: dict[str, Any] = {"company": company, "customer": ACustomer(company=company)}
    event = AnEvent(company=company)
    return {
        "a coupon": lambda: ACoupon(company=company, code="SPRING"),
        "a price": lambda: an_option(event),
        "a contact point": lambda: AContactPoint(**own, value="further@example.com"),
        "a contact": lambda: AUser(**own, email="user@example.com"),
        "a payment method": lambda: APaymentMethod(**own, token="tok_1"),
    }


@pytest.mark.parametrize(
    "kind", ["a coupon", "a price", "a contact point", "a contact", "a payment method"]
)
def test_what_has_been_taken_meanwhile_is_said_before_restoring(
    browser: Browser, studio: Company, rival: Company, kind: str
) -> None:
    make = makers(studio)[kind]
    row = make()
    browser.press(page_of(row), "archive")
    makers(rival)[kind]()
    address = page_of(row).replace("change", "restore")
    assert browser.get(address).context["refused"] is None, "another company has taken nothing"
    other = make()
    page = browser.get(address)
    refusal = str(page.context["refused"])
    assert refusal in page.text.replace("&#x27;", "'")
    assert 'type="submit"' not in page.text.split('class="answers')[1]
    browser.press(page_of(row), "restore")
    assert fresh(row).is_archived, "the action holds it"
    browser.press(page_of(other), "archive")
    assert browser.get(address).context["refused"] is None
    assert fresh(row).is_archived, "asking restores nothing"
    browser.press(page_of(row), "restore")
    assert not fresh(row).is_archived


def test_what_clashes_with_nothing_is_restored_as_ever(browser: Browser, studio: Company) -> None:
    plan = APlan(company=studio)
    browser.press(page_of(plan), "archive")
    page = browser.get(page_of(plan).replace("change", "restore"))
    assert "It can be used and changed again." in page.text
    assert 'type="submit"' in page.text.split('class="answers')[1]
