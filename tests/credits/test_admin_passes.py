"""Passes and the ledger in the back-office."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from credits.actions import archive_pass_product, redeem_credit, use_pass
from credits.models import Coupon, Credit, CreditRule, Entry, PassProduct, PassPurchase
from tests.backoffice import Browser, count, errors, fresh, page_of
from tests.factories import ACredit, ACustomer, APass, APlan

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


# --- Passes ---


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
    unsaid = browser.send(ADD.format("passpurchase"), **given)
    assert errors(unsaid) == {"reason": ["This field is required."]}
    answer = browser.send(ADD.format("passpurchase"), **given, reason="Paid in cash")
    with acting_for(studio.id):
        bought = PassPurchase.objects.get(customer=customer)
        use_pass(bought, visits=3, reference="7", actor=actor)
    assert answer["Location"] == page_of(customer)
    page = browser.get(page_of(bought)).text
    for text in ("7 of 10 visits", "£90.00", "−3 visits", "Paid in cash"):
        assert text in page
    assert browser.post(page_of(bought), expiry_date="2099-01-01").status_code == 403


def test_an_archived_pass_is_refused_at_the_pass(
    browser: Browser, studio: Company, customer: Any, actor: Actor
) -> None:
    product = APass(company=studio).product
    with acting_for(studio.id):
        archive_pass_product(product, actor=actor)
    answer = browser.send(
        ADD.format("passpurchase"),
        customer=str(customer.pk),
        product=str(product.pk),
        reason="Paid in cash",
    )
    assert errors(answer) == {"product": ["This pass is archived and no longer sold."]}
    assert count(PassPurchase, studio) == 1


def test_a_pass_is_revoked_for_a_reason_once_and_what_is_used_up_is_not(
    browser: Browser, studio: Company, customer: Any, actor: Actor
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
    with acting_for(studio.id):
        use_pass(used, visits=10, reference="7", actor=actor)
    refused = browser.press(page_of(used), "revoke", reason="Too late")
    assert refused.text.count("This pass is used up and cannot be revoked.") == 1


# --- The ledger ---


def test_the_ledger_is_read_and_refuses_everything_else(browser: Browser, studio: Company) -> None:
    entry_of = ACredit(company=studio, amount=2_000)
    entry = only(Entry, studio)
    for page in (LIST.format("entry"), page_of(entry)):
        assert "+£20.00" in browser.get(page).text
    fields = {"amount": "9", "reason": "forged", "kind": "issue", "credit": str(entry_of.pk)}
    for path in (page_of(entry), ADD.format("entry")):
        assert browser.post(path, **fields).status_code == 403
    assert browser.get(ADD.format("entry")).status_code == 403
    assert browser.press(page_of(entry), "delete").status_code == 403
    browser.choose(LIST.format("entry"), "delete_selected", entry)
    browser.post(LIST.format("entry"), **{"form-0-id": str(entry.pk), "form-0-amount": "9"})
    now = only(Entry, studio)
    assert vars(now) | {"_state": None} == vars(entry) | {"_state": None}
    assert 'name="action"' not in browser.get(LIST.format("entry")).text


def test_ledger_entries_cannot_be_changed_on_the_page_of_their_credit(
    browser: Browser, studio: Company
) -> None:
    credit = ACredit(company=studio, amount=2_000)
    entry = only(Entry, studio)
    forged = {
        "entries-TOTAL_FORMS": "1",
        "entries-INITIAL_FORMS": "1",
        "entries-0-id": str(entry.pk),
        "entries-0-amount": "9",
    }
    assert browser.post(page_of(credit), **forged).status_code == 403
    assert only(Entry, studio).amount == 2_000


# --- All lists ---


@pytest.mark.parametrize("model", [model._meta.model_name for model in ALL])
def test_a_list_takes_as_many_statements_for_many_rows_as_for_few(
    model: str, browser: Browser, studio: Company, actor: Actor
) -> None:
    def fill(times: int) -> None:
        for _ in range(times):
            customer = ACustomer(company=studio)
            coupon = ACredit(company=studio, customer=customer, amount=500).coupon
            APass(company=studio, customer=customer)
            plan = str(APlan(company=studio).pk)
            browser.send(ADD.format("creditrule"), plan=plan, coupon=str(coupon.pk), every="P1M")

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(LIST.format(model)).status_code == 200
        return len(captured)

    fill(2)
    statements()
    few = statements()
    fill(5)
    assert statements() == few


@pytest.mark.parametrize("kind", ["credit", "passpurchase"])
def test_a_page_takes_as_many_statements_for_a_long_ledger_as_for_a_short_one(
    kind: str, browser: Browser, studio: Company, actor: Actor
) -> None:
    row = {"credit": ACredit, "passpurchase": APass}[kind](
        company=studio, **({"amount": 2_000} if kind == "credit" else {})
    )

    def use(references: range) -> None:
        with acting_for(studio.id):
            for reference in map(str, references):
                if kind == "credit":
                    redeem_credit(row, amount=1, reference=reference, actor=actor)
                else:
                    use_pass(row, reference=reference, actor=actor)

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(page_of(row)).status_code == 200
        return len(captured)

    use(range(1))
    statements()
    few = statements()
    use(range(1, 7))
    assert statements() == few


def test_yesterday_is_over_before_the_ledger_says_so(
    browser: Browser, studio: Company, customer: Any
) -> None:
    credit = ACredit(company=studio, customer=customer)
    with acting_for(studio.id):
        yesterday = datetime.date.today() - datetime.timedelta(days=2)
        Credit.objects.filter(pk=credit.pk).update(expiry_date=yesterday)
    assert str(credit.pk) in browser.get(LIST.format("credit"), state="expired").text
    assert "/revoke/" not in browser.get(page_of(credit)).text
