"""Coupons, credits, rules, passes and the ledger in the back-office."""

from typing import Any

from config.tenancy.companies import Company
from credits.actions import archive_coupon, redeem_credit
from credits.models import Coupon, CreditRule
from tests.backoffice import Browser, count, errors, fresh, only, page_of, said, staff_changes
from tests.factories import ACoupon, ACredit, APlan, act
from tests.shares import undone

LIST = "/admin/credits/{}/"
ADD = "/admin/credits/{}/add/"
ONE_THING = "A coupon entitles to one thing: send exactly one of amount, percentage and offering."


def test_a_coupon_gives_one_thing(browser: Browser, studio: Company) -> None:
    six_months = {"valid_for_0": "6", "valid_for_1": "M"}
    cases: list[tuple[dict[str, str], dict[str, Any], str]] = [
        ({"amount": "20.00"}, {"entitlement": "amount", "amount": 2_000}, "£20.00"),
        ({"percentage": "15"}, {"entitlement": "percentage", "percentage": 15}, "15% off"),
        ({"offering": "Massage", "multi_use": "on"}, {"multi_use": True}, "Massage"),
        ({"amount": "1", **six_months}, {"valid_for": "P6M"}, "6 months"),
    ]
    for typed, kept, shown in cases:
        with undone():
            assert browser.send(ADD.format("coupon"), name="Goodwill", **typed).status_code == 302
            coupon = only(Coupon, studio)
            assert {name: getattr(coupon, name) for name in kept} == kept
            assert coupon.currency == "GBP"
            assert shown in browser.get(LIST.format("coupon")).text


def test_a_refused_coupon_is_told_once_and_kept_as_typed(browser: Browser, studio: Company) -> None:
    ACoupon(company=studio, code="HELLO")
    whole = "Ensure this value is {} than or equal to {}."
    cases: list[tuple[dict[str, str], str, str]] = [
        ({}, "__all__", ONE_THING),
        ({"amount": "20", "percentage": "15"}, "__all__", ONE_THING),
        ({"amount": "0"}, "amount", "From £0.01 to £10,000,000,000.00."),
        ({"amount": "5.001"}, "amount", "GBP has no coin as small as that."),
        ({"percentage": "101"}, "percentage", whole.format("less", 100)),
        (
            {"offering": "Massage", "code": "HELLO"},
            "code",
            "Another coupon has this code. Choose another code.",
        ),
        ({"offering": "Massage", "valid_for_0": "0"}, "valid_for", whole.format("greater", 1)),
    ]
    for typed, field, sentence in cases:
        answer = browser.send(ADD.format("coupon"), name="Goodwill", **typed)
        assert (answer.status_code, errors(answer)) == (200, {field: [sentence]})
        assert answer.text.count(sentence) == 1
        assert said(answer) == []
        for text in typed.values():
            assert f'value="{text}"' in answer.text
    many = browser.send(ADD.format("coupon"), name="Goodwill", amount="5", multi_use="on")
    assert list(errors(many)) == ["multi_use"]
    assert (count(Coupon, studio), staff_changes()) == (1, [])


def test_a_coupon_is_changed_or_leaves_no_trace(browser: Browser, studio: Company) -> None:
    coupon = ACoupon(company=studio, amount=2_000, valid_for="P30D")
    assert browser.send(page_of(coupon)).status_code == 302
    assert staff_changes() == []
    browser.send(page_of(coupon), amount="", percentage="50", valid_for_0="")
    now = fresh(coupon)
    terms = (now.entitlement, now.amount, now.percentage, now.valid_for)
    assert terms == ("percentage", None, 50, "")


def test_a_coupon_is_archived_read_only_and_restored(browser: Browser, studio: Company) -> None:
    coupon = ACoupon(company=studio, amount=2_000, valid_for="P1Y", code="HELLO")
    browser.press(page_of(coupon), "archive")
    page = browser.get(page_of(coupon)).text
    assert 'name="amount"' not in page
    for text in ("£20.00", "1 year", "This is archived."):
        assert text in page
    with undone():
        ACoupon(company=studio, code="HELLO")
        refused = browser.press(page_of(coupon), "restore")
        assert said(refused)[-1] == "Another coupon has this code. Choose another code."
        assert fresh(coupon).is_archived
    browser.press(page_of(coupon), "restore")
    assert not fresh(coupon).is_archived


def test_a_rule_is_added_and_archived(browser: Browser, studio: Company) -> None:
    plan, coupon = APlan(company=studio), ACoupon(company=studio)
    chosen = {"plan": str(plan.pk), "coupon": str(coupon.pk), "every": "P1M"}
    browser.send(ADD.format("creditrule"), **chosen)
    rule = only(CreditRule, studio)
    assert (rule.plan_id, rule.coupon_id, rule.on_sign_up) == (plan.pk, coupon.pk, True)
    assert browser.post(page_of(rule), every="P1Y").status_code == 403
    browser.press(page_of(rule), "archive")
    assert fresh(rule).is_archived
    page = browser.get(page_of(rule)).text
    assert "is archived and grants nothing" in page
    assert "/restore/" in page
    assert "grants this again" in browser.get(page_of(rule).replace("change", "restore")).text
    browser.press(page_of(rule), "restore")
    assert not fresh(rule).is_archived
    act(studio, archive_coupon, coupon)
    answer = browser.send(ADD.format("creditrule"), **chosen)
    assert errors(answer) == {"coupon": ["This coupon is archived. Restore it, or name another."]}


def test_a_credit_is_revoked_for_a_reason_after_a_question_and_not_offered_it_again(
    browser: Browser, studio: Company
) -> None:
    credit = ACredit(company=studio, amount=2_000)
    question = browser.get(page_of(credit).replace("change", "revoke")).text
    assert f"{credit.customer} loses {credit.coupon} (£20.00)." in question
    assert "This cannot be undone" in question
    unsaid = browser.press(page_of(credit), "revoke")
    assert (unsaid.status_code, unsaid.text.count("This field is required.")) == (200, 1)
    assert fresh(credit).revoked_at is None
    answer = browser.press(page_of(credit), "revoke", reason="Issued twice")
    assert answer["Location"] == page_of(credit.customer)
    assert said(answer)[-1] == f"{credit} revoked."
    assert (fresh(credit).revoked_at is None, fresh(credit).balance) == (False, 0)
    page = browser.get(page_of(credit)).text
    for text in ("−£20.00", "Issued twice"):
        assert text in page
    assert "/revoke/" not in page
    used = ACredit(company=studio)
    act(studio, redeem_credit, used, reference="7")
    refused = browser.press(page_of(used), "revoke", reason="Too late")
    assert refused.text.count("This credit has been redeemed and cannot be revoked.") == 1


def test_credits_are_filtered_by_their_state_and_found_by_their_customer(
    browser: Browser, studio: Company, customer: Any
) -> None:
    live, used = ACredit(company=studio, customer=customer), ACredit(company=studio)
    act(studio, redeem_credit, used, reference="7")
    for query in ({"state": "live"}, {"q": "diaz"}):
        page = browser.get(LIST.format("credit"), **query).text
        assert (str(live.pk) in page, str(used.pk) in page) == (True, False), query
    page = browser.get(LIST.format("credit"), state="used_up").text
    assert (str(live.pk) in page, str(used.pk) in page) == (False, True)
