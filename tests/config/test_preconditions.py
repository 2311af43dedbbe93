"""What has been seen is what is changed: ETag, If-Match, If-None-Match, and 428."""

from typing import Any

import pytest

from config.access.actions import create_api_client
from config.access.actors import Actor
from config.access.models import ApiKey, Company
from config.access.scopes import SCOPES
from config.access.tenancy import acting_for
from config.changes.models import Change
from customers.actions import update_customer
from customers.models import Customer
from tests.callers import Caller, call_as
from tests.contract import operations
from tests.factories import ACustomer
from tests.shares import undone
from tests.slots import fill, make_rows
from tests.test_two_companies import body_of

STALE = '"AAAAAAAAAAAAAAAAAAAA"'


def names_of(operation: dict[str, Any]) -> set[str]:
    return {one["name"] for one in operation["parameters"]}


READS = [
    (path, operation)
    for path, method, operation in operations()
    if method == "GET" and "304" in operation["responses"]
]
WRITES = [
    (path, method, operation)
    for path, method, operation in operations()
    if method != "GET" and "If-Match" in names_of(operation)
]


@pytest.fixture
def customer(studio: Company) -> Customer:
    return ACustomer(company=studio, first_name="Zoe", last_name="Ito")


def path_of(customer: Customer) -> str:
    return f"/v1/customers/{customer.pk}"


def rename(customer: Customer, name: str) -> None:
    """Change a customer as somebody else would, meanwhile."""
    with acting_for(customer.company_id):
        row = Customer.objects.get(pk=customer.pk)
        update_customer(row, changes={"first_name": name}, actor=Actor.command(row.company))


def changes(company: Company) -> int:
    with acting_for(company.id):
        return Change.objects.count()


def test_a_tag_stands_for_what_is_shown(integrator: Caller, customer: Customer) -> None:
    first, again = integrator.get(path_of(customer)), integrator.get(path_of(customer))
    assert first.headers["ETag"] == again.headers["ETag"]
    rename(customer, "Zelda")
    assert integrator.get(path_of(customer)).headers["ETag"] != first.headers["ETag"]


def test_each_surface_has_its_own_tag_of_a_customer(integrator: Caller, customer: Customer) -> None:
    paths = (path_of(customer), f"/customers/{customer.pk}", f"/customer/{customer.pk}/profile")
    assert len({integrator.get(path).headers["ETag"] for path in paths}) == 3


@pytest.mark.parametrize("wanted", ["{}", "W/{}", '"other", {}', "*", '"x",W/{}'])
def test_who_has_it_already_gets_no_body(
    integrator: Caller, customer: Customer, wanted: str
) -> None:
    tag = integrator.get(path_of(customer)).headers["ETag"]
    answer = integrator.get(path_of(customer), If_None_Match=wanted.format(tag))
    assert (answer.status, answer.raw, answer.headers["ETag"]) == (304, b"", tag)
    assert "Content-Type" not in answer.headers


@pytest.mark.parametrize("wanted", [STALE, "", "garbage", "W/", '"'])
def test_who_has_another_gets_it_whole(integrator: Caller, customer: Customer, wanted: str) -> None:
    answer = integrator.get(path_of(customer), If_None_Match=wanted)
    assert (answer.status, answer.body["first_name"]) == (200, "Zoe")


def test_head_tells_the_tag(integrator: Caller, customer: Customer) -> None:
    tag = integrator.get(path_of(customer)).headers["ETag"]
    answer = integrator("HEAD", path_of(customer))
    assert (answer.status, answer.headers["ETag"]) == (200, tag)
    assert integrator("HEAD", path_of(customer), If_None_Match=tag).status == 304


def test_what_was_seen_is_changed_and_the_answer_has_the_new_tag(
    integrator: Caller, customer: Customer
) -> None:
    seen = integrator.get(path_of(customer)).headers["ETag"]
    changed = integrator.patch(path_of(customer), {"first_name": "Zelda"}, If_Match=seen)
    assert (changed.status, changed.body["first_name"]) == (200, "Zelda")
    assert changed.headers["ETag"] == integrator.get(path_of(customer)).headers["ETag"] != seen


def test_an_answer_in_words_has_the_new_tag_as_well(integrator: Caller, customer: Customer) -> None:
    path = f"/customer/{customer.pk}/profile"
    seen = integrator.get(path).headers["ETag"]
    profile = {"firstname": "Zelda", "lastname": "Ito", "email": "z@example.com"}
    changed = integrator.put(path, profile, If_Match=seen)
    assert changed.body == {"message": "Profile updated successfully"}
    assert changed.headers["ETag"] == integrator.get(path).headers["ETag"] != seen


@pytest.mark.parametrize("wanted", ["{}", "W/{}", "", "garbage"])
def test_what_changed_meanwhile_is_left_alone(
    integrator: Caller, customer: Customer, studio: Company, wanted: str
) -> None:
    seen = integrator.get(path_of(customer)).headers["ETag"]
    rename(customer, "Zelda")
    before = changes(studio)
    body = {"first_name": "Zora"}
    answer = integrator.patch(path_of(customer), body, If_Match=wanted.format(seen))
    assert (answer.status, answer.body["error"]["code"]) == (412, "precondition_failed")
    assert (changes(studio), integrator.get(path_of(customer)).body["first_name"]) == (
        before,
        "Zelda",
    )


def test_a_weak_tag_never_lets_a_change_through(integrator: Caller, customer: Customer) -> None:
    seen = integrator.get(path_of(customer)).headers["ETag"]
    body = {"first_name": "Zora"}
    assert integrator.patch(path_of(customer), body, If_Match=f"W/{seen}").status == 412
    assert integrator.patch(path_of(customer), body, If_Match=f"{STALE}, {seen}").status == 200
    assert integrator.patch(path_of(customer), body, If_Match="*").status == 200


