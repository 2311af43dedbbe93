"""The customer's page: contact details, debts, next bookings, and links to the actions of staff."""

import datetime
import re
from typing import Any

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from billing.actions import pause_subscription, reduce_invoice, void_invoice
from billing.models import Invoice, Payment
from config.durations import end_of_day
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.permissions import Role
from config.tenancy.scoping import acting_for
from credits.actions import revoke_credit
from credits.models import PassPurchase
from customers.actions import archive_customer, create_zone
from customers.admin.customers import CustomerAdmin
from customers.models import Customer, Note, Zone
from tests.backoffice import Browser, Form, count, form_of, only, page_of, said, staff_changes
from tests.callers import Caller
from tests.factories import (
    MORNING,
    ACoupon,
    ACredit,
    ACustomer,
    AMediaPurchase,
    AnAddress,
    AnAppointment,
    AnInvoice,
    ANote,
    APass,
    APayment,
    APaymentMethod,
    APlace,
    APlan,
    ASubscription,
    AUser,
    act,
    make_staff,
)
from tests.statements import MOST, statements

CUSTOMERS = "/admin/customers/customer/"
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def customer(studio: Company) -> Any:
    return ACustomer(
        company=studio,
        first_name="Ana",
        last_name="Díaz",
        email="ana@example.com",
        phone="020 7946 0958",
        external_id="77",
        preferences={"preferred_contact": "phone", "marketing_opt_in": False, "shoes": "38"},
    )


def tables(browser: Browser, customer: Any) -> dict[str, Any]:
    """Return the tables of a customer's page by their titles."""
    context = browser.get(page_of(customer)).context
    return {str(table["title"]): table for table in [*context["main"], *context["side"]]}


def column(table: Any, number: int) -> list[str]:
    """Return the text of one column of a table, without tags."""
    return [re.sub(r"<[^>]*>|\s+", " ", str(row[number])).strip() for row in table["rows"]]


def test_the_page_says_who_they_are_and_how_to_reach_them(
    browser: Browser, studio: Company, customer: Any, actor: Actor
) -> None:
    AnAddress(company=studio, customer=customer, postal_code="E1 6AN")
    with acting_for(studio.id):
        create_zone(Zone(name="East", postal_codes=["e16an"]), actor=actor)
        create_zone(Zone(name="West", postal_codes=["W1"]), actor=actor)
    answer = browser.get(page_of(customer))
    facts = {str(name): str(value) for name, value, _ in answer.context["facts"]}
    assert facts["Zones"] == "East"
    assert facts["Other preferences"] == "shoes: 38"
    assert facts["External id"] == "77"
    assert facts["Id"] == f"cust_{customer.pk.hex}"
    for text in (
        'href="mailto:ana@example.com"',
        'href="tel:+442079460958"',
        ">Phone<",
        ">No<",
        ">Active",
        f'data-copied="cust_{customer.pk.hex}"',
    ):
        assert text in re.sub(r">\s+", ">", answer.text), text


def test_nothing_of_an_organisation_is_taken_for_markup(browser: Browser, studio: Company) -> None:
    customer = ACustomer(
        company=studio,
        name="<b>Bad</b>",
        email='"><script>@example.com',
        phone='"><script>',
        preferences={"<i>": "</dd>"},
    )
    ANote(company=studio, customer=customer, content="<script>alert(1)</script>")
    page = browser.get(page_of(customer)).text
    for markup in ("<b>Bad", '"><script>', "<i>:", "<script>alert"):
        assert markup not in page


def test_what_is_owed_to_them_stands_by_the_day_on_which_it_ends(
    browser: Browser, studio: Company, customer: Any, actor: Actor
) -> None:
    def day(number: int) -> datetime.datetime:
        return end_of_day(timezone.localdate() + datetime.timedelta(days=number), studio.timezone)

    own = {"company": studio, "customer": customer}
    ACredit(**own, amount=2_000, coupon=ACoupon(company=studio, name="Goodwill", amount=2_000))
    later = ACoupon(company=studio, name="Later")
    ACredit(**own, coupon=later, expires_at=day(40))
    soon = APass(**own)
    gone = ACredit(**own, coupon=ACoupon(company=studio, name="Gone"))
    with acting_for(studio.id):
        PassPurchase.objects.filter(pk=soon.pk).update(expires_at=day(3))
        revoke_credit(gone, actor=actor)
    ACredit(company=studio)
    table = tables(browser, customer)["Credits and passes"]
    assert column(table, 0) == [str(soon.product), "Later", "Goodwill"]
    assert column(table, 1) == ["10 of 10 visits", "Massage, once", "£20.00"]
    assert column(table, 2)[2] == "for ever"
    page = browser.get(page_of(customer)).text
    assert page.count('/revoke/"') == 3
    assert f"/admin/credits/passpurchase/{soon.pk}/revoke/" in page


