"""An undone merge leaves two people, each with only their own data."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from config.changes.models import Change
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import (
    archive_customer,
    change_address,
    dismiss_duplicate,
    erase_person,
    merge_customers,
    plan_merge,
    request_erasure,
    undo_merge,
)
from customers.errors import ExternalIdTaken, MergePlanChanged
from customers.models import ContactPoint, Customer, Duplicate, MovedRow
from tests.backoffice import fresh
from tests.callers import Caller
from tests.factories import ACustomer, ADuplicate, AnAddress, ANote, act

# The two records of a merge, which have no word in common.
ANA: dict[str, Any] = {"first_name": "Anastasia", "email": "ana@kept.example", "tags": ["Vip"]}
MEI: dict[str, Any] = {
    "first_name": "Meilin", "last_name": "Zhangova", "email": "mei@merged.example",
    "phone": "+44 20 7946 0018", "birthday": "1990-05-04", "external_id": "crm-4711",
    "tags": ["Early"],
}  # fmt: skip
OF_ANA = ("anastasia", "ana@kept.example", "vip")
OF_MEI = (*("meilin", "zhangova", "mei@merged.example", "7946", "1990-05-04", "crm-4711", "early"),)


@pytest.fixture
def pair(studio: Company) -> tuple[Any, Any]:
    Company.objects.filter(pk=studio.pk).update(erasure_days=0)
    return ACustomer(company=studio, **ANA), ACustomer(company=studio, **MEI)


def merged(studio: Company, kept: Any, other: Any, **options: Any) -> Any:
    return act(studio, merge_customers, kept, merged=other, **options)


def undone(studio: Company, merge: Any) -> None:
    act(studio, undo_merge, fresh(merge))


def exported(integrator: Caller, customer: Any) -> str:
    answer = integrator.get(f"/v1/customers/{customer.pk}/export")
    assert answer.status == 200
    return answer.raw.decode().lower()


def found(words: tuple[str, ...], text: str) -> list[str]:
    return [word for word in words if word in text]


# --- The owner of the data ---


@pytest.mark.parametrize("choice", ["kept", "merged"])
def test_after_an_undo_neither_is_handed_what_is_held_about_the_other(
    integrator: Caller, studio: Company, pair: tuple[Any, Any], choice: str
) -> None:
    kept, other = pair
    choices = dict.fromkeys(("first_name", "email"), choice)
    merge = merged(studio, kept, other, choices=choices)
    both = exported(integrator, kept)
    assert found(OF_ANA, both) == [*OF_ANA]
    assert found(OF_MEI, both) == [*OF_MEI]
    undone(studio, merge)
    of_kept, of_other = exported(integrator, kept), exported(integrator, other)
    assert (found(OF_ANA, of_kept), found(OF_MEI, of_kept)) == ([*OF_ANA], [])
    assert (found(OF_ANA, of_other), found(OF_MEI, of_other)) == ([], [*OF_MEI])
    listed = integrator.get(f"/v1/customers/{kept.pk}/merges").body["data"]
    assert [one["fields_that_differ"] for one in listed] == [[]]
    assert listed[0]["undone_at"]
    audit = integrator.get(f"/v1/customers/{kept.pk}/audit").body["data"]
    told = str([one["data"]["changes"] for one in audit]).lower()
    assert found(OF_MEI, told) == []
    assert found(OF_ANA, told) == [*OF_ANA]


def test_after_undone_merges_in_a_chain_each_has_their_own(
    integrator: Caller, studio: Company, pair: tuple[Any, Any]
) -> None:
    (kept, other), last = pair, ACustomer(company=studio, first_name="Ludovica")
    first = merged(studio, kept, other)
    second = merged(studio, last, kept)
    for merge in (second, first):
        undone(studio, merge)
    words = {kept: OF_ANA, other: OF_MEI, last: ("ludovica",)}
    every = (*OF_ANA, *OF_MEI, "ludovica")
    for customer, own in words.items():
        assert found(every, exported(integrator, customer)) == [*own]


def test_who_merged_and_undid_what_stays(studio: Company, pair: tuple[Any, Any]) -> None:
    kept, other = pair
    merge = merged(studio, kept, other)
    undone(studio, merge)
    merge = fresh(merge)
    assert (merge.kept_id, merge.merged_id, merge.external_id) == (kept.pk, other.pk, "")
    assert merge.actor_name
    assert merge.undone_by
    with acting_for(studio.id):
        assert not MovedRow.objects.filter(merge=merge).exists()
        changes = Change.objects.of_object(kept.pk).filter(operation="changed")
        assert {"birthday", "phone", "tags"} <= {
            name for change in changes for name in change.before
        }
        assert changes.first().before["tags"] == ["Vip"]
        assert changes.first().after["tags"] is None


def test_a_merge_that_stands_forgets_nothing(studio: Company, pair: tuple[Any, Any]) -> None:
    merge = merged(studio, *pair)
    refused = pytest.raises(DatabaseError, match="no rows")
    with acting_for(studio.id), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT customers_forget_merge(%s, '{}')", [merge.pk])


def test_ways_that_a_merge_added_go_back_to_whose_they_are(
    studio: Company, pair: tuple[Any, Any]
) -> None:
    kept, other = pair
    merge = merged(studio, kept, other)
    with acting_for(studio.id):
        assert [str(one) for one in ContactPoint.objects.live()] == ["mei@merged.example"]
    undone(studio, merge)
    with acting_for(studio.id):
        (point,) = ContactPoint.objects.filter(company_id=studio.id)
    assert (point.customer_id, point.is_archived) == (other.pk, True)


def test_an_erasure_after_an_undo_finds_all_that_is_theirs(
    integrator: Caller, studio: Company, pair: tuple[Any, Any]
) -> None:
    kept, other = pair
    undone(studio, merged(studio, kept, other))
    erasure = act(studio, erase_person, act(studio, request_erasure, other))
    assert erasure.report["scan"]["found"] == {}
    assert found(OF_ANA, exported(integrator, kept)) == [*OF_ANA]


# --- External ids ---


@pytest.mark.parametrize("choice", ["kept", "merged"])
def test_both_external_ids_mean_the_one_that_stayed_whichever_it_has(
    integrator: Caller, studio: Company, choice: str
) -> None:
    kept = ACustomer(company=studio, external_id="r1", email="r1@mail.example")
    other = ACustomer(company=studio, external_id="r7", email="r7@mail.example")
    merge = merged(studio, kept, other, choices={"external_id": choice})
    for external_id in ("r1", "r7"):
        path = f"/v1/customers?external_id={external_id}"
        assert integrator.put(path, {"last_name": external_id}).status == 200
        with acting_for(studio.id):
            assert [*Customer.objects.known_as(external_id)] == [kept]
        with pytest.raises(ExternalIdTaken):
            ACustomer(company=studio, external_id=external_id)
    undone(studio, merge)
    assert (fresh(kept).external_id, fresh(other).external_id) == ("r1", "r7")


def test_an_external_id_of_a_merged_record_is_the_archived_ones_that_stayed(
    integrator: Caller, studio: Company
) -> None:
    kept, other = ACustomer(company=studio), ACustomer(company=studio, external_id="r7")
    merged(studio, kept, other)
    act(studio, archive_customer, kept)
    answer = integrator.put(
        "/v1/customers?external_id=r7", {"first_name": "A", "email": "a@b.example"}
    )
    assert (answer.status, answer.body["error"]["code"]) == (409, "customer_archived")


# --- Other data is unchanged ---


def test_who_is_not_the_same_as_the_merged_record_is_not_the_same_as_the_kept_one(
    studio: Company,
) -> None:
    kept, other = ACustomer(company=studio), ACustomer(company=studio)
    stranger, another = ACustomer(company=studio), ACustomer(company=studio)
    for one in (stranger, another):
        pair = ADuplicate(company=studio, customer=other, other=one)
        act(studio, dismiss_duplicate, pair)
    ADuplicate(company=studio, customer=kept, other=another)
    merge = merged(studio, kept, other)

    def told_apart() -> set[frozenset[Any]]:
        with acting_for(studio.id):
            rows = Duplicate.objects.filter(dismissed_at__isnull=False)
            return {frozenset(pair) for pair in rows.values_list("customer_id", "other_id")}

    of_other = {frozenset({other.pk, one.pk}) for one in (stranger, another)}
    of_kept = {frozenset({kept.pk, one.pk}) for one in (stranger, another)}
    assert told_apart() == of_other | of_kept
    undone(studio, merge)
    assert told_apart() == of_other


# --- The query plan ---

CHANGES: dict[str, Any] = {
    "a row of the merged one": lambda rows: act_on(rows["theirs"]),
    "a row of the kept one": lambda rows: act_on(rows["ours"]),
    "a new row of the kept one": lambda rows: ANote(company=rows["company"], customer=rows["kept"]),
}


def act_on(address: Any) -> None:
    act(address.company, change_address, address, changes={"street": "9 Elm Road"})


@pytest.mark.parametrize("change", CHANGES)
def test_a_plan_stands_for_all_that_both_have(studio: Company, change: str) -> None:
    kept, other = ACustomer(company=studio), ACustomer(company=studio)
    rows = {
        "company": studio, "kept": kept,
        "theirs": AnAddress(company=studio, customer=other),
        "ours": AnAddress(company=studio, customer=kept),
    }  # fmt: skip
    plan = act(studio, plan_merge, kept, merged=other).fingerprint
    assert act(studio, plan_merge, kept, merged=other).fingerprint == plan
    CHANGES[change](rows)
    with pytest.raises(MergePlanChanged):
        merged(studio, kept, other, plan=plan)
