"""Services, facilitators and media in the back-office, and media that customers bought."""

from typing import Any

import pytest

from billing.models import Payment
from bookings.models import Facilitator, Media, MediaPurchase, Service
from config.access.models import Company
from config.access.tenancy import acting_for
from tests.backoffice import Browser, count, errors, fresh, page_of, said, staff_changes
from tests.factories import (
    ACredit,
    ACustomer,
    AFacilitator,
    AMediaPurchase,
    AMedium,
    AnAppointment,
    AService,
)

ADD = "/admin/bookings/{}/add/"
LIST = "/admin/bookings/{}/"


def only(model: Any, company: Company) -> Any:
    with acting_for(company.id):
        return model.objects.get()


def test_a_service_is_added_and_changed_and_appointments_stay(
    browser: Browser, studio: Company
) -> None:
    browser.send(
        ADD.format("service"), name="Massage", duration="60", price="55.00", tax_rate="17.5"
    )
    service = only(Service, studio)
    assert (service.price, service.currency, float(service.tax_rate)) == (5_500, "GBP", 17.5)
    assert 'value="17.5"' in browser.get(page_of(service)).text
    for text in ("Massage", "£55.00", "17.5"):
        assert text in browser.get(LIST.format("service")).text
    booking = AnAppointment(company=studio, service=service)
    browser.send(page_of(service), price="60", duration="75")
    assert (fresh(service).price, fresh(service).duration) == (6_000, 75)
    assert (fresh(booking).subtotal, fresh(booking).duration) == (5_500, 60)


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"name": " "}, "name", "This field is required."),
        ({"duration": "0"}, "duration", "Ensure this value is greater than or equal to 1."),
        ({"duration": "10081"}, "duration", "Ensure this value is less than or equal to 10080."),
        ({"price": "-1"}, "price", "From £0.00 to £10,000,000,000.00."),
        ({"price": "5.001"}, "price", "GBP has no coin as small as that."),
        ({"tax_rate": "101"}, "tax_rate", "Ensure this value is less than or equal to 100."),
        ({"tax_rate": "-1"}, "tax_rate", "Ensure this value is greater than or equal to 0."),
    ],
)
def test_a_refused_service_is_told_once(
    typed: dict[str, str], field: str, sentence: str, browser: Browser, studio: Company
) -> None:
    fields = {"name": "Massage", "duration": "60", "price": "55"}
    answer = browser.send(ADD.format("service"), **fields | typed)
    assert errors(answer) == {field: [sentence]}
    assert answer.text.count(sentence) == 1
    assert count(Service, studio) == 0
    assert staff_changes() == []


def test_a_facilitator_is_added_and_changed(browser: Browser, studio: Company) -> None:
    browser.send(ADD.format("facilitator"), name="Noor Haddad", email="noor@example.com")
    facilitator = only(Facilitator, studio)
    browser.send(page_of(facilitator), name="Noor H.")
    after = fresh(facilitator)
    assert (after.name, after.email) == ("Noor H.", "noor@example.com")
    assert errors(browser.send(page_of(facilitator), email="nobody")).keys() == {"email"}


def test_a_medium_is_added_and_changed(browser: Browser, studio: Company) -> None:
    fields = {"name": "Breathing", "price": "14", "valid_for_0": "30", "valid_for_1": "D"}
    browser.send(ADD.format("media"), **fields)
    media = only(Media, studio)
    assert (media.price, media.currency, media.valid_for) == (1_400, "GBP", "P30D")
    page = browser.get(LIST.format("media")).text
    assert ("£14.00" in page, "30 days" in page) == (True, True)
    browser.send(page_of(media), valid_for_0="")
    assert fresh(media).valid_for == ""


@pytest.mark.parametrize("make", [AService, AFacilitator, AMedium])
def test_what_is_archived_is_read_only_until_it_is_restored(
    make: Any, browser: Browser, studio: Company
) -> None:
    row = make(company=studio, name="Old")
    form = browser.form(page_of(row)).values
    browser.press(page_of(row), "archive")
    page = browser.get(page_of(row)).text
    assert ("This is archived." in page, 'name="_save"' in page) == (True, False)
    answer = browser.post(page_of(row), **form | {"name": "New"})
    assert answer.text.count("is archived. Restore it first.") == 1
    browser.press(page_of(row), "restore")
    browser.send(page_of(row), name="New")
    assert fresh(row).name == "New"