def test_what_is_to_pay_is_one_figure_everywhere(
    browser: Browser, studio: Company, customer: Any, integrator: Caller
) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer}
    asked = AnInvoice(**own, amount=10_000, due_on=timezone.localdate())
    APayment(**own, invoice=asked, amount=2_500)
    act(studio, reduce_invoice, asked, amount=500, reason="Late")
    AnInvoice(**own, draft=True)
    void = AnInvoice(**own)
    act(studio, void_invoice, void)
    AnInvoice(company=studio, customer=ACustomer(company=studio))
    unpaid = AnAppointment(**own)
    AnAppointment(**own, means=Payment(method="cash"), starts_at=MORNING + HOUR)
    AnAppointment(**own, cancelled=True, starts_at=MORNING + 2 * HOUR)
    AnAppointment(**own, means=Invoice(), starts_at=MORNING + 3 * HOUR)
    AnAppointment(
        **own, means=Payment(method="card", status="failed"), starts_at=MORNING + 4 * HOUR
    )
    friend = ACustomer(company=studio)
    APlace(company=studio, customer=friend, purchased_by=customer)
    APlace(**own, purchased_by=friend)
    AMediaPurchase(**own)
    table = tables(browser, customer)["To pay"]
    assert column(table, 2) == ["£70.00", "£72.00", "£72.00", "£72.00", "£15.00", "£9.00"]
    assert column(table, 1)[0] == f"due {date_format(asked.due_on)}"
    assert table["sums"] == "£310.00"
    assert column(table, 0)[2] == unpaid.offering
    (row,) = (
        row for row in browser.get(CUSTOMERS).context["cl"].result_list if row.pk == customer.pk
    )
    assert CustomerAdmin.to_pay(None, row) == "£310.00"
    ACredit(**own, amount=2_000)
    ACredit(**own)
    APass(**own)
    parts = {"invoices": 14_200, "bookings": 15_900, "media": 900}
    assert integrator.get(f"/v1/customers/{customer.id}/balance").body == {
        "to_pay": [{"currency": "GBP", "amount": 31_000, **parts}],
        "credits": [{"currency": "GBP", "amount": 2_000}],
        "visits": 10,
    }
    assert {str(one) for one in browser.get(CUSTOMERS, owes="yes").context["cl"].result_list} >= {
        str(customer),
        str(friend),
    }


def test_nothing_to_pay_is_said(browser: Browser, studio: Company, customer: Any) -> None:
    table = tables(browser, customer)["To pay"]
    assert (table["rows"], table["empty"]) == ([], "Nothing is to be paid.")


def test_subscriptions_payment_methods_addresses_and_users_are_there(
    browser: Browser, studio: Company, customer: Any
) -> None:
    own = {"company": studio, "customer": customer}
    subscription = ASubscription(**own, plan=APlan(company=studio, name="Gold"))
    act(studio, pause_subscription, subscription, reason="Away")
    method = APaymentMethod(**own, token="tok_secret")
    AnAddress(**own, label="Home", street="1 Own Road")
    AnAddress(company=studio, customer=ACustomer(company=studio), street="2 Other Road")
    AUser(**own, first_name="Ulla", last_name="User")
    found = tables(browser, customer)
    assert column(found["Subscriptions"], 0) == ["Gold"]
    assert column(found["Subscriptions"], 3) == ["Paused"]
    assert column(found["Payment methods"], 0) == [str(method)]
    assert column(found["Addresses"], 3) == ["Default"]
    page = browser.get(page_of(customer)).text
    assert "Ulla User" in page
    assert "1 Own Road" in page
    assert "2 Other Road" not in page
    assert "tok_secret" not in page


def test_empty_parts_say_how_to_begin(browser: Browser, studio: Company) -> None:
    customer = ACustomer(company=studio, email="", phone="")
    page = browser.get(page_of(customer)).text
    for add in (
        *("credits/credit/add", "bookings/booking/classes", "billing/subscription/add"),
        *("billing/invoice/add", "customers/address/add", "customers/customeruser/add"),
        "customers/contactpoint/add",
    ):
        assert f'href="/admin/{add}/?customer={customer.pk}"' in page, add
    assert f'href="{page_of(customer).replace("change", "till")}"' in page
    assert "No credits or passes." in page
    assert "Nothing is booked." in page


