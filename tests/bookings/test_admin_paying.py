"""Payment and cancellation of bookings in the back-office: every choice on the form works."""

import datetime
from typing import Any

from billing.models import Invoice, Payment
from bookings.models import Booking, EventDate, Service
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.actions import revoke_credit
from customers.models import Customer
from tests.backoffice import Browser, count, errors, fresh, page_of, staff_changes
from tests.factories import (
    ACoupon,
    ACredit,
    ACustomer,
    AMedium,
    AnAppointment,
    AnEvent,
    AnEventDate,
    APass,
    APaymentMethod,
    APlace,
    AService,
)

from .support import ask, told_once

ADD = "/admin/bookings/booking/add/"
PAID = "Nothing is left to pay: this is paid, or costs nothing. Leave it as it is."
AT_NINE = {"starts_at_0": "01/06/2099", "starts_at_1": "09:00"}


def payments(company: Company) -> list[int]:
    with acting_for(company.id):
        return list(Payment.objects.order_by("id").values_list("signed_amount", flat=True))


def is_voided(booking: Booking) -> bool:
    """Whether the booking has a void invoice."""
    with acting_for(booking.company_id):
        return Booking.objects.filter(pk=booking.pk, invoice__voided_at__isnull=False).exists()


# --- The choices ---


def test_only_what_the_customer_has_and_what_is_good_for_it_is_offered(
    browser: Browser, studio: Company, customer: Customer, booking: Booking, actor: Actor
) -> None:
    good = [
        APass(company=studio, customer=customer, name="Any five"),
        APass(company=studio, customer=customer, name="Massages", offerings=["massage"]),
        ACredit(company=studio, customer=customer, amount=2_000, name="Goodwill"),
        ACredit(company=studio, customer=customer, percentage=10, name="Birthday"),
        ACredit(company=studio, customer=customer, name="The month's", offering="Massage"),
    ]
    bad = [
        APass(company=studio, customer=customer, name="Classes", offerings=["Yoga"]),
        ACredit(company=studio, customer=customer, offering="Yoga", name="A class"),
        APass(company=studio, name="Somebody's"),
        ACredit(company=studio, amount=100, name="Somebody else's"),
    ]
    gone = ACredit(company=studio, customer=customer, amount=100, name="Taken back")
    with acting_for(studio.id):
        revoke_credit(gone, actor=actor)
    APaymentMethod(company=studio, customer=customer, brand="visa", last4="4242")
    page = browser.get(ask(booking, "pay")).text
    assert "Zoë Ng has £72.00 to pay for Massage." in page
    assert all(str(one.pk) in page for one in good)
    assert not any(str(one.pk) in page for one in [*bad, gone])
    for text in ("visa •••• 4242", "Cash", "An invoice"):
        assert text in page, text


def test_passes_of_whoever_bought_a_place_are_offered_if_they_have_visits_enough(
    browser: Browser, studio: Company, customer: Customer
) -> None:
    event = AnEvent(company=studio, visits=3)
    date = AnEventDate(company=studio, event=event)
    ruth = ACustomer(company=studio, first_name="Ruth", last_name="Payer")
    own = {"customer": customer, "purchased_by": ruth}
    place = APlace(company=studio, event_date=date, spaces=2, **own)
    theirs = APass(company=studio, customer=customer, visits=6)
    few, enough = (APass(company=studio, customer=ruth, visits=visits) for visits in (5, 6))
    page = browser.get(ask(place, "pay")).text
    assert "Ruth Payer has" in page
    assert [str(one.pk) in page for one in (theirs, few, enough)] == [False, False, True]
    assert "Ruth Payer" in browser.get(page_of(place)).text
    answer = browser.send(ask(place, "pay"), paid_with=f"pass:{enough.pk}")
    assert (answer["Location"], fresh(enough).balance) == (page_of(place), 0)
    page = browser.get(page_of(place)).text
    found = ("Paid" in page, "Ten visits" in page, f"{place.pk}/pay/" in page)
    assert found == (True, True, False)


# --- Paying ---


def test_what_a_credit_leaves_is_paid_with_money_alone(
    browser: Browser, studio: Company, customer: Customer, booking: Booking
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=2_000)
    bought = APass(company=studio, customer=customer)
    browser.send(ask(booking, "pay"), paid_with=f"credit:{credit.pk}")
    assert (fresh(credit).balance, fresh(booking).covered) == (0, 2_000)
    page = browser.get(page_of(booking)).text
    assert ("Partly paid" in page, "£52.00" in page) == (True, True)
    question = browser.get(ask(booking, "pay")).text
    assert "has £52.00 to pay" in question
    assert (str(bought.pk) in question, "An invoice" in question) == (False, False)
    browser.send(ask(booking, "pay"), paid_with="money:card")
    assert payments(studio) == [5_200]
    assert f"{booking.pk}/pay/" not in browser.get(page_of(booking)).text


