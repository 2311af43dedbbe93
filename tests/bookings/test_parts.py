"""Bookings and media that are paid in parts, and sales at the till that are paid at once."""

import datetime
from typing import Any

import pytest

from billing.models import CreditNote, Invoice, Payment, Subscription
from bookings.actions import (
    Sale,
    cancel_booking,
    cancel_media_purchase,
    pay_booking,
    pay_invoice,
    pay_media,
    take_sale,
    wind_down_customer,
)
from bookings.errors import AlreadyCovered, AlreadyPaid, NothingSold, PurchaseCancelled
from bookings.models import Booking, MediaPurchase
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from credits.errors import EndsTooSoon, NotTheirHolding, OnePercentage, OtherCurrency, OtherOffering
from credits.models import Credit, PassPurchase
from credits.proof import check_ledger
from customers.actions import archive_customer
from customers.errors import CustomerArchived
from customers.models import Customer
from tests.factories import (
    MORNING,
    ACredit,
    ACustomer,
    AMediaPurchase,
    AMedium,
    AnAppointment,
    AnInvoice,
    APass,
    APlace,
    APlan,
)

from .support import DAY, balance, cash, facts, refusal_of, spent, standing, stored

pytestmark = pytest.mark.usefixtures("inside")


def owed(customer: Customer) -> int:
    rows = Invoice.objects.filter(customer=customer).with_amounts()
    return sum(rows.values_list("balance", flat=True))


def invoice_of(row: Booking | MediaPurchase) -> Invoice:
    found = type(row).objects.get(pk=row.pk).invoice
    assert found is not None
    return found


# --- Parts ---


def test_a_booking_is_paid_in_parts_through_its_invoice(
    booking: Booking, customer: Customer, actor: Actor
) -> None:
    pay_booking(booking, means=[cash(amount=1_200)], actor=actor)
    assert (owed(customer), standing(booking)) == (6_000, "PENDING")
    pay_booking(booking, means=[cash(amount=5_000), Payment(method="card")], actor=actor)
    assert (owed(customer), standing(booking), spent(customer)) == (0, "PAID", 7_200)
    assert invoice_of(booking).total == 7_200
    assert refusal_of(pay_booking, booking, means=[cash()], actor=actor) == (AlreadyPaid,)


def test_one_means_without_an_amount_pays_a_booking_whole_as_before(
    booking: Booking, actor: Actor
) -> None:
    pay_booking(booking, means=[cash()], actor=actor)
    assert facts(booking, "invoice", "payment__amount") == [None, 7_200]


def test_a_credit_and_money_pay_for_a_booking_and_come_back_when_it_is_cancelled(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=2_000)
    pay_booking(booking, means=[credit, cash(amount=3_000), Payment(method="card")], actor=actor)
    assert (balance(credit), standing(booking), spent(customer)) == (0, "PAID", 5_200)
    cancel_booking(booking, reason="Ill", actor=actor)
    assert (balance(credit), spent(customer)) == (2_000, 0)
    assert invoice_of(booking).voided_at is not None
    assert CreditNote.objects.amount_in_all() == 7_200