def test_only_so_many_are_shown_at_first(browser: Browser, studio: Company, customer: Any) -> None:
    coupon = ACoupon(company=studio)
    for _ in range(12):
        ACredit(company=studio, customer=customer, coupon=coupon)
        AUser(company=studio, customer=customer)
    for title in ("Credits and passes", "Contacts"):
        table = tables(browser, customer)[title]
        assert len(table["rows"]) == 10
        assert len(browser.get(table["all"]).context["cl"].result_list) == 12


def note_address(customer: Any) -> str:
    return page_of(customer).replace("change", "note")


def test_a_note_is_written_on_the_page(browser: Browser, studio: Company, customer: Any) -> None:
    form = Form(browser.get(page_of(customer)).text, "note_form").values
    answer = browser.post(note_address(customer), **form | {"content": "Two\r\nlines <b>"})
    assert answer["Location"] == f"{page_of(customer)}#timeline"
    page = browser.get(page_of(customer)).text
    assert "Two<br>lines &lt;b&gt;" in page
    assert "Note by Olive Owner" in page
    note = only(Note, studio)
    assert [change.object_id for change in staff_changes()] == [note.pk]


def test_a_note_that_is_refused_is_shown_again_with_the_reason(
    browser: Browser, studio: Company, rival: Company, customer: Any
) -> None:
    for typed in ("", "   ", "x" * 10_001, "a\x00b"):
        answer = browser.post(note_address(customer), content=typed)
        (reason,) = answer.context["note"].errors["content"]
        assert answer.text.count(reason) == 1
        assert Form(answer.text, "note_form").values["content"] == typed
    assert browser.get(note_address(customer)).status_code == 405
    act(studio, archive_customer, customer)
    answer = browser.post(note_address(customer), content="Words")
    assert answer.text.count("This customer is archived and cannot be changed.") == 1
    for one in (ACustomer(company=rival), Customer()):
        for path in (note_address(one), form_of(one)):
            answer = browser.post(path, content="Words")
            assert answer["Location"] == "/admin/customers/customer/"
            assert said(answer)[-1] == "This customer does not exist."
    assert count(Note, studio) == count(Note, rival) == 0


def test_a_reader_is_offered_nothing_and_refused_all(studio: Company, customer: Any) -> None:
    ACredit(company=studio, customer=customer)
    AnAppointment(company=studio, customer=customer)
    reader = Browser(make_staff(studio, email="rita@studio.example", role=Role.READ_ONLY))
    answer = reader.get(page_of(customer))
    (history,) = answer.context["doings"]
    assert "/history/" in history["path"]
    for way in ("/add/", "/revoke/", "/edit/", "note_form", "/archive/"):
        assert way not in answer.text, way
    assert "ana@example.com" in answer.text
    assert reader.get(form_of(customer))["Location"] == page_of(customer)
    for path in (page_of(customer), form_of(customer), note_address(customer)):
        assert reader.post(path, content="Words", first_name="Other").status_code == 403
    assert count(Note, studio) == 0


def test_an_archived_customers_page_is_read_and_restored(
    browser: Browser, studio: Company, customer: Any
) -> None:
    own = {"company": studio, "customer": customer}
    credit = ACredit(**own)
    AnAppointment(**own)
    APass(**own)
    act(studio, archive_customer, customer)
    page = browser.get(page_of(customer)).text
    for text in ("Archived on", str(credit.coupon), f"{customer.pk}/restore/"):
        assert text in page
    for way in ("/add/?customer=", "/revoke/", "/edit/", "note_form", "/archive/"):
        assert way not in page
    assert browser.get(form_of(customer))["Location"] == page_of(customer)


def test_the_page_takes_few_statements_and_as_many_for_much_as_for_little(
    browser: Browser, studio: Company, customer: Any
) -> None:
    def grow() -> None:
        own: dict[str, Any] = {"company": studio, "customer": customer}
        for make in (AnAddress, AUser, ANote, APass, APaymentMethod, AMediaPurchase, AnInvoice):
            make(**own)
        ASubscription(**own)
        AnAppointment(**own, means=ACredit(**own, amount=100_000))
        AnAppointment(**own, means=Payment(method="cash"), cancelled=True)

    def ran(query: str = "") -> int:
        browser.get(page_of(customer) + query)
        return len(statements(browser, page_of(customer) + query))

    few = ran()
    for _ in range(2):
        grow()
    assert ran() == ran("?show=money") == few <= MOST
