"""Paying for bookings and giving back, in the back-office: what is offered is what works."""

import datetime
from typing import Any

import pytest

from billing.models import Invoice, Payment
from bookings.models import Booking
from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from credits.actions import revoke_credit
from tests.backoffice import Browser, count, errors, fresh, page_of, said, staff_changes
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

ADD = "/admin/bookings/booking/add/"
AT_NINE = {"starts_at_0": "01/06/2099", "starts_at_1": "09:00"}


@pytest.fixture
def customer(studio: Company) -> Any:
    return ACustomer(company=studio, first_name="Ana", last_name="Díaz")


@pytest.fixture
def booking(studio: Company, customer: Any) -> Any:
    """A massage for 72.00, not paid yet."""
    return AnAppointment(company=studio, customer=customer)


def ask(row: Any, button: str) -> str:
    return page_of(row).replace("change", button)


def payments(company: Company) -> list[int]:
    with acting_for(company.id):
        return list(Payment.objects.order_by("id").values_list("signed_amount", flat=True))


def is_voided(booking: Any) -> bool:
    """Tell whether the booking has an invoice that is void."""
    with acting_for(booking.company_id):
        return Booking.objects.filter(pk=booking.pk, invoice__voided_at__isnull=False).exists()


# --- What is offered ---


def test_only_what_the_customer_has_and_what_is_good_for_it_is_offered(
    browser: Browser, studio: Company, customer: Any, booking: Any, actor: Actor
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
    assert "£72.00 is to be paid for Massage by Ana Díaz." in page
    assert all(str(one.pk) in page for one in good)
    assert not any(str(one.pk) in page for one in [*bad, gone])
    for text in ("visa •••• 4242", "Cash", "An invoice"):
        assert text in page, text


def test_a_pass_without_visits_enough_is_not_offered(
    browser: Browser, studio: Company, customer: Any
) -> None:
    event = AnEvent(company=studio, visits=3)
    date = AnEventDate(company=studio, event=event)
    place = APlace(company=studio, event_date=date, customer=customer, spaces=2)
    few = APass(company=studio, customer=customer, visits=5)
    enough = APass(company=studio, customer=customer, visits=6)
    page = browser.get(ask(place, "pay")).text
    assert (str(few.pk) in page, str(enough.pk) in page) == (False, True)
    browser.send(ask(place, "pay"), paid_with=f"pass:{enough.pk}")
    assert fresh(enough).balance == 0


def test_whoever_bought_a_place_for_another_pays(
    browser: Browser, studio: Company, customer: Any
) -> None:
    ruth = ACustomer(company=studio, first_name="Ruth", last_name="Payer")
    place = APlace(company=studio, customer=customer, purchased_by=ruth)
    theirs = APass(company=studio, customer=customer)
    hers = APass(company=studio, customer=ruth)
    page = browser.get(ask(place, "pay")).text
    assert "by Ruth Payer" in page
    assert (str(theirs.pk) in page, str(hers.pk) in page) == (False, True)
    assert "Ruth Payer" in browser.get(page_of(place)).text


# --- Paying ---


def test_a_booking_is_paid_with_a_pass(
    browser: Browser, studio: Company, customer: Any, booking: Any
) -> None:
    bought = APass(company=studio, customer=customer)
    answer = browser.send(ask(booking, "pay"), paid_with=f"pass:{bought.pk}")
    assert answer["Location"] == page_of(booking)
    assert fresh(bought).balance == 9
    page = browser.get(page_of(booking)).text
    assert ("Paid" in page, "Ten visits" in page, f"{booking.pk}/pay/" in page) == (
        *(True, True, False),
    )


def test_what_a_credit_leaves_is_paid_with_money_alone(
    browser: Browser, studio: Company, customer: Any, booking: Any
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=2_000)
    bought = APass(company=studio, customer=customer)
    browser.send(ask(booking, "pay"), paid_with=f"credit:{credit.pk}")
    assert (fresh(credit).balance, fresh(booking).covered) == (0, 2_000)
    page = browser.get(page_of(booking)).text
    assert ("Partly paid" in page, "£52.00" in page) == (True, True)
    question = browser.get(ask(booking, "pay")).text
    assert "£52.00 is to be paid" in question
    assert (str(bought.pk) in question, "An invoice" in question) == (False, False)
    browser.send(ask(booking, "pay"), paid_with="money:card")
    assert payments(studio) == [5_200]
    assert f"{booking.pk}/pay/" not in browser.get(page_of(booking)).text


def test_a_booking_is_asked_for_by_invoice_and_then_paid(
    browser: Browser, studio: Company, booking: Any
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


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "This field is required."),
        ({"paid_with": "pass:none"}, "Select a valid choice."),
        ({"paid_with": "money:gold"}, "Select a valid choice."),
        ({"paid_with": "money:cash", "due_on": "01/06/2099"}, "Only an invoice is due on a day."),
        ({"paid_with": "invoice", "due_on": "01/06/2019"}, "An invoice is not due before the day"),
        ({"paid_with": "invoice", "due_on": "soon"}, "Enter a valid date."),
    ],
)
def test_a_refused_payment_is_told_once(
    typed: dict[str, str], sentence: str, browser: Browser, studio: Company, booking: Any
) -> None:
    answer = browser.send(ask(booking, "pay"), **typed)
    assert answer.status_code == 200
    assert answer.text.count(sentence) == 1
    assert said(answer) == []
    assert payments(studio) == []
    assert count(Invoice, studio) == 0
    assert staff_changes() == []


