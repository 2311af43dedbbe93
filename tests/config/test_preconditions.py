"""Conditional requests: ETag, If-Match, If-None-Match, and 428."""

from typing import Any

import pytest

from bookings.models import EventDate
from config.access.models import ApiKey
from config.access.scopes import SCOPES
from config.changes.models import Change
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import update_customer
from customers.models import Customer
from tests.api_routes import fill, make_rows
from tests.callers import Caller, call_as
from tests.contract import operations, resolved, writes
from tests.factories import ACustomer, AFacilitator, AnAddress, AnEventDate, make_api_client
from tests.shares import undone
from tests.test_two_companies import QUERIES, body_of, with_ids

STALE = '"AAAAAAAAAAAAAAAAAAAA"'


def names_of(operation: dict[str, Any]) -> set[str]:
    return {one["name"] for one in operation["parameters"]}


# The routes that show an object with an ETag.
TAGGED = {
    path for path, method, one in operations() if method == "GET" and "304" in one["responses"]
}
READS = len(TAGGED)


@pytest.fixture
def customer(studio: Company) -> Customer:
    return ACustomer(company=studio, first_name="Zoe", last_name="Ito")


def path_of(customer: Customer) -> str:
    return f"/v1/customers/{customer.pk}"


def rename(customer: Customer, name: str) -> None:
    """Change a customer, as another user would meanwhile."""
    with acting_for(customer.company_id):
        row = Customer.objects.get(pk=customer.pk)
        update_customer(row, changes={"first_name": name}, actor=Actor.command(row.company))


def changes(company: Company) -> int:
    with acting_for(company.id):
        return Change.objects.count()


def test_a_tag_stands_for_what_each_surface_shows(integrator: Caller, customer: Customer) -> None:
    first, again = integrator.get(path_of(customer)), integrator.get(path_of(customer))
    assert first.headers["ETag"] == again.headers["ETag"]
    rename(customer, "Zelda")
    paths = (path_of(customer), f"/customers/{customer.pk}", f"/customer/{customer.pk}/profile")
    changed = {integrator.get(path).headers["ETag"] for path in paths}
    assert len({first.headers["ETag"], *changed}) == 4


def test_who_has_it_already_gets_no_body_and_who_has_another_gets_it_whole(
    integrator: Caller, customer: Customer
) -> None:
    tag = integrator.get(path_of(customer)).headers["ETag"]
    for wanted in (tag, f"W/{tag}", f'"other", {tag}', "*", f'"x",W/{tag}'):
        answer = integrator.get(path_of(customer), If_None_Match=wanted)
        assert (answer.status, answer.raw, answer.headers["ETag"]) == (304, b"", tag), wanted
        assert "Content-Type" not in answer.headers
    for wanted in (STALE, "", "garbage", "W/", '"'):
        answer = integrator.get(path_of(customer), If_None_Match=wanted)
        assert (answer.status, answer.body["first_name"]) == (200, "Zoe"), wanted
    answer = integrator("HEAD", path_of(customer))
    assert (answer.status, answer.headers["ETag"]) == (200, tag)
    assert integrator("HEAD", path_of(customer), If_None_Match=tag).status == 304


def test_a_seen_row_is_changed_and_gets_a_new_tag(integrator: Caller, customer: Customer) -> None:
    seen = integrator.get(path_of(customer)).headers["ETag"]
    changed = integrator.patch(path_of(customer), {"first_name": "Zelda"}, If_Match=seen)
    assert (changed.status, changed.body["first_name"]) == (200, "Zelda")
    assert changed.headers["ETag"] == integrator.get(path_of(customer)).headers["ETag"] != seen
    path = f"/customer/{customer.pk}/profile"
    seen = integrator.get(path).headers["ETag"]
    profile = {"firstname": "Zoe", "lastname": "Ito", "email": "z@example.com"}
    changed = integrator.put(path, profile, If_Match=seen)
    assert changed.body == {"message": "Profile updated successfully"}, "an answer in words"
    assert changed.headers["ETag"] == integrator.get(path).headers["ETag"] != seen


