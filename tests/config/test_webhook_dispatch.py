"""Webhook messages: created once for each change, leased by one sender, sent until delivered."""

import datetime
import json
from typing import Any

import pytest
from django.core import mail
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.access.models import Staff
from config.changes import event_types
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from config.webhooks import actions
from config.webhooks.bodies import write_bodies
from config.webhooks.messages import Message, Outcome
from config.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from config.webhooks.schedule import ATTEMPTS
from config.webhooks.tasks import send_webhook_disabled
from customers.actions import update_customer, write_note
from customers.models import Note
from tests.backoffice import Browser
from tests.callers import Caller
from tests.contract import document, validator
from tests.factories import ACustomer, ADelivery, AWebhook

State = WebhookDelivery.State


@pytest.fixture
def webhook(studio: Company) -> WebhookEndpoint:
    """A webhook that is subscribed to events of customers."""
    return AWebhook(company=studio, types=["customer.created", "customer.archived"])


@pytest.fixture
def message(studio: Company, webhook: WebhookEndpoint) -> WebhookDelivery:
    """One message that is pending."""
    ACustomer(company=studio)
    with acting_for(studio.id):
        actions.fan_out(write_bodies)
        # PostgreSQL's current time does not change within a transaction.
        WebhookDelivery.objects.update(next_at=timezone.now() - datetime.timedelta(minutes=1))
        return WebhookDelivery.objects.select_related("endpoint").get()


def outcome(status: int | None = 500, **facts: Any) -> Outcome:
    return Outcome(milliseconds=12, status=status, **facts)


def work(company: Company) -> None:
    with acting_for(company.id):
        actions.fan_out(write_bodies)


def messages(company: Company) -> list[WebhookDelivery]:
    with acting_for(company.id):
        return list(WebhookDelivery.objects.oldest_first())


def claim(webhook: WebhookEndpoint, most: int = 5) -> list[actions.Held]:
    with acting_for(webhook.company_id):
        return actions.claim_due(webhook.pk, most)


def attempt(webhook: WebhookEndpoint, become: Outcome) -> WebhookDelivery:
    """Attempt the next message as a sender does; return the message afterwards."""
    with acting_for(webhook.company_id):
        WebhookDelivery.objects.filter(state=State.PENDING).update(next_at=timezone.now())
        (held,) = actions.claim_due(webhook.pk, 1)
        actions.record_attempt(held, become)
        return WebhookDelivery.objects.get(pk=held.delivery_id)


def run_out(company: Company) -> None:
    """Let the leases of all senders expire."""
    with acting_for(company.id):
        past = timezone.now() - datetime.timedelta(seconds=1)
        WebhookDelivery.objects.update(leased_until=past)


def endpoint(webhook: WebhookEndpoint) -> WebhookEndpoint:
    with acting_for(webhook.company_id):
        return WebhookEndpoint.objects.get(pk=webhook.pk)


def described(type: str) -> Any:
    """Return the schema of the messages of an event type."""
    described = document()["webhooks"][type]["post"]["requestBody"]
    return described["content"]["application/json"]["schema"]


def waiting(webhook: WebhookEndpoint) -> list[tuple[bool, bool]]:
    return [
        (one.is_behind, one.is_due) for one in actions.at_work() if one.endpoint_id == webhook.pk
    ]


def test_each_webhook_is_sent_what_it_asked_for_once_and_as_the_feed_has_it(
    studio: Company, webhook: WebhookEndpoint, actor: Actor, integrator: Caller
) -> None:
    everything = AWebhook(company=studio)
    customer = ACustomer(company=studio)
    with acting_for(studio.id):
        write_note(Note(customer=customer, content="Likes tea"), actor=actor)
    work(studio)
    work(studio)
    found = messages(studio)
    told = [one.type for one in found if one.endpoint_id == everything.pk]
    assert [type for type in told if not type.startswith("webhook")] == [
        "customer.created",
        "note.created",
    ]
    (message,) = (one for one in found if one.endpoint_id == webhook.pk)
    body = json.loads(message.body)
    (entry,) = integrator.get("/v1/changes?types=customer.created").body["data"]
    assert body == {**entry, "timestamp": entry["occurred_at"]}
    assert entry["data"]["object"] == integrator.get(f"/v1/customers/{customer.id}").body
    for one in found:
        schema = described(one.type)
        assert not list(validator(json.dumps(schema)).iter_errors(json.loads(one.body))), one.body


