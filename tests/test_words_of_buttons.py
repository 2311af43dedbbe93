"""The button of a form says what it does, wherever more comes of it than a row filled in."""

import pytest

from config.access.models import Company
from tests.backoffice import Browser
from tests.factories import ACoupon, ACustomer

SAYS = {
    "/admin/credits/passpurchase/add/": "Sell pass",
    "/admin/billing/subscription/add/": "Subscribe",
    "/admin/billing/invoice/add/": "Create invoice",
    "/admin/bookings/booking/add/": "Book",
    "/admin/bookings/mediapurchase/add/": "Sell",
    "/admin/access/membership/add/": "Invite",
    "/admin/access/apiclient/add/": "Create API client",
    "/admin/access/apikey/add/": "Create API key",
    "/admin/changes/webhookendpoint/add/": "Create webhook",
    "/admin/customers/customer/add/": "Save",
}


def word_on_the_button(page: str) -> str:
    _, _, after = page.partition('name="_save"')
    return after.partition(">")[2].partition("</button>")[0].strip()


@pytest.mark.parametrize("path", SAYS)
def test_a_form_says_what_its_button_does(path: str, browser: Browser, studio: Company) -> None:
    assert word_on_the_button(browser.get(path).text) == SAYS[path]


def test_a_credit_is_issued_and_not_saved(browser: Browser, studio: Company) -> None:
    coupon, customer = ACoupon(company=studio), ACustomer(company=studio)
    page = browser.get(
        "/admin/credits/credit/add/", coupon=str(coupon.pk), customer=str(customer.pk)
    )
    assert word_on_the_button(page.text) == "Issue credit"
