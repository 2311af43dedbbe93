"""`/v1/customers` (contract, section 2): whole answers, every status."""

from typing import Any

from billing.models import Subscription
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import pause_customer
from customers.models import Customer
from tests.callers import Caller, call_as, nobody
from tests.factories import ACustomer, APayment, APlan, ASubscription, act
from tests.refusals import GRANT_IT, NO_CREDENTIAL, UNKNOWN_FIELD, refusal, whole_refusal
from tests.refusals import error as error

NEW = {
    "external_id": "m-17",
    "first_name": "Luís",
    "last_name": "Gonçalves",
    "name": "Gonçalves & Filhos",
    "legal_name": "Gonçalves & Filhos, Lda.",
    "tax_id": "PT 501 442 600",
    "email": "luisg@example.com",
    "phone": "020 7946 0000",
    "address": {"street": "1 High Street", "city": "London", "zip": "E1 6AN"},
    "preferences": {"marketing_opt_in": True, "mat": "blue", "gone": None},
    "tags": [" VIP ", "Mornings", "vip"],
    "birthday": "1990-05-04",
}


def test_a_new_customer_is_answered_in_full(integrator: Caller) -> None:
    answer = integrator.post("/v1/customers", NEW)
    assert answer.status == 201
    body = answer.body
    assert body == {
        "id": body["id"],
        "external_id": "m-17",
        "first_name": "Luís",
        "last_name": "Gonçalves",
        "name": "Gonçalves & Filhos",
        "legal_name": "Gonçalves & Filhos, Lda.",
        "tax_id": "PT 501 442 600",
        "email": "luisg@example.com",
        "phone": "+442079460000",
        "status": "active",
        "addresses": [
            {
                "id": body["addresses"][0]["id"],
                "label": None,
                "street": "1 High Street",
                "sub_premise": None,
                "city": "London",
                "state": None,
                "zip": "E1 6AN",
                "country": None,
                "access_notes": None,
                "is_default": True,
            }
        ],
        "preferences": {"marketing_opt_in": True, "mat": "blue"},
        "tags": ["VIP", "Mornings"],
        "birthday": "1990-05-04",
        "stats": {
            "total_bookings": 0,
            "total_spent": 0,
            "currency": "GBP",
            "last_booking_at": None,
            "active_subscription": False,
        },
        "subscription": None,
        "merged_into": None,
        "created_at": body["created_at"],
        "updated_at": body["updated_at"],
    }
    assert integrator.get(f"/v1/customers/{body['id']}").body == body
    assert "Luís".encode() in answer.raw, "accents travel as UTF-8"


def test_an_organisation_needs_no_person(integrator: Caller, studio: Company) -> None:
    made = integrator.post("/v1/customers", {"name": "Acme", "email": "hello@acme.example"})
    path = f"/v1/customers/{made.body['id']}"
    absent = dict.fromkeys(("first_name", "last_name", "legal_name", "tax_id"))
    assert (made.status, made.body) == (201, made.body | absent | {"name": "Acme"})
    nameless = refusal(integrator.patch(path, {"name": None, "legal_name": "Acme Ltd"}))
    assert nameless == (422, "name_missing", "first_name")
    person = {"first_name": "Ana", "last_name": "Díaz"}
    changes = person | {"name": "", "legal_name": "Acme Ltd", "tax_id": "GB 123"}
    changed = integrator.patch(path, changes)
    now = changes | {"name": None, "updated_at": changed.body["updated_at"]}
    assert (changed.status, changed.body) == (200, made.body | now)
    # The accounts surface shows a person's full name as `name`; on v1 `name` is a field of its own.
    sole_trader = {"name": "Ana Díaz", "first_name": None, "last_name": None}
    answer = integrator.patch(path, sole_trader)
    assert (answer.status, answer.body) == (
        *(200, changed.body | sole_trader | {"updated_at": answer.body["updated_at"]}),
    )
    assert integrator.get(path).body == answer.body
    assert integrator.get(f"/customers/{made.body['id']}").body["name"] == "Ana Díaz"
    card = integrator.patch(path, {"tax_id": "4242 4242 4242 4242"})
    assert refusal(card) == (422, "card_number", "tax_id")


