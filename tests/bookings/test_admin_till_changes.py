"""The till, payments and cancellations first show what changed since the form was opened."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from billing.actions import change_plan, take_payment
from billing.models import Invoice, Payment, Subscription
from bookings.actions import cancel_booking, pay_booking
from config.tenancy.archiving import archive_row
from config.tenancy.companies import Company
from credits.actions import update_pass_product
from credits.models import PassPurchase
from customers.models import Customer
from tests.backoffice import Browser, Form, count, fresh, only, page_of, said
from tests.factories import AMedium, AnAppointment, AnInvoice, APass, APlace, APlan, act

from .support import ask, cash

SOON = timezone.now() + datetime.timedelta(hours=3)


def till_of(customer: Customer) -> str:
    return page_of(customer).replace("change", "till")


def told(answer: Any) -> list[str]:
    """Return the messages above a form that is shown again."""
    assert answer.status_code == 200
    return answer.context["form"].non_field_errors()


def changed(was: str, now: str) -> str:
    return (
        f"This came to {was} when the page was shown; it comes to {now} now. Check it and send "
        "again."
    )


def form_of(path: str, answer: Any) -> dict[str, Any]:
    """Return the form of a page that is shown again."""
    return Form(answer.text, f"{path.split('/')[3]}_form").values


def send_again(browser: Browser, path: str, answer: Any) -> Any:
    return browser.post(path, **form_of(path, answer))


def test_a_price_that_changed_since_the_till_was_shown_is_told_once(
    browser: Browser, studio: Company, customer: Customer
) -> None:
    product = APass(company=studio, price=1_000).product
    before, till = count(PassPurchase, studio), till_of(customer)
    typed = {"sold": [f"pass:{product.pk}"], "paid_1": "money:cash", "amount_1": "5.00"}
    form = browser.form(till).values | typed
    act(studio, update_pass_product, product, changes={"price": 1_200})
    answer = browser.post(till, **form)
    assert told(answer) == [changed("£10.00", "£12.00")]
    assert count(PassPurchase, studio) == before
    assert count(Invoice, studio) == count(Payment, studio) == 0
    kept = form_of(till, answer)
    assert {name: kept[name] for name in typed} == typed | {"paid_1": ["money:cash"]}
    answer = send_again(browser, till, answer)
    assert said(answer) == ["Ten visits: £7.00 to pay."]


def test_what_was_paid_meanwhile_is_told_at_the_till(
    browser: Browser, studio: Company, customer: Customer
) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer}
    invoice, booking, till = AnInvoice(**own), AnAppointment(**own), till_of(customer)
    owed = [f"invoice:{invoice.pk}", f"booking:{booking.pk}"]
    form = browser.form(till).values | {"owed": owed, "paid_1": "money:card"}
    act(studio, take_payment, Payment(invoice=invoice, amount=4_000, method="cash"))
    answer = browser.post(till, **form)
    assert told(answer) == [changed("£172.00", "£132.00")]
    form = form_of(till, answer)
    act(studio, pay_booking, booking, means=cash())
    answer = browser.post(till, **form)
    assert told(answer) == [changed("£132.00", "£60.00")]
    gone = "Something that was ticked is no longer to be paid by this customer. See what is left"
    assert answer.context["form"].errors["owed"][0].startswith(gone)
    assert count(Payment, studio) == 2
    assert said(send_again(browser, till, answer)) == [f"{invoice.number}: paid."]
    form = browser.form(till).values | {"owed": owed[:1], "paid_1": "money:card"}
    answer = browser.post(till, **form)
    assert told(answer) == [], "the page never showed it"
    assert "owed" in answer.context["form"].errors


def test_what_is_no_longer_sold_or_is_sold_in_another_currency_is_told(
    browser: Browser, studio: Company, customer: Customer
) -> None:
    plan, media, till = APlan(company=studio), AMedium(company=studio), till_of(customer)
    typed = {"sold": [f"plan:{plan.pk}", f"media:{media.pk}"], "paid_1": "later"}
    form = browser.form(till).values | typed
    act(studio, change_plan, plan, changes={"currency": "EUR"})
    assert told(browser.post(till, **form)) == [changed("£59.00", "€50.00 + £9.00")]
    act(studio, archive_row, media)
    answer = browser.post(till, **form)
    assert told(answer) == [changed("£59.00", "€50.00")]
    assert "sold" in answer.context["form"].errors
    assert count(Subscription, studio) == count(Invoice, studio) == 0


@pytest.mark.parametrize("shown", ["", "{", "[1]", '{"a": 1}', '{"a": [1e999, "GBP"]}', "[" * 9999])
def test_a_till_that_does_not_say_what_it_showed_takes_the_money(
    browser: Browser, studio: Company, customer: Customer, shown: str
) -> None:
    product, till = APass(company=studio).product, till_of(customer)
    typed = {"sold": f"pass:{product.pk}", "paid_1": "money:cash", "shown": shown}
    assert said(browser.send(till, **typed)) == ["Ten visits: paid."]


def test_money_in_several_currencies_is_refused_in_words(
    browser: Browser, studio: Company, customer: Customer
) -> None:
    plan, media = APlan(company=studio, currency="EUR", name="Gold"), AMedium(company=studio)
    typed = {"sold": [f"plan:{plan.pk}", f"media:{media.pk}"]}
    answer = browser.send(till_of(customer), **typed, paid_1="money:cash")
    assert told(answer) == [
        "What is ticked is priced in EUR and GBP. Take the money for one currency at a time, or "
        "choose that it is to be paid later."
    ]
    assert count(Subscription, studio) == count(Invoice, studio) == 0
    answer = browser.send(till_of(customer), **typed, paid_1="later")
    assert said(answer) == ["Gold, Morning stretch: €50.00 + £9.00 to pay."]


def test_searching_at_the_till_keeps_what_was_ticked_and_typed(
    browser: Browser, studio: Company, customer: Customer
) -> None:
    booking = AnAppointment(company=studio, customer=customer)
    product, media = APass(company=studio).product, AMedium(company=studio)
    APlan(company=studio, name="Gold")
    till, typed = till_of(customer), {"paid_1": "money:cash", "amount_2": "5.00", "paid_2": ""}
    ticked = {"sold": [f"pass:{product.pk}"], "owed": [f"booking:{booking.pk}"]}
    answer = browser.post(till, **ticked, **typed, q="stretch", search="1")
    form = form_of(till, answer)
    assert (form["sold"], form["owed"]) == (ticked["sold"], ticked["owed"])
    assert (form["paid_1"], form["amount_2"], form["q"]) == (["money:cash"], "5.00", "stretch")
    assert f"media:{media.pk}" in answer.text
    assert "Gold" not in answer.text
    assert count(Invoice, studio) == 0
    page = browser.get(till, sold=f"pass:{product.pk}", q="stretch").text
    assert f'value="pass:{product.pk}" data-amount="9000" data-currency="GBP" checked' in page


# --- Cancelling ---


def rule(company: Company, keeps: str, fee: int = 0) -> None:
    Company.objects.filter(pk=company.pk).update(
        late_cancellation_hours=24, late_cancellation_keeps=keeps, late_cancellation_fee=fee
    )


def test_a_cancellation_that_became_late_is_asked_again(
    browser: Browser, studio: Company, customer: Customer
) -> None:
    booking = AnAppointment(company=studio, customer=customer, starts_at=SOON, means=cash())
    page = ask(booking, "cancel")
    form = browser.form(page).values | {"reason": "A cold"}
    rule(studio, "fee", 1_000)
    answer = browser.post(page, **form)
    (sentence,) = told(answer)
    assert sentence.startswith("This has changed since the page was shown. The page said: “It was")
    assert sentence.endswith("Read what it says now, and send it again.")
    assert "This is a late cancellation" in answer.text
    assert 'value="A cold"' in answer.text
    assert fresh(booking).status == "confirmed"
    answer = send_again(browser, page, answer)
    assert answer.status_code == 302
    assert fresh(booking).status == "cancelled"


def test_a_cancellation_with_other_consequences_is_asked_again(
    browser: Browser, studio: Company, customer: Customer
) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer}
    booking, place = AnAppointment(**own), APlace(**own)
    pages = [ask(booking, "cancel"), ask(place.event_date, "cancel")]
    forms = [browser.form(page).values | {"reason": "A cold"} for page in pages]
    act(studio, pay_booking, booking, means=cash())
    act(studio, cancel_booking, place)
    for page, form in zip(pages, forms, strict=True):
        answer = browser.post(page, **form)
        assert len(told(answer)) == 1
        assert send_again(browser, page, answer).status_code == 302
    assert {fresh(booking).status, fresh(place).status} == {"cancelled"}


def test_what_is_to_pay_of_a_booking_is_asked_again_if_it_changed(
    browser: Browser, studio: Company, customer: Customer
) -> None:
    booking = AnAppointment(company=studio, customer=customer, means=Invoice())
    page = ask(booking, "pay")
    form = browser.form(page).values | {"paid_with": "money:cash"}
    invoice = only(Invoice, studio)
    act(studio, take_payment, Payment(invoice=invoice, amount=4_000, method="cash"))
    answer = browser.post(page, **form)
    assert "to pay for Massage" in told(answer)[0]
    assert count(Payment, studio) == 1
    assert send_again(browser, page, answer).status_code == 302
    assert count(Payment, studio) == 2
