"""`GET /v1/changes`: the feed."""

import base64
import re
from typing import Any

import pytest
from django.db import connection

from billing.actions import pause_subscription
from config.changes.event_types import MODELS, PUBLIC, RECORDED, TYPES
from config.changes.models import Change
from config.statements import compiling
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from config.webhooks.bodies import write_bodies
from config.webhooks.feed import api
from config.webhooks.feed.objects import event_shapes
from credits.actions import use_pass
from customers.actions import archive_customer, pause_customer, restore_customer, update_customer
from tests.api_routes import make_rows
from tests.callers import Answer, Caller
from tests.config.test_changes import triggers
from tests.factories import (
    ACredit,
    ACustomer,
    AnEventDate,
    AnInvoice,
    APass,
    APayment,
    APlace,
    ASubscription,
    AWebhook,
    make_api_key,
)


def follow(caller: Caller, query: str = "limit=1000") -> Answer:
    answer = caller.get(f"/v1/changes?{query}")
    assert answer.status == 200, answer
    return answer


def types(answer: Answer) -> list[str]:
    return [entry["type"] for entry in answer.body["data"]]


def objects(answer: Answer) -> list[str]:
    return [entry["object_id"] for entry in answer.body["data"]]


def changes(answer: Answer) -> dict[str, Any]:
    """Return the changed fields in the last entry of an answer."""
    return answer.body["data"][-1]["data"]["changes"]


def ids(*customers: Any) -> list[str]:
    return [f"cust_{one.id.hex}" for one in customers]


def test_pages_follow_each_other_without_a_gap(studio: Company, integrator: Caller) -> None:
    made = [ACustomer(company=studio) for _ in range(5)]
    seen, query = [], "limit=2"
    while True:
        answer = follow(integrator, query)
        seen += objects(answer)
        if not answer.body["has_more"]:
            break
        assert len(answer.body["data"]) == 2
        query = f"limit=2&after={answer.body['next']}"
    assert seen == objects(follow(integrator)) == ids(*made)
    again = follow(integrator, f"after={answer.body['next']}")
    assert again.body == {"data": [], "next": again.body["next"], "has_more": False}
    later = ACustomer(company=studio)
    assert objects(follow(integrator, f"after={again.body['next']}")) == ids(later)


def pages_of(caller: Caller, query: str) -> list[Answer]:
    """Return every page of the feed, from its beginning to its end."""
    pages = [follow(caller, query)]
    while pages[-1].body["has_more"]:
        pages.append(follow(caller, f"{query}&after={pages[-1].body['next']}"))
    return pages


def test_a_page_of_large_objects_ends_before_it_fills_the_memory(
    studio: Company, integrator: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "BYTES_OF_PAGE", 100_000)
    sizes = (1, 1, 15_000, 15_000, 15_000, 15_000, 15_000, 1, 1, 1)
    made = ids(*(ACustomer(company=studio, preferences={"likes": "x" * size}) for size in sizes))
    for at_once in (100, 2):
        monkeypatch.setattr(api, "CHANGES_AT_ONCE", at_once)
        for limit in (4, 1000):
            pages = pages_of(integrator, f"limit={limit}")
            assert [one for page in pages for one in objects(page)] == made
            assert all(0 < len(objects(page)) <= limit for page in pages)
            assert len(pages) > 1
            # The last change that fits may have the maximum size.
            assert max(len(page.raw) for page in pages) < 100_000 + 2 * 16_384 + 2_000
    latest = follow(integrator, "sort=-occurred_at&limit=1000")
    assert objects(latest) == made[: -len(objects(latest)) - 1 : -1]
    assert 3 < len(objects(latest)) < len(made)
    later = ACustomer(company=studio)
    assert objects(follow(integrator, f"after={latest.body['next']}")) == ids(later)


def test_one_change_is_shown_however_large_it_is(
    studio: Company, integrator: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "BYTES_OF_PAGE", 1)
    made = ids(*(ACustomer(company=studio) for _ in range(3)))
    pages = pages_of(integrator, "limit=2")
    assert [objects(page) for page in pages] == [[one] for one in made]


