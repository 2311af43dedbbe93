"""Coupons, credits, rules, passes and the ledger in the back-office."""

from typing import Any

import pytest

from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from credits.actions import archive_coupon, redeem_credit
from credits.models import Coupon, Credit, CreditRule, Entry, PassProduct, PassPurchase
from tests.backoffice import Browser, count, errors, fresh, page_of, said, staff_changes
from tests.factories import ACoupon, ACredit, ACustomer, APlan

LIST = "/admin/credits/{}/"
ADD = "/admin/credits/{}/add/"
ONE_THING = "Give exactly one of an amount, a percentage and an offering."
ALL = (Coupon, Credit, CreditRule, PassProduct, PassPurchase, Entry)


@pytest.fixture
def customer(studio: Company) -> Any:
    return ACustomer(company=studio, first_name="Ana", last_name="Díaz")


def only(model: Any, company: Company) -> Any:
    with acting_for(company.id):
        return model.objects.get()


# --- Coupons ---


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        ({"amount": "20.00"}, {"entitlement": "amount", "amount": 2_000}, "£20.00"),
        ({"percentage": "15"}, {"entitlement": "percentage", "percentage": 15}, "15% off"),
        ({"offering": "Massage", "multi_use": "on"}, {"multi_use": True}, "Massage"),
        (
            {"amount": "1", "valid_for_0": "6", "valid_for_1": "M"},
            {"valid_for": "P6M"},
            "6 months",
        ),
    ],
)
def test_a_coupon_gives_one_thing(
    typed: dict[str, str], kept: dict[str, Any], shown: str, browser: Browser, studio: Company
) -> None:
    assert browser.send(ADD.format("coupon"), name="Goodwill", **typed).status_code == 302
    coupon = only(Coupon, studio)
    assert {name: getattr(coupon, name) for name in kept} == kept
    assert coupon.currency == "GBP"
    assert shown in browser.get(LIST.format("coupon")).text


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({}, "__all__", ONE_THING),
        ({"amount": "20", "percentage": "15"}, "__all__", ONE_THING),
        ({"amount": "0"}, "amount", "From £0.01 to £10,000,000,000.00."),
        ({"amount": "5.001"}, "amount", "GBP has no coin as small as that."),
        (
            {"percentage": "101"},
            "percentage",
            "Ensure this value is less than or equal to 100.",
        ),
        ({"offering": "Massage", "code": "HELLO"}, "code", "Another coupon has this code."),
        (
            {"offering": "Massage", "valid_for_0": "0"},
            "valid_for",
            "Ensure this value is greater than or equal to 1.",
        ),
    ],
)
def test_a_refused_coupon_is_told_once_and_kept_as_it_was_typed(
    typed: dict[str, str], field: str, sentence: str, browser: Browser, studio: Company
) -> None:
    ACoupon(company=studio, code="HELLO")
    answer = browser.send(ADD.format("coupon"), name="Goodwill", **typed)
    assert answer.status_code == 200
    assert errors(answer) == {field: [sentence]}
    assert answer.text.count(sentence) == 1
    assert said(answer) == []
    for text in typed.values():
        assert f'value="{text}"' in answer.text
    assert (count(Coupon, studio), staff_changes()) == (1, [])


def test_an_amount_is_not_of_any_number_of_uses(browser: Browser) -> None:
    answer = browser.send(ADD.format("coupon"), name="Goodwill", amount="5", multi_use="on")
    assert list(errors(answer)) == ["multi_use"]


def test_a_coupon_is_changed_and_one_sent_unchanged_leaves_no_trace(
    browser: Browser, studio: Company
) -> None:
    coupon = ACoupon(company=studio, amount=2_000, valid_for="P30D")
    assert browser.send(page_of(coupon)).status_code == 302
    assert staff_changes() == []
    browser.send(page_of(coupon), amount="", percentage="50", valid_for_0="")
    now = fresh(coupon)
    assert (now.entitlement, now.amount, now.percentage, now.valid_for) == (
        *("percentage", None, 50),
        "",
    )


