"""Likely duplicates on v1: the check before a creation, the pairs, and their upkeep."""

from typing import Any

import pytest

from config.access.models import ApiKey
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import (
    archive_customer,
    create_contact_point,
    dismiss_duplicate,
    renew_duplicates,
    restore_customer,
    update_customer,
)
from customers.actions import duplicates as pairing
from customers.models import ContactPoint, Customer, Duplicate, DuplicateSearch
from customers.tasks import find_duplicates
from tests.callers import Answer, Caller
from tests.factories import ACustomer, AnAddress, act
from tests.refusals import error, refusal

LIST = "/v1/customers"
ANNA = {"first_name": "Anna", "last_name": "Kowalczyk", "phone": "+44 20 7946 0018"}
AGAIN = {"first_name": "Ana", "last_name": "Kowalczik", "phone": "020 7946 0018"}
ON, OFF = {"Refuse_Duplicates": "true"}, {"Refuse_Duplicates": "false"}


@pytest.fixture
def anna(studio: Company, rival: Company) -> Customer:
    """A customer of the studio, who is also a customer of the rival."""
    for company in (rival, studio):
        found = ACustomer(company=company, email="anna@post.example", **ANNA)
    return found


def possible(customer: Customer, score: int, *reasons: str) -> dict[str, Any]:
    """Return the whole body of a refusal that names one candidate."""
    sentence = (
        "A customer is likely the same person. Open that one, or create this one all the same."
    )
    body = error("conflict", "possible_duplicate", sentence)
    candidate = {"id": f"cust_{customer.id.hex}", "score": score, "reasons": [*reasons]}
    body["error"]["candidates"] = [candidate]
    return body


def created(answer: Answer) -> bool:
    assert answer.status in (201, 409), answer.body
    return answer.status == 201


def how_many(studio: Company) -> int:
    with acting_for(studio.id):
        return Customer.objects.count()


# --- The check before a creation ---


def test_the_guard_names_who_is_there_and_no_other_create_is_refused(
    integrator: Caller, studio: Company, anna: Customer
) -> None:
    body = possible(anna, 72, "same_phone", "name_misspelt")
    refused = integrator.post(LIST, AGAIN, **ON)
    assert (refused.status, refused.body) == (409, body)
    tried = integrator.post(f"{LIST}?dry_run=true", AGAIN, **ON)
    assert (tried.status, tried.body) == (409, body)
    assert how_many(studio) == 1
    for headers in ({}, OFF):
        assert integrator.post(LIST, AGAIN, **headers).status == 201
    assert integrator.post("/customers", {"name": "Anna", "email": anna.email}, **ON).status == 201
    stranger = AGAIN | {"phone": "020 7946 0999"}
    assert integrator.post(LIST, stranger, **ON).status == 201
    wrong = integrator.post(LIST, stranger, Refuse_Duplicates="maybe")
    assert refusal(wrong) == (400, "bad_request", "Refuse-Duplicates")


def test_a_client_that_is_refused_duplicates_insists_by_the_header(
    integrator: Caller, studio: Company, anna: Customer
) -> None:
    ApiKey.objects.update(refuses_duplicates=True)
    assert refusal(integrator.post(LIST, AGAIN))[1] == "possible_duplicate"
    assert created(integrator.post(LIST, AGAIN, **OFF))
    assert integrator.patch(f"{LIST}/{anna.id}", {"last_name": "Lee"}).status == 200


def test_a_retry_under_the_key_is_answered_alike_and_to_insist_takes_a_new_key(
    integrator: Caller, studio: Company, anna: Customer
) -> None:
    first = integrator.post(LIST, AGAIN, Idempotency_Key="k", **ON)
    act(studio, archive_customer, anna)
    again = integrator.post(LIST, AGAIN, Idempotency_Key="k", **ON)
    assert (again.status, again.raw) == (409, first.raw)
    assert again.headers["Idempotent-Replayed"] == "true"
    insisting = integrator.post(LIST, AGAIN, Idempotency_Key="k", **OFF)
    assert refusal(insisting)[:2] == (422, "idempotency_key_reused")
    assert created(integrator.post(LIST, AGAIN, Idempotency_Key="l", **OFF))


