"""Pauses of subscriptions that end automatically."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from billing.actions import cancel_subscription, pause_subscription, resume_due, resume_subscription
from billing.errors import PauseUnexplained
from billing.models import Subscription, SubscriptionPause
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.days import local_day, moment_of
from config.tenancy.scoping import acting_for
from customers.actions import archive_customer, restore_customer
from customers.models import Customer
from tests.callers import Caller
from tests.factories import ASubscription
from tests.refusals import whole_refusal

Date = datetime.date


@pytest.fixture
def today(studio: Company) -> Date:
    return local_day(studio.id)


def month_later(day: Date) -> Date:
    """Return the same day of the next month, or its last day if the month is shorter."""
    first = (day.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
    last = ((first + datetime.timedelta(days=32)).replace(day=1) - datetime.timedelta(days=1)).day
    return first.replace(day=min(day.day, last))


def test_a_pause_has_an_end_and_a_reason_and_ends_by_itself(
    integrator: Caller, studio: Company, today: Date, customer: Customer, actor: Actor
) -> None:
    made = ASubscription(company=studio, customer=customer)
    path = f"/v1/customers/{customer.id}/subscriptions/{made.id}"
    before = integrator.get(path).body
    assert (before["resumes_on"], before["pause_reason"]) == (None, None)
    until = today + datetime.timedelta(weeks=6)
    asked = {"resumes_on": until.isoformat(), "reason": "A broken ankle"}
    paused = integrator.post(f"{path}/pause", asked)
    facts = {"status": "paused", "resumes_on": until.isoformat(), "pause_reason": asked["reason"]}
    assert (paused.status, paused.body) == (
        200,
        before | facts | {"paused_at": paused.body["paused_at"]},
    )
    day = datetime.timedelta(days=1)
    assert resume_due(today=until - day, actor=actor) == 0
    assert integrator.get(path).body == paused.body
    # The sweep may run days late or twice at once, and the customer may be archived.
    with acting_for(studio.id):
        Subscription.objects.filter(pk=made.pk).update(
            paused_at=Now() - 9 * day, paused_until=today - 3 * day
        )
        archive_customer(customer, actor=actor)
    assert resume_due(actor=actor) == 0, "what is of an archived customer rests"
    with acting_for(studio.id):
        restore_customer(customer, actor=actor)
    assert (resume_due(actor=actor), resume_due(actor=actor)) == (1, 0)
    assert integrator.get(path).body == before
    with acting_for(studio.id):
        pause = SubscriptionPause.objects.get(subscription=made)
    assert (pause.reason, local_day(studio.id, pause.resumed_at)) == (
        "A broken ankle",
        today - 3 * day,
    )
    assert pause.resumed_at == moment_of(
        datetime.datetime.combine(today - 3 * day, datetime.time()), studio.timezone
    )


def test_a_pause_that_ends_too_soon_or_with_a_card_number_is_refused(
    integrator: Caller, studio: Company, today: Date, customer: Customer
) -> None:
    made = ASubscription(company=studio, customer=customer)
    path = f"/v1/customers/{customer.id}/subscriptions/{made.id}"
    tomorrow = today + datetime.timedelta(days=1)
    for until in (today, today - datetime.timedelta(days=400)):
        asked = {"resumes_on": until.isoformat(), "reason": "Away"}
        answer = integrator.post(f"{path}/pause", asked)
        message = (
            f"The subscription would go on from {until.day} {until:%B %Y}, which is not after "
            f"today. Send a day from {tomorrow.day} {tomorrow:%B %Y} on, or none for a pause "
            "without an end."
        )
        assert whole_refusal(answer) == (422, "pause_ends_too_soon", message, "resumes_on")
    for body, field in (
        ({"resumes_on": "soon", "reason": "Away"}, "resumes_on"),
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"reason": "4111 1111 1111 1111"}, "reason"),
    ):
        answer = integrator.post(f"{path}/pause", body)
        assert (answer.status, answer.body["error"]["param"]) == (422, field), answer
    assert integrator.post(f"{path}/pause", {"days": 5}).status >= 400
    assert integrator.get(path).body["status"] == "active"
    unexplained = integrator.post(f"{path}/pause", {"resumes_on": tomorrow.isoformat()})
    assert (unexplained.status, unexplained.body["error"]["param"]) == (400, "reason")
    asked = {"resumes_on": tomorrow.isoformat(), "reason": "Away"}
    answer = integrator.post(f"{path}/pause", asked)
    assert answer.body["resumes_on"] == tomorrow.isoformat()


def test_a_pause_without_a_reason_is_refused(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    made = ASubscription(company=studio, customer=customer)
    with acting_for(studio.id):
        for reason in ("", "  "):
            with pytest.raises(PauseUnexplained, match="Say why the subscription is paused"):
                pause_subscription(made, reason=reason, actor=actor)
        assert Subscription.objects.get(pk=made.pk).state == "ACTIVE"


def test_the_reason_of_a_pause_is_emptied_and_never_changed(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    made = ASubscription(company=studio, customer=customer)
    with acting_for(studio.id):
        pause_subscription(made, reason="Away", actor=actor)
        resume_subscription(made, actor=actor)
        pauses = SubscriptionPause.objects.filter(subscription=made)
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            pauses.update(reason="Ill")
        assert pauses.update(reason="") == 1


def test_resuming_by_hand_ends_the_pause_now_and_forgets_its_end(
    studio: Company, customer: Customer, today: Date, actor: Actor
) -> None:
    made = ASubscription(company=studio, customer=customer)
    with acting_for(studio.id):
        until = today + datetime.timedelta(weeks=6)
        pause_subscription(made, until=until, reason="Away", actor=actor)
        again = resume_subscription(made, actor=actor)
        assert (again.paused_at, again.paused_until, again.pause_reason) == (None, None, "")
        pause = SubscriptionPause.objects.get(subscription=made)
        assert local_day(studio.id, pause.resumed_at) == today
        pause_subscription(made, until=until, reason="Away", actor=actor)
        cancel_subscription(made, actor=actor)
    assert resume_due(today=until, actor=actor) == 0, "what was cancelled does not come back"
