"""What becomes of messages: made once for each change, held by one sender, sent until they come."""

import datetime
import json
from typing import Any

import pytest
from django.core import mail
from django.db import connections
from django.utils import timezone

from config.access.actors import Actor
from config.access.models import Company, Staff
from config.access.tenancy import acting_for
from config.changes.actions import (
    Held,
    archive_endpoint,
    at_work,
    change_endpoint,
    claim_due,
    disable_endpoint,
    dispatch,
    enable_endpoint,
    fan_out,
    record_attempt,
    redeliver,
    release,
    rotate_secret,
)
from config.changes.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from config.changes.tasks import send_webhook_disabled
from config.changes.webhooks.bodies import tell
from config.changes.webhooks.messages import Message, Outcome
from config.changes.webhooks.schedule import ATTEMPTS
from customers.actions import write_note
from customers.models import Note
from tests.backoffice import Browser
from tests.callers import Caller
from tests.contract import document
from tests.factories import ACustomer, ADelivery, AWebhook

State = WebhookDelivery.State


@pytest.fixture
def webhook(studio: Company) -> WebhookEndpoint:
    """A webhook that is sent what happens to customers."""
    return AWebhook(company=studio, types=["customer.created", "customer.archived"])


@pytest.fixture
def message(studio: Company, webhook: WebhookEndpoint) -> WebhookDelivery:
    """One message on its way there."""
    ACustomer(company=studio)
    with acting_for(studio.id):
        fan_out(tell)
        # Within one transaction the clock of PostgreSQL stands still.
        WebhookDelivery.objects.update(next_at=timezone.now() - datetime.timedelta(minutes=1))
        return WebhookDelivery.objects.select_related("endpoint").get()


def outcome(status: int | None = 500, **facts: Any) -> Outcome:
    began = facts.pop("began_at", timezone.now())
    return Outcome(began_at=began, milliseconds=12, status=status, **facts)


def work(company: Company) -> None:
    with acting_for(company.id):
        fan_out(tell)


def messages(company: Company) -> list[WebhookDelivery]:
    with acting_for(company.id):
        return list(WebhookDelivery.objects.oldest_first())


def claim(webhook: WebhookEndpoint, most: int = 5) -> list[Held]:
    with acting_for(webhook.company_id):
        return claim_due(webhook.pk, most)


def attempt(webhook: WebhookEndpoint, become: Outcome) -> WebhookDelivery:
    """Attempt the next message as a sender does; returns it as it is then."""
    with acting_for(webhook.company_id):
        WebhookDelivery.objects.filter(state=State.PENDING).update(next_at=timezone.now())
        (held,) = claim_due(webhook.pk, 1)
        record_attempt(held, become)
        return WebhookDelivery.objects.get(pk=held.delivery_id)


def endpoint(webhook: WebhookEndpoint) -> WebhookEndpoint:
    with acting_for(webhook.company_id):
        return WebhookEndpoint.objects.get(pk=webhook.pk)


def waiting(webhook: WebhookEndpoint) -> list[tuple[bool, bool]]:
    return [(one.is_behind, one.is_due) for one in at_work() if one.endpoint_id == webhook.pk]


# --- Made ---