def test_what_was_paid_meanwhile_is_not_paid_twice(
    browser: Browser, studio: Company, booking: Any
) -> None:
    form = browser.form(ask(booking, "pay")).values | {"paid_with": "money:cash"}
    browser.post(ask(booking, "pay"), **form)
    answer = browser.post(ask(booking, "pay"), **form)
    assert answer.text.count("Nothing is left to pay for this.") == 1
    assert payments(studio) == [7_200]


def test_a_free_place_may_still_take_a_visit_and_nothing_else(
    browser: Browser, studio: Company, customer: Any
) -> None:
    date = AnEventDate(company=studio, event=AnEvent(company=studio, price=0))
    place = APlace(company=studio, event_date=date, customer=customer)
    page = browser.get(page_of(place)).text
    assert ("Free" in page, f"{place.pk}/pay/" in page) == (True, True)
    assert "They have no pass that is good for it." in browser.get(ask(place, "pay")).text
    bought = APass(company=studio, customer=customer)
    question = browser.get(ask(place, "pay")).text
    assert ("Ten visits" in question, "Cash" in question) == (True, False)
    browser.send(ask(place, "pay"), paid_with=f"pass:{bought.pk}")
    assert fresh(bought).balance == 9


@pytest.mark.parametrize(
    ("paid_with", "amount"), [("money:cash", 7_200), ("invoice", 0), ("", 0), ("pass", 0)]
)
def test_an_appointment_is_made_and_paid_at_once(
    paid_with: str, amount: int, browser: Browser, studio: Company, customer: Any
) -> None:
    service, bought = AService(company=studio), APass(company=studio, customer=customer)
    chosen = f"pass:{bought.pk}" if paid_with == "pass" else paid_with
    browser.send(
        f"{ADD}?customer={customer.pk}", service=str(service.pk), paid_with=chosen, **AT_NINE
    )
    assert count(Booking, studio) == 1
    assert sum(payments(studio)) == amount
    assert fresh(bought).balance == (9 if paid_with == "pass" else 10)
    assert count(Invoice, studio) == (paid_with == "invoice")


def test_an_appointment_whose_payment_is_refused_is_not_made(
    browser: Browser, studio: Company, customer: Any
) -> None:
    free = AService(company=studio, price=0)
    fields = {"customer": str(customer.pk), "service": str(free.pk), **AT_NINE}
    answer = browser.send(ADD, **fields, paid_with="money:cash")
    assert errors(answer) == {"__all__": ["Nothing is left to pay for this."]}
    assert count(Booking, studio) == 0


DOORS = ("pay", "appointment", "place", "medium")


def door(kind: str, studio: Company, customer: Any) -> tuple[str, dict[str, str]]:
    """Return a form of the back-office that asks how something is paid, and what to type in it."""
    theirs = {"customer": str(customer.pk)}
    if kind == "pay":
        return ask(AnAppointment(company=studio, customer=customer), "pay"), {}
    if kind == "appointment":
        return ADD, {**theirs, "service": str(AService(company=studio).pk), **AT_NINE}
    if kind == "place":
        date = AnEventDate(company=studio, event=AnEvent(company=studio))
        return ask(date, "book"), theirs
    add = ADD.replace("/booking/", "/mediapurchase/")
    return f"{add}?customer={customer.pk}", {"media": str(AMedium(company=studio).pk)}


@pytest.mark.parametrize("kind", DOORS)
def test_who_writes_a_payment_says_why(
    kind: str, browser: Browser, studio: Company, customer: Any
) -> None:
    address, typed = door(kind, studio, customer)
    cash = {**typed, "paid_with": "money:cash"}
    unsaid = browser.send(address, **cash, why_paid=" ")
    assert unsaid.text.count("This field is required.") == 1
    assert payments(studio) == []
    browser.send(address, **cash, why_paid="Tips included.")
    assert len(payments(studio)) == 1
    told = [one.reason for one in staff_changes() if str(one.type).startswith("payment.")]
    assert told == ["Tips included."]


