"""The back-office asks for the tax of a price, and shows the total that customers pay."""

from typing import Any

import pytest

from billing.models import Plan
from bookings.models import Event, Media, PricingOption, Service
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.models import PassProduct
from tests.backoffice import Browser, only, page_of
from tests.factories import AMedium, AnEvent, AnEventDate, APass, APlan, AService, make_company

IN, ON = "inclusive", "exclusive"


@pytest.mark.parametrize(("country", "behavior"), [("GB", IN), ("MX", IN), ("US", ON), ("CA", ON)])
def test_new_prices_include_tax_but_for_the_us_and_canada(country: str, behavior: str) -> None:
    company = make_company("Anywhere", country=country, tax_behavior="")
    assert (company.tax_behavior, company.tax_rate) == (behavior, 0)


SOLD: dict[str, tuple[type[Any], dict[str, str]]] = {
    "bookings/service": (Service, {"duration": "60"}),
    "bookings/media": (Media, {}),
    "billing/plan": (Plan, {"billing_period": "P1M", "currency": "GBP"}),
    "credits/passproduct": (PassProduct, {"visits": "5"}),
    "bookings/event": (Event, {"option_name": "Drop-in", "visits": "1"}),
}


@pytest.mark.parametrize("where", SOLD)
def test_a_new_price_has_the_companys_tax_unless_it_is_given(
    browser: Browser, studio: Company, where: str
) -> None:
    Company.objects.filter(pk=studio.pk).update(tax_rate=20, tax_behavior=IN)
    model, more = SOLD[where]
    address = f"/admin/{where}/add/"
    page = browser.get(address).text
    assert '<option value="inclusive" selected>' in page
    browser.send(address, name="Plain", price="12.00", **more)
    browser.send(address, name="Own", price="10.00", tax_rate="5", tax_behavior=ON, **more)
    with acting_for(studio.id):
        rows = {row.name: row for row in model.objects.all()}
        if model is Event:
            rows |= {row.event.name: row for row in PricingOption.objects.all()}
        told = {name: (row.tax_rate, row.tax_behavior) for name, row in rows.items()}
    assert told == {"Plain": (20, IN), "Own": (5, ON)}


def test_lists_and_pages_show_what_will_be_paid(browser: Browser, studio: Company) -> None:
    terms: dict[str, Any] = {"price": 1_000, "tax_rate": 20, "tax_behavior": ON}
    service = AService(company=studio, **terms)
    AMedium(company=studio, **terms)
    APlan(company=studio, **terms)
    APass(company=studio, **terms)
    event = AnEvent(company=studio, **terms)
    date = AnEventDate(company=studio, event=event)
    for where in ("bookings/service", "bookings/media", "billing/plan", "credits/passproduct"):
        page = browser.get(f"/admin/{where}/").text
        assert "£12.00" in page, where
        assert "20% added to £10.00" in page, where
    assert "£12.00" in browser.get("/admin/credits/passpurchase/").text
    for address in (page_of(event), page_of(date).replace("change/", "book/")):
        assert "£12.00" in browser.get(address).text, address
    browser.send(page_of(service), price="12.00", tax_behavior=IN)
    assert only(Service, studio).tax_behavior == IN
    page = browser.get("/admin/bookings/service/").text
    assert "20% included" in page


def test_the_companys_tax_changes_no_price_that_is_there(browser: Browser, studio: Company) -> None:
    service = AService(company=studio, price=1_000, tax_rate=20)
    browser.send(f"/admin/access/workplace/{studio.pk}/change/", tax_behavior=IN, tax_rate="21")
    studio.refresh_from_db()
    assert (studio.tax_behavior, studio.tax_rate) == (IN, 21)
    with acting_for(studio.id):
        service.refresh_from_db()
    assert (service.tax_rate, service.tax_behavior) == (20, ON)