def test_a_list_answers_newest_first_with_its_total(integrator: Caller, studio: Company) -> None:
    assert integrator.get("/v1/customers").body == {
        "data": [],
        "pagination": {"page": 1, "per_page": 25, "total": 0, "total_pages": 0},
    }
    made = [ACustomer(company=studio) for _ in range(3)]
    answer = integrator.get("/v1/customers?page=1&per_page=2")
    assert answer.status == 200
    assert [one["id"] for one in answer.body["data"]] == [
        f"cust_{customer.id.hex}" for customer in (made[2], made[1])
    ]
    assert answer.body["pagination"] == {"page": 1, "per_page": 2, "total": 3, "total_pages": 2}
    assert answer.body["data"][0] == integrator.get(f"/v1/customers/{made[2].id}").body
    beyond = integrator.get("/v1/customers?page=7&per_page=2").body
    assert beyond == {"data": [], "pagination": answer.body["pagination"] | {"page": 7}}


def test_a_list_can_be_asked_for_each_status(integrator: Caller, studio: Company) -> None:
    active, paused = ACustomer(company=studio), ACustomer(company=studio)
    archived = ACustomer(company=studio, archived=True)
    act(studio, pause_customer, paused)

    def ids(query: str) -> set[str]:
        return {one["id"] for one in integrator.get(f"/v1/customers{query}").body["data"]}

    assert ids("?status=active") == {f"cust_{active.id.hex}"}
    assert ids("?status=inactive") == {f"cust_{paused.id.hex}"}
    assert ids("?status=deactivated") == {f"cust_{archived.id.hex}"}
    assert len(ids("")) == 3


def test_a_customer_is_paused_and_resumed(integrator: Caller, studio: Company) -> None:
    path = f"/v1/customers/{ACustomer(company=studio).id}"
    before = integrator.get(path).body

    def answered(verb: str, status: str) -> None:
        answer = integrator.post(f"{path}/{verb}")
        shown = before | {"status": status, "updated_at": answer.body["updated_at"]}
        assert (answer.status, answer.body) == (200, shown)
        assert integrator.get(path).body == shown

    not_paused = (409, "customer_not_paused", "This customer is not paused.")
    assert whole_refusal(integrator.post(f"{path}/resume")) == not_paused
    answered("pause", "inactive")
    paused = (409, "customer_already_paused", "This customer is paused already.")
    assert whole_refusal(integrator.post(f"{path}/pause")) == paused
    answered("resume", "active")


def test_a_list_can_be_of_what_came_after_a_moment(integrator: Caller, studio: Company) -> None:
    first, second = ACustomer(company=studio), ACustomer(company=studio)
    moment = integrator.get(f"/v1/customers/{first.id}").body["created_at"]
    later = integrator.get(f"/v1/customers?created_after={moment}").body["data"]
    assert [one["id"] for one in later] == [f"cust_{second.id.hex}"]
    for bound, count in (
        ("2020-01-01", 2),
        ("2020-01-01T00:00:00+05:00", 2),
        ("0001-01-01T00:00:00%2B14:00", 2),  # Later or earlier than every stored time.
        ("9999-12-31T23:59:59-14:00", 0),
    ):
        listed = integrator.get(f"/v1/customers?created_after={bound}").body
        assert listed["pagination"]["total"] == count, bound


