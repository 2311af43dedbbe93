"""Services, facilitators and media in the back-office, and media that customers bought."""

from billing.models import Payment
from bookings.models import Facilitator, Media, MediaPurchase, Service
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.backoffice import Browser, Form, count, errors, fresh, only, page_of, staff_changes
from tests.factories import (
    ACredit,
    AFacilitator,
    AMediaPurchase,
    AMedium,
    AnAppointment,
    APlan,
    AService,
)

from .support import ask, told_once

ADD = "/admin/bookings/{}/add/"
LIST = "/admin/bookings/{}/"


def test_a_changed_service_leaves_appointments_alone(browser: Browser, studio: Company) -> None:
    browser.send(ADD.format("service"), name="Massage", duration="60", price="55", tax_rate="17.5")
    service = only(Service, studio)
    assert (service.price, service.currency, float(service.tax_rate)) == (5_500, "GBP", 17.5)
    assert 'value="17.5"' in browser.get(page_of(service)).text
    for text in ("Massage", "£55.00", "17.5"):
        assert text in browser.get(LIST.format("service")).text
    booking = AnAppointment(company=studio, service=service)
    browser.send(page_of(service), price="60", duration="75")
    assert (fresh(service).price, fresh(service).duration) == (6_000, 75)
    assert (fresh(booking).subtotal, fresh(booking).duration) == (5_500, 60)


def test_a_refused_service_is_told_once(browser: Browser, studio: Company) -> None:
    fields = {"name": "Massage", "duration": "60", "price": "55"}
    least, most = (f"Ensure this value is {word} than or equal to" for word in ("greater", "less"))
    for field, typed, sentence in (
        ("name", " ", "This field is required."),
        ("duration", "0", f"{least} 1."),
        ("duration", "10081", f"{most} 10080."),
        ("price", "-1", "From £0.00 to £10,000,000,000.00."),
        ("price", "5.001", "GBP has no coin as small as that."),
        ("tax_rate", "101", f"{most} 100."),
        ("tax_rate", "-1", f"{least} 0."),
    ):
        answer = told_once(browser, ADD.format("service"), sentence, **fields | {field: typed})
        assert errors(answer) == {field: [sentence]}
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


def test_an_archived_row_is_read_only_until_restored(browser: Browser, studio: Company) -> None:
    for make in (AService, AFacilitator, AMedium, APlan):
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


def test_a_medium_is_sold_and_paid(browser: Browser, studio: Company, customer: Customer) -> None:
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
    for text in ("Zoë Ng", "Morning stretch", "£9.00", "Paid", "Cash"):
        assert text in page, text


def test_a_medium_is_paid_with_a_credit_that_the_customer_has(
    browser: Browser, studio: Company, customer: Customer
) -> None:
    media = AMedium(company=studio)
    credit = ACredit(company=studio, customer=customer, amount=2_000)
    add = f"{ADD.format('mediapurchase')}?customer={customer.pk}"
    page = browser.get(add).text
    assert "Goodwill: £20.00" in page
    assert "An invoice" not in page
    browser.send(add, media=str(media.pk), paid_with=f"credit:{credit.pk}")
    assert fresh(credit).balance == 1_100


def test_a_refused_sale_is_told_once(browser: Browser, studio: Company, customer: Customer) -> None:
    fields = {"customer": str(customer.pk), "media": str(AMedium(company=studio).pk)}
    for field, typed, sentence in (
        ("media", "", "This field is required."),
        (
            "expires_on",
            "01/01/2020",
            "The last day is over already. Send a day from today on, or none.",
        ),
        ("paid_with", "invoice", "Select a valid choice."),
        ("paid_with", "pass:x", "Select a valid choice."),
    ):
        address = ADD.format("mediapurchase")
        answer = told_once(browser, address, sentence, **fields | {field: typed})
        assert errors(answer).keys() == {field}, typed
    assert count(MediaPurchase, studio) == 0


def test_a_sale_is_cancelled_once_and_its_money_goes_back_or_stays(
    browser: Browser, studio: Company, customer: Customer
) -> None:
    cash = Payment.Method.CASH
    for refund, sums in (("on", [900, -900]), ("", [900, -900, 900])):
        bought = AMediaPurchase(company=studio, customer=customer, means=Payment(method=cash))
        assert "Give £9.00 back" in browser.get(ask(bought, "cancel")).text
        form = browser.form(ask(bought, "cancel")).values | {"reason": "By mistake."}
        form = {key: value for key, value in form.items() if key != "refund" or refund}
        browser.post(ask(bought, "cancel"), **form)
        after = fresh(bought)
        assert (after.is_cancelled, after.reason) == (True, "By mistake.")
        with acting_for(studio.id):
            found = Payment.objects.order_by("id").values_list("signed_amount", flat=True)
            assert list(found) == sums
    page = browser.get(page_of(bought)).text
    assert ("By mistake." in page, "/cancel/" in page) == (True, False)
    unpaid = AMediaPurchase(company=studio, customer=customer)
    assert "Nothing was paid for it." in browser.get(ask(unpaid, "cancel")).text
    before = len(staff_changes())
    browser.send(ask(unpaid, "cancel"))
    answer = browser.send(ask(unpaid, "cancel"))
    assert (
        answer.text.count(
            "This purchase was cancelled already. Leave it, or sell the medium again."
        )
        == 1
    )
    changes = [vars(change)["type"] for change in staff_changes()[before:]]
    assert changes == ["media_purchase.cancelled"]


def test_a_price_that_changed_since_the_page_was_shown_is_asked_about_again(
    browser: Browser, studio: Company, customer: Customer, service: Service
) -> None:
    for model, row, typed in (
        ("booking", service, {"starts_at_0": "01/06/2099", "starts_at_1": "09:00"}),
        ("mediapurchase", AMedium(company=studio), {}),
    ):
        kind = type(row)._meta.model_name
        add = f"/admin/bookings/{model}/add/?customer={customer.pk}&{kind}={row.pk}"
        sent = browser.form(add).values | typed
        was = sent["shown"]
        assert was in ("£72.00", "£9.00")
        with acting_for(studio.id):
            type(row).objects.filter(pk=row.pk).update(price=row.price * 2)
        again = browser.post(add, **sent)
        assert again.text.count(f"The page said: “{was}”") == 1
        shown = Form(again.text, f"{model}_form").values["shown"]
        assert shown in again.text
        assert browser.post(add, **sent | {"shown": shown}).status_code == 302
