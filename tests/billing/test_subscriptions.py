"""Mandates on plans: v1 makes and changes them, M2M shows them (contract, sections 1 and 2)."""

import datetime
from typing import Any

import pytest

from billing.actions import (
    cancel_subscription,
    reinstate_subscription,
    resume_subscription,
    suspend_subscription,
)
from billing.errors import SubscriptionNotActive, SubscriptionNotSuspended
from billing.models import Subscription, SubscriptionPause
from config.access.actors import Actor
from config.access.days import local_day
from config.access.models import Company
from config.access.tenancy import acting_for
from customers.errors import CustomerArchived
from tests.callers import Caller
from tests.customers.test_v1_customers import error
from tests.factories import ACustomer, APlan, ASubscription

Date = datetime.date


@pytest.fixture
def today(studio: Company) -> Date:
    return local_day(studio.id)


def month_later(day: Date) -> Date:
    """Return the same day of the next month, or its last one."""
    first = (day.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
    last = ((first + datetime.timedelta(days=32)).replace(day=1) - datetime.timedelta(days=1)).day
    return first.replace(day=min(day.day, last))


def test_a_new_subscription_is_answered_in_full(
    integrator: Caller, studio: Company, today: Date
) -> None:
    customer = ACustomer(company=studio)
    plan = APlan(company=studio, name="Gold", grace_days=7, minimum_periods=1)
    path = f"/v1/customers/{customer.id}/subscriptions"
    answer = integrator.post(path, {"plan_id": f"plan_{plan.id.hex}"})
    renewal = month_later(today).isoformat()
    assert (answer.status, answer.body) == (
        201,
        {
            "id": answer.body["id"],
            "customer_id": f"cust_{customer.id.hex}",
            "plan": {
                "id": f"plan_{plan.id.hex}",
                "name": "Gold",
                "price": 5_000,
                "currency": "GBP",
            },
            "state": "ACTIVE",
            "billing_period": "P1M",
            "starts_on": today.isoformat(),
            "renewal_date": renewal,
            "grace_days": 7,
            "earliest_cancellation_date": renewal,
            "paused_at": None,
            "cancelled_at": None,
            "created_at": answer.body["created_at"],
        },
    )
    assert answer.body["id"].startswith("mandate_")


@pytest.mark.parametrize("name", ["subscription-mandates", "subscriptions"])
def test_mandates_are_shown_in_full_newest_first(
    integrator: Caller, studio: Company, actor: Actor, today: Date, name: str
) -> None:
    customer, other = ACustomer(company=studio), ACustomer(company=studio)
    plan = APlan(company=studio, name="Gold", price=5_000, grace_days=3)
    old = ASubscription(company=studio, customer=customer, plan=plan)
    with acting_for(studio.id):
        cancel_subscription(old, actor=actor)
    new = ASubscription(company=studio, customer=customer, plan=plan)
    ASubscription(company=studio, customer=other, plan=plan)
    answer = integrator.get(f"/customer/{customer.id}/{name}")
    newest, oldest = answer.body["data"]
    shown_plan = {
        "id": f"plan_{plan.id.hex}",
        "type": "subscription_plan",
        "name": "Gold",
        "base100_price": 5_000,
        "currency": "GBP",
    }
    assert (answer.status, answer.body) == (
        200,
        {
            "data": [
                {
                    "id": f"mandate_{new.id.hex}",
                    "type": "subscription_mandate",
                    "plan": shown_plan,
                    "state": "ACTIVE",
                    "created": newest["created"],
                    "grace": 3,
                    "earliest_cancellation_date": None,
                    "renewal_date": month_later(today).isoformat(),
                },
                {
                    "id": f"mandate_{old.id.hex}",
                    "type": "subscription_mandate",
                    "plan": shown_plan,
                    "state": "CANCELLED",
                    "created": oldest["created"],
                    "grace": 3,
                    "earliest_cancellation_date": None,
                    "renewal_date": None,
                },
            ],
            "total": 2,
            "page": 0,
            "pageSize": 30,
        },
    )
    assert newest["created"].endswith("Z")
    page = integrator.get(f"/customer/{customer.id}/{name}?page=1&pageSize=1").body
    assert [one["id"] for one in page["data"]] == [f"mandate_{old.id.hex}"]
    assert integrator.get(f"/customer/{customer.id}/{name}?per_page=1").status == 400


@pytest.mark.parametrize("unknown", ["nonsense", "plan_" + "0" * 32, "", 5, None, ["x"]])
def test_an_unknown_plan_is_a_422(integrator: Caller, studio: Company, unknown: Any) -> None:
    path = f"/v1/customers/{ACustomer(company=studio).id}/subscriptions"
    answer = integrator.post(path, {"plan_id": unknown})
    message = "There is no such thing." if unknown is not None else "This field may not be null."
    assert (answer.status, answer.body) == (
        422,
        error("invalid_request", "invalid", f"plan_id: {message}", "plan_id"),
    )


def test_what_a_subscription_needs_and_does_not_know_is_a_400(
    integrator: Caller, studio: Company
) -> None:
    path = f"/v1/customers/{ACustomer(company=studio).id}/subscriptions"
    missing = integrator.post(path, {})
    assert (missing.status, missing.body["error"]["code"]) == (400, "missing_field")
    unknown = integrator.post(path, {"plan_id": "x", "state": "PAUSED"})
    assert (unknown.status, unknown.body["error"]["param"]) == (400, "state")


def test_a_subscription_begins_today_or_has_begun(
    integrator: Caller, studio: Company, today: Date
) -> None:
    customer, plan = ACustomer(company=studio), APlan(company=studio)
    path = f"/v1/customers/{customer.id}/subscriptions"
    tomorrow = today + datetime.timedelta(days=1)
    early = integrator.post(path, {"plan_id": str(plan.id), "starts_on": tomorrow.isoformat()})
    message = "A subscription begins today or has begun before."
    assert (early.status, early.body) == (
        422,
        error("invalid_request", "starts_in_the_future", message, "starts_on"),
    )
    bad = integrator.post(path, {"plan_id": str(plan.id), "starts_on": "2026-02-30"})
    assert (bad.status, bad.body["error"]["param"]) == (422, "starts_on")
    long_ago = integrator.post(path, {"plan_id": str(plan.id), "starts_on": "2020-01-31"}).body
    assert long_ago["starts_on"] == "2020-01-31"
    assert today.isoformat() < long_ago["renewal_date"] <= month_later(today).isoformat()


def test_a_plan_is_had_once_until_it_is_cancelled(integrator: Caller, studio: Company) -> None:
    customer, plan = ACustomer(company=studio), APlan(company=studio)
    path = f"/v1/customers/{customer.id}/subscriptions"
    first = integrator.post(path, {"plan_id": str(plan.id)}).body
    again = integrator.post(path, {"plan_id": str(plan.id)})
    message = "This customer has this plan already."
    assert (again.status, again.body) == (409, error("conflict", "already_subscribed", message))
    assert integrator.post(f"{path}/{first['id']}/cancel").status == 200
    assert integrator.post(path, {"plan_id": str(plan.id)}).status == 201


def test_an_archived_plan_takes_nobody_on(integrator: Caller, studio: Company) -> None:
    customer, plan = ACustomer(company=studio), APlan(company=studio)
    integrator.post(f"/v1/plans/{plan.id}/archive")
    path = f"/v1/customers/{customer.id}/subscriptions"
    answer = integrator.post(path, {"plan_id": str(plan.id)})
    message = "This plan is archived. Restore it first."
    assert (answer.status, answer.body) == (
        409,
        error("conflict", "plan_archived", message, "plan_id"),
    )


def test_pausing_resuming_and_cancelling(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio)
    made = ASubscription(company=studio, customer=customer)
    path = f"/v1/customers/{customer.id}/subscriptions/{made.id}"

    def refused(verb: str, code: str, message: str) -> None:
        answer = integrator.post(f"{path}/{verb}")
        assert (answer.status, answer.body) == (409, error("conflict", code, message))

    refused("resume", "subscription_not_paused", "This subscription is not paused.")
    paused = integrator.post(f"{path}/pause")
    assert (paused.status, paused.body["state"]) == (200, "PAUSED")
    assert paused.body["paused_at"] is not None
    refused("pause", "subscription_not_active", "This subscription is not active.")
    resumed = integrator.post(f"{path}/resume")
    assert (resumed.status, resumed.body["state"]) == (200, "ACTIVE")
    assert resumed.body == paused.body | {"state": "ACTIVE", "paused_at": None}
    with acting_for(studio.id):
        pause = SubscriptionPause.objects.get(subscription=made)
        assert pause.paused_at <= pause.resumed_at
    cancelled = integrator.post(f"{path}/cancel")
    assert (cancelled.status, cancelled.body["state"]) == (200, "CANCELLED")
    assert cancelled.body["renewal_date"] is None
    for verb in ("pause", "resume", "cancel"):
        refused(verb, "subscription_cancelled", "This subscription is cancelled.")
    assert integrator.post(f"{path}/pause", {"why": "x"}).status == 400


def test_cancelling_too_early_names_the_day(
    integrator: Caller, studio: Company, today: Date
) -> None:
    customer = ACustomer(company=studio)
    plan = APlan(company=studio, minimum_periods=1)
    made = ASubscription(company=studio, customer=customer, plan=plan)
    path = f"/v1/customers/{customer.id}/subscriptions/{made.id}/cancel"
    answer = integrator.post(path)
    day = month_later(today)
    message = f"This subscription can be cancelled from {day.day} {day:%B %Y} on."
    assert (answer.status, answer.body) == (
        409,
        error("conflict", "too_early_to_cancel", message),
    )
    with acting_for(studio.id):
        Subscription.objects.filter(pk=made.pk).update(earliest_cancellation_date=today)
    assert integrator.post(path).body["state"] == "CANCELLED"


def test_subscriptions_of_another_customer_are_not_found(
    integrator: Caller, studio: Company
) -> None:
    mine, other = ACustomer(company=studio), ACustomer(company=studio)
    theirs = ASubscription(company=studio, customer=other)
    for verb in ("pause", "resume", "cancel"):
        answer = integrator.post(f"/v1/customers/{mine.id}/subscriptions/{theirs.id}/{verb}")
        assert (answer.status, answer.body) == (
            404,
            error("invalid_request", "not_found", "There is nothing here."),
        )


def test_an_archived_customers_subscriptions_are_read_only(
    integrator: Caller, studio: Company
) -> None:
    customer = ACustomer(company=studio)
    made = ASubscription(company=studio, customer=customer)
    plan = APlan(company=studio)
    integrator.delete(f"/customers/{customer.id}")
    path = f"/v1/customers/{customer.id}/subscriptions"
    body = error("conflict", "customer_archived", CustomerArchived.message)
    for address in (path, *(f"{path}/{made.id}/{verb}" for verb in ("pause", "resume", "cancel"))):
        answer = integrator.post(address, {"plan_id": str(plan.id)} if address == path else None)
        assert (answer.status, answer.body) == (409, body)
    assert integrator.get(f"/customer/{customer.id}/subscriptions").body["total"] == 1


# --- What staff do ---


def test_a_suspension_comes_before_a_pause(
    integrator: Caller, studio: Company, actor: Actor
) -> None:
    customer = ACustomer(company=studio)
    made = ASubscription(company=studio, customer=customer)
    path = f"/v1/customers/{customer.id}/subscriptions/{made.id}"
    integrator.post(f"{path}/pause")
    with acting_for(studio.id):
        with pytest.raises(SubscriptionNotSuspended):
            reinstate_subscription(made, actor=actor)
        assert suspend_subscription(made, actor=actor).state == "SUSPENDED"
        with pytest.raises(SubscriptionNotActive):
            suspend_subscription(made, actor=actor)
        assert resume_subscription(made, actor=actor).state == "SUSPENDED"
        assert reinstate_subscription(made, actor=actor).state == "ACTIVE"
        suspend_subscription(made, actor=actor)
        assert cancel_subscription(made, actor=actor).state == "CANCELLED"
