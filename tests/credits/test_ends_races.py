"""A use that waits for a locked credit is checked at the time of the lock, not of the request."""

import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from config.times import Clock
from credits.actions import redeem_credit
from credits.errors import Expired
from credits.models import Credit, holdings
from tests.factories import ACredit

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

END = "UPDATE credits_credit SET expires_at = clock_timestamp()"
WAITING = """
SELECT count(*) FROM pg_locks JOIN pg_locks held USING (pid)
  JOIN pg_database ON held.database = pg_database.oid AND datname = current_database()
 WHERE NOT pg_locks.granted
"""


@pytest.mark.parametrize("clock", [Clock, Now])
def test_a_use_that_waited_past_the_end_is_refused(
    studio: Company, actor: Actor, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    """The negative control compares with the transaction's start, and so accepts the use."""
    monkeypatch.setattr(holdings, "Clock", clock)
    is_guarded = clock is Clock
    credit = ACredit(company=studio, multi_use=True)
    refusals: list[str] = []

    def use() -> None:
        try:
            with acting_for(studio.id):
                redeem_credit(credit, reference="late", actor=actor)
        except Expired as refusal:
            refusals.append(refusal.code)
        finally:
            connection.close()

    waiting = threading.Thread(target=use)
    with acting_for(studio.id), transaction.atomic(), connection.cursor() as cursor:
        redeem_credit(credit, reference="first", actor=actor)
        waiting.start()
        while cursor.execute(WAITING).fetchone() == (0,):
            assert waiting.is_alive(), "it waits for the row that the first use has changed"
        cursor.execute(END)
    waiting.join(10)
    assert refusals == (["expired"] if is_guarded else [])
    with acting_for(studio.id):
        assert Credit.objects.get(pk=credit.pk).times_redeemed == (1 if is_guarded else 2)