def test_postgresql_sends_no_document_that_does_not_fit(studio: Company) -> None:
    for _ in range(3):
        ACustomer(company=studio)
    with acting_for(studio.id):
        newest = Change.objects.latest("id").id
        for room, is_sent in ((1, [True, False, False]), (10**6, [True] * 3)):
            found = write_bodies(0, newest, ["customer.created"], room)
            assert [body is not None for _, body, _ in found] == is_sent


def test_pages_are_read_in_slices(
    studio: Company, integrator: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "CHANGES_AT_ONCE", 2)
    made = ids(*(ACustomer(company=studio) for _ in range(7)))
    for limit in (1, 2, 3, 5, 6, 7, 8):
        page = follow(integrator, f"limit={limit}")
        assert (objects(page), page.body["has_more"]) == (made[:limit], limit < 7)
        latest = follow(integrator, f"sort=-occurred_at&limit={limit}")
        assert objects(latest) == made[::-1][:limit]


def test_another_company_reads_its_own_alone_and_ids_and_positions_tell_nothing_of_it(
    studio: Company, rival: Company, integrator: Caller, stranger: Caller
) -> None:
    ACustomer(company=studio)
    before = follow(integrator)
    theirs = [ACustomer(company=rival) for _ in range(3)]
    assert objects(follow(stranger)) == ids(*theirs)
    assert follow(integrator).body == before.body, "what others do changes nothing"
    assert follow(integrator, f"after={before.body['next']}").body["next"] == before.body["next"]
    assert stranger.get(f"/v1/changes?after={before.body['next']}").status == 400
    for query in ("after=1", "limit=0", "limit=1001", "limit=x", "page=2", "since=noon"):
        assert integrator.get(f"/v1/changes?{query}").status == 400, query
    with acting_for(studio.id):
        newest = Change.objects.latest("id").id
    position = base64.b64decode(before.body["next"], b"-_")
    assert newest.to_bytes(8) not in position, "the position is encrypted"
    assert re.fullmatch("chg_[0-9a-f]{32}", before.body["data"][0]["id"])


def test_ids_and_positions_move_with_the_company_to_another_installation(
    studio: Company, integrator: Caller, settings: Any
) -> None:
    ACustomer(company=studio)
    before = follow(integrator)
    settings.SECRET_KEY = "that of another installation, of fifty letters or more"
    settings.SECRET_KEY_FALLBACKS = []
    assert follow(integrator).body == before.body
    assert follow(integrator, f"after={before.body['next']}").body["data"] == []


def test_the_key_of_a_company_is_shown_nowhere(studio: Company) -> None:
    key = Company.objects.get(pk=studio.pk).change_key
    studio.name = "Studio Ten"
    studio.save()
    with acting_for(studio.id), connection.cursor() as cursor:
        cursor.execute("SELECT c::text FROM changes_change c")
        recorded = "\n".join(text for (text,) in cursor.fetchall())
    assert "Studio Ten" in recorded
    assert str(key) not in recorded
    assert key.hex not in recorded


def test_types_leave_out_what_nobody_asked_for_and_who_may_come_in_is_left_out_always(
    studio: Company, integrator: Caller
) -> None:
    make_api_key(studio, name="Till", scopes=["customers:read"])
    assert follow(integrator).body["data"] == []
    customer = ACustomer(company=studio)
    ACredit(company=studio, customer=customer, amount=500)
    APayment(company=studio, invoice=AnInvoice(company=studio, customer=customer), amount=10)
    answer = follow(integrator, "types=credit.issued,payment.succeeded")
    assert types(answer) == ["credit.issued", "payment.succeeded"]
    rest = follow(integrator, f"types=credit.issued&after={answer.body['next']}")
    assert rest.body["data"] == []
    every = types(follow(integrator))
    made = [one for one in every if one.endswith(".created")]
    for asked, found in (("customer.*", ["customer.created"]), ("*.created", made)):
        assert types(follow(integrator, f"types={asked}")) == found, asked
    refused = integrator.get("/v1/changes?types=customer.*,customer.eaten,custmer.*,*.*")
    sentence = (
        "No event type is named “customer.eaten” or “custmer.*” or “*.*”. The reference lists all "
        "of them under “Webhooks”: /docs/reference/. A wildcard is written `customer.*` or "
        "`*.created`."
    )
    assert (refused.status, refused.body["error"]["message"]) == (400, f"types: {sentence}")