def test_an_upsert_and_a_batch_refuse_only_who_would_be_new(
    integrator: Caller, studio: Company, anna: Customer
) -> None:
    act(studio, update_customer, anna, changes={"external_id": "a-1"})
    assert (
        refusal(integrator.put(f"{LIST}?external_id=a-2", AGAIN, **ON))[1] == "possible_duplicate"
    )
    assert integrator.put(f"{LIST}?external_id=a-1", {"last_name": "Kowal"}, **ON).status == 200
    other = {"first_name": "Bo", "last_name": "Ek", "email": "bo@ek.example"}
    items = [
        other,
        AGAIN,
        AGAIN | {"external_id": "a-1"},
        other,
        {"first_name": "Cy", "phone": "1"},
    ]
    results = integrator.post(f"{LIST}/batch", {"customers": items}, **ON).body["results"]
    assert [one["status"] for one in results] == [201, 409, 200, 409, 201]
    named = results[3]["error"]["candidates"]
    assert [one["id"] for one in named] == [results[0]["customer"]["id"]], "also of the same batch"
    assert how_many(studio) == 3


def test_an_archived_customer_is_named_and_another_companys_never(
    integrator: Caller, stranger: Caller, studio: Company, anna: Customer
) -> None:
    act(studio, archive_customer, anna)
    body = possible(anna, 72, "same_phone", "name_misspelt")
    assert integrator.post(LIST, AGAIN, **ON).body == body
    theirs = stranger.post(LIST, AGAIN | {"phone": ANNA["phone"]}, **ON)
    (candidate,) = theirs.body["error"]["candidates"]
    assert candidate["id"] != f"cust_{anna.id.hex}"


# --- The pairs ---


def look(studio: Company) -> list[tuple[str, str, int]]:
    """Run the background task; return the last names and the score of each pair, best first."""
    find_duplicates(timestamp=0)
    with acting_for(studio.id):
        rows = Duplicate.objects.waiting().best_first().select_related("customer", "other")
        return [(one.customer.last_name, one.other.last_name, one.score) for one in rows]


def test_pairs_are_found_kept_up_and_vanish(studio: Company, rival: Company) -> None:
    """Only a change of a compared value changes the pairs."""
    ACustomer(company=rival, **ANNA)
    one = ACustomer(company=studio, **ANNA)
    assert look(studio) == []
    two = ACustomer(company=studio, **AGAIN)
    pair = ("Kowalczyk", "Kowalczik", 72)
    assert look(studio) == look(studio) == [pair], "done again it is the same"
    with acting_for(studio.id):
        id = Duplicate.objects.get().pk
    three = ACustomer(company=studio, first_name="Zhang", last_name="Wei", email="wei@post.example")
    four = ACustomer(company=studio, first_name="Wei", last_name="Zhang", email="zw@post.example")
    assert look(studio) == [pair]
    point = ContactPoint(customer=four, kind="email", value="Wei@Post.example")
    act(studio, create_contact_point, point)
    assert look(studio) == [("Wei", "Zhang", 86), pair]
    act(studio, archive_customer, three)
    with acting_for(studio.id):
        assert Duplicate.objects.waiting().count() == 1, "at once"
    assert look(studio) == [pair]
    act(studio, restore_customer, three)
    assert look(studio) == [("Wei", "Zhang", 86), pair]
    for customer in (one, two):
        AnAddress(company=studio, customer=customer, street="1 High Street", postal_code="N1 1AA")
    assert look(studio) == [("Wei", "Zhang", 86), (*pair[:2], 81)]
    with acting_for(studio.id):
        assert Duplicate.objects.get(score=81).pk == id, "a pair keeps its id"
    act(studio, update_customer, two, changes={"first_name": "Jan"})
    assert look(studio) == [("Wei", "Zhang", 86)]


