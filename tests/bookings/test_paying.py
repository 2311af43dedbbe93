"""What a booking is paid with: a pass, a credit, money, an invoice, and what one of them left."""

import datetime
from collections.abc import Sequence
from typing import Any

import pytest

from billing.errors import InvalidPayment, NotTheirs
from billing.models import Invoice, Payment
from bookings.actions import (
    Means,
    book_places,
    cancel_booking,
    complete_booking,
    pay_booking,
)
from bookings.errors import (
    AlreadyCovered,
    AlreadyPaid,
    BookingNotOpen,
    NotTheirHolding,
)
from bookings.models import Booking, Transaction
from config.access.actors import Actor
from config.access.models import Company
from credits.actions import expire_holdings, redeem_credit, revoke_credit, use_pass
from credits.errors import Expired, NotEnough, OtherCurrency, OtherOffering, Revoked, UsedUp
from credits.models import Credit
from customers.actions import archive_customer
from customers.errors import CustomerArchived
from customers.models import Customer
from tests.factories import (
    ACredit,
    ACustomer,
    AnAppointment,
    AnEvent,
    AnEventDate,
    APass,
    APaymentMethod,
    APlace,
    AService,
)

from .tills import balance, cash, spent, standing, stored

pytestmark = pytest.mark.usefixtures("inside")


# --- Money ---


def test_nothing_is_paid_until_it_is(
    studio: Company, customer: Customer, booking: Booking, actor: Actor
) -> None:
    assert standing(booking) == "PENDING"
    pay_booking(booking, means=cash(), actor=actor)
    assert standing(booking) == "PAID"
    payment = stored(booking).payment
    assert payment is not None
    assert (payment.amount, payment.currency, payment.customer) == (7_200, "GBP", customer)
    assert spent(customer) == 7_200


def test_money_is_taken_with_the_booking_itself(studio: Company, customer: Customer) -> None:
    method = APaymentMethod(company=studio, customer=customer)
    means = Payment(payment_method=method, reference="ch_1")
    booking = AnAppointment(company=studio, customer=customer, means=means)
    assert standing(booking) == "PAID"
    payment = stored(booking).payment
    assert payment is not None
    assert (payment.method, payment.reference) == ("card", "ch_1")


def test_a_booking_whose_means_are_refused_is_not_made(studio: Company, customer: Customer) -> None:
    method = APaymentMethod(company=studio, customer=ACustomer(company=studio))
    for means, refusal in (
        (Payment(), InvalidPayment),
        (Payment(payment_method=method), NotTheirs),
    ):
        with pytest.raises(refusal):
            AnAppointment(company=studio, customer=customer, means=means)
    assert not Booking.objects.exists()
    assert not Payment.objects.exists()


def test_a_failed_payment_counts_for_nothing_and_a_good_one_follows(
    booking: Booking, customer: Customer, actor: Actor
) -> None:
    pay_booking(booking, means=cash(status="failed"), actor=actor)
    assert (standing(booking), spent(customer)) == ("FAILED", 0)
    pay_booking(booking, means=cash(status="failed"), actor=actor)
    pay_booking(booking, means=cash(), actor=actor)
    assert (standing(booking), spent(customer)) == ("PAID", 7_200)
    assert Payment.objects.count() == 3


