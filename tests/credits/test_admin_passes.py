"""Passes and the ledger in the back-office."""

import datetime
from typing import Any

from config.tenancy.actors import Actor
from config.tenancy.archiving import archive_row
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.actions import create_rule, redeem_credit, use_pass
from credits.models import Credit, CreditRule, Entry, PassProduct, PassPurchase
from tests.backoffice import Browser, count, errors, fresh, only, page_of
from tests.factories import ACoupon, ACredit, ACustomer, APass, APlan, act
from tests.statements import statements

LIST = "/admin/credits/{}/"
ADD = "/admin/credits/{}/add/"


def test_a_pass_is_offered_changed_and_archived(browser: Browser, studio: Company) -> None:
    browser.send(
        ADD.format("passproduct"),
        name="Ten visits",
        visits="10",
        price="90",
        valid_for_0="1",
        valid_for_1="Y",
        offerings="Yoga\n\n Massage ",
    )
    product = only(PassProduct, studio)
    assert (product.price, product.valid_for) == (9_000, "P1Y")
    assert product.offerings == ["Yoga", "Massage"]
    browser.send(page_of(product), price="95.50", offerings="")
    assert (fresh(product).price, fresh(product).offerings) == (9_550, [])
    browser.press(page_of(product), "archive")
    assert "£95.50" in browser.get(page_of(product)).text
    browser.press(page_of(product), "restore")
    assert not fresh(product).is_archived


def test_a_pass_is_sold_and_its_visits_are_counted_down(
    browser: Browser, studio: Company, customer: Any, actor: Actor
) -> None:
    product = APass(company=studio).product
    given = {"customer": str(customer.pk), "product": str(product.pk)}
    unsaid = ACustomer(company=studio)
    browser.send(ADD.format("passpurchase"), **given | {"customer": str(unsaid.pk)})
    answer = browser.send(ADD.format("passpurchase"), **given, reason="Paid in cash")
    with acting_for(studio.id):
        bought = PassPurchase.objects.get(customer=customer)
        use_pass(bought, visits=3, reference="7", actor=actor)
    assert answer["Location"] == page_of(customer)
    page = browser.get(page_of(bought)).text
    for text in ("7 of 10 visits", "£90.00", "−3 visits", "Paid in cash"):
        assert text in page
    assert browser.post(page_of(bought), expires_at="2099-01-01").status_code == 403
    act(studio, archive_row, product)
    answer = browser.send(ADD.format("passpurchase"), **given, reason="Paid in cash")
    assert errors(answer) == {
        "product": ["This pass is archived and no longer sold. Restore it, or sell another."]
    }
    assert count(PassPurchase, studio) == 3, "a sale needs no reason"


def test_a_pass_is_revoked_for_a_reason_once_and_what_is_used_up_is_not(
    browser: Browser, studio: Company, customer: Any
) -> None:
    bought = APass(company=studio, customer=customer)
    assert "10 of 10 visits" in browser.get(page_of(bought).replace("change", "revoke")).text
    assert browser.press(page_of(bought), "revoke").status_code == 200
    answer = browser.press(page_of(bought), "revoke", reason="Money given back")
    assert answer["Location"] == page_of(customer)
    assert (fresh(bought).revoked_at is None, fresh(bought).balance) == (False, 0)
    assert "Money given back" in browser.get(page_of(bought)).text
    assert "/revoke/" not in browser.get(page_of(bought)).text
    used = APass(company=studio, customer=customer)
    act(studio, use_pass, used, visits=10, reference="7")
    refused = browser.press(page_of(used), "revoke", reason="Too late")
    assert refused.text.count("This pass is used up and cannot be revoked.") == 1


def test_the_ledger_is_read_and_refuses_everything_else(browser: Browser, studio: Company) -> None:
    credit = ACredit(company=studio, amount=2_000)
    entry = only(Entry, studio)
    for page in (LIST.format("entry"), page_of(entry)):
        assert "+£20.00" in browser.get(page).text
    fields = {"amount": "9", "reason": "forged", "kind": "issue", "credit": str(credit.pk)}
    for path in (page_of(entry), ADD.format("entry")):
        assert browser.post(path, **fields).status_code == 403
    assert browser.get(ADD.format("entry")).status_code == 403
    assert browser.press(page_of(entry), "delete").status_code == 403
    browser.choose(LIST.format("entry"), "delete_selected", entry)
    browser.post(LIST.format("entry"), **{"form-0-id": str(entry.pk), "form-0-amount": "9"})
    inline = {
        "entries-TOTAL_FORMS": "1",
        "entries-INITIAL_FORMS": "1",
        "entries-0-id": str(entry.pk),
        "entries-0-amount": "9",
    }
    assert browser.post(page_of(credit), **inline).status_code == 403
    now = only(Entry, studio)
    assert vars(now) | {"_state": None} == vars(entry) | {"_state": None}
    assert 'name="action"' not in browser.get(LIST.format("entry")).text


def test_pages_take_as_many_statements_for_many_rows_as_for_few(
    browser: Browser, studio: Company, actor: Actor
) -> None:
    credit, bought = ACredit(company=studio, amount=2_000), APass(company=studio)
    pages = (page_of(credit), page_of(bought), LIST.format("creditrule"))

    def ran_after(uses: range) -> list[int]:
        for reference in map(str, uses):
            plan, coupon = APlan(company=studio), ACoupon(company=studio)
            with acting_for(studio.id):
                redeem_credit(credit, amount=1, reference=reference, actor=actor)
                use_pass(bought, reference=reference, actor=actor)
                create_rule(CreditRule(plan=plan, coupon=coupon, every="P1M"), actor=actor)
        return [len(statements(browser, page)) for page in pages]

    ran_after(range(2))
    few = ran_after(range(2, 3))
    assert ran_after(range(3, 7)) == few


def test_what_has_just_ended_is_over_before_the_ledger_says_so(
    browser: Browser, studio: Company, customer: Any
) -> None:
    credit = ACredit(company=studio, customer=customer)
    with acting_for(studio.id):
        just_now = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=5)
        Credit.objects.filter(pk=credit.pk).update(expires_at=just_now)
    assert str(credit.pk) in browser.get(LIST.format("credit"), state="expired").text
    assert "/revoke/" not in browser.get(page_of(credit)).text
