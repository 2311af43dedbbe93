"""Issuing a credit in the back-office: choose a coupon, review the credit, then confirm."""

from datetime import UTC
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.errors import NoSuchTime
from config.tenancy.scoping import acting_for
from credits.actions import archive_coupon, update_coupon
from credits.models import Coupon, Credit, Entry
from customers.actions import archive_customer
from tests.backoffice import Browser, Form, count, errors, only, page_of, staff_changes
from tests.factories import ACoupon, act
from tests.shares import undone

ADD = "/admin/credits/credit/add/"


def issuing(coupon: Any, customer: Any) -> str:
    """Return the address of the form that issues a credit for a coupon to a customer."""
    return f"{ADD}?customer={customer.pk}&coupon={coupon.pk}"


def test_a_credit_is_issued_for_a_reason(browser: Browser, studio: Company, customer: Any) -> None:
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


def test_coupons_are_told_before_issue(browser: Browser, studio: Company, customer: Any) -> None:
    none = browser.get(ADD).text
    assert "There are no coupons yet" in none
    assert 'href="/admin/credits/coupon/add/"' in none
    today = date_format(timezone.localdate())
    terms: dict[tuple[str, str], dict[str, Any]] = {
        ("£20.00, used in parts until it is gone", f"until {today}"): {
            "amount": 2_000,
            "valid_for": "P1D",
        },
        ("10% off, any number of times", ""): {"percentage": 10, "multi_use": True},
        ("Massage, once", "without a last day"): {"offering": "Massage"},
    }
    coupons = {
        words: ACoupon(company=studio, name="Goodwill", **gives) for words, gives in terms.items()
    }
    page = browser.get(f"{ADD}?customer={customer.pk}").text
    assert "Which coupon for Ana Díaz?" in page
    for (gives, ends), coupon in coupons.items():
        assert gives in page
        assert f"?customer={customer.pk}&amp;coupon={coupon.pk}" in page
        told = browser.get(issuing(coupon, customer)).text
        assert f"Goodwill: {gives}" in told
        assert ends in told, gives
    assert count(Credit, studio) == 0


def test_a_coupon_that_changed_after_it_was_read_is_said_again_first(
    browser: Browser, studio: Company, customer: Any
) -> None:
    coupon = ACoupon(company=studio, amount=2_000)
    form = browser.form(issuing(coupon, customer)).values | {"reason": "A late class"}
    act(studio, update_coupon, coupon, changes={"amount": 9_000})
    answer = browser.post(issuing(coupon, customer), **form)
    assert "Read what this coupon gives now." in errors(answer)["coupon"][0]
    assert "£90.00" in answer.text
    assert count(Credit, studio) == 0
    again = Form(answer.text, "credit_form").values
    assert browser.post(issuing(coupon, customer), **again).status_code == 302
    assert only(Credit, studio).balance == 9_000


def test_coupons_are_looked_for_by_name_and_code_and_no_other_is_issued(
    browser: Browser, studio: Company, rival: Company, customer: Any
) -> None:
    gone = ACoupon(company=studio, name="Gone by now")
    act(studio, archive_coupon, gone)
    ACoupon(company=studio, name="Goodwill", code="HELLO")
    ACoupon(company=studio, name="Birthday")
    ACoupon(company=rival, name="Goodwill of rivals")
    for words, found in [
        ("", ["Birthday", "Goodwill"]),
        ("good", ["Goodwill"]),
        ("hello", ["Goodwill"]),
        ("gone", []),
        ("\x00", ["Birthday", "Goodwill"]),
    ]:
        rows = browser.get(ADD, q=words).context["rows"]
        assert [str(coupon) for coupon, *_ in rows] == found, words
    assert "No coupon matches." in browser.get(ADD, q="gone").text
    foreign = ACoupon(company=rival, name="Theirs")
    for key in (foreign.pk, gone.pk, Coupon().pk, "no-id", "\x00"):
        given = {"customer": str(customer.pk), "coupon": str(key)}
        answer = browser.get(ADD, **given)
        assert "Which coupon for Ana Díaz?" in answer.text, key
        assert "Theirs" not in answer.text, key
        sent = browser.post(ADD, **given, reason="Why not")
        assert (sent.status_code, list(errors(sent))) == (200, ["coupon"]), key
        assert "Theirs" not in sent.text, key


def test_a_credit_ends_with_a_day_or_time(browser: Browser, studio: Company, customer: Any) -> None:
    address = issuing(ACoupon(company=studio), customer)
    form = browser.form(address).values | {"reason": "A late class"}
    for day, time, end, shown in (
        ("2099-07-01", "", "2099-07-01T22:59:59+00:00", "1 Jul 2099"),
        ("2099-07-01", "10:00", "2099-07-01T09:00:00+00:00", "Wed 1 Jul 2099, 10:00"),
        ("", "", None, ""),
    ):
        with undone():
            browser.post(address, **form | {"expires_at_0": day, "expires_at_1": time})
            ends = only(Credit, studio).expires_at
            assert (ends and ends.astimezone(UTC).isoformat()) == end
            assert shown in browser.get("/admin/credits/credit/").text
    far = "9999-12-31 is too far away: give a day from 1901-01-01 to 2999-12-31."
    for day, time, sentence in (
        ("", "10:00", "Choose the day as well, or leave the time empty."),
        ("2099-03-29", "01:30", str(NoSuchTime.message)),
        ("9999-12-31", "", far),
        ("2020-01-31", "", "This moment is in the past. Send a later one, or none."),
    ):
        answer = browser.post(address, **form | {"expires_at_0": day, "expires_at_1": time})
        assert errors(answer) == {"expires_at": [sentence]}


def test_a_refused_credit_is_told_once_at_its_field(
    browser: Browser, studio: Company, customer: Any, actor: Actor
) -> None:
    coupon = ACoupon(company=studio)
    form = browser.form(issuing(coupon, customer)).values | {"reason": "Typed before"}

    def refused(field: str, sentence: str, **typed: str) -> None:
        answer = browser.post(issuing(coupon, customer), **form | typed)
        assert errors(answer) == {field: [sentence]}
        assert answer.text.count(sentence) == 1
        assert ('value="Typed before"' in answer.text) is (field != "reason")

    refused("reason", "This field is required.", reason="")
    refused("revenue", "From £0.00 to £10,000,000,000.00.", revenue="-5")
    with acting_for(studio.id), undone():
        archive_customer(customer, actor=actor)
        refused("customer", "This customer is archived. Restore the customer first.")
    act(studio, archive_coupon, coupon)
    refused("coupon", "This coupon is archived. Restore it, or name another.")
    assert count(Credit, studio) == count(Entry, studio) == 0
    assert staff_changes() == []
