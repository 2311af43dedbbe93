"""The till in the back-office: it records sales and debts together with their payments."""

import datetime
from typing import Any

import pytest

from billing.models import Invoice, Payment, Subscription
from bookings.models import Booking, MediaPurchase
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.days import local_day
from config.tenancy.scoping import acting_for
from credits.models import Credit, PassPurchase
from customers.actions import archive_customer
from customers.models import Customer
from tests.backoffice import Browser, count, only, page_of, said
from tests.factories import (
    ACredit,
    ACustomer,
    AMediaPurchase,
    AMedium,
    AnAppointment,
    AnInvoice,
    APass,
    APlace,
    APlan,
    make_staff,
)
from tests.shares import undone


@pytest.fixture
def desk(studio: Company) -> Browser:
    email = f"desk@{studio.slug}.example"
    return Browser(make_staff(studio, email=email, role="front_desk"))


def till_of(customer: Customer) -> str:
    return page_of(customer).replace("change", "till")


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return dict(answer.context["form"].errors)


def rows(model: Any, company: Company, *names: str) -> list[Any]:
    with acting_for(company.id):
        return list(model.objects.oldest_first().values_list(*names))


def test_front_desk_sells_a_pass_for_cash(
    desk: Browser, studio: Company, customer: Customer
) -> None:
    product = APass(company=studio, tax_rate=20, tax_behavior="exclusive").product
    till = till_of(customer)
    assert f'href="{till}"' in desk.get(page_of(customer)).text
    page = desk.get(till).text
    for text in ("Ten visits", "£108.00", "Money is recorded here, not moved.", "It comes to"):
        assert text in page
    answer = desk.send(till, sold=f"pass:{product.pk}", paid_1="money:cash")
    assert (answer.status_code, answer["Location"]) == (302, page_of(customer))
    assert said(answer) == ["Ten visits: paid."]
    assert rows(Payment, studio, "amount", "method") == [(10_800, "cash")]
    assert only(Invoice, studio).paid_at is not None


def test_an_invoice_is_paid_half_in_cash_and_half_by_card(
    desk: Browser, studio: Company, customer: Customer
) -> None:
    invoice = AnInvoice(company=studio, customer=customer)
    till = f"{till_of(customer)}?owed=invoice:{invoice.pk}"
    assert till in desk.get(page_of(invoice)).text
    form = desk.form(till).values
    assert form["owed"] == [f"invoice:{invoice.pk}"]
    typed = {"paid_1": "money:cash", "amount_1": "50.00", "paid_2": "money:card"}
    answer = desk.post(till, **form | typed)
    assert said(answer) == [f"{invoice.number}: paid."]
    assert rows(Payment, studio, "amount", "method") == [(5_000, "cash"), (5_000, "card")]


def test_all_that_is_sold_and_owed_is_paid_in_part_and_the_rest_later(
    desk: Browser, studio: Company, customer: Customer
) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer}
    plan, media = APlan(company=studio, name="Gold"), AMedium(company=studio)
    booking, place = AnAppointment(**own), APlace(**own)
    till = till_of(customer)
    form = desk.form(till).values
    typed = {
        "sold": [f"plan:{plan.pk}", f"media:{media.pk}"],
        "owed": [f"booking:{booking.pk}", f"booking:{place.pk}"],
        "paid_1": "money:cash",
        "amount_1": "100.00",
        "due_on": "2099-01-31",
    }
    answer = desk.post(till, **form | typed)
    assert said(answer) == ["Gold, Morning stretch, Massage, Yoga: £46.00 to pay."]
    assert count(Subscription, studio) == count(MediaPurchase, studio) == 1
    assert {day for (day,) in rows(Invoice, studio, "due_on")} != {None}
    with acting_for(studio.id):
        assert Booking.objects.paid().count() == 2


def test_one_form_of_the_till_takes_effect_once(
    desk: Browser, studio: Company, customer: Customer
) -> None:
    product, till = APass(company=studio).product, till_of(customer)
    form = desk.form(till).values | {"sold": f"pass:{product.pk}", "paid_1": "money:cash"}
    answers = [desk.post(till, **form) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == [page_of(customer)] * 2
    assert "This form was sent before" in said(answers[1])[-1]
    assert count(Payment, studio) == count(Invoice, studio) == 1


def test_a_pass_and_a_credit_pay_at_the_till(
    desk: Browser, studio: Company, customer: Customer
) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer}
    ten, credit = APass(**own), ACredit(**own, amount=2_000)
    place, booking = APlace(**own), AnAppointment(**own)
    owed = {"owed": f"booking:{place.pk}", "paid_1": f"pass:{ten.pk}"}
    assert said(desk.send(till_of(customer), **owed)) == ["Yoga: paid."]
    owed = {"owed": f"booking:{booking.pk}", "paid_1": f"credit:{credit.pk}", "amount_1": "5.00"}
    assert said(desk.send(till_of(customer), **owed)) == ["Massage: £67.00 to pay."]
    with acting_for(studio.id):
        assert (Credit.objects.get().balance, PassPurchase.objects.get(pk=ten.pk).balance) == (
            1_500,
            9,
        )


