"""Payment of a booking: with a pass, a credit, money, an invoice, or several of them."""

from typing import Any

import pytest

from billing.errors import InvalidPayment, NotTheirs
from billing.models import Invoice, Payment
from bookings.actions import cancel_booking, complete_booking, pay_booking
from bookings.errors import AlreadyCovered, AlreadyPaid, BookingNotOpen
from bookings.models import Booking, Service
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from credits.actions import expire_holdings, redeem_credit, revoke_credit, use_pass
from credits.errors import (
    Expired,
    NotEnough,
    NotTheirHolding,
    OtherCurrency,
    OtherOffering,
    Revoked,
    UsedUp,
)
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
from tests.shares import undone

from .support import LONG_AGO, balance, cash, facts, refusal_of, spent, standing, stored

pytestmark = pytest.mark.usefixtures("inside")


# --- Money ---


def test_money_is_taken_once_in_the_currency_of_the_price(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    assert standing(booking) == "PENDING"
    Company.objects.filter(pk=studio.pk).update(currency="EUR")
    pay_booking(booking, means=cash(), actor=actor)
    assert (standing(booking), spent(customer)) == ("PAID", 7_200)
    names = ("payment__amount", "payment__currency", "payment__customer")
    assert facts(booking, *names) == [7_200, "GBP", customer.pk]
    ten = APass(company=studio, customer=customer)
    for means in (cash(), ten, ACredit(company=studio, customer=customer, amount=100), Invoice()):
        assert refusal_of(pay_booking, booking, means=means, actor=actor) == (AlreadyPaid,), means
    assert (spent(customer), balance(ten)) == (7_200, 10)
    other = AnAppointment(company=studio, service=booking.service, means=Invoice())
    assert facts(other, "invoice__currency") == ["GBP"]


def test_money_is_taken_with_the_booking_or_none_made(studio: Company, customer: Customer) -> None:
    own = {"company": studio, "customer": customer}
    theirs = APaymentMethod(company=studio, customer=ACustomer(company=studio))
    for means, refusal in (
        (Payment(), InvalidPayment),
        (Payment(payment_method=theirs), NotTheirs),
    ):
        assert refusal_of(AnAppointment, **own, means=means)[0] is refusal
    assert not Booking.objects.exists()
    assert not Payment.objects.exists()
    means = Payment(payment_method=APaymentMethod(**own), reference="ch_1")
    booking = AnAppointment(**own, means=means)
    assert standing(booking) == "PAID"
    assert facts(booking, "payment__method", "payment__reference") == ["card", "ch_1"]


def test_a_failed_payment_counts_for_nothing_and_a_good_one_or_a_pass_follows(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    for _ in range(2):
        pay_booking(booking, means=cash(status="failed"), actor=actor)
        assert (standing(booking), spent(customer)) == ("FAILED", 0)
    with undone():
        pay_booking(booking, means=APass(company=studio, customer=customer), actor=actor)
        assert standing(booking) == "PAID"
        cancel_booking(booking, actor=actor)
        assert not Payment.objects.given_back().exists(), "what failed brought nothing"
    pay_booking(booking, means=cash(), actor=actor)
    assert (standing(booking), spent(customer)) == ("PAID", 7_200)
    assert Payment.objects.count() == 3


def test_a_free_booking_takes_no_money(studio: Company, customer: Customer, actor: Actor) -> None:
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


def test_an_archived_customer_pays_with_money_and_with_nothing_else(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    held = APass(company=studio, customer=customer), ACredit(company=studio, customer=customer)
    archive_customer(customer, actor=actor)
    for means in (*held, Invoice()):
        with pytest.raises(CustomerArchived):
            pay_booking(booking, means=means, actor=actor)
    pay_booking(booking, means=cash(), actor=actor)
    assert stored(booking).payment is not None


# --- A pass ---


def test_a_pass_pays_for_the_whole_of_an_appointment(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    ten = APass(company=studio, customer=customer)
    pay_booking(booking, means=ten, actor=actor)
    assert facts(booking, "covered", "entry__reference") == [7_200, f"bk_{booking.pk.hex}"]
    assert (stored(booking).due, standing(booking)) == (0, "PAID")
    assert (balance(ten), spent(customer)) == (9, 0)


def test_a_place_takes_the_visits_of_its_price_for_each_space_even_where_it_is_free(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    ten = APass(company=studio, customer=customer)
    own = {"company": studio, "customer": customer, "means": ten}
    for price, visits, spaces in ((1_500, 1, 1), (1_500, 2, 1), (1_500, 1, 3), (0, 3, 3)):
        event = AnEvent(company=studio, price=price, visits=visits)
        date = AnEventDate(company=studio, event=event)
        with undone():
            place = APlace(**own, event_date=date, spaces=spaces)
            assert balance(ten) == 10 - visits * spaces, (price, visits, spaces)
            with pytest.raises(AlreadyPaid):
                pay_booking(place, means=ten, actor=actor)


def test_a_pass_with_too_little_left_pays_for_nothing(studio: Company, customer: Customer) -> None:
    two = APass(company=studio, customer=customer, visits=2)
    date = AnEventDate(company=studio)
    with pytest.raises(NotEnough):
        APlace(company=studio, customer=customer, event_date=date, spaces=3, means=two)
    assert balance(two) == 2
    assert facts(date, "spaces_taken") == [0], "and the place is not booked"


def test_a_pass_or_a_credit_is_good_for_what_it_names(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    own = {"company": studio, "customer": customer}
    for offerings in ([], ["Massage"], ["massage", "Yoga"], ["Yoga"]):
        ten, is_good = APass(**own, offerings=offerings), offerings != ["Yoga"]
        with undone():
            refusal = refusal_of(pay_booking, booking, means=ten, actor=actor)
            assert refusal == (() if is_good else (OtherOffering,)), offerings
            assert balance(ten) == 10 - is_good
    facial = ACredit(**own, offering="Facial")
    assert refusal_of(pay_booking, booking, means=facial, actor=actor) == (OtherOffering,)
    massage = ACredit(**own, offering="MASSAGE")
    pay_booking(booking, means=massage, actor=actor)
    assert (stored(booking).covered, standing(booking), balance(massage)) == (7_200, "PAID", 0)


# --- A credit ---


def test_money_on_a_credit_pays_as_far_as_it_goes_and_money_the_rest(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=5_000)
    pay_booking(booking, means=credit, actor=actor)
    assert (stored(booking).due, standing(booking), balance(credit)) == (2_200, "PENDING", 0)
    pay_booking(booking, means=cash(), actor=actor)
    assert (standing(booking), spent(customer)) == ("PAID", 2_200)
    more = ACredit(company=studio, customer=customer, amount=10_000)
    other = AnAppointment(company=studio, customer=customer, means=more)
    assert (standing(other), balance(more)) == ("PAID", 2_800), "what is left stays on it"


def test_a_percentage_comes_off_the_total_rounded_half_up(
    studio: Company, customer: Customer, service: Service
) -> None:
    own = {"company": studio, "customer": customer}
    for percentage, subtotal, covered in (
        *((10, 6_000, 720), (33, 1_000, 396), (50, 101, 61), (1, 1, 0), (100, 6_000, 7_200)),
    ):
        credit = ACredit(**own, percentage=percentage)
        booking = AnAppointment(**own, service=service, subtotal=subtotal, means=credit)
        assert facts(booking, "covered") == [covered], (percentage, subtotal)
        assert balance(credit) == 0
        assert standing(booking) == ("PAID" if percentage == 100 else "PENDING")


def test_multi_use_credits_pay_twice(studio: Company, customer: Customer, service: Service) -> None:
    own = {"company": studio, "customer": customer}
    terms: dict[str, Any]
    for terms in ({"percentage": 10}, {"offering": "Massage"}):
        credit = ACredit(**own, multi_use=True, **terms)
        for _ in range(3):
            AnAppointment(**own, service=service, means=credit)
        assert facts(credit, "balance", "times_redeemed", "redeemed_at") == [1, 3, None]


def test_a_pass_pays_for_no_booking_that_a_credit_paid_in_part(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    pay_booking(booking, means=ACredit(company=studio, customer=customer, amount=100), actor=actor)
    with pytest.raises(AlreadyCovered):
        pay_booking(booking, means=APass(company=studio, customer=customer), actor=actor)
    assert stored(booking).due == 7_100


def test_what_is_used_up_revoked_expired_or_not_theirs_pays_for_nothing(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    own = {"company": studio, "customer": customer}
    used, revoked, expired = (ACredit(**own, amount=100) for _ in range(3))
    single, one = ACredit(**own), APass(**own, visits=1)
    redeem_credit(used, amount=100, reference="x", actor=actor)
    redeem_credit(single, reference="x", actor=actor)
    revoke_credit(revoked, actor=actor)
    Credit.objects.filter(pk=expired.pk).update(expires_at=LONG_AGO)
    use_pass(one, reference="x", actor=actor)
    refused: tuple[tuple[Any, Any], ...] = (
        (used, UsedUp),
        (single, UsedUp),
        (one, UsedUp),
        (revoked, Revoked),
        (expired, Expired),
        (APass(company=studio), NotTheirHolding),
        (ACredit(company=studio), NotTheirHolding),
    )
    for means, refusal in refused:
        assert refusal_of(pay_booking, booking, means=means, actor=actor) == (refusal,), means
    expire_holdings(studio.id, actor=actor)
    assert refusal_of(pay_booking, booking, means=expired, actor=actor) == (Expired,)
    Company.objects.filter(pk=studio.pk).update(currency="EUR")
    euros = ACredit(**own, amount=10_000)
    assert refusal_of(pay_booking, booking, means=euros, actor=actor) == (OtherCurrency,)
    assert (stored(booking).entry, standing(booking)) == (None, "PENDING")


def test_who_buys_pays_and_not_who_comes(studio: Company, customer: Customer) -> None:
    friend = ACustomer(company=studio)
    mine, theirs = (APass(company=studio, customer=one) for one in (customer, friend))
    with pytest.raises(NotTheirHolding):
        APlace(company=studio, customer=friend, purchased_by=customer, means=theirs)
    APlace(company=studio, customer=friend, purchased_by=customer, means=mine)
    APlace(company=studio, customer=friend, purchased_by=customer, means=cash())
    assert (balance(mine), spent(customer), spent(friend)) == (9, 1_500, 0)