def test_a_late_cancellation_keeps_the_credit_that_paid_in_part(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    Company.objects.filter(pk=studio.pk).update(late_cancellation_hours=48)
    own: dict[str, Any] = {"company": studio, "customer": customer}
    tomorrow = datetime.datetime.now(datetime.UTC) + DAY
    booking = AnAppointment(**own, starts_at=tomorrow)
    credit = ACredit(**own, amount=2_000)
    pay_booking(booking, means=[credit, cash()], actor=actor)
    cancel_booking(booking, actor=actor)
    assert (balance(credit), spent(customer)) == (0, 5_200)


def test_an_invoice_that_a_credit_paid_in_part_stays_when_a_customer_is_wound_down(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer}
    invoice = AnInvoice(**own)
    pay_invoice(invoice, means=[ACredit(**own, amount=500)], actor=actor)
    wind_down_customer(customer, end_open=True, actor=actor)
    assert Invoice.objects.get(pk=invoice.pk).voided_at is None


def test_places_that_are_bought_together_are_paid_in_parts(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    places = [APlace(company=studio, customer=customer) for _ in range(2)]
    sale = Sale(customer, unpaid=places)
    take_sale(sale, means=[cash(amount=2_000), Payment(method="card")], actor=actor)
    assert [standing(place) for place in places] == ["PAID", "PAID"]
    amounts = Payment.objects.values_list("method", "amount")
    assert sorted(amounts) == [("card", 1_000), ("cash", 500), ("cash", 1_500)]


def test_a_credit_that_ends_before_a_booking_begins_is_no_part_of_it(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    own = {"company": studio, "customer": customer, "amount": 500}
    credit = ACredit(**own, expires_at=MORNING - DAY)
    means = [credit, cash()]
    assert refusal_of(pay_booking, booking, means=means, actor=actor)[0] is EndsTooSoon
    assert stored(booking).invoice_id is None


def test_what_a_credit_left_of_a_booking_is_invoiced_and_paid_in_parts(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=500)
    pay_booking(booking, means=credit, actor=actor)
    ten = APass(company=studio, customer=customer)
    assert refusal_of(pay_booking, booking, means=ten, actor=actor) == (AlreadyCovered,)
    parts = [cash(amount=100), Payment(method="card", amount=1_000)]
    pay_booking(booking, means=parts, actor=actor)
    invoice = invoice_of(booking)
    line = invoice.lines.get()
    assert (invoice.total, invoice.discount, line.unit_price) == (6_700, 0, 6_700)
    assert (line.tax_behavior, line.tax_rate, invoice.tax) == ("inclusive", 20, 1_117)
    assert (owed(customer), standing(booking)) == (5_600, "PENDING")
    pay_booking(booking, means=cash(), actor=actor)
    assert (owed(customer), standing(booking), spent(customer)) == (0, "PAID", 6_700)
    cancel_booking(booking, reason="Ill", actor=actor)
    assert (balance(credit), spent(customer)) == (500, 0)
    assert invoice_of(booking).voided_at is not None
    assert check_ledger(studio.id)[0] == []


def test_a_till_and_a_second_credit_pay_what_a_credit_left(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer}
    first, second = ACredit(**own, amount=500), ACredit(**own, amount=600)
    pay_booking(booking, means=first, actor=actor)
    pay_booking(booking, means=second, actor=actor)
    assert (owed(customer), balance(second)) == (6_100, 0)
    later = AnAppointment(**own, starts_at=MORNING + DAY, discount=200)
    third = ACredit(**own, amount=300)
    pay_booking(later, means=third, actor=actor)
    due = stored(later).due
    (paid,) = take_sale(Sale(customer, unpaid=[later]), means=[cash()], actor=actor)
    assert (paid.total, paid.discount, standing(later)) == (due, 0, "PAID")
    cancel_booking(booking, actor=actor)
    assert (balance(first), balance(second)) == (500, 600)


def test_a_late_cancellation_keeps_what_a_credit_left_and_the_credit(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    Company.objects.filter(pk=studio.pk).update(late_cancellation_hours=48)
    own: dict[str, Any] = {"company": studio, "customer": customer}
    booking = AnAppointment(**own, starts_at=datetime.datetime.now(datetime.UTC) + DAY)
    credit = ACredit(**own, amount=2_000)
    pay_booking(booking, means=credit, actor=actor)
    pay_booking(booking, means=[cash(amount=5_000), Payment(method="card")], actor=actor)
    cancel_booking(booking, actor=actor)
    assert (balance(credit), spent(customer)) == (0, 5_200)


def test_one_percentage_is_taken_off_a_booking_however_it_is_paid(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    half = ACredit(company=studio, customer=customer, percentage=50, multi_use=True)
    pay_booking(booking, means=half, actor=actor)
    invoiced = AnAppointment(company=studio, customer=customer, starts_at=MORNING + DAY)
    pay_booking(invoiced, means=half, actor=actor)
    pay_booking(invoiced, means=Invoice(), actor=actor)
    sales = (Sale(customer, unpaid=[booking]), Sale(customer, invoices=[invoice_of(invoiced)]))
    again: dict[str, Any] = {"means": [half, cash()], "actor": actor}
    for sale in sales:
        assert refusal_of(take_sale, sale, **again) == (OnePercentage,)
    assert refusal_of(pay_booking, booking, **again) == (OnePercentage,)
    for sale in sales:
        take_sale(sale, means=[cash()], actor=actor)
    assert spent(customer) == 2 * 3_600


def test_what_is_priced_in_two_currencies_is_paid_later_at_once(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    Company.objects.filter(pk=studio.pk).update(currency="EUR")
    abroad = AnAppointment(company=studio, customer=customer, starts_at=MORNING + DAY)
    both = Sale(customer, unpaid=[booking, abroad])
    assert refusal_of(take_sale, both, means=[cash()], actor=actor) == (OtherCurrency,)
    take_sale(both, means=[Invoice()], actor=actor)
    assert (invoice_of(booking).currency, invoice_of(abroad).currency) == ("GBP", "EUR")


def test_too_much_for_a_booking_is_kept_as_a_credit(
    booking: Booking, customer: Customer, actor: Actor
) -> None:
    pay_booking(booking, means=[cash(amount=8_000)], keep_excess_as_credit=True, actor=actor)
    assert (standing(booking), spent(customer)) == ("PAID", 8_000)
    assert Credit.objects.get(customer=customer).balance == 800


def test_a_medium_is_paid_later_or_in_parts(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer}
    later = AMediaPurchase(**own, means=Invoice())
    assert (owed(customer), invoice_of(later).status) == (900, "pending")
    pay_media(later, means=[cash(amount=400), Payment(method="card")], actor=actor)
    assert (owed(customer), invoice_of(later).status) == (0, "paid")
    bought = AMediaPurchase(**own)
    pay_media(bought, means=cash(), actor=actor)
    assert facts(bought, "payment__amount") == [900]
    cancel_media_purchase(later, actor=actor)
    assert invoice_of(later).voided_at is not None
    assert spent(customer) == 900
    assert refusal_of(pay_media, later, means=cash(), actor=actor) == (PurchaseCancelled,)


# --- The till ---


def test_a_till_sells_and_takes_all_at_once(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer}
    product, plan = APass(company=studio).product, APlan(company=studio)
    old = AnInvoice(**own, amount=100)
    sale = Sale(
        customer,
        passes=[PassPurchase(product=product)],
        media=[MediaPurchase(media=AMedium(company=studio))],
        subscriptions=[Subscription(plan=plan)],
        unpaid=[booking],
        invoices=[old],
    )
    means = [cash(amount=10_000), Payment(method="card", amount=10_000)]
    invoices = take_sale(sale, means=means, actor=actor)
    assert [one.total for one in invoices] == [100, 7_200, 900, 9_000, 5_000]
    assert [one.status for one in invoices] == ["paid"] * 4 + ["pending"]
    assert (spent(customer), owed(customer)) == (20_000, 2_200)


def test_a_pass_pays_for_what_it_fits_and_money_for_the_rest(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer}
    ten = APass(**own, offerings=["Yoga"])
    place, massage = APlace(**own), AnAppointment(**own)
    take_sale(Sale(customer, unpaid=[place, massage]), means=[ten, cash()], actor=actor)
    assert (balance(ten), spent(customer)) == (9, 7_200)
    assert [standing(one) for one in (place, massage)] == ["PAID", "PAID"]
    other = Sale(customer, unpaid=[AnAppointment(**own, starts_at=MORNING + DAY)])
    assert refusal_of(take_sale, other, means=[ten], actor=actor)[0] is OtherOffering


def test_a_till_refuses_nothing_sold_what_is_paid_and_what_another_owes(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    assert refusal_of(take_sale, Sale(customer), means=[cash()], actor=actor) == (NothingSold,)
    theirs = Sale(ACustomer(company=studio), unpaid=[booking])
    assert refusal_of(take_sale, theirs, means=[cash()], actor=actor) == (NotTheirHolding,)
    pay_booking(booking, means=cash(), actor=actor)
    again = Sale(customer, unpaid=[booking])
    assert refusal_of(take_sale, again, means=[cash()], actor=actor) == (AlreadyPaid,)
    free = Sale(customer, passes=[PassPurchase(product=APass(company=studio, price=0).product)])
    assert refusal_of(take_sale, free, means=[cash()], actor=actor) == (AlreadyPaid,)


def test_an_archived_customer_pays_what_is_owed_and_buys_nothing(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    archive_customer(customer, actor=actor)
    media = [MediaPurchase(media=AMedium(company=studio))]
    sale = Sale(customer, media=media)
    assert refusal_of(take_sale, sale, means=[cash()], actor=actor)[0] is CustomerArchived
    old = AnInvoice(company=studio, customer=ACustomer(company=studio))
    archive_customer(old.customer, actor=actor)
    (paid,) = take_sale(Sale(old.customer, invoices=[old]), means=[cash()], actor=actor)
    assert paid.status == "paid"


def test_an_archived_customer_pays_for_a_booking_and_a_medium_at_the_till(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer}
    medium, other = AMediaPurchase(**own), AMediaPurchase(**own)
    second, credit = AnAppointment(**own, starts_at=MORNING + DAY), ACredit(**own, amount=5)
    archive_customer(customer, actor=actor)
    sale = Sale(customer, unpaid=[booking, medium])
    for means in ([], [Invoice()], [credit], [cash(amount=1), credit]):
        assert refusal_of(take_sale, sale, means=means, actor=actor)[0] is CustomerArchived
    take_sale(sale, means=[cash(amount=100), Payment(method="card")], actor=actor)
    assert (standing(booking), owed(customer)) == ("PAID", 0)
    pay_booking(second, means=[cash(amount=100), Payment(method="card")], actor=actor)
    assert standing(second) == "PAID"
    for held in (credit, Invoice()):
        assert refusal_of(pay_media, other, means=held, actor=actor)[0] is CustomerArchived
    pay_media(other, means=Payment(method="bank_transfer"), actor=actor)
    assert spent(customer) == 2 * 7_200 + 2 * 900