def test_a_webhook_carries_the_object_as_it_was_when_the_message_was_made(
    studio: Company, actor: Actor
) -> None:
    webhooks = [AWebhook(company=studio, types=["customer.*"]) for _ in range(2)]
    customer = ACustomer(company=studio, first_name="Ana")
    work(studio)
    with acting_for(studio.id):
        update_customer(customer, changes={"first_name": "Anna"}, actor=actor)
    work(studio)
    found = messages(studio)
    told = [(one.type, json.loads(one.body)["data"]["object"]["first_name"]) for one in found]
    assert told == [("customer.created", "Ana")] * 2 + [("customer.updated", "Anna")] * 2
    assert {one.endpoint_id for one in found} == {one.pk for one in webhooks}
    assert len({one.body for one in found}) == 2, "one message for both"


def test_a_wildcard_is_sent_the_types_that_are_added_later(
    studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_types, "TYPES", ["customer.restored"])
    wanting = AWebhook(company=studio, types=["customer.*"])
    AWebhook(company=studio, types=["*.restored"])
    monkeypatch.undo()
    ACustomer(company=studio)
    work(studio)
    (sent,) = messages(studio)
    assert (sent.type, sent.endpoint_id) == ("customer.created", wanting.pk)


def test_more_than_fits_in_one_transaction_is_made_in_several(
    studio: Company, webhook: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions.dispatch, "CHANGES_AT_ONCE", 2)
    for _ in range(3):
        ACustomer(company=studio)
    with acting_for(studio.id):
        while actions.fan_out(write_bodies):
            pass
    assert [one.type for one in messages(studio)] == ["customer.created"] * 3
    with acting_for(studio.id):
        WebhookDelivery.objects.update(next_at=timezone.now())
    assert [len(claim(webhook, 2)) for _ in range(2)] == [2, 1], "no more than can be sent"


