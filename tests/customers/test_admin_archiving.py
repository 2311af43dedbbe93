"""The confirmation page shows the effects of archiving or restoring a customer beforehand."""

from typing import Any

import pytest

from billing.actions import cancel_subscription, pause_subscription, void_invoice
from bookings.actions import cancel_booking, start_booking
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
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
    act,
    make_staff,
)
from tests.shares import undone


@pytest.fixture
def customer(studio: Company) -> Any:
    return ACustomer(company=studio, first_name="Ana", last_name="Díaz", external_id="77")


def question(browser: Browser, customer: Any, button: str) -> str:
    return browser.get(page_of(customer).replace("change", button)).text


def fill(studio: Company, customer: Any) -> dict[str, Any]:
    """Give a customer one row of every kind that archiving affects."""
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
        "1 booking to come: they stay booked, and can be completed, paid for with money or",
        "1 subscription (Gold): not cancelled, but nothing renews",
        "2 credits (£20.00, Treat) and 1 pass (10 visits): kept, and cannot be used",
        "1 invoice or draft not paid (£45.00): can be paid or voided.",
        "The external id 77 is free for another customer.",
    ):
        assert sentence in page, sentence
    assert f"/admin/bookings/booking/{has['booking'].pk}/cancel/" in page


def test_archiving_somebody_with_nothing_says_little(browser: Browser, studio: Company) -> None:
    address = page_of(ACustomer(company=studio)).replace("change", "archive")
    form = browser.get(address).context["form"]
    (sentence,) = form.explains
    assert "keeps everything and can be restored" in sentence
    assert not form.fields


def test_what_is_said_of_archiving_is_true(
    browser: Browser, studio: Company, customer: Any, actor: Actor
) -> None:
    has = fill(studio, customer)
    listed = "/admin/billing/subscription/?standing="
    assert "Díaz" in browser.get(f"{listed}ACTIVE").text
    browser.press(page_of(customer), "archive")
    assert fresh(customer).is_archived
    assert said(browser.get(page_of(customer))) == ["Ana Díaz archived."]
    assert "Díaz" not in browser.get(f"{listed}ACTIVE").text
    page = browser.get(f"{listed}archived").text
    assert "Díaz" in page
    assert "Customer archived" in page
    with acting_for(studio.id):
        for refused in (
            lambda: start_booking(has["booking"], actor=actor),
            lambda: pause_subscription(has["subscription"], actor=actor),
            lambda: redeem_credit(has["massage"], reference="7", actor=actor),
        ):
            with pytest.raises(CustomerArchived):
                refused()
    assert fresh(has["booking"]).status == "confirmed"
    assert fresh(has["subscription"]).state == "ACTIVE"
    with acting_for(studio.id):
        cancel_booking(has["booking"], actor=actor)
        cancel_subscription(has["subscription"], actor=actor)
        void_invoice(has["invoice"], actor=actor)
    other = ACustomer(company=studio, external_id="77")
    assert other.external_id == "77"


def test_what_is_open_is_ended_when_asked(browser: Browser, studio: Company, customer: Any) -> None:
    has = fill(studio, customer)
    address = page_of(customer).replace("change", "archive")
    answer = browser.post(address, end_open="on")
    assert "reason" in answer.context["form"].errors
    assert not fresh(customer).is_archived
    with undone():
        plan = APlan(company=studio, minimum_periods=12)
        ASubscription(company=studio, customer=customer, plan=plan)
        answer = browser.post(address, end_open="on", reason="Moved away")
        assert "can be cancelled from" in answer.text
        assert not fresh(customer).is_archived
        assert fresh(has["booking"]).status == "confirmed"
    browser.post(address, end_open="on", reason="Moved away")
    assert fresh(customer).is_archived
    assert fresh(has["booking"]).reason == "Moved away"
    assert fresh(has["subscription"]).state == "CANCELLED"
    assert fresh(has["invoice"]).voided_at is not None
    assert fresh(has["credit"]).balance == 2_000


def test_restoring_says_what_comes_back_and_what_stands_in_the_way(
    browser: Browser, studio: Company, rival: Company, customer: Any
) -> None:
    fill(studio, customer)
    act(studio, archive_customer, customer)
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
    taken = "Another customer has the external id “77”. Use that one, or choose another id."
    assert said(answer)[-1] == taken
    assert fresh(customer).is_archived
    act(studio, archive_customer, other)
    assert browser.press(page_of(customer), "restore")["Location"] == page_of(customer)
    assert not fresh(customer).is_archived


def test_staff_who_only_read_and_other_companies_restore_nobody(
    rival: Company, studio: Company, customer: Any
) -> None:
    act(studio, archive_customer, customer)
    address = page_of(customer).replace("change", "restore")
    reader = Browser(make_staff(studio, email="r@studio.example", role="read_only"))
    assert (reader.get(address).status_code, reader.post(address).status_code) == (403, 403)
    theirs = Browser(make_staff(rival, email="o@rival.example"))
    assert theirs.get(address).status_code == 302
    theirs.post(address)
    assert fresh(customer).is_archived
