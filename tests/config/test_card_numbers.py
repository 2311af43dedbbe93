"""Card numbers are distinguished from other digits and refused by every surface (threat 37)."""

import datetime
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django import forms
from django.core.management import CommandError, call_command
from django.urls import get_resolver
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ValidationError

from config.admin.form_mixins import FreeText
from config.api.input_fields import Accepted, TextField
from config.card_numbers import holds_card_number, holds_masked_number, mask_card_numbers
from config.tenancy.companies import Company
from tests.backoffice import Browser
from tests.callers import Caller
from tests.factories import ACustomer

APPS = ("customers", "billing", "credits", "bookings")
VISA = "4111111111111111"
NUMBERS = [
    # 13 to 19 digits
    *(VISA, "4222222222222", "30569309025904", "378282246310005", "5555555555554444"),
    *("6304000000000000018", "4111 1111 1111 1111", "4111-1111-1111-1111", "4111.1111.1111.1111"),
    *("4111  1111\t1111 1111", "4111\u00a01111\u00a01111\u00a01111"),
    *("4111\u20111111\u20111111\u20111111", "paid with 4111 1111 1111 1111 today"),
    *("12 4111 1111 1111 1111 31", "٤١١١١١١١١١١١١١١١", "４１１１１１１１１１１１１１１１"),
    *("4111/1111/1111/1111", "4111_1111_1111_1111", "4111,1111,1111,1111"),
    *("4111|1111|1111|1111", "4111\\1111\\1111\\1111", "4111–1111–1111–1111"),
    *("4111 – 1111 – 1111 – 1111", "4111．1111．1111．1111"),
    *("4111\u30001111\u30001111\u30001111", "4111 1111\r\n1111 1111", "41111111\n11111111"),
    *("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "3782 822463 10005", "3056 930902 5904"),
    *("6304 0000 0000 0000 018", "?q=4111+1111+1111+1111&page=2", "?q=4111%201111%201111%201111"),
    "(4111111111111111)",
    "+4111111111111111",  # longer than any phone number
]
OTHERS = [
    *("", "4242", "4111111111111112"),
    *("411111111111", "41111111111111111111"),  # 12 and 20 digits
    *("pi_3MtwBwLkdIwHu7ix28a3tqPa", "20.10.2026 - 20.11.2026", "+44 20 7946 0000"),
    "INV-2026-00042",
    "74537604221222132710945",  # a bank's reference for a refund
    *("1000000000008", "2026112900004", "9999999999999995"),  # order numbers that pass a Luhn check
    *("order x4111111111111111x", "order_4111111111111111"),
    "41111111-1111-4111-8111-111111111111",
    "4000000000006",  # a barcode
    *("+4915112345673", "415-555-0123\n415-555-0199"),  # phone numbers
    "Call +49 151 1234 5673 or 06 50 12 34 56 78, 06 50 12 34 56 79",
    *("2026-11-29 14:30:00 – 2026-11-29 16:00:00", "5/14/2026 - 12/31/2026"),
    "4500, 5200, 6100, 7302",  # a list of prices
    *("5 x 4,111.11 1,111.11 11.11 1 = 20,555.55", "4,111,111,111,111,111.00"),
]


def test_a_card_number_is_told_however_it_is_written_and_other_digits_are_let_through() -> None:
    assert [text for text in NUMBERS if not holds_card_number(text)] == []
    assert [text for text in OTHERS if holds_card_number(text)] == []


@given(st.uuids(), st.integers(10**12, 4 * 10**12 - 1))
def test_ids_and_order_numbers_are_let_through(uuid: UUID, number: int) -> None:
    assert not holds_card_number(f"See {uuid}, {uuid.hex} and order {number}.")


def test_each_digit_of_a_card_number_is_masked() -> None:
    for text, masked in (
        ("Paid with 4111 1111 1111 1111 today", "Paid with •••• •••• •••• •••• today"),
        (f"{VISA} and {VISA}", "•••••••••••••••• and ••••••••••••••••"),
        ("4111 1111\n1111 1111", "•••• ••••\n•••• ••••"),
        ("INV-2026-00042 of 20.10.2026", "INV-2026-00042 of 20.10.2026"),
    ):
        assert mask_card_numbers(text) == masked
        assert not holds_card_number(masked)
        assert holds_masked_number(masked) is (text != masked)


DAYS = st.dates(datetime.date(1900, 1, 1), datetime.date(2199, 12, 31))


@given(DAYS, DAYS, st.times(), st.sampled_from(["-", "/", ".", " ", "_", ","]))
def test_dates_and_times_are_let_through(
    first: datetime.date, last: datetime.date, time: datetime.time, mark: str
) -> None:
    for form in ("%Y{0}%m{0}%d", "%d{0}%m{0}%Y", "%m{0}%d{0}%Y", "%Y%m%d"):
        days = [day.strftime(form.format(mark)) for day in (first, last)]
        assert not holds_card_number(f"{days[0]} - {days[1]}")
        assert not holds_card_number(f"{days[0]}{mark}{time:%H%M%S}")


def every(base: type) -> Iterator[Any]:
    """Yield all subclasses of a class, without those of third-party packages."""
    for one in base.__subclasses__():
        yield from every(one)
        if not one.__module__.startswith(("rest_framework", "django", "allauth", "unfold")):
            yield one


def text_fields() -> Iterator[tuple[str, TextField]]:
    for shape in every(Accepted):
        for name, field in shape._declared_fields.items():
            if isinstance(field, TextField):
                yield f"{shape.__name__}.{name}", field


def test_every_text_that_the_api_and_imports_take_refuses_a_card_number() -> None:
    assert get_resolver().url_patterns, "which imports every shape"
    let_through = set()
    fields = dict(text_fields())
    assert len(fields) > 60
    for name, field in fields.items():
        field.max_length = None
        try:
            field.run_validation(f"a {VISA}@example.com" if "email" in name else VISA)
        except ValidationError as error:
            codes = {one.code for one in error.detail}
            if "card_number" in codes:
                continue
        let_through.add(name.partition(".")[2])
    assert let_through == {"phone", "mobile", "external_id"}


def test_every_form_of_the_back_office_refuses_a_card_number() -> None:
    open_forms = {
        form.__name__
        for form in every(forms.BaseForm)
        if form.__module__.partition(".")[0] in ("config", *APPS)
        and any(
            isinstance(field, forms.CharField)
            for field in getattr(form, "base_fields", {}).values()
        )
        and not issubclass(form, FreeText)
        and "signing_in" not in form.__module__
    }
    assert open_forms == set()


def test_each_door_refuses_cards(integrator: Caller, studio: Company, browser: Browser) -> None:
    customer = ACustomer(company=studio)
    one, methods = f"/v1/customers/{customer.id}", f"/v1/customers/{customer.id}/payment-methods"
    zoe = {"first_name": "Zoë", "email": "zoe@example.com"}
    card = {"type": "card", "token": "tok", "brand": "visa", "last4": "4242"}
    line = {"description": "Ten visits", "unit_price": 9000}
    lines = {"customer_id": str(customer.id), "line_items": [line, line | {"description": VISA}]}
    for method, path, body, param in (
        ("POST", "/v1/customers", zoe | {"first_name": f"Zoë {VISA}"}, "first_name"),
        ("POST", "/v1/customers", zoe | {"preferences": {"card": VISA}}, "preferences"),
        ("PATCH", one, {"preferences": {VISA: {"deep": ["4111 1111 1111 1111"]}}}, "preferences"),
        ("PATCH", one, {"preferences": {"card": int(VISA)}}, "preferences"),
        ("PATCH", one, {"preferences": {"cards": [float(VISA)]}}, "preferences"),
        ("POST", "/v1/zones", {"name": "East", "postal_codes": ["E1", VISA]}, "postal_codes.1"),
        ("POST", f"{one}/notes", {"content": f"Card is {VISA}"}, "content"),
        ("POST", methods, card | {"token": VISA}, "token"),
        ("POST", "/v1/invoices", lines, "line_items.1.description"),
    ):
        answer = integrator(method, path, body)
        assert (answer.status, answer.body["error"]["code"]) == (422, "card_number"), body
        assert answer.body["error"]["param"] == param
        assert VISA not in answer.raw.decode()
    assert integrator.post(methods, card | {"last4": VISA}).status == 422
    answer = integrator.patch(one, {"first_name": "Ann"}, X_Reason=f"Paid with {VISA}")
    assert (answer.status, answer.body["error"]["code"]) == (422, "card_number")
    for address, typed in (
        (f"customers/customer/{customer.id}/note/", {"content": VISA}),
        ("customers/zone/add/", {"name": "East", "postal_codes": f"E1\n{VISA}"}),
        ("credits/passproduct/add/", {"name": "Ten", "visits": "10", "offerings": VISA}),
    ):
        assert "card number" in browser.post(f"/admin/{address}", **typed).text, address
    with pytest.raises(CommandError, match="card number"):
        call_command("create_company", f"Studio {VISA}", slug="cards")