def test_a_booking_is_asked_for_by_invoice_and_then_paid(
    browser: Browser, studio: Company, booking: Booking
) -> None:
    browser.send(ask(booking, "pay"), paid_with="invoice", due_on="01/06/2099")
    with acting_for(studio.id):
        invoice = Invoice.objects.get()
    assert (invoice.total, invoice.due_on) == (7_200, datetime.date(2099, 6, 1))
    page = browser.get(page_of(booking)).text
    assert (invoice.number in page, "Unpaid" in page) == (True, True)
    assert "An invoice" not in browser.get(ask(booking, "pay")).text
    browser.send(ask(booking, "pay"), paid_with="money:bank_transfer")
    assert payments(studio) == [7_200]
    assert fresh(invoice).paid_at is not None


def test_a_refused_payment_is_told_once(
    browser: Browser, studio: Company, booking: Booking
) -> None:
    typed: dict[str, str]
    for typed, sentence in (
        ({}, "This field is required."),
        ({"paid_with": "pass:none"}, "Select a valid choice."),
        ({"paid_with": "money:gold"}, "Select a valid choice."),
        ({"paid_with": "money:cash", "due_on": "01/06/2099"}, "Only an invoice has a due date."),
        (
            {"paid_with": "invoice", "due_on": "01/06/2019"},
            "The due date is before the day of issue.",
        ),
        ({"paid_with": "invoice", "due_on": "soon"}, "Enter a valid date."),
    ):
        told_once(browser, ask(booking, "pay"), sentence, **typed)
    assert payments(studio) == []
    assert count(Invoice, studio) == 0
    assert staff_changes() == []
    form = browser.form(ask(booking, "pay")).values | {"paid_with": "money:cash", "_form": ""}
    browser.post(ask(booking, "pay"), **form)
    again = browser.post(ask(booking, "pay"), **form)
    assert again.text.count(PAID) == 1
    assert payments(studio) == [7_200]


def test_a_free_place_may_still_take_a_visit_and_nothing_else(
    browser: Browser, studio: Company, customer: Customer
) -> None:
    date = AnEventDate(company=studio, event=AnEvent(company=studio, price=0))
    place = APlace(company=studio, event_date=date, customer=customer)
    page = browser.get(page_of(place)).text
    assert ("Free" in page, f"{place.pk}/pay/" in page) == (True, True)
    assert "They have no pass that covers it." in browser.get(ask(place, "pay")).text
    bought = APass(company=studio, customer=customer)
    question = browser.get(ask(place, "pay")).text
    assert ("Ten visits" in question, "Cash" in question) == (True, False)
    browser.send(ask(place, "pay"), paid_with=f"pass:{bought.pk}")
    assert fresh(bought).balance == 9


def test_an_appointment_is_made_and_paid_at_once_or_not_at_all(
    browser: Browser, studio: Company, customer: Customer, service: Service
) -> None:
    bought, add = APass(company=studio, customer=customer), f"{ADD}?customer={customer.pk}"
    chosen = ("money:cash", "invoice", "", f"pass:{bought.pk}")
    for number, paid_with in enumerate(chosen, 1):
        browser.send(add, service=str(service.pk), paid_with=paid_with, **AT_NINE)
        assert count(Booking, studio) == number, paid_with
    assert payments(studio) == [7_200]
    assert fresh(bought).balance == 9
    assert count(Invoice, studio) == 1
    free = AService(company=studio, price=0)
    answer = browser.send(add, service=str(free.pk), paid_with="money:cash", **AT_NINE)
    assert errors(answer) == {"__all__": [PAID]}
    assert count(Booking, studio) == len(chosen)


def test_a_payment_needs_no_note_and_keeps_one_that_is_written(
    browser: Browser, studio: Company, customer: Customer, date: EventDate
) -> None:
    theirs = {"customer": str(customer.pk)}
    appointment = {**theirs, "service": str(AService(company=studio).pk), **AT_NINE}
    sale = f"{ADD.replace('/booking/', '/mediapurchase/')}?customer={customer.pk}"
    paid = 0
    for address, typed in (
        (ask(AnAppointment(company=studio, customer=customer), "pay"), {}),
        (ADD, appointment),
        (ask(date, "book"), theirs),
        (sale, {"media": str(AMedium(company=studio).pk)}),
    ):
        cash = {**typed, "paid_with": "money:cash"}
        browser.send(address, **cash, why_paid="Tips included.")
        paid += 1
        assert len(payments(studio)) == paid, address
    told = [one.reason for one in staff_changes() if str(one.type).startswith("payment.")]
    assert told == ["Tips included."] * paid
    bookings = count(Booking, studio)
    for paid_with, why in (
        ("invoice", {"why_paid": ""}),
        ("", {"why_paid": ""}),
        ("money:cash", {"why_paid": ""}),
    ):
        browser.send(ADD, **appointment, paid_with=paid_with, **why)
        bookings += 1
        assert count(Booking, studio) == bookings, paid_with
    assert len(payments(studio)) == paid + 1


