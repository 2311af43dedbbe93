"""`/v1/customers` (contract, section 2): whole answers, every status."""

from typing import Any

import pytest

from billing.models import Subscription
from config.access.models import Company
from config.access.tenancy import acting_for
from customers.actions import pause_customer
from customers.models import Customer
from tests.callers import Caller, call_as, nobody
from tests.factories import ACustomer, AnAddress, APayment, APlan, ASubscription

NEW = {
    "first_name": "Luís",
    "last_name": "Gonçalves",
    "email": "luisg@example.com",
    "phone": "020 7946 0000",
    "address": {"street": "1 High Street", "city": "London", "zip": "E1 6AN"},
    "preferences": {"marketing_opt_in": True, "mat": "blue", "gone": None},
}


def error(kind: str, code: str, message: str, param: str | None = None) -> dict[str, Any]:
    """Return the whole error body of the v1 surface."""
    named = {"param": param} if param else {}
    page = f"http://localhost:8000/docs/errors/{code}"
    return {"error": {"type": kind, "code": code, "message": message, **named, "doc_url": page}}


def test_a_new_customer_is_answered_in_full(integrator: Caller) -> None:
    answer = integrator.post("/v1/customers", NEW)
    assert answer.status == 201
    body = answer.body
    assert body == {
        "id": body["id"],
        "first_name": "Luís",
        "last_name": "Gonçalves",
        "email": "luisg@example.com",
        "phone": "+442079460000",
        "status": "active",
        "addresses": [
            {
                "id": body["addresses"][0]["id"],
                "label": None,
                "street": "1 High Street",
                "city": "London",
                "state": None,
                "zip": "E1 6AN",
                "access_notes": None,
                "is_default": True,
            }
        ],
        "preferences": {"marketing_opt_in": True, "mat": "blue"},
        "stats": {
            "total_bookings": 0,
            "total_spent": 0,
            "last_booking_at": None,
            "active_subscription": None,
        },
        "subscription": None,
        "created_at": body["created_at"],
        "updated_at": body["updated_at"],
    }
    assert integrator.get(f"/v1/customers/{body['id']}").body == body
    assert "Luís".encode() in answer.raw, "accents travel as UTF-8"


def test_an_id_is_good_in_either_form(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio)
    prefixed = integrator.get(f"/v1/customers/cust_{customer.id.hex}")
    assert prefixed.status == 200
    assert integrator.get(f"/v1/customers/{customer.id}").body == prefixed.body
    assert integrator.get(f"/v1/customers/{customer.id.hex}").body == prefixed.body
    assert integrator.get(f"/v1/customers/addr_{customer.id.hex}").status == 404


def test_a_list_answers_newest_first_with_its_total(integrator: Caller, studio: Company) -> None:
    made = [ACustomer(company=studio) for _ in range(3)]
    answer = integrator.get("/v1/customers?page=1&per_page=2")
    assert answer.status == 200
    assert [one["id"] for one in answer.body["data"]] == [
        f"cust_{customer.id.hex}" for customer in (made[2], made[1])
    ]
    assert answer.body["pagination"] == {"page": 1, "per_page": 2, "total": 3, "total_pages": 2}
    assert answer.body["data"][0] == integrator.get(f"/v1/customers/{made[2].id}").body
    beyond = integrator.get("/v1/customers?page=7&per_page=2").body
    assert beyond == {
        "data": [],
        "pagination": {"page": 7, "per_page": 2, "total": 3, "total_pages": 2},
    }


def test_an_empty_company_has_an_empty_list(integrator: Caller) -> None:
    assert integrator.get("/v1/customers").body == {
        "data": [],
        "pagination": {"page": 1, "per_page": 25, "total": 0, "total_pages": 0},
    }


def test_a_list_can_be_asked_for_each_status(integrator: Caller, studio: Company, actor) -> None:
    active, paused = ACustomer(company=studio), ACustomer(company=studio)
    archived = ACustomer(company=studio, archived=True)
    with acting_for(studio.id):
        pause_customer(paused, actor=actor)

    def ids(query: str) -> set[str]:
        return {one["id"] for one in integrator.get(f"/v1/customers{query}").body["data"]}

    assert ids("?status=active") == {f"cust_{active.id.hex}"}
    assert ids("?status=inactive") == {f"cust_{paused.id.hex}"}
    assert ids("?status=deactivated") == {f"cust_{archived.id.hex}"}
    assert len(ids("")) == 3


