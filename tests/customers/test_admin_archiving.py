"""What archiving a customer means is said before it is done, and so is what restoring brings."""

from typing import Any

import pytest

from billing.actions import cancel_subscription
from bookings.actions import cancel_booking
from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from credits.actions import redeem_credit
from customers.actions import archive_customer
from customers.errors import CustomerArchived
from tests.backoffice import Browser, fresh, page_of, said
from tests.factories import (
    ACoupon,
    ACredit,
    ACustomer,
    AnAppointment,
    AnInvoice,
    APass,
    APlan,
    ASubscription,
)


@pytest.fixture
def customer(studio: Company) -> Any:
    return ACustomer(company=studio, first_name="Ana", last_name="Díaz", external_id="77")


def question(browser: Browser, customer: Any, button: str) -> str:
    return browser.get(page_of(customer).replace("change", button)).text


def fill(studio: Company, customer: Any) -> dict[str, Any]:
    """Give a customer one of everything that archiving touches."""
    own: dict[str, Any] = {"company": studio, "customer": customer}
    return {
        "booking": AnAppointment(**own),
        "subscription": ASubscription(**own, plan=APlan(company=studio, name="Gold")),
        "credit": ACredit(**own, amount=2_000),
        "massage": ACredit(**own, coupon=ACoupon(company=studio, name="Treat")),
        "pass": APass(**own),
        "invoice": AnInvoice(**own, amount=4_500),
    }


def test_archiving_says_what_it_means_for_all_that_they_have(
    browser: Browser, studio: Company, customer: Any
) -> None:
    has = fill(studio, customer)
    AnAppointment(company=studio, customer=customer, cancelled=True)
    page = question(browser, customer, "archive")
    for sentence in (
        "customer_archived",
        "1 booking to come: they stay booked and keep their place",
        "1 subscription (Gold): not cancelled, but nothing renews",
        "2 credits (£20.00, Treat) and 1 pass (10 visits): kept, and cannot be used",
        "1 unpaid invoice (£45.00): still owed",
        "The external id 77 is free for another customer.",
    ):
        assert sentence in page, sentence
    assert f"/admin/bookings/booking/{has['booking'].pk}/cancel/" in page


def test_archiving_somebody_who_has_nothing_says_only_what_holds_for_all(
    browser: Browser, studio: Company
) -> None:
    address = page_of(ACustomer(company=studio)).replace("change", "archive")
    (sentence,) = browser.get(address).context["form"].explains
    assert "keeps everything and can be restored" in sentence


def test_what_is_said_of_archiving_is_true(
    browser: Browser, studio: Company, customer: Any, actor: Actor
) -> None:
    has = fill(studio, customer)
    browser.press(page_of(customer), "archive")
    assert fresh(customer).is_archived
    with acting_for(studio.id):
        for refused in (
            lambda: cancel_booking(has["booking"], actor=actor),
            lambda: cancel_subscription(has["subscription"], actor=actor),
            lambda: redeem_credit(has["massage"], reference="7", actor=actor),
        ):
            with pytest.raises(CustomerArchived):
                refused()
    assert fresh(has["booking"]).status == "confirmed"
    assert fresh(has["subscription"]).state == "ACTIVE"
    other = ACustomer(company=studio, external_id="77")
    assert other.external_id == "77"


def test_restoring_says_what_comes_back_and_what_stands_in_the_way(
    browser: Browser, studio: Company, rival: Company, customer: Any, actor: Actor
) -> None:
    fill(studio, customer)
    with acting_for(studio.id):
        archive_customer(customer, actor=actor)
    ACustomer(company=rival, external_id="77")
    page = question(browser, customer, "restore")
    assert "They have: 1 booking to come; 1 subscription (Gold); 2 credits" in page
    assert "belongs to" not in page
    other = ACustomer(company=studio, first_name="Bo", last_name="Berg", external_id="77")
    page = question(browser, customer, "restore")
    assert "The external id 77 belongs to" in page
    assert page_of(other) in page
    answer = browser.press(page_of(customer), "restore")
    assert answer["Location"] == page_of(customer)
    assert said(answer)[-1] == "Another customer has this external id."
    assert fresh(customer).is_archived
    with acting_for(studio.id):
        archive_customer(other, actor=actor)
    assert browser.press(page_of(customer), "restore")["Location"] == page_of(customer)
    assert not fresh(customer).is_archived
