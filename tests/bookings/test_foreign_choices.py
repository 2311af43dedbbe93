"""Forms of the till and of bookings refuse choices of another company (threat 2).

`tests/test_back_office.py` tries every field that refers to one model; these fields refer to
several.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from config.tenancy.companies import Company
from tests.admin_routes import ids_of, make_rows
from tests.backoffice import Browser, said
from tests.shares import undone
from tests.test_two_companies import UNKNOWN, everything

HELD = {
    "pass": "credits.passpurchase",
    "credit": "credits.credit",
    "method": "billing.paymentmethod",
}
SOLD = {"pass": "credits.passproduct", "plan": "billing.plan", "media": "bookings.media"}
OWED = {
    "invoice": "billing.invoice",
    "booking": "bookings.booking",
    "mediapurchase": "bookings.mediapurchase",
}

# The address of a form, the valid values to send, the name of the field, the start of the choice
# before its id, and whether the id has hyphens.
Case = tuple[str, dict[str, str], str, str, str, bool]


def cases(own: dict[str, str]) -> Iterator[Case]:
    customer, till = own["customers.customer"], "/admin/customers/customer/{}/till/"
    till = till.format(customer)
    thing = {"sold": f"pass:{own['credits.passproduct']}"}
    for word, kind in SOLD.items():
        yield till, {"paid_1": "money:cash"}, "sold", word, kind, True
    for word, kind in OWED.items():
        yield till, {"paid_1": "money:cash"}, "owed", word, kind, True
    for word, kind in HELD.items():
        yield till, thing, "paid_1", word, kind, True
        yield till, thing | {"paid_1": "money:cash", "amount_1": "1.00"}, "paid_2", word, kind, True
    classes = f"/admin/bookings/booking/classes/?customer={customer}"
    yield classes, {}, "dates", "", "bookings.eventdate", False
    date = UUID(own["bookings.eventdate"]).hex
    for word, kind in HELD.items():
        yield classes, {"dates": date}, f"paid_{date}", word, kind, True
    pay = f"/admin/bookings/booking/{own['bookings.booking']}/pay/"
    invoice = f"/admin/billing/invoice/{own['billing.invoice']}/pay/"
    for word, kind in HELD.items():
        yield pay, {}, "paid_with", word, kind, True
    yield invoice, {"amount": "1.00"}, "paid_with", "method", "billing.paymentmethod", True


def choice(word: str, key: str, with_hyphens: bool) -> str:
    text = key if with_hyphens else UUID(key).hex
    return f"{word}:{text}" if word else text


def told(browser: Browser, address: str, sent: dict[str, str], field: str) -> list[str]:
    """Submit a form, and return the errors of a field."""
    answer = browser.post(address, **sent)
    assert answer.status_code == 200, said(answer)
    form: Any = answer.context["form"]
    return [str(one) for one in form.errors[field]]


def test_no_choice_is_a_row_of_another_company(
    browser: Browser, studio: Company, rival: Company, subtests: pytest.Subtests
) -> None:
    own = ids_of(studio, make_rows(studio), "Own")
    foreign = ids_of(rival, make_rows(rival), "Rival")
    before = everything(rival)
    for address, sent, field, word, kind, with_hyphens in cases(own):
        with subtests.test(f"{address} {field} {word}"), undone():
            answers = []
            for key in (foreign[kind], UNKNOWN):
                value = choice(word, key, with_hyphens)
                text = told(browser, address, sent | {field: value}, field)
                answers.append([one.replace(value, "…") for one in text])
            assert answers[0] == answers[1]
            assert answers[0]
            assert everything(rival) == before, "nothing was written"


def test_nobody_of_another_company_is_ticked_off_or_booked(
    browser: Browser, studio: Company, rival: Company
) -> None:
    foreign = ids_of(rival, make_rows(rival), "Rival")
    before = everything(rival)
    statuses: dict[str, set[Any]] = {}
    for key in (foreign["bookings.booking"], UNKNOWN):
        marked = browser.post("/admin/bookings/booking/mark/", mark=f"here:{key}")
        statuses.setdefault("mark", set()).add(marked.status_code)
    for key in (foreign["customers.customer"], UNKNOWN):
        booked = browser.get(f"/admin/bookings/booking/classes/?customer={key}")
        statuses.setdefault("book", set()).add((booked.status_code, booked.headers["Location"]))
    assert statuses == {"mark": {404}, "book": {(302, "/admin/bookings/booking/add/")}}
    assert everything(rival) == before