def test_the_feed_begins_now_or_at_a_moment(studio: Company, integrator: Caller) -> None:
    first, second = ACustomer(company=studio), ACustomer(company=studio)
    now = follow(integrator, "after=now").body
    assert (now["data"], now["has_more"]) == ([], False)
    third = ACustomer(company=studio)
    assert objects(follow(integrator, f"after={now['next']}")) == ids(third)
    moments = [entry["occurred_at"] for entry in follow(integrator).body["data"]]
    assert objects(follow(integrator, f"since={moments[0]}")) == ids(first, second, third)
    since = follow(integrator, f"since={moments[1]}&limit=1")
    assert objects(since) == ids(second)
    assert objects(follow(integrator, f"after={since.body['next']}")) == ids(third)
    later = follow(integrator, "since=2100-01-01T00:00:00Z").body
    assert later == {**now, "next": follow(integrator).body["next"]}
    both = integrator.get(f"/v1/changes?since={moments[0]}&after=now")
    sentence = "Give after or since, not both: since says where to begin, after where to go on."
    assert (both.status, both.body["error"]["message"]) == (400, f"after: {sentence}")


def test_the_latest_changes_come_first_and_lead_to_what_comes_next(
    studio: Company, integrator: Caller
) -> None:
    customers = [ACustomer(company=studio) for _ in range(3)]
    for query, shown in (("", [2, 1, 0]), ("&limit=2", [2, 1]), ("&types=event.*", [])):
        latest = follow(integrator, f"sort=-occurred_at{query}").body
        assert [one["object_id"] for one in latest["data"]] == ids(*(customers[n] for n in shown))
        assert (latest["has_more"], latest["next"]) == (False, follow(integrator).body["next"])
    later = ACustomer(company=studio)
    assert objects(follow(integrator, f"after={latest['next']}")) == ids(later)
    assert objects(follow(integrator, "sort=occurred_at")) == ids(*customers, later)
    for query, sentence in (
        ("sort=name", "sort: Must be one of occurred_at, -occurred_at; got “name”."),
        (
            "sort=-occurred_at&after=now",
            "sort: Send sort=-occurred_at or after, not both: a position leads to newer changes.",
        ),
    ):
        refused = integrator.get(f"/v1/changes?{query}")
        assert (refused.status, refused.body["error"]["message"]) == (400, sentence)


def test_every_public_record_has_a_v1_shape() -> None:
    assert event_shapes().keys() == PUBLIC.keys()


SHOWN_AT = {
    "booking": "/v1/bookings/{}", "coupon": "/v1/coupons/{}", "customer": "/v1/customers/{}",
    "event": "/v1/events/{}", "facilitator": "/v1/facilitators/{}", "invoice": "/v1/invoices/{}",
    "plan": "/v1/plans/{}", "service": "/v1/services/{}", "zone": "/v1/zones/{}",
}  # fmt: skip


def test_an_object_is_shown_as_its_own_address_shows_it(
    studio: Company, integrator: Caller
) -> None:
    make_rows(studio)
    entries = follow(integrator).body["data"]
    assert {entry["object_type"] for entry in entries} >= {*SHOWN_AT, "ledger_entry", "payment"}
    for entry in entries:
        shown = entry["data"]["object"]
        assert shown["id"] == entry["object_id"], entry
        if path := SHOWN_AT.get(entry["object_type"]):
            answer = integrator.get(path.format(shown["id"]))
            if stayed := shown.get("merged_into"):
                # The address of a merged customer answers with the customer who stayed.
                assert (answer.headers["Merged-Into"], answer.body["id"]) == (stayed, stayed)
            else:
                assert answer.body == shown, entry
        if entry["type"].endswith((".created", "credit.issued", ".sold")):
            told = entry["data"]["changes"]
            assert told, entry
            assert all(before is None for before, _after in told.values()), entry
            assert told.keys() < shown.keys(), entry


def test_a_field_is_told_under_its_v1_name_as_v1_shows_it(
    studio: Company, integrator: Caller, actor: Actor
) -> None:
    customer = ACustomer(company=studio, phone="+44 20 7946 0123")
    with acting_for(studio.id):
        update_customer(customer, changes={"phone": "+44 20 7946 0999"}, actor=actor)
        assert changes(follow(integrator)) == {"phone": ["+442079460123", "+442079460999"]}
        pause_customer(customer, actor=actor)
        assert changes(follow(integrator)) == {"status": ["active", "inactive"]}
        archive_customer(customer, actor=actor)
        assert changes(follow(integrator)) == {"status": ["inactive", "deactivated"]}
        restore_customer(customer, actor=actor)
        assert changes(follow(integrator)) == {"status": ["deactivated", "inactive"]}