def test_not_the_same_is_remembered_whatever_is_changed(
    studio: Company, actor: Actor, anna: Customer
) -> None:
    other = ACustomer(company=studio, **AGAIN)
    assert len(look(studio)) == 1
    with acting_for(studio.id):
        dismiss_duplicate(Duplicate.objects.get(), actor=actor)
    act(studio, update_customer, other, changes={"email": "anna@post.example"})
    assert look(studio) == []
    act(studio, update_customer, other, changes={"phone": "", "email": "", "last_name": "Lee"})
    assert look(studio) == []
    act(studio, update_customer, other, changes={"email": "anna@post.example"})
    assert look(studio) == []
    with acting_for(studio.id):
        kept = Duplicate.objects.get()
    assert (kept.is_dismissed, kept.dismissed_by) == (True, "manage.py")


def test_customers_of_before_are_compared_and_again_after_a_change_of_the_rules(
    studio: Company, actor: Actor, anna: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairing, "AT_ONCE", 2)
    for number in range(5):
        ACustomer(company=studio, last_name=f"Other{number}")
    ACustomer(company=studio, **AGAIN)
    assert len(look(studio)) == 1
    with acting_for(studio.id):
        Duplicate.objects.remove()
        assert renew_duplicates(actor=actor) is False
        assert DuplicateSearch.objects.get().scanned_to is None, "nobody is left to compare"
    monkeypatch.setattr(pairing, "RULES", pairing.RULES + 1)
    assert len(look(studio)) == 1


def test_a_run_that_breaks_off_leaves_nothing_and_is_done_again(
    studio: Company, actor: Actor, anna: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ACustomer(company=studio, **AGAIN)
    look(studio)
    ACustomer(company=studio, **AGAIN)
    store = pairing._store_pairs

    def die(*given: Any) -> None:
        store(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(pairing, "_store_pairs", die)
    with pytest.raises(KeyboardInterrupt), acting_for(studio.id):
        renew_duplicates(actor=actor)
    with acting_for(studio.id):
        assert Duplicate.objects.count() == 1
    monkeypatch.undo()
    assert len(look(studio)) == 3


def test_what_many_share_says_nothing(studio: Company, actor: Actor) -> None:
    """102 customers share the studio's own phone; up to 101 the key would still be compared."""
    for _number in range(101):
        ACustomer(company=studio, first_name="Ann", last_name="Lee", phone="020 7946 0001")
    assert len(look(studio)) > 0
    with acting_for(studio.id):
        Duplicate.objects.remove()
        DuplicateSearch.objects.update(scanned_to=pairing.BEFORE_ALL)
    ACustomer(company=studio, first_name="Ann", last_name="Lee", phone="020 7946 0001")
    assert look(studio) == []


def test_pairs_are_listed_dismissed_and_reopened(
    integrator: Caller, studio: Company, anna: Customer
) -> None:
    other = ACustomer(company=studio, **AGAIN | {"email": "", "birthday": "1990-05-04"})
    look(studio)
    listed = integrator.get("/v1/duplicates").body
    (pair,) = listed["data"]
    assert listed["pagination"]["total"] == 1
    assert (pair["customer"]["id"], pair["other"]["id"]) == (
        f"cust_{anna.id.hex}",
        f"cust_{other.id.hex}",
    )
    assert pair["other"]["birthday"] == "1990-05-04"
    assert (pair["score"], pair["reasons"]) == (72, ["same_phone", "name_misspelt"])
    assert (pair["dismissed"], pair["dismissed_at"], pair["dismissed_by"]) == (False, None, None)
    path = f"/v1/duplicates/{pair['id']}"
    assert integrator.get(path).body == pair
    for customer, total in ((anna, 1), (other, 1), (ACustomer(company=studio), 0)):
        found = integrator.get(f"/v1/duplicates?customer_id={customer.id}").body
        assert found["pagination"]["total"] == total
    gone = integrator.post(f"{path}/dismiss")
    assert (gone.status, gone.body["dismissed"]) == (200, True)
    assert gone.body["dismissed_by"]
    assert refusal(integrator.post(f"{path}/dismiss"))[:2] == (409, "duplicate_already_dismissed")
    assert integrator.get("/v1/duplicates").body["data"] == []
    assert integrator.get("/v1/duplicates?dismissed=true").body["data"] == [gone.body]
    assert integrator.post(f"{path}/reopen").body == pair
    assert refusal(integrator.post(f"{path}/reopen"))[:2] == (409, "duplicate_not_dismissed")
