"""Archiving a customer lists what is open and, on request, ends it in the same step."""

import datetime
from typing import Any

import pytest
from django.utils.formats import date_format

from billing.actions import void_invoice
from billing.models import Invoice, Payment, Subscription
from bookings.actions import open_items, wind_down_customer
from bookings.models import Booking
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.errors import AboveRoleLimit
from credits.models import Credit, PassPurchase
from customers.errors import CustomerAlreadyArchived
from customers.models import Customer
from tests.backoffice import Browser, page_of
from tests.callers import Caller
from tests.factories import (
    ACredit,
    ACustomer,
    AnAppointment,
    AnInvoice,
    APass,
    APayment,
    APlace,
    APlan,
    ASubscription,
    make_staff,
)

from .support import DAY, facts, refusal_of

pytestmark = pytest.mark.usefixtures("inside")

YESTERDAY = datetime.datetime.now(datetime.UTC) - DAY


def has(studio: Company, customer: Customer) -> dict[str, Any]:
    """Give a customer one row of every kind that can be open, each paid differently."""
    own: dict[str, Any] = {"company": studio, "customer": customer}
    bought = APass(**own)
    return {
        "pass": bought,
        "paid": AnAppointment(**own, means=Payment(method="card")),
        "invoiced": AnAppointment(**own, means=Invoice()),
        "place": APlace(**own, means=bought),
        "past": AnAppointment(**own, starts_at=YESTERDAY),
        "subscription": ASubscription(**own),
        "invoice": AnInvoice(**own),
        "draft": AnInvoice(**own, draft=True),
        "partly": AnInvoice(**own),
        "credit": ACredit(**own, amount=500),
    }


