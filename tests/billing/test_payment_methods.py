"""Payment methods (contract, section 3); v1 also adds them, sets the default and removes them."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from billing.actions import add_payment_method
from billing.errors import PaymentMethodTaken
from billing.models import PaymentMethod
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.backoffice import Browser, fresh, page_of
from tests.callers import Caller
from tests.factories import ACustomer, APaymentMethod
from tests.refusals import refusal, whole_refusal

CARD = {
    "type": "card", "token": "tok_visa_1", "brand": "visa", "last4": "4242", "exp_month": 12,
    "exp_year": 2031
}  # fmt: skip
BANK = {"type": "direct_debit", "token": "mandate-7", "bank_name": "Monzo", "last4": "0001"}


def add(integrator: Caller, customer: Any, body: dict[str, Any]) -> Any:
    return integrator.post(f"/v1/customers/{customer.id}/payment-methods", body)


def test_a_new_card_is_answered_in_full_and_without_its_token(
    integrator: Caller, customer: Customer
) -> None:
    answer = add(integrator, customer, CARD)
    assert answer.status == 201
    assert answer.body == {
        "id": answer.body["id"],
        "type": "card",
        "card": {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2031},
        "bank_account": None,
        "is_default": True,
        "created_at": answer.body["created_at"],
        "customer_id": f"cust_{customer.id.hex}",
        "archived": False,
    }
    assert answer.body["id"].startswith("pm_")
    assert b"tok_visa" not in answer.raw
    bank = add(integrator, customer, BANK).body
    assert (bank["card"], bank["bank_account"]) == (None, {"bank_name": "Monzo", "last4": "0001"})
    path = f"/customers/{customer.id}/payment-methods"
    ours = [answer.body, bank]
    theirs = [
        {name: value for name, value in one.items() if name not in ("customer_id", "archived")}
        for one in ours
    ]
    for prefix, shown in (("/v1", ours), ("", theirs)):
        one = integrator.get(f"{prefix}{path}/{answer.body['id']}")
        assert (one.status, one.body) == (200, shown[0])
        assert integrator.get(f"{prefix}{path}").body["data"] == shown
    archived = integrator.post(f"/v1{path}/{bank['id']}/archive").body
    assert integrator.get(f"/v1{path}").body["data"] == ours[:1]
    assert integrator.get(f"/v1{path}?archived=true").body["data"] == [archived]
    assert integrator.get(f"/v1{path}/{bank['id']}").body == archived == bank | {"archived": True}


def test_another_customers_payment_method_is_not_found(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    theirs = APaymentMethod(company=studio, customer=ACustomer(company=studio))
    lost = "No such payment method. Check the id."
    answer = integrator.get(f"/customers/{customer.id}/payment-methods/{theirs.id}")
    assert answer.status == 404
    assert answer.body == {"code": "not_found", "message": lost, "validation_errors": {}}
    path = f"/v1/customers/{customer.id}/payment-methods/{theirs.id}"
    for answer in (integrator.post(f"{path}/archive"), integrator.post(f"{path}/default")):
        assert whole_refusal(answer) == (404, "not_found", lost)


def test_the_first_is_the_default_until_another_is_preferred(
    integrator: Caller, customer: Customer
) -> None:
    first, second, third = (
        add(integrator, customer, CARD | {"token": f"t{n}"}).body for n in range(3)
    )
    assert [one["is_default"] for one in (first, second, third)] == [True, False, False]
    account = f"/customers/{customer.id}"
    path = f"/v1/customers/{customer.id}/payment-methods"
    assert integrator.get(account).body["default_payment_method_id"] == first["id"]
    chosen = integrator.post(f"{path}/{second['id']}/default")
    assert (chosen.status, chosen.body) == (200, second | {"is_default": True})
    assert integrator.post(f"{path}/{second['id']}/default").status == 200
    assert integrator.get(account).body["default_payment_method_id"] == second["id"]
    newest = add(integrator, customer, CARD | {"token": "t9", "is_default": True}).body
    assert integrator.get(account).body["default_payment_method_id"] == newest["id"]
    removed = integrator.post(f"{path}/{newest['id']}/archive")
    assert (removed.status, removed.body) == (200, newest | {"is_default": False, "archived": True})
    assert integrator.get(account).body["default_payment_method_id"] == third["id"]
    for one in (first, second, third):
        integrator.post(f"{path}/{one['id']}/archive")
    assert integrator.get(account).body["default_payment_method_id"] is None
    assert integrator.get(f"{account}/payment-methods").body == {"data": []}


def test_what_was_removed_is_gone_from_the_accounts_and_cannot_be_used(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    method = APaymentMethod(company=studio, customer=customer)
    path = f"/v1/customers/{customer.id}/payment-methods/{method.id}"
    assert integrator.post(f"{path}/archive").status == 200
    assert integrator.get(f"/customers/{customer.id}/payment-methods/{method.id}").status == 404
    message = "This payment method is archived. Restore it first."
    for answer in (integrator.post(f"{path}/archive"), integrator.post(f"{path}/default")):
        assert whole_refusal(answer) == (409, "payment_method_removed", message)
    again = add(integrator, customer, CARD | {"token": method.token})
    assert again.status == 201, "what was removed can be added again"


def test_what_was_archived_is_restored_unless_its_token_is_taken(
    integrator: Caller, customer: Customer
) -> None:
    path = f"/v1/customers/{customer.id}/payment-methods"
    first, second = (add(integrator, customer, CARD | {"token": f"t{n}"}).body for n in range(2))
    for one in (first, second):
        integrator.post(f"{path}/{one['id']}/archive")
    restored = integrator.post(f"{path}/{second['id']}/restore")
    assert (restored.status, restored.body) == (200, second | {"is_default": True})
    assert integrator.get("/v1/changes?types=payment_method.restored").body["data"]
    restored = integrator.post(f"{path}/{first['id']}/restore")
    assert (restored.status, restored.body) == (200, first | {"is_default": False})
    again = integrator.post(f"{path}/{first['id']}/restore")
    assert whole_refusal(again) == (409, "not_archived", "This is not archived.")
    integrator.post(f"{path}/{first['id']}/archive")
    assert add(integrator, customer, CARD | {"token": "t0"}).status == 201
    taken = integrator.post(f"{path}/{first['id']}/restore")
    message = "This customer already has a payment method with this token. Use that one."
    assert whole_refusal(taken)[:3] == (409, "payment_method_taken", message)


def test_staff_restore_a_payment_method(
    browser: Browser, studio: Company, customer: Customer
) -> None:
    method: Any = APaymentMethod(company=studio, customer=customer)
    browser.press(page_of(method), "archive")
    assert "Restore it to use it again." in browser.get(page_of(method)).text
    browser.press(page_of(method), "restore")
    restored = fresh(method)
    assert (restored.is_archived, restored.is_default) == (False, True)


def test_a_token_is_taken_once(integrator: Caller, studio: Company, customer: Customer) -> None:
    other = ACustomer(company=studio)
    assert add(integrator, customer, CARD).status == 201
    again = add(integrator, customer, CARD)
    message = "This customer already has a payment method with this token. Use that one."
    assert whole_refusal(again) == (409, "payment_method_taken", message, "token")
    assert add(integrator, other, CARD).status == 201


def test_a_payment_method_that_cannot_be_is_refused(integrator: Caller, customer: Customer) -> None:
    cases: dict[str, list[dict[str, Any]]] = {
        "invalid": [
            *({"type": "cheque"}, {"token": " "}, {"token": "t" * 256}, {"last4": "12345"}),
            *({"exp_month": 13}, {"exp_year": 31}, {"exp_year": "2031"}, {"is_default": 1}),
        ],
        "invalid_payment_method": [
            *({"last4": "12"}, {"last4": "٤٢٤٢"}, {"last4": None}, {"brand": ""}),
            *({"bank_name": "Monzo"}, {"exp_month": None}),
        ],
    }
    for code, changes in cases.items():
        for change in changes:
            answer = add(integrator, customer, CARD | change)
            assert refusal(answer) == (422, code, *change), change
    other = add(integrator, customer, CARD | {"type": "other"})
    assert refusal(other) == (422, "invalid_payment_method", "exp_month")
    missing = add(integrator, customer, {"type": "card"})
    assert refusal(missing) == (400, "missing_field", "token")
    for name in ("number", "card_number", "cvc", "cvv"):
        refused = add(integrator, customer, CARD | {name: "4242424242424242"})
        message = "Card numbers and their codes are not kept here: send the processor's token."
        assert whole_refusal(refused) == (400, "unknown_field", f"{name}: {message}", name)
    path = f"/customers/{customer.id}/payment-methods"
    for query in ("limit=5", "page=1"):
        answer = integrator.get(f"{path}?{query}")
        assert answer.body == {"data": []}, "there is nothing to page through"
        assert answer.headers["Ignored-Fields"] == query.partition("=")[0]


def test_the_database_holds_one_default(studio: Company, actor: Actor, customer: Customer) -> None:
    first = APaymentMethod(company=studio, customer=customer)
    second = APaymentMethod(company=studio, customer=customer)
    with acting_for(studio.id):
        with pytest.raises(IntegrityError, match="one_default"), transaction.atomic():
            PaymentMethod.objects.filter(pk=second.pk).update(is_default=True)
        with pytest.raises(IntegrityError, match="last4"), transaction.atomic():
            PaymentMethod.objects.filter(pk=first.pk).update(last4="42")
        with pytest.raises(PaymentMethodTaken):
            add_payment_method(
                PaymentMethod(customer=customer, type="other", token=first.token, is_default=True),
                actor=actor,
            )
        first.refresh_from_db()
