"""Issuing a credit in the back-office: a coupon first, then what it gives, then whether."""

from typing import Any

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from credits.actions import archive_coupon, update_coupon
from credits.models import Coupon, Credit, Entry
from customers.actions import archive_customer
from tests.backoffice import Browser, Form, count, errors, page_of, staff_changes
from tests.factories import ACoupon, ACustomer

ADD = "/admin/credits/credit/add/"


@pytest.fixture
def customer(studio: Company) -> Any:
    return ACustomer(company=studio, first_name="Ana", last_name="Díaz")


def only(model: Any, company: Company) -> Any:
    with acting_for(company.id):
        return model.objects.get()


def issuing(coupon: Any, customer: Any) -> str:
    """Return the address of the form that issues a coupon to a customer."""
    return f"{ADD}?customer={customer.pk}&coupon={coupon.pk}"


def test_a_credit_is_issued_with_its_reason_in_the_ledger(
    browser: Browser, studio: Company, customer: Any
) -> None:
    coupon = ACoupon(company=studio, amount=2_000)
    answer = browser.send(issuing(coupon, customer), revenue="12.50", reason="A late class")
    credit = only(Credit, studio)
    assert answer["Location"] == page_of(customer)
    assert (credit.customer_id, credit.balance, credit.revenue) == (customer.pk, 2_000, 1_250)
    entry = only(Entry, studio)
    assert (entry.reason, entry.actor_name) == ("A late class", "Olive Owner")
    page = browser.get(page_of(credit)).text
    for text in ("£20.00", "£12.50", "A late class", "Olive Owner", "+£20.00"):
        assert text in page
    assert 'name="revenue"' not in page
    assert browser.post(page_of(credit), revenue="1").status_code == 403


@pytest.mark.parametrize(
    ("terms", "said_of_it", "promised"),
    [
        (
            {"amount": 2_000, "valid_for": "P1D"},
            "£20.00, used in parts until it is gone",
            "until {today}",
        ),
        ({"percentage": 10, "offering": "", "multi_use": True}, "10% off, any number of times", ""),
        ({"offering": "Massage"}, "Massage, once", "without a last day"),
    ],
)
def test_what_a_coupon_gives_is_said_before_it_is_issued(
    terms: dict[str, Any],
    said_of_it: str,
    promised: str,
    browser: Browser,
    studio: Company,
    customer: Any,
) -> None:
    coupon = ACoupon(company=studio, name="Goodwill", **terms)
    page = browser.get(f"{ADD}?customer={customer.pk}")
    assert "Which coupon for Ana Díaz?" in page.text
    assert said_of_it in page.text
    assert f"?customer={customer.pk}&amp;coupon={coupon.pk}" in page.text
    day = date_format(timezone.localdate())
    told = browser.get(issuing(coupon, customer)).text
    assert f"Goodwill: {said_of_it}" in told
    assert promised.format(today=day) in told
    assert count(Credit, studio) == 0


def test_a_coupon_that_changed_after_it_was_read_is_said_again_first(
    browser: Browser, studio: Company, customer: Any, actor: Actor
) -> None:
    coupon = ACoupon(company=studio, amount=2_000)
    form = browser.form(issuing(coupon, customer)).values | {"reason": "A late class"}
    with acting_for(studio.id):
        update_coupon(coupon, changes={"amount": 9_000}, actor=actor)
    answer = browser.post(issuing(coupon, customer), **form)
    assert "Read what this coupon gives now." in errors(answer)["coupon"][0]
    assert "£90.00" in answer.text
    assert count(Credit, studio) == 0
    again = Form(answer.text, "credit_form").values
    assert browser.post(issuing(coupon, customer), **again).status_code == 302
    assert only(Credit, studio).balance == 9_000


def test_coupons_are_looked_for_by_name_and_code(
    browser: Browser, studio: Company, rival: Company, customer: Any, actor: Actor
) -> None:
    gone = ACoupon(company=studio, name="Gone by now")
    with acting_for(studio.id):
        archive_coupon(gone, actor=actor)
    ACoupon(company=studio, name="Goodwill", code="HELLO")
    ACoupon(company=studio, name="Birthday")
    ACoupon(company=rival, name="Goodwill of rivals")
    where = ADD
    for words, found in [
        ("", ["Birthday", "Goodwill"]),
        ("good", ["Goodwill"]),
        ("hello", ["Goodwill"]),
        ("gone", []),
        ("\x00", ["Birthday", "Goodwill"]),
    ]:
        rows = browser.get(where, q=words).context["rows"]
        assert [str(coupon) for coupon, *_ in rows] == found, words
    assert "No coupon is called so." in browser.get(where, q="gone").text


@pytest.mark.parametrize("given", ["foreign", "archived", "unknown", "no-id", "\x00"])
def test_a_coupon_that_is_not_there_leads_to_those_that_are(
    given: str, browser: Browser, studio: Company, rival: Company, customer: Any, actor: Actor
) -> None:
    foreign, archived = ACoupon(company=rival, name="Theirs"), ACoupon(company=studio)
    with acting_for(studio.id):
        archive_coupon(archived, actor=actor)
    keys = {"foreign": foreign.pk, "archived": archived.pk, "unknown": Coupon().pk}
    key = str(keys.get(given, given))
    answer = browser.get(ADD, customer=str(customer.pk), coupon=key)
    assert "Which coupon for Ana Díaz?" in answer.text
    assert "Theirs" not in answer.text
    sent = browser.post(ADD, customer=str(customer.pk), coupon=key, reason="Why not")
    assert (sent.status_code, list(errors(sent))) == (200, ["coupon"])
    assert "Theirs" not in sent.text


def test_without_a_coupon_the_page_says_how_to_begin(browser: Browser, customer: Any) -> None:
    page = browser.get(ADD).text
    assert "There are no coupons yet" in page
    assert 'href="/admin/credits/coupon/add/"' in page


@pytest.mark.parametrize(
    ("case", "field", "sentence"),
    [
        ("customer", "customer", "This customer is archived."),
        ("coupon", "coupon", "This coupon is archived."),
        ("day", "expiry_date", "The last day is over already."),
        ("revenue", "revenue", "From £0.00 to £10,000,000,000.00."),
        ("reason", "reason", "This field is required."),
    ],
)
def test_a_refused_credit_is_told_once_at_its_field(
    case: str,
    field: str,
    sentence: str,
    browser: Browser,
    studio: Company,
    customer: Any,
    actor: Actor,
) -> None:
    coupon = ACoupon(company=studio)
    form = browser.form(issuing(coupon, customer)).values
    with acting_for(studio.id):
        if case == "customer":
            archive_customer(customer, actor=actor)
        if case == "coupon":
            archive_coupon(coupon, actor=actor)
    typed = {
        "expiry_date": "2020-01-31" if case == "day" else "",
        "revenue": "-5" if case == "revenue" else "",
        "reason": "" if case == "reason" else "Typed before",
    }
    answer = browser.post(issuing(coupon, customer), **form | typed)
    assert errors(answer) == {field: [sentence]}
    assert answer.text.count(sentence) == 1
    assert ('value="Typed before"' in answer.text) is (case != "reason")
    assert count(Credit, studio) == count(Entry, studio) == 0
    assert staff_changes() == []
