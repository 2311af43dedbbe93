"""Subscriptions: v1 creates and changes them, M2M shows them (contract, sections 1 and 2)."""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from billing.actions import (
    cancel_subscription,
    reinstate_subscription,
    resume_subscription,
    suspend_subscription,
    turn_periods,
)
from billing.errors import SubscriptionNotActive, SubscriptionNotSuspended
from billing.models import Subscription, SubscriptionPause
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.days import local_day
from config.tenancy.scoping import acting_for
from customers.actions import archive_customer
from customers.models import Customer
from tests.callers import Caller
from tests.factories import ACustomer, APlan, ASubscription, act
from tests.refusals import refusal, whole_refusal
from tests.shares import undone

Date = datetime.date
AWAY = {"reason": "Away"}


@pytest.fixture
def today(studio: Company) -> Date:
    return local_day(studio.id)


def month_later(day: Date) -> Date:
    """Return the same day of the next month, or its last day if the month is shorter."""
    first = (day.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
    last = ((first + datetime.timedelta(days=32)).replace(day=1) - datetime.timedelta(days=1)).day
    return first.replace(day=min(day.day, last))


def test_a_new_subscription_is_answered_in_full(
    integrator: Caller, studio: Company, today: Date, customer: Customer
) -> None:
    plan = APlan(company=studio, name="Gold", grace_days=7, minimum_periods=1)
    path = f"/v1/customers/{customer.id}/subscriptions"
    answer = integrator.post(path, {"plan_id": f"plan_{plan.id.hex}"})
    renewal = month_later(today).isoformat()
    assert answer.status == 201
    assert answer.body == {
        "id": answer.body["id"],
        "customer_id": f"cust_{customer.id.hex}",
        "plan": {
            "id": f"plan_{plan.id.hex}",
            "name": "Gold",
            "price": 5_000,
            "currency": "GBP",
            "tax_rate": 0,
            "tax_behavior": "exclusive",
            "gross_price": 5_000,
        },
        "status": "active",
        "billing_period": "P1M",
        "starts_on": today.isoformat(),
        "renews_on": renewal,
        "grace_days": 7,
        "earliest_cancellation_on": renewal,
        "paused_at": None,
        "resumes_on": None,
        "pause_reason": None,
        "suspended_at": None,
        "cancelled_at": None,
        "created_at": answer.body["created_at"],
    }
    assert answer.body["id"].startswith("mandate_")


def test_mandates_are_shown_in_full_newest_first(
    integrator: Caller, studio: Company, today: Date, customer: Customer
) -> None:
    other = ACustomer(company=studio)
    plan = APlan(company=studio, name="Gold", price=5_000, grace_days=3)
    old = ASubscription(company=studio, customer=customer, plan=plan)
    act(studio, cancel_subscription, old)
    new = ASubscription(company=studio, customer=customer, plan=plan)
    ASubscription(company=studio, customer=other, plan=plan)
    path = f"/customer/{customer.id}/subscriptions"
    answer = integrator.get(path)
    newest, oldest = answer.body["data"]
    shown = {
        "id": f"mandate_{new.id.hex}",
        "type": "subscription_mandate",
        "plan": {
            "id": f"plan_{plan.id.hex}",
            "type": "subscription_plan",
            "name": "Gold",
            "base100_price": 5_000,
            "currency": "GBP",
        },
        "state": "ACTIVE",
        "created": newest["created"],
        "grace": 3,
        "earliest_cancellation_date": None,
        "renewal_date": month_later(today).isoformat(),
    }
    gone = {"id": f"mandate_{old.id.hex}", "state": "CANCELLED", "renewal_date": None}
    assert newest == shown
    assert oldest == shown | gone | {"created": oldest["created"]}
    beside = answer.body | {"data": [shown]}
    assert beside == {"data": [shown], "total": 2, "page": 0, "pageSize": 30}
    assert newest["created"].endswith("Z")
    assert integrator.get(f"/customer/{customer.id}/subscription-mandates").body == answer.body
    page = integrator.get(f"{path}?page=1&pageSize=1").body
    assert [one["id"] for one in page["data"]] == [f"mandate_{old.id.hex}"]
    assert integrator.get(f"{path}?pagesize=1").status == 400


def test_a_plan_is_had_once_until_it_is_cancelled_and_while_it_is_offered(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    plan = APlan(company=studio)
    path = f"/v1/customers/{customer.id}/subscriptions"
    first = integrator.post(path, {"plan_id": str(plan.id)}).body
    again = integrator.post(path, {"plan_id": str(plan.id)})
    message = (
        f"This customer already has a subscription to the plan “{plan.name}”. Use that one, or "
        "cancel it first."
    )
    assert whole_refusal(again) == (409, "already_subscribed", message)
    assert integrator.post(f"{path}/{first['id']}/cancel").status == 200
    assert integrator.post(path, {"plan_id": str(plan.id)}).status == 201
    integrator.post(f"/v1/plans/{plan.id}/archive")
    other = f"/v1/customers/{ACustomer(company=studio).id}/subscriptions"
    archived = integrator.post(other, {"plan_id": str(plan.id)})
    message = "This plan is archived. Restore it first."
    assert whole_refusal(archived) == (409, "plan_archived", message, "plan_id")
    for unknown in ("nonsense", "plan_" + "0" * 32, "", 5, None, ["x"]):
        answer = integrator.post(other, {"plan_id": unknown})
        assert refusal(answer) == (422, "invalid", "plan_id"), unknown
    assert refusal(integrator.post(other, {})) == (400, "missing_field", "plan_id")


def test_a_subscription_begins_today_or_has_begun(
    integrator: Caller, studio: Company, today: Date, customer: Customer
) -> None:
    plan = APlan(company=studio)
    path = f"/v1/customers/{customer.id}/subscriptions"
    tomorrow = today + datetime.timedelta(days=1)
    early = integrator.post(path, {"plan_id": str(plan.id), "starts_on": tomorrow.isoformat()})
    message = "A subscription cannot begin in the future. Send today or an earlier day."
    assert whole_refusal(early) == (422, "starts_in_the_future", message, "starts_on")
    bad = integrator.post(path, {"plan_id": str(plan.id), "starts_on": "2026-02-30"})
    assert refusal(bad) == (422, "invalid", "starts_on")
    long_ago = integrator.post(path, {"plan_id": str(plan.id), "starts_on": "2020-01-31"}).body
    assert long_ago["starts_on"] == "2020-01-31"
    # A period that begins on the 31st may end on a 31st, up to 31 days from today.
    latest = today + datetime.timedelta(days=31)
    assert today.isoformat() < long_ago["renews_on"] <= latest.isoformat()


def test_a_subscription_is_paused_resumed_and_cancelled_by_its_own_customer(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    made = ASubscription(company=studio, customer=customer)
    path = f"/v1/customers/{customer.id}/subscriptions/{made.id}"

    def refused(verb: str, code: str, message: str) -> None:
        answer = integrator.post(f"{path}/{verb}", AWAY if verb == "pause" else None)
        assert whole_refusal(answer) == (409, code, message)

    so = "This subscription is {}. Only "
    active = "an active one can be paused: resume or reinstate it first, or leave it so."
    refused(
        "resume",
        "subscription_not_paused",
        so.format("active") + "a paused one can be resumed: leave it so.",
    )
    paused = integrator.post(f"{path}/pause", AWAY)
    assert (paused.status, paused.body["status"]) == (200, "paused")
    assert paused.body["paused_at"] is not None
    refused("pause", "subscription_not_active", so.format("paused") + active)
    resumed = integrator.post(f"{path}/resume")
    assert (resumed.status, resumed.body["status"]) == (200, "active")
    rests_no_more = {"status": "active", "paused_at": None, "pause_reason": None}
    assert resumed.body == paused.body | rests_no_more
    with acting_for(studio.id):
        pause = SubscriptionPause.objects.get(subscription=made)
        assert pause.paused_at <= pause.resumed_at
    cancelled = integrator.post(f"{path}/cancel")
    assert (cancelled.status, cancelled.body["status"]) == (200, "cancelled")
    assert cancelled.body["renews_on"] is None
    for verb in ("pause", "resume", "cancel"):
        refused(
            verb,
            "subscription_cancelled",
            "This subscription is cancelled for good. Make a new one.",
        )
    stranger = f"/v1/customers/{ACustomer(company=studio).id}/subscriptions/{made.id}"
    for verb in ("pause", "resume", "cancel"):
        answer = integrator.post(f"{stranger}/{verb}", AWAY if verb == "pause" else None)
        assert whole_refusal(answer) == (404, "not_found", "No such subscription. Check the id.")


def test_a_subscription_is_suspended_and_reinstated(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    made = ASubscription(company=studio, customer=customer)
    path = f"/v1/customers/{customer.id}/subscriptions/{made.id}"

    def refused(verb: str, code: str, message: str) -> None:
        assert whole_refusal(integrator.post(f"{path}/{verb}")) == (409, code, message)

    told = "This subscription is not suspended. Leave it as it is."
    refused("reinstate", "subscription_not_suspended", told)
    paused = integrator.post(f"{path}/pause", AWAY).body
    suspended = integrator.post(f"{path}/suspend")
    suspended_at = suspended.body["suspended_at"]
    facts = {"status": "suspended", "suspended_at": suspended_at}
    assert (suspended.status, suspended.body) == (200, paused | facts)
    assert suspended_at is not None
    assert integrator.get(path).body == suspended.body
    told = "This subscription is suspended already. Leave it so, or reinstate it."
    refused("suspend", "subscription_not_active", told)
    reinstated = integrator.post(f"{path}/reinstate")
    assert (reinstated.status, reinstated.body) == (200, paused)
    stranger = f"/v1/customers/{ACustomer(company=studio).id}/subscriptions/{made.id}"
    for verb in ("suspend", "reinstate"):
        answer = integrator.post(f"{stranger}/{verb}", AWAY if verb == "pause" else None)
        assert whole_refusal(answer) == (404, "not_found", "No such subscription. Check the id.")


def test_cancelling_too_early_names_the_day(
    integrator: Caller, studio: Company, today: Date, customer: Customer
) -> None:
    plan = APlan(company=studio, minimum_periods=1)
    made = ASubscription(company=studio, customer=customer, plan=plan)
    path = f"/v1/customers/{customer.id}/subscriptions/{made.id}/cancel"
    answer = integrator.post(path)
    day = month_later(today)
    message = f"This subscription can be cancelled from {day.day} {day:%b %Y} on. Cancel it then."
    assert whole_refusal(answer) == (409, "too_early_to_cancel", message)
    with acting_for(studio.id):
        Subscription.objects.filter(pk=made.pk).update(earliest_cancellation_date=today)
    assert integrator.post(path).body["status"] == "cancelled"


def test_a_suspension_comes_before_a_pause(
    integrator: Caller, studio: Company, actor: Actor, customer: Customer
) -> None:
    made = ASubscription(company=studio, customer=customer)
    path = f"/v1/customers/{customer.id}/subscriptions/{made.id}"
    integrator.post(f"{path}/pause", AWAY)
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


def renewals(plan: Any, company: Company, anchor: Date, days: list[Date]) -> list[Date]:
    """Return the renewal date after a sweep on each of these days."""
    customer = ACustomer(company=company)
    made = ASubscription(company=company, customer=customer, plan=plan)
    found = []
    with acting_for(company.id):
        Subscription.objects.filter(pk=made.pk).update(anchor_date=anchor, periods_turned=0)
        for day in days:
            turn_periods(actor=Actor.command(company), today=day)
            made.refresh_from_db()
            found.append(made.renewal_date)
    return found


def test_periods_are_counted_from_the_beginning_without_drift(studio: Company) -> None:
    for period, anchor, day, expected in (
        ("P1W", Date(2026, 1, 1), Date(2026, 1, 7), Date(2026, 1, 8)),
        ("P1W", Date(2026, 1, 1), Date(2026, 1, 8), Date(2026, 1, 15)),
        ("P1W", Date(2026, 1, 1), Date(2026, 12, 31), Date(2027, 1, 7)),
        ("P1M", Date(2024, 1, 30), Date(2024, 2, 29), Date(2024, 3, 30)),
        ("P1M", Date(2023, 12, 31), Date(2026, 2, 28), Date(2026, 3, 31)),
        ("P3M", Date(2025, 11, 30), Date(2026, 2, 27), Date(2026, 2, 28)),
        ("P3M", Date(2025, 11, 30), Date(2026, 2, 28), Date(2026, 5, 30)),
        ("P6M", Date(2025, 8, 31), Date(2026, 2, 28), Date(2026, 8, 31)),
        ("P1Y", Date(2024, 2, 29), Date(2025, 2, 27), Date(2025, 2, 28)),
        ("P1Y", Date(2024, 2, 29), Date(2027, 3, 1), Date(2028, 2, 29)),
    ):
        plan = APlan(company=studio, billing_period=period)
        assert renewals(plan, studio, anchor, [day]) == [expected], (period, anchor, day)
    days = [Date(2026, 2, 27), Date(2026, 2, 28), Date(2026, 3, 30), Date(2026, 3, 31)]
    assert renewals(APlan(company=studio), studio, Date(2026, 1, 31), days) == [
        Date(2026, 2, 28),
        Date(2026, 3, 31),
        Date(2026, 3, 31),
        Date(2026, 4, 30),
    ], "the 31st comes back after February"


def test_what_was_missed_is_caught_up_once(studio: Company, actor: Actor) -> None:
    made = ASubscription(company=studio, customer=ACustomer(company=studio))
    with acting_for(studio.id):
        Subscription.objects.filter(pk=made.pk).update(anchor_date=Date(2026, 1, 31))
        assert turn_periods(actor=actor, today=Date(2026, 2, 27)) == 0
        assert turn_periods(actor=actor, today=Date(2026, 6, 30)) == 1
        assert turn_periods(actor=actor, today=Date(2026, 6, 30)) == 0
        made.refresh_from_db()
    assert (made.periods_turned, made.renewal_date) == (5, Date(2026, 7, 31))


def test_only_active_subscriptions_turn(studio: Company, rival: Company, actor: Actor) -> None:
    made = ASubscription(company=studio, customer=ACustomer(company=studio))
    ASubscription(company=rival, customer=ACustomer(company=rival))
    far = Date(2036, 1, 1)
    with acting_for(studio.id):
        for fact in ("paused_at", "suspended_at"):
            Subscription.objects.update(**{fact: made.created_at})
            assert turn_periods(actor=actor, today=far) == 0, fact
            Subscription.objects.update(**{fact: None})
        with undone():
            archive_customer(made.customer, actor=actor)
            assert turn_periods(actor=actor, today=far) == 0
        assert turn_periods(actor=actor, today=far) == 1
        assert turn_periods(actor=actor, today=far) == 0


def test_today_is_the_companys_own(studio: Company) -> None:
    late = datetime.datetime(2026, 1, 31, 11, 30, tzinfo=datetime.UTC)
    for zone, day in (("Pacific/Tongatapu", 1), ("Pacific/Pago_Pago", 31)):
        Company.objects.filter(pk=studio.pk).update(timezone=zone)
        assert local_day(studio.id) == datetime.datetime.now(ZoneInfo(zone)).date()
        assert local_day(studio.id, late).day == day