def test_a_list_can_be_asked_for_what_came_after_a_moment(
    integrator: Caller, studio: Company
) -> None:
    first, second = ACustomer(company=studio), ACustomer(company=studio)
    moment = integrator.get(f"/v1/customers/{first.id}").body["created_at"]
    later = integrator.get(f"/v1/customers?created_after={moment}").body["data"]
    assert [one["id"] for one in later] == [f"cust_{second.id.hex}"]
    assert len(integrator.get("/v1/customers?created_after=2020-01-01").body["data"]) == 2
    east = "2020-01-01T00:00:00+05:00"
    assert len(integrator.get(f"/v1/customers?created_after={east}").body["data"]) == 2


def test_what_a_customer_spends_and_is_subscribed_to_is_shown(
    integrator: Caller, studio: Company
) -> None:
    customer, other = ACustomer(company=studio), ACustomer(company=studio)
    APayment(company=studio, customer=customer, amount=2_500)
    plans = [APlan(company=studio, name=name) for name in ("Silver", "Gold", "Bronze")]
    made = [ASubscription(company=studio, customer=customer, plan=plan) for plan in plans]

    def shown() -> tuple[Any, Any]:
        body = integrator.get(f"/v1/customers/{customer.id}").body
        assert body in integrator.get("/v1/customers").body["data"]
        assert body["stats"]["total_spent"] == 2_500
        return body["stats"]["active_subscription"], body["subscription"]

    def described(subscription: Subscription, state: str = "ACTIVE") -> dict[str, Any]:
        with acting_for(studio.id):
            subscription.refresh_from_db()
            return {
                "id": f"mandate_{subscription.id.hex}",
                "plan": subscription.plan.name,
                "state": state,
                "renewal_date": subscription.renewal_date.isoformat(),
            }

    def subscribed(answer: bool) -> list[str]:
        query = f"has_subscription={str(answer).lower()}"
        return [one["id"] for one in integrator.get(f"/v1/customers?{query}").body["data"]]

    verbs = f"/v1/customers/{customer.id}/subscriptions"
    assert shown() == ("Bronze", described(made[2]))
    integrator.post(f"{verbs}/{made[2].id}/pause")
    assert shown() == ("Gold", described(made[2], "PAUSED"))
    integrator.post(f"{verbs}/{made[2].id}/cancel")
    assert shown() == ("Gold", described(made[1]))
    assert subscribed(True) == [f"cust_{customer.id.hex}"]
    assert subscribed(False) == [f"cust_{other.id.hex}"]
    for one in made[:2]:
        integrator.post(f"{verbs}/{one.id}/pause")
    assert shown() == (None, described(made[1], "PAUSED"))
    assert subscribed(True) == []
    assert len(subscribed(False)) == 2


def test_changing_a_customer_merges_preferences_one_level_deep(
    integrator: Caller, studio: Company
) -> None:
    customer = ACustomer(company=studio, preferences={"mat": "blue", "shoes": {"size": 4}, "x": 1})
    answer = integrator.patch(
        f"/v1/customers/{customer.id}",
        {"first_name": "Zoë", "preferences": {"mat": None, "shoes": {"wide": True}, "new": [1]}},
    )
    assert answer.status == 200
    assert answer.body["first_name"] == "Zoë"
    assert answer.body["last_name"] == customer.last_name
    assert answer.body["preferences"] == {"shoes": {"wide": True}, "x": 1, "new": [1]}
    assert answer.body == integrator.get(f"/v1/customers/{customer.id}").body


def test_a_change_of_nothing_changes_nothing(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio)
    before = integrator.get(f"/v1/customers/{customer.id}").body
    for nothing in ({}, {"first_name": before["first_name"]}, {"preferences": {"absent": None}}):
        assert integrator.patch(f"/v1/customers/{customer.id}", nothing).body == before


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"email": "a@b.example"}, ("name_missing", "Give a first or a last name.", "first_name")),
        (
            {"first_name": "Ann"},
            ("unreachable", "Give an e-mail address or a phone number.", "email"),
        ),
        (
            {"first_name": "Ann", "email": "nonsense"},
            ("invalid", "email: Enter a valid email address.", "email"),
        ),
        (
            {"first_name": "A" * 300, "email": "a@b.example"},
            (
                "invalid",
                "first_name: Ensure this field has no more than 200 characters.",
                "first_name",
            ),
        ),
        (
            {"first_name": "Ann", "email": "a@b.example", "preferences": {"marketing_opt_in": 1}},
            (
                "invalid_preference",
                "preferences.marketing_opt_in: Must be true or false.",
                "preferences.marketing_opt_in",
            ),
        ),
        (
            {"first_name": "Ann", "phone": "1", "address": {"is_default": "yes"}},
            ("invalid", "address.is_default: Must be a valid boolean.", "address.is_default"),
        ),
        (
            {"first_name": 5, "email": "a@b.example"},
            ("invalid", "first_name: Not a valid string.", "first_name"),
        ),
        (
            {"first_name": "a\x00b", "email": "a@b.example"},
            ("invalid", "first_name: Null characters are not allowed.", "first_name"),
        ),
    ],
)
def test_what_parses_and_is_not_valid_is_a_422(
    integrator: Caller, studio: Company, body: Any, expected: tuple[str, str, str]
) -> None:
    answer = integrator.post("/v1/customers", body)
    assert (answer.status, answer.body) == (422, error("invalid_request", *expected))
    with acting_for(studio.id):
        assert not Customer.objects.exists(), "a refusal leaves no trace"


