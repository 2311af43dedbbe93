"""What customers pay with (contract, section 3; v1 adds, prefers and removes)."""

from typing import Any

import pytest

from billing.actions import add_payment_method
from billing.errors import PaymentMethodTaken
from billing.models import PaymentMethod
from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from config.errors import Refusal
from customers.errors import CustomerArchived
from tests.callers import Caller
from tests.customers.test_v1_customers import error
from tests.factories import ACustomer, APaymentMethod

CARD = {
    "type": "card",
    "token": "tok_visa_1",
    "brand": "visa",
    "last4": "4242",
    "exp_month": 12,
    "exp_year": 2031,
}
BANK = {"type": "direct_debit", "token": "mandate-7", "bank_name": "Monzo", "last4": "0001"}
NOT_FOUND = ("invalid_request", "not_found", "There is nothing here.")


def add(integrator: Caller, customer: Any, body: dict[str, Any]) -> Any:
    return integrator.post(f"/v1/customers/{customer.id}/payment-methods", body)


def test_a_new_card_is_answered_in_full_and_without_its_token(
    integrator: Caller, studio: Company
) -> None:
    customer = ACustomer(company=studio)
    answer = add(integrator, customer, CARD)
    assert (answer.status, answer.body) == (
        201,
        {
            "id": answer.body["id"],
            "type": "card",
            "card": {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2031},
            "bank_account": None,
            "is_default": True,
            "created_at": answer.body["created_at"],
        },
    )
    assert answer.body["id"].startswith("pm_")
    assert b"tok_visa" not in answer.raw
    path = f"/customers/{customer.id}/payment-methods"
    one = integrator.get(f"{path}/{answer.body['id']}")
    assert (one.status, one.body) == (200, answer.body)
    bank = add(integrator, customer, BANK).body
    assert (bank["card"], bank["bank_account"]) == (None, {"bank_name": "Monzo", "last4": "0001"})
    every = integrator.get(path)
    assert (every.status, every.body) == (200, {"data": [answer.body, bank]})


def test_a_customer_without_payment_methods_has_an_empty_list(
    integrator: Caller, studio: Company
) -> None:
    customer = ACustomer(company=studio)
    assert integrator.get(f"/customers/{customer.id}/payment-methods").body == {"data": []}
    for query in ("limit=5", "page=1"):
        answer = integrator.get(f"/customers/{customer.id}/payment-methods?{query}")
        assert answer.status == 400, "there is nothing to page through"


def test_another_customers_payment_method_is_not_found(integrator: Caller, studio: Company) -> None:
    customer, other = ACustomer(company=studio), ACustomer(company=studio)
    theirs = APaymentMethod(company=studio, customer=other)
    for path in (
        f"/customers/{customer.id}/payment-methods/{theirs.id}",
        f"/customers/{theirs.id}/payment-methods",
    ):
        answer = integrator.get(path)
        assert (answer.status, answer.body) == (
            404,
            {"code": "not_found", "message": "There is nothing here.", "validation_errors": {}},
        )
    path = f"/v1/customers/{customer.id}/payment-methods/{theirs.id}"
    for answer in (integrator.delete(path), integrator.post(f"{path}/default")):
        assert (answer.status, answer.body) == (404, error(*NOT_FOUND))


def test_the_first_is_the_default_until_another_is_preferred(
    integrator: Caller, studio: Company
) -> None:
    customer = ACustomer(company=studio)
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
    removed = integrator.delete(f"{path}/{newest['id']}")
    assert (removed.status, removed.body) == (200, newest | {"is_default": False})
    assert integrator.get(account).body["default_payment_method_id"] == third["id"]
    for one in (first, second, third):
        integrator.delete(f"{path}/{one['id']}")
    assert integrator.get(account).body["default_payment_method_id"] is None
    assert integrator.get(f"{account}/payment-methods").body == {"data": []}