def test_too_much_is_refused_or_kept_as_a_credit(
    desk: Browser, studio: Company, customer: Customer
) -> None:
    invoice, till = AnInvoice(company=studio, customer=customer, amount=900), till_of(customer)
    typed = {"owed": f"invoice:{invoice.pk}", "paid_1": "money:cash", "amount_1": "10.00"}
    told = "It comes to £9.00. Take up to that, or keep what is too much as a credit."
    assert errors(desk.send(till, **typed)) == {"amount_1": [told]}
    assert count(Payment, studio) == 0
    desk.send(till, **typed, keep_excess="on")
    assert rows(Payment, studio, "amount") == [(900,), (100,)]
    assert only(Credit, studio).balance == 100


def test_more_than_a_pass_or_a_credit_leaves_is_told_in_the_words_of_the_till(
    desk: Browser, studio: Company, customer: Customer
) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer}
    ten, tenth = APass(**own, offerings=["Yoga"]), ACredit(**own, percentage=10)
    place, booking = APlace(**own), AnAppointment(**own)
    till = till_of(customer)
    typed = desk.form(till).values | {"paid_2": "money:cash"}
    typed.pop("amount_2")
    for way, owed, left, more in (
        (f"pass:{ten.pk}", [place, booking], "72.00", "72.01"),
        (f"credit:{tenth.pk}", [booking], "64.80", "64.81"),
    ):
        paid = typed | {"owed": [f"booking:{one.pk}" for one in owed], "paid_1": way}
        with undone():
            assert desk.post(till, **paid, amount_2=left).status_code == 302, "all that is left"
        told = (
            f"Once a pass or a credit has paid its part, £{left} is left to pay. Take up to that, "
            "or keep what is too much as a credit."
        )
        assert errors(desk.post(till, **paid, amount_2=more)) == {"amount_2": [told]}


def test_a_plan_begins_on_the_day_of_its_sale_which_is_entered_late(
    desk: Browser, studio: Company, customer: Customer
) -> None:
    plan, today = APlan(company=studio, name="Gold"), local_day(studio.pk)
    till = till_of(customer)
    assert "Plans begin on" in desk.get(till).text
    sold = desk.form(till).values | {"sold": f"plan:{plan.pk}", "paid_1": "money:cash"}
    for days in (-1, 32, 9_999):
        begins = (today - datetime.timedelta(days)).isoformat()
        (told,) = errors(desk.post(till, **sold | {"begins_on": begins}))["begins_on"]
        assert told.startswith("Write a day from "), days
    assert count(Subscription, studio) == 0
    for days in (31, 1, 0):
        begins = today - datetime.timedelta(days)
        with undone():
            desk.post(till, **sold | {"begins_on": begins.isoformat()})
            assert rows(Subscription, studio, "anchor_date") == [(begins,)], days
    desk.post(till, **sold)
    assert rows(Subscription, studio, "anchor_date") == [(today,)]


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({"paid_1": "money:cash"}, {"__all__"}),
        ({"sold": True}, {"paid_1"}),
        ({"sold": True, "paid_1": "later", "amount_1": "5.00"}, {"amount_1"}),
        ({"sold": True, "paid_1": "money:cash", "amount_2": "5.00"}, {"amount_2"}),
        ({"sold": True, "paid_1": "money:cash", "amount_1": "0.001"}, {"amount_1"}),
        ({"sold": True, "paid_1": "later", "due_on": "2020-01-01"}, {"due_on"}),
    ],
)
def test_what_is_wrong_is_told_where_it_is(
    desk: Browser, studio: Company, customer: Customer, typed: dict[str, Any], fields: set[str]
) -> None:
    product = APass(company=studio).product
    if "sold" in typed:
        typed = typed | {"sold": f"pass:{product.pk}"}
    answer = desk.send(till_of(customer), **typed)
    assert errors(answer).keys() == fields
    assert count(Invoice, studio) == 0


def test_what_is_archived_is_not_sold_and_an_archived_customer_only_pays(
    desk: Browser, studio: Company, customer: Customer
) -> None:
    product = APass(company=studio).product
    invoice = AnInvoice(company=studio, customer=customer)
    with acting_for(studio.id):
        archive_customer(customer, actor=Actor.command(studio))
    page = desk.get(till_of(customer)).text
    assert f"pass:{product.pk}" not in page
    typed = {"owed": f"invoice:{invoice.pk}", "paid_1": "money:cash"}
    assert said(desk.send(till_of(customer), **typed)) == [f"{invoice.number}: paid."]


def test_readers_and_other_companies_have_no_till(
    studio: Company, rival: Company, desk: Browser, customer: Customer
) -> None:
    reader = Browser(make_staff(studio, email="r@studio.example", role="read_only"))
    assert reader.get(till_of(customer)).status_code == 403
    assert "till/" not in reader.get(page_of(customer)).text
    theirs = ACustomer(company=rival)
    assert desk.get(till_of(theirs)).status_code == 302
    other = AnInvoice(company=rival, customer=theirs)
    form = desk.form(till_of(customer)).values
    answer = desk.post(till_of(customer), **form | {"owed": f"invoice:{other.pk}"})
    assert "owed" in errors(answer)


@pytest.mark.parametrize("make", [AnAppointment, AMediaPurchase, AnInvoice])
def test_what_a_form_names_twice_is_invoiced_and_paid_once(
    desk: Browser, studio: Company, customer: Customer, make: Any
) -> None:
    row = make(company=studio, customer=customer)
    owed = [f"{row._meta.model_name}:{row.pk}"] * 2
    answer = desk.post(till_of(customer), owed=owed, paid_1="money:cash")
    assert answer.status_code == 302, errors(answer)
    assert count(Invoice, studio) == count(Payment, studio) == 1