def test_an_unknown_field_is_a_400_that_names_it(integrator: Caller) -> None:
    answer = integrator.post("/v1/customers", NEW | {"colour": "red"})
    message = "colour: There is no such field."
    assert (answer.status, answer.body) == (
        400,
        error("invalid_request", "bad_request", message, "colour"),
    )
    nested = integrator.post("/v1/customers", NEW | {"address": {"planet": "Mars"}})
    assert nested.body["error"]["param"] == "address.planet"


def test_a_change_may_not_take_away_the_last_way_to_reach_somebody(
    integrator: Caller, studio: Company
) -> None:
    customer = ACustomer(company=studio, email="a@b.example", phone="")
    answer = integrator.patch(f"/v1/customers/{customer.id}", {"email": None})
    assert (answer.status, answer.body["error"]["code"]) == (422, "unreachable")
    swapped = {"email": None, "phone": "020 7946 0000"}
    assert integrator.patch(f"/v1/customers/{customer.id}", swapped).status == 200


def test_an_archived_customer_is_read_only(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio, archived=True)
    assert integrator.get(f"/v1/customers/{customer.id}").body["status"] == "deactivated"
    answer = integrator.patch(f"/v1/customers/{customer.id}", {"first_name": "Ann"})
    message = "This customer is archived and cannot be changed. Restore the customer first."
    assert (answer.status, answer.body) == (409, error("conflict", "customer_archived", message))


def test_who_may_not_come_in_is_told_so(studio: Company) -> None:
    answer = nobody().get("/v1/customers")
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.body == error(
        "authentication_error", "not_authenticated", "Send a valid access token or API key."
    )
    reader = call_as(studio, ["customers:read"], "reader")
    refused = reader.post("/v1/customers", NEW)
    message = "This needs the scope customers:write."
    assert (refused.status, refused.body) == (
        403,
        error("authorization_error", "missing_scope", message),
    )


def test_what_is_not_there_is_a_404(integrator: Caller) -> None:
    for path in ("nonsense", "cust_" + "0" * 32, "00000000-0000-7000-8000-000000000000"):
        answer = integrator.get(f"/v1/customers/{path}")
        assert (answer.status, answer.body) == (
            404,
            error("invalid_request", "not_found", "There is nothing here."),
        )


def test_another_method_is_a_405_that_names_the_right_ones(integrator: Caller) -> None:
    answer = integrator.delete("/v1/customers")
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD, POST"
    assert answer.body["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=one", "page"),
        ("page=99999999999", "page"),
        ("per_page=0", "per_page"),
        ("per_page=101", "per_page"),
        ("status=sleeping", "status"),
        ("created_after=yesterday", "created_after"),
        ("created_after=99999-01-01", "created_after"),
        ("created_after=0001-01-01T00:00:00%2B14:00", "created_after"),
        ("has_subscription=maybe", "has_subscription"),
        ("zone_id=nonsense", "zone_id"),
        ("search=a%00b", "search"),
        ("search=" + "a" * 201, "search"),
        ("search=a" + "+" * 200, "search"),
        ("colour=red", "colour"),
        ("page=1&page=2", "page"),
        ("first_name__startswith=L", "first_name__startswith"),
        ("ordering=email", "ordering"),
        ("_connector=OR", "_connector"),
    ],
)
def test_a_parameter_that_cannot_be_is_a_400_that_names_it(
    integrator: Caller, query: str, param: str
) -> None:
    answer = integrator.get(f"/v1/customers?{query}")
    assert (answer.status, answer.body["error"]["param"]) == (400, param)


def test_addresses_of_a_customer_come_default_first(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio)
    AnAddress(company=studio, customer=customer, label="old")
    AnAddress(company=studio, customer=customer, label="new", is_default=True)
    listed = integrator.get(f"/v1/customers/{customer.id}").body["addresses"]
    assert [(one["label"], one["is_default"]) for one in listed] == [("new", True), ("old", False)]