def test_large_messages_are_made_a_few_at_a_time(
    studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhooks = [AWebhook(company=studio, types=["customer.created"]) for _ in range(3)]
    monkeypatch.setattr(actions.dispatch, "BYTES_AT_ONCE", 3 * 40_000)
    monkeypatch.setattr(actions.dispatch, "BYTES_A_STATEMENT", 50_000)
    for _ in range(4):
        ACustomer(company=studio, preferences={"likes": "x" * 15_000})
    made = []
    with acting_for(studio.id):
        has_more = True
        while has_more:
            with CaptureQueriesContext(connections["default"]) as ran:
                has_more = actions.fan_out(write_bodies)
            made.append(len(messages(studio)))
    inserts = [one["sql"] for one in ran if "INSERT" in one["sql"]]
    # A message has 30 kB: the object and its changes.
    assert made == [6, 12]
    assert len(inserts) == 3
    assert max(map(len, inserts)) < 50_000 + 40_000
    for webhook in webhooks:
        told = [one.change_id for one in messages(studio) if one.endpoint_id == webhook.pk]
        assert told == sorted(set(told))
        assert len(told) == 4
        assert endpoint(webhook).position >= max(told)


def test_one_that_waits_for_nothing_is_at_rest_as_one_that_is_disabled_or_archived(
    studio: Company, message: WebhookDelivery, actor: Actor
) -> None:
    webhook = message.endpoint
    assert waiting(webhook) == [(False, True)]
    attempt(webhook, outcome(204))
    assert waiting(webhook) == []
    ACustomer(company=studio)
    assert waiting(webhook) == [(True, False)]
    Company.objects.filter(pk=studio.pk).update(archived_at=timezone.now())
    assert waiting(webhook) == []
    Company.objects.filter(pk=studio.pk).update(archived_at=None)
    with acting_for(studio.id):
        actions.disable_endpoint(webhook, actor=actor)
    assert waiting(webhook) == []
    with acting_for(studio.id):
        actions.fan_out(write_bodies)
        actions.enable_endpoint(webhook, actor=actor)
        actions.fan_out(write_bodies)
    assert messages(studio) == [message], "what happens meanwhile is not sent"


def test_looking_for_work_goes_by_indexes_alone(message: WebhookDelivery) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'changes_webhooks_at_work'")
        (statement,) = cursor.fetchone()
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "webhook_delivery_due" in plan
    assert "change_of_company" in plan
    assert "hashed" not in plan, "each webhook looks for itself"


def test_a_message_is_held_by_one_sender_until_its_time_runs_out_or_it_is_given_back(
    studio: Company, message: WebhookDelivery, settings: Any
) -> None:
    webhook = message.endpoint
    (held,) = claim(webhook)
    assert claim(webhook) == []
    assert waiting(webhook) == []
    run_out(studio)
    (again,) = claim(webhook)
    assert again.message == held.message
    with acting_for(held.company_id):
        actions.release(again)
    settings.SECRET_KEY = "another one"
    (unsigned,) = claim(webhook)
    assert unsigned.message.secrets == (), "a secret that no key opens stops its webhook alone"


def test_a_changed_webhook_is_heeded_with_the_next_attempt(
    studio: Company, message: WebhookDelivery, actor: Actor
) -> None:
    webhook = message.endpoint
    attempt(webhook, outcome(500))
    with acting_for(studio.id):
        actions.change_endpoint(webhook, changes={"url": "https://moved.example/hook"}, actor=actor)
        secret = actions.rotate_secret(webhook, actor=actor)
        WebhookDelivery.objects.update(next_at=timezone.now())
        (held,) = actions.claim_due(webhook.pk, 1)
        assert held.message.url == "https://moved.example/hook"
        assert held.message.secrets[0] == secret
        assert len(held.message.secrets) == 2
        actions.release(held)
        WebhookEndpoint.objects.update(previous_ends_at=timezone.now())
        (held,) = actions.claim_due(webhook.pk, 1)
        assert held.message.secrets == (secret,)
        actions.release(held)
        actions.disable_endpoint(webhook, actor=actor)
        assert actions.claim_due(webhook.pk, 1) == []


def test_what_arrives_is_delivered_told_and_makes_its_webhook_well_again(
    studio: Company, message: WebhookDelivery
) -> None:
    attempt(message.endpoint, outcome(503))
    assert endpoint(message.endpoint).failing_since is not None
    found = attempt(message.endpoint, outcome(200, answer="ok"))
    assert (found.state, found.attempts, found.next_at) == (State.DELIVERED, 2, None)
    assert (found.leased_until, found.delivered_at is None) == (None, False)
    assert endpoint(message.endpoint).last_delivered_at is not None
    assert endpoint(message.endpoint).failing_since is None
    with acting_for(studio.id):
        log = WebhookAttempt.objects.order_by("id").last()
    assert log
    assert (log.delivery_id, log.status, log.answer) == (message.pk, 200, "ok")


def test_attempts_are_kept_until_the_last_fails(studio: Company, message: WebhookDelivery) -> None:
    webhook, pauses = message.endpoint, datetime.timedelta()
    for number in range(1, ATTEMPTS + 1):
        before = timezone.now()
        found = attempt(webhook, outcome(None, error="No connection."))
        assert (found.attempts, found.message_id) == (number, message.message_id)
        if found.next_at:
            pauses += found.next_at - before
    assert found.state == State.FAILED
    assert datetime.timedelta(hours=75) < pauses < datetime.timedelta(hours=84)
    with acting_for(studio.id):
        assert WebhookAttempt.objects.count() == ATTEMPTS
    assert endpoint(webhook).is_enabled, "three days have not passed"


def test_one_that_is_gone_is_disabled_and_what_waits_is_cancelled(
    studio: Company, owner: Staff, message: WebhookDelivery
) -> None:
    webhook = message.endpoint
    for _ in range(2):
        ADelivery(company=studio, endpoint=webhook)
    assert attempt(webhook, outcome(410)).state == State.FAILED
    found = endpoint(webhook)
    assert (found.is_enabled, found.disabled_because) == (False, "gone")
    assert sorted(one.state for one in messages(studio)) == ["cancelled", "cancelled", "failed"]
    send_webhook_disabled(str(studio.pk), str(webhook.pk))
    (letter,) = mail.outbox
    assert letter.to == [owner.email]
    assert webhook.url in letter.body
    assert "410" in letter.body
    page = letter.body.partition("stands as well:")[2].split()[0]
    assert Browser(owner).get(page[page.index("/admin/") :]).status_code == 200


def test_one_that_failed_for_three_days_is_disabled_and_its_owners_are_told(
    studio: Company, owner: Staff, message: WebhookDelivery
) -> None:
    webhook = message.endpoint
    attempt(webhook, outcome(500))
    for days, reason in ((2.9, ""), (3.1, "failing")):
        since = timezone.now() - datetime.timedelta(days=days)
        with acting_for(studio.id):
            WebhookEndpoint.objects.update(failing_since=since)
            again = {"state": State.PENDING, "next_at": timezone.now()}
            WebhookDelivery.objects.update(attempts=ATTEMPTS - 1, **again)
        attempt(webhook, outcome(500))
        found = endpoint(webhook)
        assert (found.is_enabled, found.disabled_because) == (not reason, reason)
        send_webhook_disabled(str(studio.pk), str(webhook.pk))
        assert len(mail.outbox) == bool(reason)
        assert found.failing_since == since


def test_who_took_too_long_only_adds_to_the_log_and_what_was_archived_stays_cancelled(
    studio: Company, webhook: WebhookEndpoint, message: WebhookDelivery, actor: Actor
) -> None:
    (slow,) = claim(webhook)
    run_out(studio)
    (quick,) = claim(webhook)
    other = ADelivery(company=studio, endpoint=webhook)
    (held,) = claim(webhook)
    with acting_for(studio.id):
        actions.record_attempt(slow, outcome(500))
        found = WebhookDelivery.objects.get(pk=message.pk)
        assert (found.attempts, found.leased_until) == (0, quick.leased_until)
        actions.record_attempt(quick, outcome(200))
        actions.record_attempt(slow, outcome(500))
        assert endpoint(webhook).failing_since is None, "it has arrived"
        actions.archive_endpoint(webhook, actor=actor)
        actions.record_attempt(held, outcome(500))
        states = dict(WebhookDelivery.objects.values_list("pk", "state"))
        assert states == {message.pk: State.DELIVERED, other.pk: State.CANCELLED}
        assert WebhookAttempt.objects.filter(delivery=message).count() == 3


def test_what_arrived_is_delivered_though_its_lease_ran_out_or_its_webhook_was_archived(
    studio: Company, webhook: WebhookEndpoint, message: WebhookDelivery, actor: Actor
) -> None:
    (slow,) = claim(webhook)
    run_out(studio)
    (quick,) = claim(webhook)
    other = ADelivery(company=studio, endpoint=webhook)
    (held,) = claim(webhook)
    with acting_for(studio.id):
        actions.record_attempt(slow, outcome(200))
        actions.record_attempt(quick, outcome(500))
        actions.archive_endpoint(webhook, actor=actor)
        actions.record_attempt(held, outcome(200))
        states = dict(WebhookDelivery.objects.values_list("pk", "state"))
    assert states == {message.pk: State.DELIVERED, other.pk: State.DELIVERED}
    assert endpoint(webhook).failing_since is None


def test_another_company_hears_nothing_and_its_senders_reach_nothing(
    studio: Company, rival: Company, message: WebhookDelivery
) -> None:
    theirs = AWebhook(company=rival)
    ACustomer(company=studio)
    for company in (studio, rival):
        work(company)
    assert all(one.endpoint_id == theirs.pk for one in messages(rival))
    assert not any("customer" in one.type for one in messages(rival))
    with acting_for(rival.id):
        assert actions.claim_due(message.endpoint_id, 5) == []
        sent = Message("msg_1", "https://receiver.example", "{}", ())
        now = timezone.now()
        stranger = actions.Held(rival.id, message.endpoint_id, message.pk, now, False, sent)
        with pytest.raises(WebhookEndpoint.DoesNotExist):
            actions.record_attempt(stranger, outcome(200))
        actions.release(stranger)