# --- Cancelling ---


def test_the_question_says_what_goes_back_and_that_is_what_does(
    browser: Browser, studio: Company, customer: Customer, service: Service, actor: Actor
) -> None:
    own = {"company": studio, "customer": customer}
    ended = ACredit(**own, amount=20_000)
    cases: list[tuple[Any, str, int | None]] = [
        (None, "Nothing was paid for it.", None),
        (Payment(method="cash"), "It was paid with money.", None),
        (Invoice(), "is voided, unless money is kept for it.", None),
        (APass(**own), "1 visit goes back to the pass Ten visits.", 10),
        (ACredit(**own, amount=2_000), "£20.00 goes back to the credit Goodwill.", 2_000),
        (ACredit(**own, offering="Massage"), "The credit Goodwill can be used again.", 1),
        (ended, "Nothing goes back to Goodwill, which has ended.", 0),
    ]
    for means, sentence, left in cases:
        booking = AnAppointment(**own, service=service, means=means)
        if means is ended:
            with acting_for(studio.id):
                revoke_credit(ended, actor=actor)
        question = browser.get(ask(booking, "cancel")).text
        assert sentence in question
        assert ("Give £72.00 back" in question) is isinstance(means, Payment), sentence
        answer = browser.send(ask(booking, "cancel"), reason="A cold.")
        assert answer["Location"] == page_of(booking)
        after = fresh(booking)
        found = (after.status, after.reason, after.cancelled_by)
        assert found == ("cancelled", "A cold.", "Olive Owner")
        if left is not None:
            assert fresh(means).balance == left, sentence
        assert sum(payments(studio)) == 0
        assert is_voided(booking) is isinstance(means, Invoice), sentence
    page = browser.get(page_of(booking)).text
    for text in ("A cold.", "Olive Owner", "Cancelled"):
        assert text in page, text


def test_money_stays_where_it_is_not_to_go_back_and_nothing_is_cancelled_twice(
    browser: Browser, studio: Company, booking: Booking
) -> None:
    browser.send(ask(booking, "pay"), paid_with="money:cash")
    form = browser.form(ask(booking, "cancel"))
    assert form.values["refund"] == ["on"]
    kept = {name: value for name, value in form.values.items() if name != "refund"}
    unsaid = browser.post(ask(booking, "cancel"), **kept)
    assert unsaid.text.count("This field is required.") == 1, "money moves, so a reason is due"
    browser.post(ask(booking, "cancel"), **kept | {"reason": "Too late to give it back."})
    answer = browser.send(ask(booking, "cancel"), reason="Again.")
    assert answer.text.count("This booking is cancelled. It must be") == 1
    after = fresh(booking)
    assert (after.status, after.reason) == ("cancelled", "Too late to give it back.")
    assert payments(studio) == [7_200]
    assert [str(one.type) for one in staff_changes()].count("booking.cancelled") == 1


def test_an_event_date_says_how_much_money_goes_back(
    browser: Browser, studio: Company, customer: Customer, date: EventDate
) -> None:
    coupon = ACoupon(company=studio, name="Friend", offering="Yoga")
    credit = ACredit(company=studio, customer=customer, coupon=coupon)
    APlace(company=studio, event_date=date, customer=customer, means=credit)
    APlace(company=studio, event_date=date, means=Payment(method="card"))
    APlace(company=studio, event_date=date, spaces=2, means=Payment(method="cash"))
    asked = APlace(company=studio, event_date=date, means=Invoice())
    question = browser.get(ask(date, "cancel")).text
    for text in (
        "4 bookings for 5 spaces will be cancelled.",
        "1 of them gets a credit back.",
        "1 invoice is voided, unless money is kept for it.",
        "Give £45.00 back",
    ):
        assert text in question, text
    told_once(browser, ask(date, "cancel"), "This field is required.")
    browser.send(ask(date, "cancel"), reason="Ill.")
    assert sum(payments(studio)) == 0
    assert fresh(credit).balance == 1
    assert is_voided(asked)