def test_after_a_failed_payment_a_pass_does_as_well(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    pay_booking(booking, means=cash(status="failed"), actor=actor)
    pay_booking(booking, means=APass(company=studio, customer=customer), actor=actor)
    assert standing(booking) == "PAID"
    cancel_booking(booking, actor=actor)
    assert not Payment.objects.given_back().exists(), "what failed brought nothing"


def test_what_is_paid_is_not_paid_again(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    pay_booking(booking, means=cash(), actor=actor)
    ten = APass(company=studio, customer=customer)
    for means in (cash(), ten, ACredit(company=studio, customer=customer, amount=100), Invoice()):
        with pytest.raises(AlreadyPaid):
            pay_booking(booking, means=means, actor=actor)
    assert (spent(customer), balance(ten)) == (7_200, 10)


def test_what_costs_nothing_takes_no_money(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    service = AService(company=studio, price=0)
    free = AnAppointment(company=studio, customer=customer, service=service)
    assert standing(free) == "PAID"
    credit = ACredit(company=studio, customer=customer)
    for means in (cash(), credit, Invoice()):
        with pytest.raises(AlreadyPaid):
            pay_booking(free, means=means, actor=actor)
    assert balance(credit) == 1


def test_a_booking_is_paid_after_it_is_over_but_not_once_cancelled(
    studio: Company, booking: Booking, actor: Actor
) -> None:
    complete_booking(booking, actor=actor)
    pay_booking(booking, means=cash(), actor=actor)
    off = AnAppointment(company=studio, cancelled=True)
    with pytest.raises(BookingNotOpen):
        pay_booking(off, means=cash(), actor=actor)


def test_an_archived_customer_pays_nothing(
    booking: Booking, customer: Customer, actor: Actor
) -> None:
    archive_customer(customer, actor=actor)
    with pytest.raises(CustomerArchived):
        pay_booking(booking, means=cash(), actor=actor)


def test_money_is_in_the_currency_of_the_price(
    studio: Company, booking: Booking, actor: Actor
) -> None:
    Company.objects.filter(pk=studio.pk).update(currency="EUR")
    pay_booking(booking, means=cash(), actor=actor)
    payment = stored(booking).payment
    assert payment is not None
    assert payment.currency == "GBP"
    other = AnAppointment(company=studio, service=booking.service)
    pay_booking(other, means=Invoice(), actor=actor)
    invoice = stored(other).invoice
    assert invoice is not None
    assert invoice.currency == "GBP"


# --- A pass ---


def test_a_pass_pays_for_the_whole_of_an_appointment(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    ten = APass(company=studio, customer=customer)
    pay_booking(booking, means=ten, actor=actor)
    booking = stored(booking)
    assert (booking.covered, booking.due, standing(booking)) == (7_200, 0, "PAID")
    assert (balance(ten), spent(customer)) == (9, 0)
    assert booking.entry is not None
    assert booking.entry.reference == f"bk_{booking.pk.hex}"


@pytest.mark.parametrize(
    ("visits", "spaces", "taken"), [(1, 1, 1), (2, 1, 2), (1, 3, 3), (3, 3, 9)]
)
def test_a_place_takes_the_visits_of_its_price_for_each_space(
    studio: Company, customer: Customer, visits: int, spaces: int, taken: int
) -> None:
    date = AnEventDate(company=studio, event=AnEvent(company=studio, visits=visits))
    ten = APass(company=studio, customer=customer)
    APlace(company=studio, customer=customer, event_date=date, spaces=spaces, means=ten)
    assert balance(ten) == 10 - taken


def test_visits_pay_for_a_place_that_costs_nothing_else(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    date = AnEventDate(company=studio, event=AnEvent(company=studio, price=0, visits=2))
    ten = APass(company=studio, customer=customer)
    place = APlace(company=studio, customer=customer, event_date=date, means=ten)
    assert balance(ten) == 8
    with pytest.raises(AlreadyPaid):
        pay_booking(place, means=ten, actor=actor)


def test_a_pass_with_too_little_left_pays_for_nothing(studio: Company, customer: Customer) -> None:
    two = APass(company=studio, customer=customer, visits=2)
    date = AnEventDate(company=studio)
    with pytest.raises(NotEnough):
        APlace(company=studio, customer=customer, event_date=date, spaces=3, means=two)
    assert balance(two) == 2
    date.refresh_from_db()
    assert date.spaces_taken == 0, "and the place is not booked"


def test_places_for_several_people_take_their_visits_from_who_buys_them(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    date, friend = AnEventDate(company=studio), ACustomer(company=studio)
    ten = APass(company=studio, customer=customer)
    purchase = Transaction(customer=customer)
    places = [
        Booking(customer=customer, event_date=date),
        Booking(customer=friend, event_date=date, spaces=2),
    ]
    book_places(purchase, places=places, means=ten, actor=actor)
    assert balance(ten) == 7
    assert [standing(place) for place in places] == ["PAID", "PAID"]


@pytest.mark.parametrize(
    ("offerings", "is_good"),
    [([], True), (["Massage"], True), (["massage", "Yoga"], True), (["Yoga"], False)],
)
def test_a_pass_is_good_for_what_it_names(
    studio: Company,
    booking: Booking,
    customer: Customer,
    actor: Actor,
    offerings: list[str],
    is_good: bool,
) -> None:
    ten = APass(company=studio, customer=customer, offerings=offerings)
    if is_good:
        pay_booking(booking, means=ten, actor=actor)
    else:
        with pytest.raises(OtherOffering):
            pay_booking(booking, means=ten, actor=actor)
    assert balance(ten) == 10 - is_good


# --- A credit ---


def test_a_credit_for_the_very_service_pays_for_all_of_it(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, offering="MASSAGE")
    pay_booking(booking, means=credit, actor=actor)
    assert (stored(booking).covered, standing(booking), balance(credit)) == (7_200, "PAID", 0)


def test_a_credit_for_something_else_does_not(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, offering="Facial")
    with pytest.raises(OtherOffering):
        pay_booking(booking, means=credit, actor=actor)


def test_money_on_a_credit_pays_a_part_and_money_the_rest(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=5_000)
    pay_booking(booking, means=credit, actor=actor)
    assert (stored(booking).due, standing(booking), balance(credit)) == (2_200, "PENDING", 0)
    pay_booking(booking, means=cash(), actor=actor)
    assert (standing(booking), spent(customer)) == ("PAID", 2_200)


def test_what_a_price_does_not_take_stays_on_the_credit(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=10_000)
    pay_booking(booking, means=credit, actor=actor)
    assert (standing(booking), balance(credit)) == ("PAID", 2_800)


@pytest.mark.parametrize(
    ("percentage", "subtotal", "covered"),
    [(10, 6_000, 720), (33, 1_000, 396), (50, 101, 61), (1, 1, 0), (100, 6_000, 7_200)],
)
def test_a_percentage_comes_off_the_total_rounded_half_up(
    studio: Company,
    customer: Customer,
    actor: Actor,
    percentage: int,
    subtotal: int,
    covered: int,
) -> None:
    credit = ACredit(company=studio, customer=customer, percentage=percentage)
    booking = AnAppointment(company=studio, customer=customer, subtotal=subtotal, means=credit)
    booking = stored(booking)
    assert (booking.covered, balance(credit)) == (covered, 0)
    assert standing(booking) == ("PAID" if percentage == 100 else "PENDING")


@pytest.mark.parametrize("terms", [{"percentage": 10}, {"offering": "Massage"}])
def test_a_multi_use_credit_pays_again_and_again(
    studio: Company, customer: Customer, terms: dict[str, Any]
) -> None:
    credit = ACredit(company=studio, customer=customer, multi_use=True, **terms)
    for _ in range(3):
        AnAppointment(company=studio, customer=customer, means=credit)
    used = Credit.objects.get(pk=credit.pk)
    assert (used.balance, used.times_redeemed, used.redeemed_at) == (1, 3, None)


def test_one_credit_or_pass_pays_for_a_booking_and_money_the_rest(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    pay_booking(booking, means=ACredit(company=studio, customer=customer, amount=100), actor=actor)
    others: Sequence[Means] = (
        ACredit(company=studio, customer=customer, amount=100),
        APass(company=studio, customer=customer),
        Invoice(),
    )
    for means in others:
        with pytest.raises(AlreadyCovered):
            pay_booking(booking, means=means, actor=actor)
    assert stored(booking).due == 7_100


def test_a_credit_in_another_currency_is_refused(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    Company.objects.filter(pk=studio.pk).update(currency="EUR")
    credit = ACredit(company=studio, customer=customer, amount=10_000)
    with pytest.raises(OtherCurrency):
        pay_booking(booking, means=credit, actor=actor)


def test_what_is_used_up_revoked_or_expired_pays_for_nothing(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    used, revoked, expired, single = (
        ACredit(company=studio, customer=customer, amount=100),
        ACredit(company=studio, customer=customer, amount=100),
        ACredit(company=studio, customer=customer, amount=100),
        ACredit(company=studio, customer=customer),
    )
    redeem_credit(used, amount=100, reference="x", actor=actor)
    redeem_credit(single, reference="x", actor=actor)
    revoke_credit(revoked, actor=actor)
    Credit.objects.filter(pk=expired.pk).update(expiry_date=datetime.date(2020, 1, 1))
    one = APass(company=studio, customer=customer, visits=1)
    use_pass(one, reference="x", actor=actor)
    ended = (
        (used, UsedUp),
        (single, UsedUp),
        (revoked, Revoked),
        (expired, Expired),
        (one, UsedUp),
    )
    for means, refusal in ended:
        with pytest.raises(refusal):
            pay_booking(booking, means=means, actor=actor)
    expire_holdings(studio.id, actor=actor)
    with pytest.raises(Expired):
        pay_booking(booking, means=expired, actor=actor)
    assert (stored(booking).entry, standing(booking)) == (None, "PENDING")


@pytest.mark.parametrize("whose", ["pass", "credit"])
def test_another_customers_pass_or_credit_is_refused(
    studio: Company, booking: Booking, actor: Actor, whose: str
) -> None:
    other = ACustomer(company=studio)
    made: Any = APass if whose == "pass" else ACredit
    means = made(company=studio, customer=other)
    with pytest.raises(NotTheirHolding):
        pay_booking(booking, means=means, actor=actor)


def test_who_buys_pays_and_not_who_comes(studio: Company, customer: Customer) -> None:
    friend = ACustomer(company=studio)
    mine, theirs = (APass(company=studio, customer=one) for one in (customer, friend))
    with pytest.raises(NotTheirHolding):
        APlace(company=studio, customer=friend, purchased_by=customer, means=theirs)
    APlace(company=studio, customer=friend, purchased_by=customer, means=mine)
    APlace(company=studio, customer=friend, purchased_by=customer, means=cash())
    assert (balance(mine), spent(customer), spent(friend)) == (9, 1_500, 0)