def test_what_changed_meanwhile_is_left_alone_and_no_weak_tag_lets_a_change_through(
    integrator: Caller, customer: Customer, studio: Company
) -> None:
    path, body = path_of(customer), {"first_name": "Zora"}
    stale = integrator.get(path).headers["ETag"]
    rename(customer, "Zelda")
    before, seen = changes(studio), integrator.get(path).headers["ETag"]
    for wanted in (stale, f"W/{stale}", "", "garbage", f"W/{seen}"):
        answer = integrator.patch(path, body, If_Match=wanted)
        assert (answer.status, answer.body["error"]["code"]) == (412, "precondition_failed"), wanted
    for unwanted in ("*", seen):
        assert integrator.patch(path, body, If_None_Match=unwanted).status == 412, unwanted
    assert changes(studio) == before
    assert integrator.get(path).body["first_name"] == "Zelda"
    for good in ({"If_Match": f"{STALE}, {seen}"}, {"If_Match": "*"}, {"If_None_Match": STALE}):
        assert integrator.patch(path, body, **good).status == 200, good


def test_what_is_not_there_is_a_404_whatever_the_condition_and_what_shows_no_object_a_400(
    integrator: Caller, stranger: Caller, customer: Customer
) -> None:
    body = {"first_name": "Eve"}
    for wanted in ("*", STALE):
        theirs = stranger.patch(path_of(customer), body, If_Match=wanted)
        unknown = stranger.patch(f"/v1/customers/{customer.company_id}", body, If_Match=wanted)
        assert (theirs.status, theirs.raw) == (unknown.status, unknown.raw)
        assert theirs.status == 404
    answer = integrator.post("/v1/customers", body, If_Match="*")
    assert answer.status == 400
    assert "If-Match: This path shows no single object" in answer.body["error"]["message"]


def test_a_stale_condition_is_not_kept_under_a_key(integrator: Caller, customer: Customer) -> None:
    path = f"/customers/{customer.pk}/restore"
    integrator.delete(f"/customers/{customer.pk}")
    seen = integrator.get(f"/customers/{customer.pk}").headers["ETag"]
    assert integrator.post(path, If_Match=STALE, Idempotency_Key="a").status == 412
    first = integrator.post(path, If_Match=seen, Idempotency_Key="a")
    again = integrator.post(path, If_Match=seen, Idempotency_Key="a")
    assert (first.status, again.status, again.raw) == (200, 200, first.raw)
    assert again.headers["ETag"] == first.headers["ETag"]


def held(company: Company, kind: str) -> Caller:
    """Return a caller whose client or key must send If-Match."""
    if kind == "key":
        caller = call_as(company, name="careful")
        ApiKey.objects.filter(name="careful").update(requires_match=True)
        return caller
    client, secret = make_api_client(company, name="careful", scopes=SCOPES)
    client.requires_match = True
    client.save(update_fields=["requires_match"])
    asked = {"client_id": client.client_id, "client_secret": secret}
    token = Caller().post("/token", asked).body["access_token"]
    return Caller({"Authorization": f"Bearer {token}"})


def test_a_strict_client_changes_only_what_it_has_seen(studio: Company, customer: Customer) -> None:
    path, body = path_of(customer), {"first_name": "Zora"}
    for kind in ("client", "key"):
        caller = held(studio, kind)
        refused = caller.patch(path, body)
        assert (refused.status, refused.body["error"]["code"]) == (428, "precondition_required")
        tag = caller.get(path).headers["ETag"]
        assert caller.patch(path, body, If_Match=tag).status == 200, kind
        ann = {"first_name": "Ann", "email": f"{kind}@example.com"}
        assert caller.post("/v1/customers", ann).status == 201, kind
        assert caller.post(f"{path}/notes", {"content": "Free to make."}).status == 201, kind


