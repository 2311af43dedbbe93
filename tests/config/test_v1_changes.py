"""`GET /v1/changes`: the feed."""

import base64
import re
from typing import Any

from django.db import connection

from config.changes.event_types import MODELS, RECORDED, TYPES
from config.changes.models import Change
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from tests.api_routes import make_rows
from tests.callers import Answer, Caller
from tests.config.test_changes import triggers
from tests.factories import ACredit, ACustomer, AnInvoice, APayment, make_api_key


def follow(caller: Caller, query: str = "limit=1000") -> Answer:
    answer = caller.get(f"/v1/changes?{query}")
    assert answer.status == 200, answer
    return answer


def types(answer: Answer) -> list[str]:
    return [entry["type"] for entry in answer.body["data"]]


def objects(answer: Answer) -> list[str]:
    return [entry["object"]["id"] for entry in answer.body["data"]]


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
    for query in ("after=1", "limit=0", "limit=1001", "limit=x", "page=2"):
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
        "change_of_customer": f"customer_id = '{customer.id}' ORDER BY id DESC LIMIT 25",
        "change_of_object": f"object_id = '{customer.id}' ORDER BY id DESC LIMIT 25",
    }
    with acting_for(studio.id), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for index, condition in asked.items():
            cursor.execute(
                "EXPLAIN SELECT id FROM changes_change"
                f" WHERE company_id = '{studio.id}' AND {condition}"
            )
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert index in plan, plan
            assert "Sort" not in plan