@pytest.mark.parametrize("kind", DOORS)
def test_the_reason_is_filled_in_where_there_is_nothing_more_to_say(
    kind: str, browser: Browser, studio: Company, customer: Any
) -> None:
    address, typed = door(kind, studio, customer)
    browser.send(address, **typed, paid_with="money:cash")
    assert len(payments(studio)) == 1


def test_who_writes_no_payment_need_not_say_why(
    browser: Browser, studio: Company, customer: Any
) -> None:
    address, typed = door("appointment", studio, customer)
    browser.send(address, **typed, paid_with="invoice", why_paid="")
    browser.send(address, **typed | {"starts_at_1": "12:00"}, paid_with="", why_paid="")
    assert (count(Booking, studio), payments(studio)) == (2, [])


# --- Cancelling ---


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("nothing", "Nothing was paid for it."),
        ("money", "It was paid with money."),
        ("pass", "1 visit goes back to the pass Ten visits."),
        ("amount", "£20.00 goes back to the credit Goodwill."),
        ("offering", "The credit Goodwill can be used again."),
        ("invoice", "is voided, unless money is kept for it."),
        ("ended", "Nothing goes back to Goodwill, which has ended."),
    ],
)
def test_the_question_says_what_goes_back_and_that_is_what_does(
    kind: str, sentence: str, browser: Browser, studio: Company, customer: Any, actor: Actor
) -> None:
    coupon: dict[str, Any] = {"amount": 2_000} if kind == "amount" else {"offering": "Massage"}
    if kind == "ended":
        coupon = {"amount": 20_000}
    means: Any = {
        "nothing": lambda: None,
        "money": lambda: Payment(method="cash"),
        "pass": lambda: APass(company=studio, customer=customer),
        "invoice": Invoice,
    }.get(kind, lambda: ACredit(company=studio, customer=customer, **coupon))()
    booking = AnAppointment(company=studio, customer=customer, means=means)
    if kind == "ended":
        with acting_for(studio.id):
            revoke_credit(means, actor=actor)
    question = browser.get(ask(booking, "cancel")).text
    assert sentence in question
    assert ("Give £72.00 back" in question) is (kind == "money")
    answer = browser.send(ask(booking, "cancel"), reason="A cold.")
    assert answer["Location"] == page_of(booking)
    after = fresh(booking)
    assert (after.status, after.reason, after.cancelled_by) == (
        *("cancelled", "A cold.", "Olive Owner"),
    )
    balances = {"pass": 10, "amount": 2_000, "offering": 1, "ended": 0}
    if kind in balances:
        assert fresh(means).balance == balances[kind]
    assert sum(payments(studio)) == 0
    assert is_voided(booking) is (kind == "invoice")
    page = browser.get(page_of(booking)).text
    for text in ("A cold.", "Olive Owner", "Cancelled"):
        assert text in page, text


def test_money_stays_where_it_is_not_to_go_back(
    browser: Browser, studio: Company, booking: Any
) -> None:
    browser.send(ask(booking, "pay"), paid_with="money:cash")
    form = browser.form(ask(booking, "cancel"))
    assert form.values["refund"] == ["on"]
    kept = {name: value for name, value in form.values.items() if name != "refund"}
    unsaid = browser.post(ask(booking, "cancel"), **kept)
    assert unsaid.text.count("This field is required.") == 1, "money moves, so a reason is due"
    browser.post(ask(booking, "cancel"), **kept | {"reason": "Too late to give it back."})
    assert fresh(booking).status == "cancelled"
    assert payments(studio) == [7_200]


def test_what_was_cancelled_meanwhile_is_told_once(
    browser: Browser, studio: Company, booking: Any
) -> None:
    browser.send(ask(booking, "cancel"))
    answer = browser.send(ask(booking, "cancel"), reason="Again.")
    assert answer.text.count("This booking is cancelled.") == 1
    assert fresh(booking).reason == ""
    assert [vars(change)["type"] for change in staff_changes()] == ["booking.cancelled"]


def test_an_event_date_says_how_much_money_goes_back(browser: Browser, studio: Company) -> None:
    date = AnEventDate(company=studio)
    coupon = ACoupon(company=studio, name="Friend", offering="Yoga")
    ana = ACustomer(company=studio)
    credit = ACredit(company=studio, customer=ana, coupon=coupon)
    APlace(company=studio, event_date=date, customer=ana, means=credit)
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
    unsaid = browser.send(ask(date, "cancel"))
    assert unsaid.text.count("This field is required.") == 1
    browser.send(ask(date, "cancel"), reason="Ill.")
    assert sum(payments(studio)) == 0
    assert fresh(credit).balance == 1
    assert is_voided(asked)