def test_each_webhook_is_sent_what_it_asked_for_and_once(
    studio: Company, webhook: WebhookEndpoint, actor: Actor
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
    assert [one.type for one in found if one.endpoint_id == webhook.pk] == ["customer.created"]


def test_a_message_is_as_documented_and_as_the_feed_has_it(
    message: WebhookDelivery, integrator: Caller
) -> None:
    body = json.loads(message.body)
    assert list(body) == ["type", "timestamp", "data"]
    feed = integrator.get("/v1/changes?types=customer.created").body["data"]
    assert feed == [body["data"]]
    assert (body["type"], body["timestamp"]) == (feed[0]["type"], feed[0]["at"])
    assert body["type"] in document()["webhooks"]


def test_a_rival_hears_nothing(studio: Company, rival: Company) -> None:
    theirs = AWebhook(company=rival)
    ACustomer(company=studio)
    work(studio)
    work(rival)
    assert messages(studio) == []
    assert all(one.endpoint_id == theirs.pk for one in messages(rival))
    assert not any("customer" in one.type for one in messages(rival))


def test_more_than_fits_in_one_transaction_is_made_in_several(
    studio: Company, webhook: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "CHANGES_AT_ONCE", 2)
    for _ in range(3):
        ACustomer(company=studio)
    with acting_for(studio.id):
        while fan_out(tell):
            pass
    assert [one.type for one in messages(studio)] == ["customer.created"] * 3


def test_what_happens_while_it_is_disabled_is_not_sent(
    studio: Company, webhook: WebhookEndpoint, actor: Actor
) -> None:
    with acting_for(studio.id):
        disable_endpoint(webhook, actor=actor)
    ACustomer(company=studio)
    assert waiting(webhook) == []
    with acting_for(studio.id):
        fan_out(tell)
        enable_endpoint(webhook, actor=actor)
        fan_out(tell)
    assert messages(studio) == []


def test_one_that_waits_for_nothing_is_at_rest(studio: Company, message: WebhookDelivery) -> None:
    webhook = message.endpoint
    assert waiting(webhook) == [(False, True)]
    attempt(webhook, outcome(204))
    assert waiting(webhook) == []
    ACustomer(company=studio)
    assert waiting(webhook) == [(True, False)]


def test_an_archived_company_sends_nothing(studio: Company, message: WebhookDelivery) -> None:
    Company.objects.filter(pk=studio.pk).update(archived_at=timezone.now())
    assert waiting(message.endpoint) == []


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


# --- Held ---


def test_a_message_is_held_by_one_sender_until_its_time_runs_out(
    studio: Company, message: WebhookDelivery
) -> None:
    webhook = message.endpoint
    (held,) = claim(webhook)
    assert claim(webhook) == []
    assert waiting(webhook) == []
    with acting_for(studio.id):
        past = timezone.now() - datetime.timedelta(seconds=1)
        WebhookDelivery.objects.update(leased_until=past)
    (again,) = claim(webhook)
    assert again.message == held.message


def test_no_more_are_held_than_can_be_sent(studio: Company, webhook: WebhookEndpoint) -> None:
    for _ in range(3):
        ADelivery(company=studio, endpoint=webhook)
    assert len(claim(webhook, 2)) == 2
    assert len(claim(webhook, 2)) == 1


def test_what_could_not_be_sent_is_given_back(message: WebhookDelivery) -> None:
    (held,) = claim(message.endpoint)
    with acting_for(held.company_id):
        release(held)
    assert len(claim(message.endpoint)) == 1


def test_a_changed_webhook_is_heeded_with_the_next_attempt(
    studio: Company, message: WebhookDelivery, actor: Actor
) -> None:
    webhook = message.endpoint
    attempt(webhook, outcome(500))
    with acting_for(studio.id):
        change_endpoint(webhook, changes={"url": "https://moved.example/hook"}, actor=actor)
        secret = rotate_secret(webhook, actor=actor)
        WebhookDelivery.objects.update(next_at=timezone.now())
        (held,) = claim_due(webhook.pk, 1)
        assert held.message.url == "https://moved.example/hook"
        assert held.message.secrets[0] == secret
        assert len(held.message.secrets) == 2
        release(held)
        WebhookEndpoint.objects.update(previous_ends_at=timezone.now())
        (held,) = claim_due(webhook.pk, 1)
        assert held.message.secrets == (secret,)
        release(held)
        disable_endpoint(webhook, actor=actor)
        assert claim_due(webhook.pk, 1) == []


def test_a_secret_that_no_key_opens_stops_its_own_webhook_alone(
    message: WebhookDelivery, settings: Any
) -> None:
    settings.SECRET_KEY = "another one"
    (held,) = claim(message.endpoint)
    assert held.message.secrets == ()


# --- Attempted ---


def test_what_arrives_is_delivered_and_told(studio: Company, message: WebhookDelivery) -> None:
    found = attempt(message.endpoint, outcome(200, answer="ok"))
    assert (found.state, found.attempts, found.next_at) == (State.DELIVERED, 1, None)
    assert found.leased_until is None
    assert found.delivered_at is not None
    assert endpoint(message.endpoint).last_delivered_at is not None
    with acting_for(studio.id):
        (log,) = WebhookAttempt.objects.all()
    assert (log.delivery_id, log.status, log.answer) == (message.pk, 200, "ok")


def test_every_attempt_is_kept_until_it_is_given_up(
    studio: Company, message: WebhookDelivery
) -> None:
    webhook, ids, pauses = message.endpoint, set(), []
    for number in range(1, ATTEMPTS + 1):
        before = timezone.now()
        found = attempt(webhook, outcome(None, error="No connection."))
        ids.add(found.message_id)
        assert found.attempts == number
        if found.next_at:
            pauses.append(found.next_at - before)
    assert found.state == State.FAILED
    assert ids == {message.message_id}
    assert (
        datetime.timedelta(hours=75)
        < sum(pauses, datetime.timedelta())
        < datetime.timedelta(hours=84)
    )
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
    assert (
        Browser(owner).get(page.partition("/admin/")[1] + page.partition("/admin/")[2]).status_code
        == 200
    )


@pytest.mark.parametrize(("days", "stays"), [(2.9, True), (3.1, False)])
def test_one_that_failed_for_three_days_is_disabled_and_its_owners_are_told(
    studio: Company, owner: Staff, message: WebhookDelivery, days: float, stays: bool
) -> None:
    webhook = message.endpoint
    since = timezone.now() - datetime.timedelta(days=days)
    attempt(webhook, outcome(500, began_at=since))
    with acting_for(studio.id):
        WebhookDelivery.objects.update(attempts=ATTEMPTS - 1)
    attempt(webhook, outcome(500))
    found = endpoint(webhook)
    assert found.is_enabled is stays
    assert found.disabled_because == ("" if stays else "failing")
    send_webhook_disabled(str(studio.pk), str(webhook.pk))
    assert len(mail.outbox) == (not stays)
    assert found.failing_since == since


def test_anything_that_arrives_makes_it_well_again(
    studio: Company, message: WebhookDelivery
) -> None:
    webhook = message.endpoint
    attempt(webhook, outcome(503))
    assert endpoint(webhook).failing_since is not None
    attempt(webhook, outcome(204))
    assert endpoint(webhook).failing_since is None


# --- Meanwhile ---


def test_who_took_too_long_only_adds_to_the_log(studio: Company, message: WebhookDelivery) -> None:
    (slow,) = claim(message.endpoint)
    with acting_for(studio.id):
        past = timezone.now() - datetime.timedelta(seconds=1)
        WebhookDelivery.objects.update(leased_until=past)
        (quick,) = claim_due(message.endpoint_id, 1)
        record_attempt(slow, outcome(500))
        found = WebhookDelivery.objects.get()
        assert (found.attempts, found.leased_until) == (0, quick.leased_until)
        record_attempt(quick, outcome(200))
        record_attempt(slow, outcome(500))
        assert WebhookDelivery.objects.get().state == State.DELIVERED
        assert WebhookAttempt.objects.count() == 3


def test_what_was_archived_while_it_was_sent_stays_cancelled(
    studio: Company, message: WebhookDelivery, actor: Actor
) -> None:
    (held,) = claim(message.endpoint)
    with acting_for(studio.id):
        archive_endpoint(message.endpoint, actor=actor)
        record_attempt(held, outcome(500))
        assert WebhookDelivery.objects.get().state == State.CANCELLED


def test_what_is_sent_again_is_the_same_message(
    studio: Company, message: WebhookDelivery, actor: Actor
) -> None:
    first = attempt(message.endpoint, outcome(200))
    with acting_for(studio.id):
        redeliver(first, actor=actor)
        (held,) = claim_due(message.endpoint_id, 1)
    assert (held.message.id, held.message.body) == (message.message_id, message.body)


def test_senders_of_another_company_reach_nothing(rival: Company, message: WebhookDelivery) -> None:
    with acting_for(rival.id):
        assert claim_due(message.endpoint_id, 5) == []
        sent = Message("msg_1", "https://receiver.example", "{}", ())
        now = timezone.now()
        stranger = Held(rival.id, message.endpoint_id, message.pk, now, False, sent)
        with pytest.raises(WebhookEndpoint.DoesNotExist):
            record_attempt(stranger, outcome(200))
        release(stranger)