def test_every_object_has_a_tag_as_documented_and_no_list_has_one(
    integrator: Caller, studio: Company, subtests: pytest.Subtests
) -> None:
    ids, read = make_rows(studio), 0
    for path, method, operation in operations():
        if method != "GET":
            continue
        with subtests.test(path):
            if names_of(operation) & {"page", "limit"}:
                assert "ETag" not in integrator.get(fill(path, ids)).headers
            if "304" not in operation["responses"]:
                continue
            assert "If-None-Match" in names_of(operation)
            assert "ETag" in operation["responses"]["200"]["headers"]
            answer = integrator.get(fill(path, ids))
            if answer.status == 404:
                continue
            again = integrator.get(fill(path, ids), If_None_Match=answer.headers["ETag"])
            assert (again.status, again.raw) == (304, b"")
            read += 1
    assert read > READS * 0.8


def test_no_write_goes_through_on_a_stale_tag_and_none_of_a_held_client_without(
    integrator: Caller, studio: Company, subtests: pytest.Subtests
) -> None:
    ids, careful = make_rows(studio), held(studio, "key")
    only_create: list[str] = []
    for path, method, operation in operations():
        is_verb = path.rpartition("/")[2] in ("archive", "restore", "cancel", "pause", "resume")
        if method in ("PUT", "PATCH", "DELETE") or is_verb:
            assert {"412", "428"} <= operation["responses"].keys(), (method, path)
        if method == "GET" or "If-Match" not in names_of(operation):
            continue
        with subtests.test(f"{method} {path}"), undone():
            body = body_of(path, method, ids)
            asked = fill(path, ids) + QUERIES.get((path, method), "")
            before = changes(studio)
            stale = integrator(method, asked, body, If_Match=STALE)
            assert stale.status in (412, 404)
            if "428" in operation["responses"]:
                assert careful(method, asked, body).status == 428
            if "If-None-Match" in names_of(operation):
                only_create.append(f"{method} {path}")
                assert integrator(method, asked, body, If_None_Match="*").status == 412
            assert changes(studio) == before
            fresh = integrator(method, asked, body, If_Match="*")
            assert fresh.status not in (412, 428)
    assert only_create == ["PUT /v1/customers"]


