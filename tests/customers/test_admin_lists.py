"""The list of customers: what staff read of each, and how they narrow it."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from config.access.models import Company
from config.access.tenancy import acting_for
from config.times import show_soon
from customers.actions import save_zone
from customers.models import Zone
from tests.backoffice import Browser
from tests.factories import (
    ACredit,
    ACustomer,
    AnAddress,
    AnAppointment,
    AnInvoice,
    APayment,
    ASubscription,
)

CUSTOMERS = "/admin/customers/customer/"


def listed(browser: Browser, **narrowed: Any) -> list[str]:
    return [str(row) for row in browser.get(CUSTOMERS, **narrowed).context["cl"].result_list]


def cells(browser: Browser, studio: Company) -> dict[str, Any]:
    """Return what the list shows of its one customer."""
    page = browser.get(CUSTOMERS).context["cl"]
    (row,) = page.result_list
    with acting_for(studio.id), timezone.override(studio.timezone):
        return {
            name: str(getattr(page.model_admin, name)(row))
            for name in ("next_booking", "last_booking", "owes", "credits", "subscription")
        }


def test_a_customer_is_read_at_a_glance(browser: Browser, studio: Company) -> None:
    customer = ACustomer(company=studio)
    mine: dict[str, Any] = {"company": studio, "customer": customer}
    soon = AnAppointment(**mine)
    AnAppointment(**mine, starts_at=soon.starts_at + datetime.timedelta(days=9))
    last = AnAppointment(**mine, starts_at=timezone.now() - datetime.timedelta(days=3))
    ACredit(**mine, amount=2_000)
    subscription = ASubscription(**mine)
    invoice = AnInvoice(**mine)
    APayment(**mine, invoice=invoice, amount=100)
    AnInvoice(**mine, draft=True)
    shown = cells(browser, studio)
    with timezone.override(studio.timezone):
        assert shown["next_booking"] == show_soon(soon.starts_at)
    assert str(last.starts_at.year) in shown["last_booking"]
    assert shown["credits"] == "1"
    assert shown["subscription"] == subscription.plan.name
    assert shown["owes"] == f"£{(invoice.total - 100) / 100:.2f}"


def test_a_customer_without_anything_shows_dashes(browser: Browser, studio: Company) -> None:
    ACustomer(company=studio)
    assert set(cells(browser, studio).values()) == {"–"}


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("subscription", ASubscription),
        ("credit", lambda **mine: ACredit(**mine, amount=100)),
        ("owes", lambda **mine: AnInvoice(**mine)),
    ],
)
def test_those_who_have_something_are_told_from_those_who_do_not(
    name: str, make: Any, browser: Browser, studio: Company
) -> None:
    has, _hasnt = (ACustomer(company=studio, first_name=one, last_name="") for one in "AB")
    make(company=studio, customer=has)
    assert listed(browser, **{name: "yes"}) == ["A"]
    assert listed(browser, **{name: "no"}) == ["B"]


def test_customers_of_a_zone_are_listed(browser: Browser, studio: Company, actor: Any) -> None:
    near, _far = (ACustomer(company=studio, first_name=one, last_name="") for one in "AB")
    AnAddress(company=studio, customer=near, postal_code="E1 6AN")
    with acting_for(studio.id):
        zone = save_zone(Zone(name="East", postal_codes=["E1 6AN"]), actor=actor)
    page = browser.get(CUSTOMERS, zone=zone.pk)
    assert [str(row) for row in page.context["cl"].result_list] == ["A"]
    assert [(chip.title, chip.text) for chip in page.context["chips"]] == [("Zone", "East")]
