"""The feed of changes includes late commits, and keeps the order of an object's changes.

The tests hold transactions open on connections of their own.
"""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psycopg
import pytest
from django.db import connections

from config.changes.models import Change
from config.tenancy.companies import Company
from config.tenancy.scoping import SET_COMPANY, acting_for
from config.webhooks.actions import dispatch, fan_out
from config.webhooks.bodies import write_bodies
from config.webhooks.feed.positions import settled
from config.webhooks.models import WebhookDelivery
from tests.callers import Caller
from tests.factories import AWebhook
from tests.threads import wait_until

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

Connect = Callable[[Company], psycopg.Connection]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Open a transaction of a company on a connection of its own, as the runtime role."""
    with ExitStack() as stack:

        def opened(company: Company) -> psycopg.Connection:
            given = connections["default"].get_connection_params()
            known = {name: given[name] for name in ("host", "port", "user", "password", "dbname")
                     if given.get(name)}  # fmt: skip
            one = stack.enter_context(psycopg.connect(**known))
            stack.callback(one.rollback)
            one.execute(SET_COMPANY, [str(company.id)])
            return one

        yield opened


def add(connection: psycopg.Connection, company: Company, name: str) -> uuid.UUID:
    zone = uuid.uuid4()
    connection.execute(
        "INSERT INTO customers_zone (id, company_id, name, postal_codes) VALUES (%s, %s, %s, '{}')",
        [zone, company.id, name],
    )
    return zone


def is_blocked(connection: psycopg.Connection) -> bool:
    """Return whether any session waits for a lock."""
    waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    return connection.execute(waiting).fetchone() is not None


def make_messages(company: Company) -> None:
    """Create the webhook messages of new changes, in a thread."""
    try:
        with acting_for(company.id):
            fan_out(write_bodies)
    finally:
        connections["default"].close()


def rename(connection: psycopg.Connection, zone: uuid.UUID, name: str) -> None:
    connection.execute("UPDATE customers_zone SET name = %s WHERE id = %s", [name, zone])


class Reader:
    """Follows the changes of a company's zones with a cursor, as the feed does."""

    def __init__(self, company: Company, horizon: Callable[[uuid.UUID], int] = settled) -> None:
        self.company, self.horizon = company, horizon
        self.cursor = 0
        self.seen: list[str] = []

    def read(self) -> list[str]:
        with acting_for(self.company.id):
            until = self.horizon(self.company.id)
            found = list(
                Change.objects.filter(
                    id__gt=self.cursor, id__lte=until, table_name="customers_zone"
                ).order_by("id")
            )
        self.cursor = max(self.cursor, until)
        names = [change.after["name"] for change in found]
        self.seen += names
        return names


class Sender(Reader):
    """Follows the changes as webhooks do, by the messages that were created."""

    def __init__(self, company: Company) -> None:
        super().__init__(company)
        AWebhook(company=company, types=["zone.created"])

    def read(self) -> list[str]:
        with acting_for(self.company.id):
            fan_out(write_bodies)
            bodies = WebhookDelivery.objects.order_by("change_id").values_list("body", flat=True)
            self.seen = [json.loads(one)["data"]["changes"]["name"][1] for one in bodies]
        return self.seen


def unguarded(company: uuid.UUID) -> int:
    """Return the newest id, ignoring open transactions."""
    newest = Change.objects.order_by("-id").first()
    return newest.id if newest else 0


def late_commit(connect: Connect, company: Company, *readers: Reader) -> None:
    slow, quick = connect(company), connect(company)
    add(slow, company, "first")
    add(quick, company, "second")
    quick.commit()
    for reader in readers:
        reader.read()
    slow.commit()
    for reader in readers:
        reader.read()


def test_a_late_commit_is_skipped_only_without_the_guard(connect: Connect, studio: Company) -> None:
    guarded, hasty = Reader(studio), Reader(studio, unguarded)  # the negative control
    late_commit(connect, studio, guarded, hasty)
    assert guarded.seen == ["first", "second"]
    assert hasty.seen == ["second"]