# --- Media that customers bought ---


@pytest.fixture
def customer(studio: Company) -> Any:
    return ACustomer(company=studio, first_name="Ana", last_name="Díaz")


def test_a_medium_is_sold_and_paid_for(browser: Browser, studio: Company, customer: Any) -> None:
    media = AMedium(company=studio)
    answer = browser.send(
        f"{ADD.format('mediapurchase')}?customer={customer.pk}",
        media=str(media.pk),
        paid_with="money:cash",
    )
    bought = only(MediaPurchase, studio)
    assert answer["Location"] == page_of(bought)
    assert (bought.total, bought.expires_on is None) == (900, False)
    assert only(Payment, studio).method == "cash"
    page = browser.get(page_of(bought)).text
    for text in ("Ana Díaz", "Morning stretch", "£9.00", "Paid", "Cash"):
        assert text in page, text


def test_a_medium_is_paid_with_a_credit_that_the_customer_has(
    browser: Browser, studio: Company, customer: Any
) -> None:
    media = AMedium(company=studio)
    credit = ACredit(company=studio, customer=customer, amount=2_000)
    add = f"{ADD.format('mediapurchase')}?customer={customer.pk}"
    page = browser.get(add).text
    assert "Goodwill: £20.00" in page
    assert "An invoice" not in page
    browser.send(add, media=str(media.pk), paid_with=f"credit:{credit.pk}")
    assert fresh(credit).balance == 1_100


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"media": ""}, "media", "This field is required."),
        ({"expires_on": "01/01/2020"}, "expires_on", "The last day is over already."),
        ({"paid_with": "invoice"}, "paid_with", "Select a valid choice."),
        ({"paid_with": "pass:x"}, "paid_with", "Select a valid choice."),
    ],
)
def test_a_refused_sale_is_told_once(
    typed: dict[str, str],
    field: str,
    sentence: str,
    browser: Browser,
    studio: Company,
    customer: Any,
) -> None:
    fields = {"customer": str(customer.pk), "media": str(AMedium(company=studio).pk)}
    answer = browser.send(ADD.format("mediapurchase"), **fields | typed)
    assert errors(answer).keys() == {field}
    assert answer.text.count(sentence) == 1
    assert count(MediaPurchase, studio) == 0


def test_a_sale_is_cancelled_and_its_money_goes_back_or_stays(
    browser: Browser, studio: Company, customer: Any
) -> None:
    for refund, sums in (("on", [900, -900]), ("", [900, -900, 900])):
        bought = AMediaPurchase(
            company=studio, customer=customer, means=Payment(method=Payment.Method.CARD)
        )
        cancel = page_of(bought).replace("change", "cancel")
        assert "Give £9.00 back" in browser.get(cancel).text
        form = browser.form(cancel).values | {"reason": "By mistake."}
        browser.post(cancel, **{**form, "refund": refund} if refund else _without(form, "refund"))
        after = fresh(bought)
        assert (after.is_cancelled, after.reason) == (True, "By mistake.")
        with acting_for(studio.id):
            found = Payment.objects.order_by("id").values_list("signed_amount", flat=True)
            assert list(found) == sums
    page = browser.get(page_of(bought)).text
    assert "By mistake." in page
    assert "/cancel/" not in page


def test_a_sale_is_cancelled_once(browser: Browser, studio: Company, customer: Any) -> None:
    bought = AMediaPurchase(company=studio, customer=customer)
    cancel = page_of(bought).replace("change", "cancel")
    assert "Nothing was paid for it." in browser.get(cancel).text
    browser.send(cancel)
    answer = browser.send(cancel)
    assert answer.text.count("This purchase was cancelled already.") == 1
    assert said(answer)[1:] == []
    assert [vars(change)["type"] for change in staff_changes()] == ["media_purchase.cancelled"]


def _without(form: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in form.items() if key != name}
