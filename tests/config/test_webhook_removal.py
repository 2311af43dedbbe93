"""Messages are kept for 30 days after the last attempt, and then removed with their log."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from config.access.ids import first_id
from config.access.models import Company
from config.access.tenancy import acting_for
from config.changes.actions import DAYS_KEPT, removal
from config.changes.models import Change, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from config.changes.tasks import clear_messages
from tests.factories import AWebhook

State = WebhookDelivery.State


def sent(endpoint: WebhookEndpoint, days: int, state: str = State.DELIVERED, **fields: Any) -> Any:
    """A message that was made so many days ago."""
    moment = timezone.now() - timedelta(days=days, hours=1)
    with acting_for(endpoint.company_id):
        return WebhookDelivery.objects.create(
            pk=first_id(moment), company_id=endpoint.company_id, endpoint=endpoint,
            type="test.ping", body="{}", state=state, created_at=moment, **fields,
        )  # fmt: skip


def attempt(message: WebhookDelivery, days: int) -> None:
    began_at = timezone.now() - timedelta(days=days, hours=1)
    with acting_for(message.company_id):
        WebhookAttempt.objects.create(
            company_id=message.company_id, delivery=message, began_at=began_at, milliseconds=1
        )


def left(company: Company) -> set[Any]:
    with acting_for(company.id):
        return set(WebhookDelivery.objects.values_list("pk", flat=True))


def attempts(company: Company) -> int:
    with acting_for(company.id):
        return WebhookAttempt.objects.count()


def test_old_messages_go_with_their_log_in_every_company(studio: Company, rival: Company) -> None:
    for company in (studio, rival):
        one = AWebhook(company=company)
        old = sent(one, DAYS_KEPT)
        attempt(old, DAYS_KEPT)
        sent(one, DAYS_KEPT + 1, State.FAILED)
        sent(one, DAYS_KEPT + 2, State.CANCELLED)
        young = sent(one, DAYS_KEPT - 1)
        attempt(young, DAYS_KEPT - 1)
        with acting_for(company.id):
            told = Change.objects.count()
        clear_messages(0)
        assert left(company) == {young.pk}
        assert attempts(company) == 1
        with acting_for(company.id):
            assert Change.objects.count() == told, "what happened is kept for good"


def test_what_waits_or_was_tried_lately_or_is_held_stays(studio: Company) -> None:
    one = AWebhook(company=studio)
    now = timezone.now()
    waiting = sent(one, 90, State.PENDING, next_at=now)
    held = sent(one, 91, leased_until=now + timedelta(minutes=1))
    again = sent(one, 92)
    attempt(again, 92)
    attempt(again, 2)
    clear_messages(0)
    assert left(studio) == {waiting.pk, held.pk, again.pk}
    assert attempts(studio) == 2


def test_it_goes_through_all_of_them_some_at_once(
    studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "REMOVED_AT_ONCE", 2)
    one = AWebhook(company=studio)
    again = [sent(one, days) for days in (95, 94, 93)]
    for message in again:
        attempt(message, 1)
    for days in (80, 70, 60):
        sent(one, days)
    clear_messages(0)
    assert left(studio) == {message.pk for message in again}, "those that stay hold up nobody"