def test_a_coupon_is_archived_shown_as_it_is_read_and_restored(
    browser: Browser, studio: Company
) -> None:
    coupon = ACoupon(company=studio, amount=2_000, valid_for="P1Y")
    browser.press(page_of(coupon), "archive")
    page = browser.get(page_of(coupon)).text
    assert 'name="amount"' not in page
    for text in ("£20.00", "1 year", "This is archived."):
        assert text in page
    browser.press(page_of(coupon), "restore")
    assert not fresh(coupon).is_archived


def test_a_restored_coupon_whose_code_is_taken_is_refused(
    browser: Browser, studio: Company, actor: Actor
) -> None:
    coupon = ACoupon(company=studio, code="HELLO")
    with acting_for(studio.id):
        archive_coupon(coupon, actor=actor)
    ACoupon(company=studio, code="HELLO")
    browser.press(page_of(coupon), "restore")
    assert said(browser.get(page_of(coupon))) == ["Another coupon has this code."]
    assert fresh(coupon).is_archived


# --- Rules ---


def test_a_rule_is_added_never_edited_and_archived(browser: Browser, studio: Company) -> None:
    plan, coupon = APlan(company=studio), ACoupon(company=studio)
    browser.send(ADD.format("creditrule"), plan=str(plan.pk), coupon=str(coupon.pk), every="P1M")
    rule = only(CreditRule, studio)
    assert (rule.plan_id, rule.coupon_id, rule.on_sign_up) == (plan.pk, coupon.pk, True)
    assert browser.post(page_of(rule), every="P1Y").status_code == 403
    browser.press(page_of(rule), "archive")
    assert fresh(rule).is_archived
    assert "it grants nothing any more" in browser.get(page_of(rule)).text


def test_a_rule_of_an_archived_coupon_is_refused_at_the_coupon(
    browser: Browser, studio: Company, actor: Actor
) -> None:
    coupon = ACoupon(company=studio)
    with acting_for(studio.id):
        archive_coupon(coupon, actor=actor)
    plan = str(APlan(company=studio).pk)
    answer = browser.send(ADD.format("creditrule"), plan=plan, coupon=str(coupon.pk), every="P1M")
    assert errors(answer) == {"coupon": ["This coupon is archived."]}


# --- Credits ---


def test_a_credit_is_revoked_for_a_reason_after_a_question_and_not_offered_it_again(
    browser: Browser, studio: Company
) -> None:
    credit = ACredit(company=studio, amount=2_000)
    question = browser.get(page_of(credit).replace("change", "revoke")).text
    assert f"(£20.00) is taken back from {credit.customer}" in question
    assert "This cannot be undone" in question
    unsaid = browser.press(page_of(credit), "revoke")
    assert (unsaid.status_code, unsaid.text.count("This field is required.")) == (200, 1)
    assert fresh(credit).revoked_at is None
    answer = browser.press(page_of(credit), "revoke", reason="Issued twice")
    assert answer["Location"] == page_of(credit.customer)
    assert said(answer)[-1] == f"{credit}: revoked."
    assert (fresh(credit).revoked_at is None, fresh(credit).balance) == (False, 0)
    page = browser.get(page_of(credit)).text
    for text in ("−£20.00", "Issued twice"):
        assert text in page
    assert "/revoke/" not in page


def test_a_credit_that_is_used_up_is_not_revoked(
    browser: Browser, studio: Company, actor: Actor
) -> None:
    credit = ACredit(company=studio)
    with acting_for(studio.id):
        redeem_credit(credit, reference="7", actor=actor)
    answer = browser.press(page_of(credit), "revoke", reason="Too late")
    sentence = "This credit has been redeemed and cannot be revoked."
    assert answer.text.count(sentence) == 1
    assert said(answer) == []


def test_credits_are_filtered_by_their_state_and_found_by_their_customer(
    browser: Browser, studio: Company, customer: Any, actor: Actor
) -> None:
    live, used = ACredit(company=studio, customer=customer), ACredit(company=studio)
    with acting_for(studio.id):
        redeem_credit(used, reference="7", actor=actor)
    for query in ({"state": "live"}, {"q": "diaz"}):
        page = browser.get(LIST.format("credit"), **query).text
        assert (str(live.pk) in page, str(used.pk) in page) == (True, False), query
    page = browser.get(LIST.format("credit"), state="used_up").text
    assert (str(live.pk) in page, str(used.pk) in page) == (False, True)