# Bodies in the order of their requests; a body with one field proves that the ETag covers it.
CHANGED: dict[str, list[dict[str, Any]]] = {
    "PUT /v1/customers": [
        {"first_name": "Bo"}, {"last_name": "Ek"}, {"name": "Ek"}, {"legal_name": "Ek Ltd"},
        {"tax_id": "7"}, {"email": "bo@ek.example"}, {"phone": "020 7946 0999"},
        {"preferences": {"mat": "red"}}, {"address": {"city": "York"}}, {"tags": ["VIP"]},
        {"birthday": "--05-04"},
    ],
    "PATCH /v1/customers/{id}": [
        {"external_id": "r2"}, {"first_name": "Bo"}, {"last_name": "Ek"}, {"name": "Ek"},
        {"legal_name": "Ek Ltd"}, {"tax_id": "7"}, {"email": "bo@ek.example"},
        {"phone": "020 7946 0999"}, {"preferences": {"mat": "red"}}, {"tags": ["VIP"]},
        {"birthday": "--05-04"},
    ],
    "PUT /customer/{id}/profile": [
        {"firstname": "Bo"}, {"lastname": "Ek"}, {"email": "bo@ek.example"}, {"mobile": "1234"}
    ],
    "PATCH /v1/customers/{customer_id}/contact-points/{id}": [
        {"value": "other@ek.example"}, {"label": "Other"},
    ],
    "PATCH /v1/customers/{customer_id}/addresses/{id}": [
        {"label": "Work"}, {"street": "2 Low Street"}, {"sub_premise": "3"}, {"city": "York"},
        {"state": "Kent"}, {"zip": "YO1 7HH"}, {"country": "GB"}, {"access_notes": "Ring."},
        {"is_default": True},
    ],
    "PATCH /v1/customers/{customer_id}/users/{id}": [
        {"email": "bo@ek.example"}, {"first_name": "Bo"}, {"last_name": "Ek"}
    ],
    "PATCH /v1/plans/{id}": [
        {"name": "Silver"}, {"price": 7}, {"currency": "EUR"}, {"billing_period": "P1Y"},
        {"grace_days": 9}, {"minimum_periods": 2},
        {"tax_rate": 5}, {"tax_behavior": "inclusive"},
    ],
    "PATCH /customers/{id}": [
        {"city": "York"}, {"country": "GB"}, {"ein": "7"}, {"legal_name": "Ek Ltd"},
        {"name": "Ek"}, {"postal_code": "YO1 7HH"}, {"state": "Kent"},
        {"street_address": "2 Low Street"}, {"sub_premise": "3"},
    ],
    "PATCH /v1/coupons/{id}": [
        {"name": "Other"}, {"description": "Sorry."}, {"code": "SORRY"}, {"amount": 900},
        {"valid_for": "P1Y"}, {"amount": None, "percentage": 5}, {"percentage": 6},
        {"multi_use": True}, {"percentage": None, "offering": "Yoga"}, {"offering": "Facial"},
        {"offering_id": "<service>"},
    ],
    "PATCH /v1/pass-products/{id}": [
        {"name": "Other"}, {"visits": 3}, {"price": 7}, {"valid_for": "P1Y"},
        {"offerings": ["Yoga"]}, {"offering_ids": ["<service>"]},
        {"tax_rate": 5}, {"tax_behavior": "inclusive"},
    ],
    "PATCH /v1/bookings/{id}": [
        {"scheduled_at": "2099-01-02T09:00"}, {"estimated_duration": 25},
        {"facilitator_id": "<facilitator>"}, {"address_id": "<address>"},
        {"configuration": {"oil": "rose"}}, {"notes": "Quiet, please."},
        {"event_date_id": "<event_date>"},
    ],
    "PATCH /v1/events/{event_id}/dates/{id}": [
        {"starts_at": "2099-01-02T09:00"}, {"duration_minutes": 25}, {"capacity": 400},
        {"facilitator_id": "<facilitator>"},
    ],
    "PATCH /v1/services/{id}": [
        {"name": "Other"}, {"description": "Warm."}, {"duration_minutes": 25}, {"price": 7},
        {"tax_rate": 5}, {"tax_behavior": "inclusive"}, {"configuration": {"oil": "rose"}},
    ],
    "PATCH /v1/facilitators/{id}": [{"name": "Other"}, {"email": "bo@ek.example"}],
    "PATCH /v1/events/{id}": [
        {"name": "Other"}, {"description": "Warm."}, {"tax_rate": 5},
        {"tax_behavior": "inclusive"},
    ],
    "PATCH /v1/media/{id}": [
        {"name": "Other"}, {"description": "Warm."}, {"price": 7}, {"valid_for": "P1Y"},
        {"tax_rate": 5}, {"tax_behavior": "inclusive"},
    ],
    "PATCH /v1/zones/{id}": [{"name": "Other"}, {"postal_codes": ["YO1 7HH"]}],
    "PATCH /v1/webhooks/{id}": [
        {"url": "https://other.example/hook"}, {"description": "Warm."},
        {"types": ["customer.created"]},
    ],
}  # fmt: skip
# Fields that an object does not show, or that must not change.
UNCHANGED = {"PUT /v1/customers": {"send_invitation", "external_id"}}


def parts_of(answer: Any) -> tuple[str, str]:
    """Return the two parts of the ETag: one for editable fields, one for all shown fields."""
    editable, _, shown = answer.headers["ETag"].strip('"').partition(".")
    return editable, shown