def test_what_is_worked_out_from_columns_is_told(
    studio: Company, integrator: Caller, actor: Actor
) -> None:
    bought = APass(company=studio, customer=ACustomer(company=studio), visits=10)
    date = AnEventDate(company=studio, capacity=5)
    subscription = ASubscription(company=studio, customer=ACustomer(company=studio))
    with acting_for(studio.id):
        use_pass(bought, reference="one", actor=actor)
        pause_subscription(subscription, reason="Away", actor=actor)
    APlace(company=studio, customer=ACustomer(company=studio), event_date=date)
    for type, told in (
        ("pass.updated", [10, 9]),
        ("event_date.updated", [5, 4]),
        ("subscription.paused", ["active", "paused"]),
    ):
        found = changes(follow(integrator, f"types={type}")).values()
        pairs = [[one.lower() if isinstance(one, str) else one for one in pair] for pair in found]
        assert told in pairs, type


def test_a_change_of_columns_that_v1_does_not_show_is_no_event(
    studio: Company, integrator: Caller
) -> None:
    """A new secret is not shown; the end of the old secret is, while both are valid."""
    webhook = f"/v1/webhooks/{AWebhook(company=studio).id}"
    before = types(follow(integrator))
    assert integrator.post(f"{webhook}/rotate-secret", {"overlap_hours": 0}).status == 200
    with acting_for(studio.id):
        assert Change.objects.latest("id").after == {"secret": "(hidden, new)"}
    assert types(follow(integrator)) == before
    shown = integrator.post(f"{webhook}/rotate-secret", {"overlap_hours": 2}).body
    answer = follow(integrator)
    assert len(types(answer)) == len(before) + 1
    assert changes(answer) == {
        "previous_secret_expires_at": [None, shown["previous_secret_expires_at"]]
    }


def test_the_statement_of_the_feed_is_compiled_once(studio: Company, integrator: Caller) -> None:
    ACustomer(company=studio)
    follow(integrator, "limit=2")
    kept = dict(compiling._kept)
    ACustomer(company=studio)
    for query in ("limit=1", "limit=2&after=now", "since=2026-01-01T00:00:00Z"):
        follow(integrator, query)
    assert dict(compiling._kept) == kept


def test_every_record_has_a_name_and_a_known_type(studio: Company, integrator: Caller) -> None:
    make_rows(studio)
    told = set(types(follow(integrator)))
    assert len(told) > 20
    assert told <= set(TYPES)
    assert triggers().keys() == RECORDED.keys()
    nouns = [recorded.noun for recorded in RECORDED.values()]
    assert len(set(nouns)) == len(nouns)
    for table, recorded in RECORDED.items():
        columns = {field.column for field in MODELS[table]._meta.concrete_fields}
        assert {rule.column for rule in recorded.rules} <= columns, table


def test_the_feed_and_an_audit_are_read_by_their_indexes(studio: Company) -> None:
    customer = ACustomer(company=studio)
    asked = {
        "change_of_company": "id > 5 AND id < 100000 ORDER BY id LIMIT 100",
        "change_since": "at >= '2026-01-31Z' ORDER BY at LIMIT 1000",
        "change_of_customer": f"customer_id = '{customer.id}' ORDER BY id DESC LIMIT 25",
        "change_of_object": f"object_id = '{customer.id}' ORDER BY id DESC LIMIT 25",
    }
    with acting_for(studio.id), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        # With an empty table, the planner would consider all indexes equal.
        cursor.execute(
            "INSERT INTO customers_zone (id, company_id, name, postal_codes)"
            " SELECT gen_random_uuid(), %s, 'Zone ' || n, '{}' FROM generate_series(1, 1000) AS n",
            [studio.id],
        )
        for index, condition in asked.items():
            cursor.execute(
                "EXPLAIN SELECT id FROM changes_change"
                f" WHERE company_id = '{studio.id}' AND {condition}"
            )
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert index in plan, plan
            assert "Sort" not in plan