def test_spending_and_subscriptions_are_shown(integrator: Caller, studio: Company) -> None:
    customer, other = ACustomer(company=studio), ACustomer(company=studio)
    APayment(company=studio, customer=customer, amount=2_500)
    plans = [APlan(company=studio, name=name) for name in ("Silver", "Gold", "Bronze")]
    made = [ASubscription(company=studio, customer=customer, plan=plan) for plan in plans]

    def shown() -> tuple[Any, Any]:
        body = integrator.get(f"/v1/customers/{customer.id}").body
        assert body in integrator.get("/v1/customers").body["data"]
        assert body["stats"]["total_spent"] == 2_500
        return body["stats"]["active_subscription"], body["subscription"]

    def described(subscription: Subscription, status: str = "active") -> dict[str, Any]:
        with acting_for(studio.id):
            subscription.refresh_from_db()
            return {
                "id": f"mandate_{subscription.id.hex}",
                "plan": subscription.plan.name,
                "status": status,
                "renews_on": subscription.renewal_date.isoformat(),
            }

    def subscribed(answer: bool) -> list[str]:
        query = f"has_subscription={str(answer).lower()}"
        return [one["id"] for one in integrator.get(f"/v1/customers?{query}").body["data"]]

    verbs = f"/v1/customers/{customer.id}/subscriptions"
    assert shown() == (True, described(made[2]))
    integrator.post(f"{verbs}/{made[2].id}/pause", {"reason": "Away"})
    assert shown() == (True, described(made[1])), "an active one goes before a newer paused one"
    integrator.post(f"{verbs}/{made[2].id}/cancel")
    assert shown() == (True, described(made[1]))
    assert subscribed(True) == [f"cust_{customer.id.hex}"]
    assert subscribed(False) == [f"cust_{other.id.hex}"]
    for one in made[:2]:
        integrator.post(f"{verbs}/{one.id}/pause", {"reason": "Away"})
    assert shown() == (False, described(made[1], "paused"))
    assert subscribed(True) == []
    assert len(subscribed(False)) == 2


def test_a_change_merges_preferences_one_level_deep(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio, preferences={"mat": "blue", "shoes": {"size": 4}, "x": 1})
    answer = integrator.patch(
        f"/v1/customers/{customer.id}",
        {"first_name": "Zoë", "preferences": {"mat": None, "shoes": {"wide": True}, "new": [1]}},
    )
    assert (answer.status, answer.body["first_name"]) == (200, "Zoë")
    assert answer.body["last_name"] == customer.last_name
    assert answer.body["preferences"] == {"shoes": {"wide": True}, "x": 1, "new": [1]}
    assert answer.body == integrator.get(f"/v1/customers/{customer.id}").body


def test_a_change_of_nothing_changes_nothing(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio)
    before = integrator.get(f"/v1/customers/{customer.id}").body
    for nothing in ({}, {"first_name": before["first_name"]}, {"preferences": {"absent": None}}):
        assert integrator.patch(f"/v1/customers/{customer.id}", nothing).body == before


NO_EMAIL = "Must be an e-mail address such as ann@example.com; got “nonsense”."


def test_what_parses_and_is_not_valid_is_a_422(integrator: Caller, studio: Company) -> None:
    ann, wrong = {"first_name": "Ann", "email": "a@b.example"}, {"marketing_opt_in": 1}
    opt_in, default = "preferences.marketing_opt_in", "address.is_default"
    reach = "Give an e-mail address or a phone number."
    name = "Give a first name, a last name or the name of an organisation."
    for body, code, param, sentence in (
        ({"email": "a@b.example"}, "name_missing", "first_name", name),
        ({"first_name": "Ann"}, "unreachable", "email", reach),
        (ann | {"email": "nonsense"}, "invalid", "email", NO_EMAIL),
        (
            ann | {"first_name": "A" * 300},
            *("invalid", "first_name", "Must have at most 200 characters; got 300."),
        ),
        (
            ann | {"preferences": wrong},
            "invalid_preference",
            opt_in,
            "Must be true or false; got “1”.",
        ),
        (
            ann | {"address": {"is_default": "yes"}},
            "invalid",
            default,
            "Must be true or false; got “yes”.",
        ),
        (ann | {"first_name": 5}, "invalid", "first_name", "Must be text; got “5”."),
        (ann | {"first_name": "a\0b"}, "invalid", "first_name", "Null characters are not allowed."),
    ):
        message = f"{param}: {sentence}" if code.startswith("invalid") else sentence
        answer = integrator.post("/v1/customers", body)
        assert whole_refusal(answer) == (422, code, message, param), body
    with acting_for(studio.id):
        assert not Customer.objects.exists(), "a refusal leaves no trace"


