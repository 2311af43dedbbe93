"""`GET /v1/changes`: the feed (issue 6, change feed)."""

import pytest
from django.db import connection

from config.access.actions import create_api_key
from config.access.models import Company
from config.access.tenancy import acting_for
from config.changes.kinds import KINDS, TYPES, models_by_table
from tests.callers import Answer, Caller
from tests.config.test_changes import triggers
from tests.factories import ACredit, ACustomer, AnInvoice, APayment
from tests.slots import make_rows


def follow(caller: Caller, query: str = "limit=1000") -> Answer:
    answer = caller.get(f"/v1/changes?{query}")
    assert answer.status == 200, answer
    return answer


def types(answer: Answer) -> list[str]:
    return [entry["type"] for entry in answer.body["data"]]


def test_it_begins_at_the_beginning_and_goes_on_where_it_ended(
    studio: Company, integrator: Caller
) -> None:
    first, second = ACustomer(company=studio), ACustomer(company=studio)
    answer = follow(integrator)
    ids = [entry["object"]["id"] for entry in answer.body["data"]]
    assert ids == [f"cust_{one.id.hex}" for one in (first, second)]
    assert answer.body["has_more"] is False
    again = follow(integrator, f"after={answer.body['next']}")
    assert again.body == {"data": [], "next": again.body["next"], "has_more": False}
    third = ACustomer(company=studio)
    later = follow(integrator, f"after={again.body['next']}")
    assert [entry["object"]["id"] for entry in later.body["data"]] == [f"cust_{third.id.hex}"]


def test_pages_follow_one_another_without_a_gap(studio: Company, integrator: Caller) -> None:
    made = [f"cust_{ACustomer(company=studio).id.hex}" for _ in range(5)]
    seen, query = [], "limit=2"
    while True:
        answer = follow(integrator, query)
        seen += [entry["object"]["id"] for entry in answer.body["data"]]
        if not answer.body["has_more"]:
            break
        assert len(answer.body["data"]) == 2
        query = f"limit=2&after={answer.body['next']}"
    assert seen == made


def test_types_leave_out_what_nobody_asked_for(studio: Company, integrator: Caller) -> None:
    customer = ACustomer(company=studio)
    ACredit(company=studio, customer=customer, amount=500)
    APayment(company=studio, invoice=AnInvoice(company=studio, customer=customer), amount=10)
    answer = follow(integrator, "types=credit.issued,payment.succeeded")
    assert types(answer) == ["credit.issued", "payment.succeeded"]
    rest = follow(integrator, f"types=credit.issued&after={answer.body['next']}")
    assert rest.body["data"] == []


def test_every_type_told_is_a_known_one(studio: Company, integrator: Caller) -> None:
    make_rows(studio)
    told = types(follow(integrator))
    assert len(set(told)) > 20
    assert set(told) <= set(TYPES)


def test_who_may_come_in_is_no_integrators_business(studio: Company, integrator: Caller) -> None:
    create_api_key(studio, name="Till", scopes=["customers:read"])
    assert follow(integrator).body["data"] == []


def test_another_company_reads_its_own_alone(
    studio: Company, rival: Company, stranger: Caller, integrator: Caller
) -> None:
    ACustomer(company=studio)
    theirs = ACustomer(company=rival)
    assert [entry["object"]["id"] for entry in follow(stranger).body["data"]] == [
        f"cust_{theirs.id.hex}"
    ]
    cursor = follow(integrator).body["next"]
    assert stranger.get(f"/v1/changes?after={cursor}").status == 400


@pytest.mark.parametrize(
    "query", ["after=1", "after=", "limit=0", "limit=1001", "limit=x", "page=2"]
)
def test_what_makes_no_sense_is_refused(query: str, integrator: Caller) -> None:
    assert integrator.get(f"/v1/changes?{query}").status == 400


def test_whatever_is_recorded_has_a_name() -> None:
    assert triggers().keys() == KINDS.keys()
    nouns = [kind.noun for kind in KINDS.values()]
    assert len(set(nouns)) == len(nouns)
    for table, kind in KINDS.items():
        columns = {field.column for field in models_by_table()[table]._meta.concrete_fields}
        assert {rule.column for rule in kind.rules} <= columns, table


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