def test_what_is_open_is_counted_and_archiving_alone_ends_nothing_of_it(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    has(studio, customer)
    other = ACustomer(company=studio)
    expected = {
        customer.pk: {"bookings": 3, "subscriptions": 1, "invoices": 4, "credits": 1, "passes": 1},
        other.pk: {},
    }
    assert open_items(expected, actor=actor) == expected
    wind_down_customer(customer, actor=actor)
    assert Customer.objects.get(pk=customer.pk).is_archived
    with pytest.raises(CustomerAlreadyArchived):
        wind_down_customer(customer, end_open=True, actor=actor)
    assert open_items(expected, actor=actor) == expected


def test_what_is_open_ends_as_well(studio: Company, customer: Customer, actor: Actor) -> None:
    rows = has(studio, customer)
    APayment(company=studio, invoice=rows["partly"], amount=100)
    wind_down_customer(customer, end_open=True, reason="Moved away", actor=actor)
    assert Customer.objects.get(pk=customer.pk).is_archived
    for name in ("paid", "invoiced", "place"):
        booking = Booking.objects.get(pk=rows[name].pk)
        assert (booking.status, booking.reason) == ("cancelled", "Moved away"), name
    assert Booking.objects.get(pk=rows["past"].pk).status == "confirmed", "it is over"
    assert Payment.objects.given_back().get().refunds_id == rows["paid"].payment_id
    assert PassPurchase.objects.get(pk=rows["pass"].pk).balance == 10, "the visit came back"
    assert Subscription.objects.get(pk=rows["subscription"].pk).state == "CANCELLED"
    voided = {row.pk for row in Invoice.objects.filter(voided_at__isnull=False)}
    assert voided == {rows["invoice"].pk, rows["draft"].pk, rows["invoiced"].invoice_id}
    assert Credit.objects.get(pk=rows["credit"].pk).balance == 500, "it is the customer's"
    left = open_items([customer.pk], actor=actor)[customer.pk]
    assert left == {"invoices": 1, "credits": 1, "passes": 1}


def test_a_place_that_somebody_else_paid_for_gives_back_to_them(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    payer = ACustomer(company=studio)
    bought = APass(company=studio, customer=payer)
    APlace(company=studio, customer=customer, purchased_by=payer, means=bought)
    theirs = APlace(company=studio, customer=payer, purchased_by=customer)
    wind_down_customer(customer, end_open=True, actor=actor)
    assert PassPurchase.objects.get(pk=bought.pk).balance == 10
    assert Booking.objects.get(pk=theirs.pk).status == "confirmed", "another customer comes"


def test_front_desk_ends_what_is_open_up_to_its_limit(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer}
    desk = make_staff(studio, email="d@studio.example").actor_in(studio, "front_desk")
    company = Company.objects.filter(pk=studio.pk)
    company.update(refund_limit=2_000)
    invoice = AnInvoice(**own, amount=2_001)
    ending: dict[str, Any] = {"end_open": True, "actor": desk}
    assert refusal_of(wind_down_customer, customer, **ending) == (AboveRoleLimit,)
    void_invoice(invoice, actor=actor)
    company.update(late_cancellation_hours=24, late_cancellation_keeps="fee")
    company.update(late_cancellation_fee=2_001)
    AnAppointment(**own, starts_at=datetime.datetime.now(datetime.UTC) + DAY / 2)
    assert refusal_of(wind_down_customer, customer, **ending) == (AboveRoleLimit,)
    assert not Customer.objects.get(pk=customer.pk).is_archived
    company.update(late_cancellation_fee=2_000)
    AnInvoice(**own, amount=2_000)
    wind_down_customer(customer, **ending)
    assert not Invoice.objects.unsettled().exists()


# --- Over the API ---


def test_archiving_over_the_api_says_what_is_open_and_ends_it_when_asked(
    integrator: Caller, studio: Company, customer: Customer, booking: Booking
) -> None:
    ASubscription(company=studio, customer=customer)
    APass(company=studio, customer=customer)
    path = f"/customers/{customer.id}"
    kept = integrator.delete(path)
    assert (kept.status, kept.body["archived"]) == (200, True)
    assert kept.headers["Open-Items"] == "bookings=1, subscriptions=1, passes=1"
    integrator.post(f"{path}/restore")
    ended = integrator.delete(f"{path}?end_open=true")
    assert (ended.status, ended.headers["Open-Items"]) == (200, "passes=1")
    bookings = integrator.get(f"/v1/customers/{customer.id}/bookings").body["data"]
    assert [one["status"] for one in bookings] == ["cancelled"]
    nothing = integrator.delete(f"/customers/{ACustomer(company=studio).id}")
    assert "Open-Items" not in nothing.headers


def test_a_customer_who_cannot_be_wound_down_is_refused_as_a_whole(
    integrator: Caller, studio: Company, customer: Customer, booking: Booking
) -> None:
    plan = APlan(company=studio, minimum_periods=12)
    ASubscription(company=studio, customer=customer, plan=plan)
    refused = integrator.delete(f"/customers/{customer.id}?end_open=true")
    assert (refused.status, refused.body["code"]) == (409, "too_early_to_cancel")
    assert integrator.get(f"/customers/{customer.id}").body["archived"] is False
    assert facts(booking, "status") == ["confirmed"]


def test_nothing_of_an_archived_customer_counts_as_active(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    subscription = ASubscription(company=studio, customer=customer)

    def shown() -> tuple[bool, int, int]:
        stats = integrator.get(f"/v1/customers/{customer.id}").body["stats"]
        listed = integrator.get("/v1/customers?has_subscription=true").body["pagination"]["total"]
        return stats["active_subscription"], listed, Subscription.objects.active().count()

    def states() -> set[tuple[str, str | None]]:
        one = f"/v1/customers/{customer.id}"
        shown = [
            integrator.get(one).body["subscription"],
            *(row["subscription"] for row in integrator.get("/v1/customers").body["data"]),
            *integrator.get(f"{one}/state").body["subscriptions"],
            integrator.get(f"{one}/state").body["customer"]["subscription"],
        ]
        mandates = integrator.get(f"/customer/{customer.id}/subscriptions").body["data"]
        assert (len(shown), len(mandates)) == (4, 1)
        return {
            *((row["status"], row["renews_on"]) for row in shown),
            *((row["state"].lower(), row["renewal_date"]) for row in mandates),
        }

    assert shown() == (True, 1, 1)
    assert states() == {("active", subscription.renewal_date.isoformat())}
    integrator.delete(f"/customers/{customer.id}")
    assert shown() == (False, 0, 0)
    assert states() == {("paused", None)}, "it rests for as long as the customer is archived"
    integrator.post(f"/customers/{customer.id}/restore")
    assert shown() == (True, 1, 1)
    assert states() == {("active", subscription.renewal_date.isoformat())}
    integrator.delete(f"/customers/{customer.id}")
    path = f"/v1/customers/{customer.id}"
    (paused,) = integrator.get(f"{path}/state").body["subscriptions"]
    assert paused["paused_at"] is not None
    ended = integrator.post(f"{path}/subscriptions/{subscription.id}/cancel").body
    found = (ended["status"], ended["renews_on"], ended["paused_at"])
    assert found == ("cancelled", None, None), "what is cancelled does not rest"


def test_the_back_office_shows_no_renewal_of_an_archived_customer(
    integrator: Caller, studio: Company, customer: Customer, browser: Browser
) -> None:
    subscription = ASubscription(company=studio, customer=customer)
    day = date_format(subscription.renewal_date)
    until = f"{subscription.renewal_date:%d/%m/%Y}"
    listed = "/admin/billing/subscription/"
    filtered = f"{listed}?renewal_date_to={until}"
    places = (listed, page_of(subscription), page_of(customer), filtered)
    assert [place for place in places if day not in browser.get(place).text] == []
    integrator.delete(f"/customers/{customer.id}")
    assert not [place for place in places[:3] if day in browser.get(place).text]
    rows = [browser.get(place).context["cl"].result_count for place in (listed, filtered)]
    assert rows == [1, 0]