def test_v1_words_its_other_refusals(integrator: Caller, studio: Company) -> None:
    path, gone = "/v1/customers", ACustomer(company=studio, archived=True)
    reader = call_as(studio, ["customers:read"], "reader")
    lost = "No such customer. Check the id."
    unscoped = f"This needs the scope customers:write. {GRANT_IT}"
    archived = "This customer is archived and cannot be changed. Restore the customer first."
    for answer, expected in (
        (nobody().get(path), (401, "not_authenticated", NO_CREDENTIAL)),
        (reader.post(path, NEW), (403, "missing_scope", unscoped)),
        (integrator.get(f"{path}/nonsense"), (404, "not_found", lost)),
        (integrator.get(f"{path}/cust_{'0' * 32}"), (404, "not_found", lost)),
        (integrator.patch(f"{path}/{gone.id}", {}), (409, "customer_archived", archived)),
        (
            integrator.post(path, NEW | {"colour": "red"}),
            (400, "unknown_field", f"colour: {UNKNOWN_FIELD}", "colour"),
        ),
    ):
        assert whole_refusal(answer) == expected
    assert nobody().get(path).headers["WWW-Authenticate"] == "Bearer"
    assert integrator.get(f"{path}/{gone.id}").body["status"] == "deactivated"
    nested = integrator.post(path, NEW | {"address": {"planet": "Mars"}})
    assert refusal(nested) == (400, "unknown_field", "address.planet")
    method = integrator.delete(path)
    assert refusal(method) == (405, "method_not_allowed", None)
    assert method.headers["Allow"] == "GET, HEAD, POST, PUT"


def test_the_last_way_to_reach_somebody_is_not_taken(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio, email="a@b.example", phone="")
    answer = integrator.patch(f"/v1/customers/{customer.id}", {"email": None})
    assert (answer.status, answer.body["error"]["code"]) == (422, "unreachable")
    swapped = {"email": None, "phone": "020 7946 0000"}
    assert integrator.patch(f"/v1/customers/{customer.id}", swapped).status == 200


def test_a_parameter_that_cannot_be_is_a_400_that_names_it(integrator: Caller) -> None:
    for query in (
        *("page=0", "page=-1", "page=one", "page=99999999999", "per_page=0", "per_page=101"),
        *("status=sleeping", "created_after=yesterday", "created_after=99999-01-01"),
        *("has_subscription=maybe", "zone_id=nonsense", "search=a%00b", "search=" + "a" * 201),
        *("created_after=%20", "has_subscription=%20", "zone_id=%20", "page=%20", "status=%20"),
        *("search=a" + "+" * 200, "colour=red", "page=1&page=2", "first_name__startswith=L"),
        *("ordering=email", "_connector=OR"),
    ):
        answer = integrator.get(f"/v1/customers?{query}")
        assert answer.status == 400, query
        assert answer.body["error"]["param"] == query.partition("=")[0]


def test_an_id_is_good_in_either_form(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio)
    prefixed = integrator.get(f"/v1/customers/cust_{customer.id.hex}")
    assert prefixed.status == 200
    assert integrator.get(f"/v1/customers/{customer.id}").body == prefixed.body
    assert integrator.get(f"/v1/customers/{customer.id.hex}").body == prefixed.body
    assert integrator.get(f"/v1/customers/addr_{customer.id.hex}").status == 404