def test_what_was_removed_is_gone_from_the_accounts_and_cannot_be_used(
    integrator: Caller, studio: Company
) -> None:
    customer = ACustomer(company=studio)
    method = APaymentMethod(company=studio, customer=customer)
    path = f"/v1/customers/{customer.id}/payment-methods/{method.id}"
    assert integrator.delete(path).status == 200
    assert integrator.get(f"/customers/{customer.id}/payment-methods/{method.id}").status == 404
    message = "This payment method was removed."
    for answer in (integrator.delete(path), integrator.post(f"{path}/default")):
        assert (answer.status, answer.body) == (
            400,
            error("invalid_request", "payment_method_removed", message),
        )
    again = add(integrator, customer, CARD | {"token": method.token})
    assert again.status == 201, "what was removed can be added again"


def test_a_token_stands_once_on_a_customer(integrator: Caller, studio: Company) -> None:
    customer, other = ACustomer(company=studio), ACustomer(company=studio)
    assert add(integrator, customer, CARD).status == 201
    again = add(integrator, customer, CARD)
    message = "This customer has this payment method already."
    assert (again.status, again.body) == (
        409,
        error("conflict", "payment_method_taken", message, "token"),
    )
    assert add(integrator, other, CARD).status == 201


def test_an_archived_customer_keeps_what_they_pay_with(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio)
    method = APaymentMethod(company=studio, customer=customer)
    integrator.delete(f"/customers/{customer.id}")
    path = f"/v1/customers/{customer.id}/payment-methods"
    body = error("conflict", "customer_archived", CustomerArchived.message)
    for answer in (
        add(integrator, customer, CARD),
        integrator.delete(f"{path}/{method.id}"),
        integrator.post(f"{path}/{method.id}/default"),
    ):
        assert (answer.status, answer.body) == (409, body)
    assert len(integrator.get(f"/customers/{customer.id}/payment-methods").body["data"]) == 1


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"type": "cheque"}, "invalid", "type"),
        ({"token": " "}, "invalid", "token"),
        ({"token": "t" * 256}, "invalid", "token"),
        ({"last4": "12"}, "invalid_payment_method", "last4"),
        ({"last4": "12345"}, "invalid", "last4"),
        ({"last4": "٤٢٤٢"}, "invalid_payment_method", "last4"),
        ({"last4": None}, "invalid_payment_method", "last4"),
        ({"brand": ""}, "invalid_payment_method", "brand"),
        ({"bank_name": "Monzo"}, "invalid_payment_method", "bank_name"),
        ({"exp_month": 13}, "invalid", "exp_month"),
        ({"exp_month": None}, "invalid_payment_method", "exp_month"),
        ({"exp_year": 31}, "invalid", "exp_year"),
        ({"exp_year": "2031"}, "invalid", "exp_year"),
        ({"type": "other"}, "invalid_payment_method", "exp_month"),
        ({"is_default": 1}, "invalid", "is_default"),
    ],
)
def test_a_payment_method_that_cannot_be_is_a_422(
    integrator: Caller, studio: Company, change: dict[str, Any], code: str, param: str
) -> None:
    customer = ACustomer(company=studio)
    answer = add(integrator, customer, CARD | change)
    assert (answer.status, answer.body["error"]["code"], answer.body["error"]["param"]) == (
        422,
        code,
        param,
    )
    assert integrator.get(f"/customers/{customer.id}/payment-methods").body == {"data": []}


def test_what_is_missing_or_unknown_is_a_400(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio)
    missing = add(integrator, customer, {"type": "card"})
    assert (missing.status, missing.body["error"]["code"]) == (400, "missing_field")
    number = add(integrator, customer, CARD | {"number": "4242424242424242"})
    message = "number: Card numbers and their codes are not kept here: send the processor's token."
    assert (number.status, number.body) == (
        400,
        error("invalid_request", "bad_request", message, "number"),
    )


def test_one_default_is_held_by_the_database(studio: Company, actor: Actor) -> None:
    customer = ACustomer(company=studio)
    first = APaymentMethod(company=studio, customer=customer)
    second = APaymentMethod(company=studio, customer=customer)
    from django.db import IntegrityError, transaction

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
    assert issubclass(PaymentMethodTaken, Refusal)
