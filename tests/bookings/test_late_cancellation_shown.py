"""The cost of a late cancellation, shown before and after it: on v1 and in the back-office."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from bookings.models import Booking, LateCancellation
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from config.times import show_instant
from customers.models import Customer
from tests.backoffice import Browser, fresh, page_of, said
from tests.callers import Caller
from tests.factories import AnAppointment, APass, make_staff
from tests.refusals import whole_refusal

from .support import ask, cash

SOON = timezone.now() + datetime.timedelta(hours=3)
NOTHING: dict[str, Any] = {
    "status": "forecast",
    "late": False,
    "late_from_at": None,
    "keeps": "nothing",
    "money_kept": 0,
    "money_returned": 0,
    "holding_returned": False,
    "fee": 0,
    "fee_invoice_id": None,
    "currency": "GBP",
}


def rule(company: Company, keeps: str, fee: int = 0) -> None:
    Company.objects.filter(pk=company.pk).update(
        late_cancellation_hours=24, late_cancellation_keeps=keeps, late_cancellation_fee=fee
    )


@pytest.fixture
def soon(studio: Company, customer: Customer) -> Booking:
    """A massage for 72.00 in three hours, paid in cash."""
    return AnAppointment(company=studio, customer=customer, starts_at=SOON, means=cash())


def test_v1_forecasts_a_cancellation_and_shows_it_afterwards(
    integrator: Caller, studio: Company, soon: Booking
) -> None:
    path = f"/v1/bookings/{soon.pk}"
    assert integrator.get(f"{path}/cancellation").body == NOTHING | {"money_returned": 7_200}
    rule(studio, "fee", 1_000)
    kept = {"late": True, "keeps": "fee", "money_kept": 1_000, "money_returned": 6_200}
    late_from = show_instant(SOON - datetime.timedelta(hours=24))
    forecast = integrator.get(f"{path}/cancellation").body
    assert forecast == NOTHING | kept | {"late_from_at": late_from}
    answer = integrator.post(f"{path}/cancel", {"reason": "A cold"})
    assert (answer.status, answer.body["status"]) == (200, "cancelled")
    done = integrator.get(f"{path}/cancellation").body
    assert done == NOTHING | kept | {"status": "cancelled"}


def test_v1_names_the_invoice_of_a_fee(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    rule(studio, "fee", 1_000)
    ten = APass(company=studio, customer=customer)
    booking = AnAppointment(company=studio, customer=customer, starts_at=SOON, means=ten)
    path = f"/v1/bookings/{booking.pk}"
    forecast = integrator.get(f"{path}/cancellation").body
    expected = {"late": True, "keeps": "fee", "fee": 1_000, "holding_returned": True}
    assert forecast == NOTHING | expected | {"late_from_at": forecast["late_from_at"]}
    integrator.post(f"{path}/cancel")
    (invoice,) = integrator.get(f"/v1/customers/{customer.pk}/invoices").body["data"]
    assert (invoice["total"], invoice["status"]) == (1_000, "pending")
    done = integrator.get(f"{path}/cancellation").body
    after = {"status": "cancelled", "fee_invoice_id": invoice["id"]}
    assert done == NOTHING | expected | after


def test_v1_waives_it_for_a_reason(integrator: Caller, studio: Company, soon: Booking) -> None:
    rule(studio, "visit")
    path = f"/v1/bookings/{soon.pk}"
    refused = integrator.post(f"{path}/cancel", {"waive_fee": True})
    told = "Say why this late cancellation costs nothing. Give a reason."
    assert whole_refusal(refused) == (422, "waiver_unexplained", told, "reason")
    integrator.post(f"{path}/cancel", {"waive_fee": True, "reason": "A storm"})
    done = integrator.get(f"{path}/cancellation").body
    expected = {"status": "cancelled", "late": True, "keeps": "waived", "money_returned": 7_200}
    assert done == NOTHING | expected


def test_what_a_late_cancellation_keeps_is_said_before_the_button(
    browser: Browser, studio: Company, soon: Booking
) -> None:
    early = browser.get(ask(soon, "cancel")).text
    assert "This is a late cancellation" not in early
    assert 'name="waive_fee"' not in early
    rule(studio, "fee", 1_000)
    page = browser.get(ask(soon, "cancel")).text
    for text in ("This is a late cancellation", "a fee of £10.00 is kept", "£62.00 goes back"):
        assert text in page
    browser.send(ask(soon, "cancel"), reason="A cold")
    with acting_for(studio.id):
        late = LateCancellation.objects.get()
    assert (late.keeps, late.kept, late.actor_name) == ("fee", 1_000, "Olive Owner")
    assert fresh(soon).status == "cancelled"
    assert "A fee of £10.00 was kept" in browser.get(page_of(soon)).text


def test_staff_overrule_it_with_a_reason(browser: Browser, studio: Company, soon: Booking) -> None:
    rule(studio, "visit")
    page = browser.get(ask(soon, "cancel")).text
    assert "what was paid for it is kept: nothing goes back." in page
    assert 'name="refund"' not in page
    unsaid = browser.send(ask(soon, "cancel"), waive_fee="on")
    assert "Say why this late cancellation costs nothing." in unsaid.text
    assert fresh(soon).status == "confirmed"
    browser.send(ask(soon, "cancel"), waive_fee="on", reason="A storm")
    with acting_for(studio.id):
        assert LateCancellation.objects.get().keeps == "waived"
    assert "Waived by Olive Owner: A storm" in browser.get(page_of(soon)).text
    assert fresh(soon).refund_id is not None


def test_front_desk_above_its_limit_is_told_so_before(studio: Company, soon: Booking) -> None:
    rule(studio, "fee", 1_000)
    Company.objects.filter(pk=studio.pk).update(refund_limit=500)
    desk = Browser(make_staff(studio, email="d@studio.example", role="front_desk"))
    page = desk.get(ask(soon, "cancel")).text
    assert "£10.00 is above the limit of front desk, which is £5.00 to waive" in page
    assert "£62.00 is above the limit of front desk, which is £5.00 to refund" in page
    assert 'name="waive_fee"' not in page
    answer = desk.send(ask(soon, "cancel"), reason="A cold")
    assert answer.status_code == 302
    assert "cancelled" in said(answer)[-1]
    assert fresh(soon).refund_id is None, "a manager gives the money back"