def test_webhooks_skip_a_late_commit_without_their_guard_alone(
    connect: Connect, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = Sender(studio)
    late_commit(connect, studio, sender)
    assert sender.seen == ["first", "second"]
    monkeypatch.setattr(dispatch, "settled", unguarded)
    late_commit(connect, studio, sender)
    assert sender.seen == ["first", "second", "second"]


def test_many_who_make_messages_at_once_make_each_once(connect: Connect, studio: Company) -> None:
    sender, line = Sender(studio), connect(studio)
    for number in range(30):
        add(line, studio, f"{number:02}")
    line.commit()

    threads = [threading.Thread(target=make_messages, args=[studio]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sender.read() == [f"{number:02}" for number in range(30)]


def test_each_webhook_is_sent_the_same_bytes_though_one_is_being_changed(
    connect: Connect, studio: Company
) -> None:
    """If a webhook were skipped, its later message would show a later state of the object."""
    first, second = (AWebhook(company=studio, types=["zone.*"]) for _ in range(2))
    line, other = connect(studio), connect(studio)
    zone = add(line, studio, "0")
    line.commit()
    line.execute(SET_COMPANY, [str(studio.id)])
    other.execute("SELECT FROM changes_webhookendpoint WHERE id = %s FOR UPDATE", [second.id])
    making = threading.Thread(target=make_messages, args=[studio])
    making.start()
    wait_until(lambda: not making.is_alive() or is_blocked(line))
    rename(line, zone, "1")
    line.commit()
    other.rollback()
    making.join()
    make_messages(studio)
    with acting_for(studio.id):
        sent = WebhookDelivery.objects.filter(type="zone.created")
        bodies = dict(sent.values_list("endpoint_id", "body"))
    assert bodies.keys() == {first.pk, second.pk}
    assert bodies[first.pk] == bodies[second.pk]


def test_the_story_of_an_object_is_told_in_its_order(connect: Connect, studio: Company) -> None:
    """A later change may belong to an older transaction, so transaction ids give no order."""
    reader = Reader(studio)
    early, late, other = connect(studio), connect(studio), connect(studio)
    zone = add(other, studio, "0")
    other.commit()
    other.execute(SET_COMPANY, [str(studio.id)])
    add(early, studio, "early")
    add(other, studio, "other")
    rename(late, zone, "1")
    late.commit()
    rename(early, zone, "2")
    early.commit()
    reader.read()
    other.commit()
    reader.read()
    assert reader.seen == ["0", "early", "other", "1", "2"]


def test_late_commits_delay_one_company(connect: Connect, studio: Company, rival: Company) -> None:
    slow, quick = connect(rival), connect(studio)
    add(slow, rival, "slow")
    add(quick, studio, "quick")
    quick.commit()
    assert Reader(studio).read() == ["quick"]
    assert Reader(rival).read() == []


def test_what_was_rolled_back_holds_nothing_up(connect: Connect, studio: Company) -> None:
    one, other = connect(studio), connect(studio)
    with one.transaction(force_rollback=True):
        add(one, studio, "never")
    add(other, studio, "other")
    other.commit()
    reader = Reader(studio)
    assert reader.read() == ["other"]
    add(one, studio, "one")
    one.commit()
    assert reader.read() == ["one"]


def test_nothing_is_missed_or_repeated_while_many_write(connect: Connect, studio: Company) -> None:
    writers, each = 4, 25
    lines = [connect(studio) for _ in range(writers)]

    def write(number: int) -> None:
        for turn in range(each):
            lines[number].execute(SET_COMPANY, [str(studio.id)])
            add(lines[number], studio, f"{number}.{turn}.a")
            add(lines[number], studio, f"{number}.{turn}.b")
            lines[number].commit()

    threads = [threading.Thread(target=write, args=[number]) for number in range(writers)]
    for thread in threads:
        thread.start()
    reader = Reader(studio)
    while any(thread.is_alive() for thread in threads):
        reader.read()
    reader.read()
    expected = {f"{n}.{t}.{x}" for n in range(writers) for t in range(each) for x in "ab"}
    assert sorted(reader.seen) == sorted(expected)


def test_a_feed_since_a_moment_begins_before_all_whose_ids_and_times_crossed(
    studio: Company, integrator: Caller
) -> None:
    """Concurrent sessions may take ids in a different order than times."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO changes_change (company_id, at, table_name, object_id, operation, after,"
            " actor_kind, actor_name, request_id, reason)"
            " SELECT %s, timestamptz '2030-01-01Z' + late, 'customers_zone', gen_random_uuid(),"
            " 'created', '{}', 'command', 'tests', '', '' FROM unnest(%s::interval[]) AS late",
            [studio.id, ["-1 day", "2 s", "0 s", "1 s"]],
        )
    for since, found in (("2030-01-01T00:00:00Z", 3), ("2030-01-01T00:00:02Z", 3)):
        answer = integrator.get(f"/v1/changes?types=zone.*&since={since}")
        assert len(answer.body["data"]) == found, since


def test_an_object_that_is_gone_is_null_and_its_fields_are_told(
    connect: Connect, studio: Company, integrator: Caller
) -> None:
    line = connect(studio)
    zone = add(line, studio, "North")
    line.commit()
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM customers_zone WHERE id = %s", [zone])
    created, deleted = integrator.get("/v1/changes?types=zone.*").body["data"]
    assert [one["type"] for one in (created, deleted)] == ["zone.created", "zone.deleted"]
    assert (created["data"]["object"], deleted["data"]["object"]) == (None, None)
    assert created["data"]["changes"]["name"] == [None, "North"]
    assert deleted["data"]["changes"] == {
        name: [after, before] for name, (before, after) in created["data"]["changes"].items()
    }


def test_a_feed_since_a_moment_waits_for_a_change_that_is_still_on_its_way(
    connect: Connect, studio: Company, integrator: Caller
) -> None:
    late, early = connect(studio), connect(studio)
    (moment,) = early.execute("SELECT clock_timestamp() AT TIME ZONE 'UTC'").fetchone() or ()
    add(late, studio, "Late")
    add(early, studio, "Early")
    early.commit()
    first = integrator.get(f"/v1/changes?types=zone.*&since={moment.isoformat()}Z").body
    assert first["data"] == []
    late.commit()
    later = integrator.get(f"/v1/changes?types=zone.*&after={first['next']}").body["data"]
    assert [one["data"]["object"]["name"] for one in later] == ["Late", "Early"]