def test_a_change_can_be_for_what_is_not_there_only(integrator: Caller, customer: Customer) -> None:
    tag = integrator.get(path_of(customer)).headers["ETag"]
    body = {"first_name": "Zora"}
    for unwanted in ("*", tag):
        assert integrator.patch(path_of(customer), body, If_None_Match=unwanted).status == 412
    assert integrator.patch(path_of(customer), body, If_None_Match=STALE).status == 200


def test_a_condition_that_cannot_be_held_is_no_promise(
    integrator: Caller, customer: Customer
) -> None:
    answer = integrator.post("/v1/customers", {"first_name": "Ann"}, If_Match="*")
    assert answer.status == 400
    assert "If-Match: This address shows no one object" in answer.body["error"]["message"]


def test_what_is_not_there_is_a_404_whatever_the_condition(
    integrator: Caller, stranger: Caller, customer: Customer
) -> None:
    for wanted in ("*", STALE):
        theirs = stranger.patch(path_of(customer), {"first_name": "Eve"}, If_Match=wanted)
        unknown = stranger.patch(
            f"/v1/customers/{customer.company_id}", {"first_name": "Eve"}, If_Match=wanted
        )
        assert (theirs.status, theirs.raw) == (unknown.status, unknown.raw)
        assert theirs.status == 404


def test_a_stale_condition_is_not_kept_under_a_key(integrator: Caller, customer: Customer) -> None:
    path = f"/customers/{customer.pk}/restore"
    integrator.delete(f"/customers/{customer.pk}")
    seen = integrator.get(f"/customers/{customer.pk}").headers["ETag"]
    assert integrator.post(path, If_Match=STALE, Idempotency_Key="a").status == 412
    first = integrator.post(path, If_Match=seen, Idempotency_Key="a")
    again = integrator.post(path, If_Match=seen, Idempotency_Key="a")
    assert (first.status, again.status, again.raw) == (200, 200, first.raw)
    assert again.headers["ETag"] == first.headers["ETag"]


# --- Clients that are held to it ---


def held(company: Company, kind: str) -> Caller:
    """Return a caller whose client, or key, has to send If-Match."""
    if kind == "key":
        caller = call_as(company, name="careful")
        ApiKey.objects.filter(name="careful").update(requires_match=True)
        return caller
    client, secret = create_api_client(company, name="careful", scopes=SCOPES)
    client.requires_match = True
    client.save(update_fields=["requires_match"])
    asked = {"client_id": client.client_id, "client_secret": secret}
    token = Caller().post("/token", asked).body["access_token"]
    return Caller({"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("kind", ["client", "key"])
def test_who_is_held_to_it_changes_only_what_they_have_seen(
    studio: Company, customer: Customer, kind: str
) -> None:
    caller = held(studio, kind)
    refused = caller.patch(path_of(customer), {"first_name": "Zora"})
    assert (refused.status, refused.body["error"]["code"]) == (428, "precondition_required")
    tag = caller.get(path_of(customer)).headers["ETag"]
    assert caller.patch(path_of(customer), {"first_name": "Zora"}, If_Match=tag).status == 200
    assert caller.post("/v1/customers", {"first_name": "Ann", "phone": "+442071838750"}).status == (
        201
    )
    assert caller.post(f"{path_of(customer)}/notes", {"content": "Free to make."}).status == 201


# --- Every operation ---


@pytest.mark.parametrize(("path", "operation"), READS, ids=[path for path, _ in READS])
def test_every_read_of_one_object_says_so(path: str, operation: dict[str, Any]) -> None:
    assert "If-None-Match" in names_of(operation)
    assert "ETag" in operation["responses"]["200"]["headers"]


def test_every_object_has_a_tag(
    integrator: Caller, studio: Company, subtests: pytest.Subtests
) -> None:
    ids, read = make_rows(studio), 0
    for path, _ in READS:
        with subtests.test(path):
            answer = integrator.get(fill(path, ids))
            if answer.status == 404:
                continue
            again = integrator.get(fill(path, ids), If_None_Match=answer.headers["ETag"])
            assert (again.status, again.raw) == (304, b"")
            read += 1
    assert read > len(READS) * 0.8


def test_lists_have_no_tag(integrator: Caller, studio: Company) -> None:
    ids = make_rows(studio)
    for path, method, operation in operations():
        if method == "GET" and names_of(operation) & {"page", "limit"}:
            assert "ETag" not in integrator.get(fill(path, ids)).headers


def test_no_write_goes_through_on_a_stale_tag_and_none_of_a_held_client_without(
    integrator: Caller, studio: Company, subtests: pytest.Subtests
) -> None:
    ids, careful = make_rows(studio), held(studio, "key")
    for path, method, operation in WRITES:
        with subtests.test(f"{method} {path}"), undone():
            body = body_of(path, method, ids)
            before = changes(studio)
            stale = integrator(method, fill(path, ids), body, If_Match=STALE)
            assert stale.status in (412, 404)
            if "428" in operation["responses"]:
                assert careful(method, fill(path, ids), body).status == 428
            assert changes(studio) == before
            fresh = integrator(method, fill(path, ids), body, If_Match="*")
            assert fresh.status not in (412, 428)


def test_every_write_to_one_object_says_so() -> None:
    for path, method, operation in operations():
        is_verb = path.rpartition("/")[2] in ("archive", "restore", "cancel", "pause", "resume")
        if method in ("PUT", "PATCH", "DELETE") or is_verb:
            assert {"412", "428"} <= operation["responses"].keys(), (method, path)
