"""A form takes effect once (threat 62), and never overwrites unseen changes (threat 63)."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.urls import reverse

from billing.models import Invoice, Payment
from bookings.models import Booking, MediaPurchase
from config.access.models import Staff
from config.admin import form_mixins, sent_forms, site
from config.tenancy.answers import KeptAnswer
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.models import Credit, PassPurchase
from customers.actions import create_zone
from customers.models import Customer, Zone
from tests.admin_routes import PAGES, ids_of, make_rows
from tests.backoffice import Browser, Form, count, errors, form_of, fresh, page_of, said
from tests.factories import (
    ACoupon,
    ACustomer,
    AMedium,
    AnAppointment,
    AnEventDate,
    APass,
    AService,
    AWebhook,
    act,
    make_api_client,
    make_staff,
)

BEFORE = "This form was sent before"
NUMBERS = itertools.count(31)
TYPES = ["customer.created", "note.created"]
REAL = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def address_of(kind: str, page: str, *keys: str) -> str:
    return reverse(f"admin:{kind.replace('.', '_')}_{page}", args=keys)


def opened(browser: Browser, address: str, **typed: Any) -> dict[str, Any]:
    """Open a form, fill it in, and return the values that the browser would send."""
    form = browser.form(address)
    assert sent_forms.FIELD in form.names
    return form.values | typed


def twice(browser: Browser, address: str, sent: dict[str, Any]) -> tuple[Any, Any]:
    return browser.client.post(address, sent), browser.client.post(address, sent)


Case = tuple[str, dict[str, str], type[Any]]
CUSTOMER: Case = (
    "/admin/customers/customer/add/",
    {"first_name": "Zoë", "last_name": "Ng"},
    Customer,
)


def cases(studio: Company) -> list[Case]:
    """Return forms: their address, the values to fill in, and the model that they create."""
    customer, coupon = ACustomer(company=studio).pk, ACoupon(company=studio).pk
    product, media = APass(company=studio).product.pk, AMedium(company=studio).pk
    service, of = AService(company=studio).pk, {"customer": str(customer)}
    line = {"lines-0-description": "Ten visits", "lines-0-quantity": "1", "lines-0-unit_price": "9"}
    at_nine = {"service": str(service), "starts_at_0": "01/06/2099", "starts_at_1": "09:00"}
    credit = f"/admin/credits/credit/add/?customer={customer}&coupon={coupon}"
    sold = of | {"product": str(product), "reason": "Sold"}
    return [
        (credit, of | {"coupon": str(coupon), "reason": "Late"}, Credit),
        ("/admin/credits/passpurchase/add/", sold, PassPurchase),
        ("/admin/bookings/mediapurchase/add/", of | {"media": str(media)}, MediaPurchase),
        CUSTOMER,
        (
            f"/admin/customers/customer/{customer}/till/",
            {"sold": f"pass:{product}", "paid_1": "money:cash"},
            Payment,
        ),
        ("/admin/billing/invoice/add/", of | line, Invoice),
        ("/admin/bookings/booking/add/", of | at_nine, Booking),
    ]


def test_back_and_submit_does_it_once_and_says_so(browser: Browser, studio: Company) -> None:
    for address, typed, model in cases(studio):
        before = count(model, studio)
        first, second = twice(browser, address, opened(browser, address, **typed))
        assert first.status_code == second.status_code == 302, errors(first)
        assert count(model, studio) == before + 1, address
        assert second["Location"] == first["Location"], address
        assert said(second)[-1].startswith(BEFORE), address
        again = browser.client.post(address, opened(browser, address, **typed))
        assert again.status_code == 302, address
        assert count(model, studio) == before + 2, "a form that is opened anew is another one"


def test_each_form_of_each_page_carries_a_token(studio: Company, subtests: pytest.Subtests) -> None:
    root = make_staff(studio, email="root@studio.example", superuser=True)
    browser, own = Browser(root, studio), ids_of(studio, make_rows(studio), "Own")
    picked = f"?customer={own['customers.customer']}&coupon={own['credits.coupon']}"
    for kind, shown in PAGES.items():
        addresses = [address_of(kind, "add") + picked] if shown.creates else []
        addresses += [address_of(kind, one.name, own[kind]) for one in shown.buttons if one.one]
        for address in addresses:
            with subtests.test(address):
                form = Form(browser.get(address).text, f"{kind.rpartition('.')[2]}_form")
                assert form.values[sent_forms.FIELD]


def test_a_refused_form_is_sent_again_by_its_opener_only(browser: Browser, studio: Company) -> None:
    address, typed, model = CUSTOMER
    sent = opened(browser, address, first_name="", last_name="")
    assert browser.client.post(address, sent).status_code == 200
    assert browser.client.post(address, sent | typed).status_code == 302
    assert count(model, studio) == 1
    colleague = Browser(make_staff(studio, email="cora@studio.example"), studio)
    assert not said(colleague.client.post(address, sent | typed))[-1].startswith(BEFORE)


def test_a_note_is_written_once(browser: Browser, studio: Company) -> None:
    customer = ACustomer(company=studio)
    page = browser.get(page_of(customer)).text
    token = page.split('name="_form" value="')[1].split('"')[0]
    address = f"/admin/customers/customer/{customer.pk}/note/"
    for _ in range(2):
        browser.post(address, content="Called.", _form=token)
    with acting_for(studio.id):
        assert customer.notes.count() == 1


def test_a_secret_is_shown_once_then_leads_to_the_row(browser: Browser, studio: Company) -> None:
    address = "/admin/access/apikey/add/"
    sent = opened(browser, address, name="Till", preset="everything")
    first, second = twice(browser, address, sent)
    assert "reg_live_" in first.text, errors(first)
    assert second.status_code == 302
    assert first.text.count("reg_live_") > browser.get(second["Location"]).text.count("reg_live_")
    with acting_for(studio.id):
        assert "reg_live_" not in "".join(KeptAnswer.objects.values_list("body", flat=True))


def made_at_once(staff: Staff, studio: Company, case: Case, times: int = 4) -> int:
    """Submit one form several times at once; return how many rows it created."""
    address, typed, model = case
    browser, before = Browser(staff, studio), count(model, studio)
    sent = opened(browser, address, **typed)

    def send(number: int) -> None:
        twin = Browser(staff, studio)
        twin.client.cookies = browser.client.cookies
        try:
            twin.client.post(address, sent)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as threads:
        list(threads.map(send, range(times)))
    return count(model, studio) - before


@REAL
def test_a_form_that_is_sent_several_times_at_once_makes_one_row(
    owner: Staff, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    forms = cases(studio)
    for case in forms:
        assert made_at_once(owner, studio, case) == 1, case
    # The negative control: without tokens, each submission creates a row.
    monkeypatch.setattr(site, "take_effect_once", lambda request, answer: answer())
    assert made_at_once(owner, studio, forms[0]) > 1


def test_a_field_changed_meanwhile_shows_both_values(browser: Browser, studio: Company) -> None:
    customer = ACustomer(company=studio, first_name="Ana", phone="020 7946 0001")
    address = form_of(customer)
    mine = opened(browser, address, first_name="Anna")
    theirs = opened(browser, address, first_name="Anne", phone="020 7946 0002")
    assert browser.client.post(address, theirs).status_code == 302
    answer = browser.client.post(address, mine)
    (sentence,) = errors(answer)["first_name"]
    assert sentence == "Somebody changed this from “Ana” to “Anne”. Save to replace it."
    assert 'value="Anna"' in answer.text, "what was typed stays"
    assert fresh(customer).first_name == "Anne"
    again = Form(answer.text, "customer_form").values
    assert browser.client.post(address, again).status_code == 302
    assert (fresh(customer).first_name, fresh(customer).phone) == ("Anna", "020 7946 0002")
    mine = opened(browser, address, first_name="Anita")
    assert browser.send(address, first_name="Anita").status_code == 302
    assert browser.client.post(address, mine).status_code == 302, "the same value is no conflict"


def test_no_kind_of_field_is_replaced_unseen(browser: Browser, studio: Company) -> None:
    coupon = ACoupon(company=studio, amount=500)
    client, _ = make_api_client(studio, name="App", scopes=["customers:read"])
    limit = f"/admin/access/apiclient/{client.pk}/limit/"
    zone = act(studio, create_zone, Zone(name="East", postal_codes=["E9"]))
    some, none = (AWebhook(company=studio, types=types) for types in (["note.created"], []))
    rows: list[tuple[Any, str, str, Any, Any, str]] = [
        (coupon, page_of(coupon), "amount", "6.00", "7.00", "to “6.00”"),
        (client, limit, "requests_per_minute", "50", "90", "Somebody changed this"),
        (zone, page_of(zone), "postal_codes", "E1", "E2", "from “E9” to “E1”"),
        (none, page_of(none), "types", TYPES[:1], TYPES[1:], f"from “nothing” to “{TYPES[0]}”"),
        (some, page_of(some), "types", [], TYPES[:1], "to “nothing”"),
    ]
    for row, address, field, theirs, mine, words in rows:
        form = browser.form(address).values
        sent = form | {field: theirs, sent_forms.FIELD: ""}
        assert browser.client.post(address, sent).status_code == 302, address
        stored = getattr(fresh(row), field)
        answer = browser.client.post(address, form | {field: mine})
        assert words in answer.text, address
        assert getattr(fresh(row), field) == stored, address
        again = Form(answer.text, f"{row._meta.model_name}_form").values
        assert browser.client.post(address, again).status_code == 302, address
        assert getattr(fresh(row), field) != stored, address


def test_an_appointment_is_not_moved_unseen(browser: Browser, studio: Company) -> None:
    booking = AnAppointment(company=studio)
    address = f"/admin/bookings/booking/{booking.pk}/move/"
    form = Form(browser.get(address).text, "booking_form").values
    mine, theirs = form | {"starts_at_1": "11:30"}, form | {"starts_at_1": "12:30"}
    theirs[sent_forms.FIELD] = ""
    assert browser.client.post(address, theirs).status_code == 302
    moved = fresh(booking).starts_at
    answer = browser.client.post(address, mine)
    day, time = form["starts_at_0"], form["initial-starts_at_1"]
    assert f"from “{day} {time}” to “{day} 12:30" in answer.text, "as the fields show them"
    assert fresh(booking).starts_at == moved
    again = Form(answer.text, "booking_form").values
    assert browser.client.post(address, again).status_code == 302
    assert fresh(booking).starts_at != moved


def saved_at_once(staff: Staff, address: str, name: str) -> int:
    """Save four different values at the same time; return how many saves succeeded."""
    browsers = [Browser(staff) for _ in range(4)]
    forms = [one.form(address).values | {name: str(next(NUMBERS))} for one in browsers]

    def save(number: int) -> bool:
        try:
            return browsers[number].client.post(address, forms[number]).status_code == 302
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        return sum(threads.map(save, range(4)))


def edited(studio: Company) -> list[tuple[str, str]]:
    """Return the addresses of forms for existing rows, each with a field that takes any number."""
    date = AnEventDate(company=studio)
    client, _ = make_api_client(studio, name="App", scopes=["customers:read"])
    return [
        (f"/admin/bookings/eventdate/{date.pk}/move/", "capacity"),
        (f"/admin/access/apiclient/{client.pk}/limit/", "requests_per_minute"),
        (form_of(ACustomer(company=studio)), "first_name"),
    ]


@REAL
def test_of_several_who_save_the_same_field_at_once_one_comes_through(
    owner: Staff, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    forms = edited(studio)
    for address, name in forms:
        assert saved_at_once(owner, address, name) == 1, address
    # The negative control: without the lock, several saves succeed.
    monkeypatch.setattr(form_mixins, "hold_row", lambda row: None)
    monkeypatch.setattr("bookings.admin.dates.hold_facilitators", lambda *facilitators: None)
    for address, name in forms:
        assert any(saved_at_once(owner, address, name) > 1 for _ in range(8)), address


@pytest.mark.parametrize("number", ["sNaN", "Infinity"])
def test_a_number_that_cannot_be_compared_is_refused(
    browser: Browser, studio: Company, number: str
) -> None:
    address = f"/admin/access/workplace/{studio.pk}/change/"
    form = browser.form(address).values | {sent_forms.FIELD: ""}
    for name in ("refund_limit", "tax_rate"):
        assert errors(browser.client.post(address, form | {name: number})).keys() == {name}
        shown = form | {f"initial-{name}": number, name: "5"}
        assert errors(browser.client.post(address, shown)).keys() == {name}, "it was not shown"