def test_the_first_part_covers_whatever_a_change_takes(
    integrator: Caller, studio: Company, subtests: pytest.Subtests
) -> None:
    ids = make_rows(studio)
    with acting_for(studio.id):
        customer = Customer.objects.get(pk=ids["customer"])
        event = EventDate.objects.get(pk=ids["event_date"]).event
    others = {
        "facilitator": str(AFacilitator(company=studio).pk),
        "address": ids["address"],
        "service": ids["service"],
        "event_date": str(AnEventDate(company=studio, event=event).pk),
    }
    # The first address is the default already.
    ids["address"] = str(AnAddress(company=studio, customer=customer).pk)
    documented = {
        f"{method} {path}": resolved(schema)["properties"].keys()
        for path, method, schema in writes()
        if method in ("PUT", "PATCH")
    }
    assert CHANGED.keys() == documented.keys()
    for operation, bodies in CHANGED.items():
        alone = {name for body in bodies if len(body) == 1 for name in body}
        assert alone == documented[operation] - UNCHANGED.get(operation, set()), operation
        method, path = operation.split()
        whole = body_of(path, method, ids) if method == "PUT" else {}
        with undone():
            for body in bodies:
                mine = ids | ({"booking": ids["place"]} if "event_date_id" in body else {})
                asked = fill(path, mine)
                read = f"{asked}/{ids['customer']}" if asked == "/v1/customers" else asked
                sent = with_ids(body, others)
                before = integrator.get(read)
                query = QUERIES.get((path, method), "")
                whole = whole | sent if method == "PUT" else sent
                answer = integrator(method, f"{asked}{query}", whole)
                assert answer.status == 200, (operation, body, answer)
                with subtests.test(f"{operation} {body}"):
                    assert parts_of(integrator.get(read))[0] != parts_of(before)[0]
                    assert parts_of(answer) == parts_of(integrator.get(read))


def test_every_route_compares_the_first_part_alone(
    integrator: Caller, studio: Company, subtests: pytest.Subtests
) -> None:
    ids, compared = make_rows(studio), 0
    for path, method, operation in operations():
        if method == "GET" or "If-Match" not in names_of(operation):
            continue
        paths = (path, path.rpartition("/")[0], f"{path}/{{id}}")
        shown = next(one for one in paths if one in TAGGED)
        asked = fill(path, ids) + QUERIES.get((path, method), "")
        with subtests.test(f"{method} {path}"), undone():
            answer = integrator.get(fill(shown, ids))
            if answer.status == 404:
                continue
            (editable, rest), body = parts_of(answer), body_of(path, method, ids)
            other, before = rest[::-1], changes(studio)
            assert integrator(method, asked, body, If_Match=f'"{other}.{rest}"').status == 412
            assert changes(studio) == before
            passed = integrator(method, asked, body, If_Match=f'"{editable}.{other}"')
            assert passed.status not in (412, 428)
            compared += 1
    assert compared > 60


def test_the_first_part_covers_nothing_that_follows_from_elsewhere(
    integrator: Caller, studio: Company
) -> None:
    ids = make_rows(studio)
    customer = f"/v1/customers/{ids['customer']}"
    booking = f"/v1/bookings/{ids['booking']}"
    integrator.patch(booking, {"address_id": ids["address"]})
    for path, method, where, body in (
        (booking, "PATCH", f"/v1/facilitators/{ids['facilitator']}", {"name": "Other"}),
        (booking, "PATCH", f"/v1/services/{ids['service']}", {"name": "Other"}),
        (booking, "PATCH", f"{customer}/addresses/{ids['address']}", {"street": "Other"}),
        (booking, "PATCH", customer, {"name": "Other"}),
        (booking, "POST", f"{booking}/payments", {"method": "cash"}),
        (customer, "POST", f"{booking}/cancel", {}),
        (customer, "POST", f"{customer}/subscriptions/{ids['subscription']}/pause", {
            "reason": "Away"
        }),
        (customer, "POST", f"{customer}/pause", {}),
        (f"/v1/events/{ids['event']}/dates/{ids['event_date']}", *("POST", "/v1/bookings"), {
            "customer_id": ids["customer"], "event_date_id": ids["event_date"]
        }),
    ):  # fmt: skip
        before = integrator.get(path)
        assert integrator(method, where, body).status in (200, 201), where
        after = integrator.get(path)
        assert parts_of(after)[0] == parts_of(before)[0], where
        assert parts_of(after)[1] != parts_of(before)[1], where
