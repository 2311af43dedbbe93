"""`/v1/services`, `/v1/facilitators` and `/v1/media`: what can be booked and bought."""

from typing import Any

import pytest

from config.access.models import Company
from tests.callers import Caller
from tests.credits.test_v1_credits import refusal
from tests.customers.test_v1_customers import error
from tests.factories import AFacilitator, AMediaPurchase, AMedium, AnAppointment, AService

SERVICE = {
    "name": "Massage",
    "description": "An hour of quiet.",
    "duration": 60,
    "price": 6_000,
    "tax_rate": "8.875",
    "configuration": {"oil": "almond", "heat": [1, 2.5, None]},
}
FACILITATOR = {"name": "Maya Okafor", "email": "Maya@studio.example"}
MEDIUM = {"name": "Morning stretch", "description": "", "price": 900, "valid_for": "P30D"}

CATALOGUE = [
    ("services", "svc_", SERVICE, {"tax_rate": 8.875, "currency": "GBP"}),
    ("facilitators", "fac_", FACILITATOR, {}),
    ("media", "media_", MEDIUM, {"description": None, "currency": "GBP"}),
]


@pytest.mark.parametrize(("where", "prefix", "asked", "shown"), CATALOGUE)
def test_what_is_new_is_answered_in_full(
    integrator: Caller, where: str, prefix: str, asked: dict[str, Any], shown: dict[str, Any]
) -> None:
    answer = integrator.post(f"/v1/{where}", asked)
    made = answer.body
    assert (answer.status, made) == (
        201,
        asked
        | shown
        | {
            "id": made["id"],
            "archived": False,
            "created_at": made["created_at"],
            "updated_at": made["updated_at"],
        },
    )
    assert made["id"].startswith(prefix)
    assert integrator.get(f"/v1/{where}/{made['id']}").body == made
    assert integrator.get(f"/v1/{where}").body == {
        "data": [made],
        "pagination": {"page": 1, "per_page": 25, "total": 1, "total_pages": 1},
    }


@pytest.mark.parametrize(("where", "prefix", "asked", "shown"), CATALOGUE)
def test_what_is_left_out_is_null_or_nothing(
    integrator: Caller, where: str, prefix: str, asked: dict[str, Any], shown: dict[str, Any]
) -> None:
    needed = {name: asked[name] for name in ("name", "duration", "price") if name in asked}
    if where == "media":
        needed = {"name": "Film", "price": 0}
    made = integrator.post(f"/v1/{where}", needed).body
    rest = {name: made[name] for name in asked if name not in needed}
    empty = {"tax_rate": 0, "configuration": {}}
    assert rest == {name: empty.get(name) for name in rest}


@pytest.mark.parametrize(("where", "prefix", "asked", "shown"), CATALOGUE)
def test_what_is_on_offer_is_changed_archived_and_restored(
    integrator: Caller, where: str, prefix: str, asked: dict[str, Any], shown: dict[str, Any]
) -> None:
    made = integrator.post(f"/v1/{where}", asked).body
    path = f"/v1/{where}/{made['id']}"
    changed = integrator.patch(path, {"name": " New "})
    assert (changed.status, changed.body) == (
        200,
        made | {"name": "New", "updated_at": changed.body["updated_at"]},
    )
    assert changed.body["updated_at"] > made["updated_at"]
    archived = integrator.post(f"{path}/archive")
    assert (archived.status, archived.body["archived"]) == (200, True)
    assert refusal(integrator.post(f"{path}/archive")) == (400, "already_archived", None)
    assert refusal(integrator.patch(path, {"name": "x"})) == (400, "already_archived", None)
    assert integrator.get(path).body == archived.body
    assert integrator.get(f"/v1/{where}?archived=false").body["data"] == []
    assert integrator.get(f"/v1/{where}?archived=true").body["data"] == [archived.body]
    assert integrator.get(f"/v1/{where}").body["data"] == [archived.body]
    restored = integrator.post(f"{path}/restore")
    assert (restored.status, restored.body["archived"]) == (200, False)
    assert refusal(integrator.post(f"{path}/restore")) == (400, "not_archived", None)


def test_everything_of_a_service_and_of_a_medium_can_be_changed(integrator: Caller) -> None:
    service = integrator.post("/v1/services", SERVICE).body
    change = {"description": None, "duration": 90, "price": 0, "tax_rate": 20, "configuration": {}}
    changed = integrator.patch(f"/v1/services/{service['id']}", change).body
    assert changed == service | change | {"updated_at": changed["updated_at"]}
    medium = integrator.post("/v1/media", MEDIUM).body
    change = {"description": "An hour", "price": 5, "valid_for": None}
    changed = integrator.patch(f"/v1/media/{medium['id']}", change).body
    assert changed == medium | change | {"updated_at": changed["updated_at"]}


def test_what_was_booked_and_bought_stays_as_it_was(integrator: Caller, studio: Company) -> None:
    appointment = AnAppointment(company=studio)
    bought = AMediaPurchase(company=studio)
    paths = (
        f"/v1/bookings/{appointment.id}",
        f"/customer/{bought.customer_id}/media",
    )
    before = [integrator.get(path).raw for path in paths]
    cheap = {"price": 1, "configuration": {"x": 1}, "duration": 5, "tax_rate": 1}
    integrator.patch(f"/v1/services/{appointment.service_id}", cheap)
    integrator.patch(f"/v1/media/{bought.media_id}", {"price": 1, "valid_for": "P1D"})
    for kind, row in (("services", appointment.service_id), ("media", bought.media_id)):
        assert integrator.post(f"/v1/{kind}/{row}/archive").status == 200
    assert [integrator.get(path).raw for path in paths] == before


def test_lists_come_newest_first_in_pages(integrator: Caller, studio: Company) -> None:
    made = [AFacilitator(company=studio, name=f"Number {n}") for n in range(3)]
    answer = integrator.get("/v1/facilitators?page=1&per_page=2").body
    assert [one["id"] for one in answer["data"]] == [f"fac_{one.id.hex}" for one in made[:0:-1]]
    assert answer["pagination"] == {"page": 1, "per_page": 2, "total": 3, "total_pages": 2}
    for query in ("per_page=101", "page=0", "page=x", "archived=yes"):
        answer = integrator.get(f"/v1/facilitators?{query}")
        assert refusal(answer) == (400, "bad_request", query.partition("=")[0])


@pytest.mark.parametrize(
    ("where", "change", "expected"),
    [
        ("services", {"name": None}, (422, "invalid", "name")),
        ("services", {"name": " "}, (422, "invalid", "name")),
        ("services", {"name": "x" * 201}, (422, "invalid", "name")),
        ("services", {"name": "x\x00"}, (422, "invalid", "name")),
        ("services", {"name": "\ud800"}, (422, "invalid", "name")),
        ("services", {"name": ["x"]}, (422, "invalid", "name")),
        ("services", {"duration": 0}, (422, "invalid", "duration")),
        ("services", {"duration": 525_600}, (422, "invalid", "duration")),
        ("services", {"duration": 10**30}, (422, "invalid", "duration")),
        ("services", {"duration": 1.5}, (422, "invalid", "duration")),
        ("services", {"duration": "60"}, (422, "invalid", "duration")),
        ("services", {"price": -1}, (422, "invalid", "price")),
        ("services", {"price": 10**13}, (422, "invalid", "price")),
        ("services", {"price": None}, (422, "invalid", "price")),
        ("services", {"tax_rate": 101}, (422, "invalid", "tax_rate")),
        ("services", {"tax_rate": "NaN"}, (422, "invalid", "tax_rate")),
        ("services", {"tax_rate": "1.23456"}, (422, "invalid", "tax_rate")),
        ("services", {"tax_rate": True}, (422, "invalid", "tax_rate")),
        ("services", {"tax_rate": None}, (422, "invalid", "tax_rate")),
        ("services", {"configuration": []}, (422, "invalid", "configuration")),
        ("services", {"configuration": {"x": "\x00"}}, (422, "invalid", "configuration")),
        ("services", {"configuration": {"x": 1e300}}, (422, "invalid", "configuration")),
        ("services", {"currency": "USD"}, (400, "bad_request", "currency")),
        ("services", {"description": "x" * 2001}, (422, "invalid", "description")),
        ("facilitators", {"name": ""}, (422, "invalid", "name")),
        ("facilitators", {"email": "nonsense"}, (422, "invalid", "email")),
        ("media", {"price": -1}, (422, "invalid", "price")),
        ("media", {"valid_for": "soon"}, (422, "not_a_duration", "valid_for")),
        ("media", {"valid_for": "P0D"}, (422, "not_a_duration", "valid_for")),
        ("media", {"valid_for": 30}, (422, "invalid", "valid_for")),
        ("media", {"url": "x"}, (400, "bad_request", "url")),
    ],
)
def test_what_cannot_be_is_refused_when_it_is_made_and_when_it_is_changed(
    integrator: Caller, where: str, change: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    asked = next(asked for name, _, asked, _ in CATALOGUE if name == where)
    assert refusal(integrator.post(f"/v1/{where}", asked | change)) == expected
    assert integrator.get(f"/v1/{where}").body["data"] == [], "a refusal leaves no trace"
    made = integrator.post(f"/v1/{where}", asked).body
    assert refusal(integrator.patch(f"/v1/{where}/{made['id']}", change)) == expected
    assert integrator.get(f"/v1/{where}/{made['id']}").body == made


@pytest.mark.parametrize(
    ("where", "lacks"),
    [
        ("services", "name"),
        ("services", "duration"),
        ("services", "price"),
        ("facilitators", "name"),
        ("media", "name"),
        ("media", "price"),
    ],
)
def test_what_is_needed_and_missing_is_a_400(integrator: Caller, where: str, lacks: str) -> None:
    asked = next(asked for name, _, asked, _ in CATALOGUE if name == where)
    answer = integrator.post(f"/v1/{where}", {k: v for k, v in asked.items() if k != lacks})
    message = f"{lacks}: This field is required."
    assert (answer.status, answer.body) == (
        400,
        error("invalid_request", "missing_field", message, lacks),
    )


def test_an_id_of_another_kind_is_unknown(integrator: Caller, studio: Company) -> None:
    rows = {
        "services": AService(company=studio),
        "facilitators": AFacilitator(company=studio),
        "media": AMedium(company=studio),
    }
    for where in rows:
        for other, row in rows.items():
            assert integrator.get(f"/v1/{where}/{row.id}").status == (
                200 if other == where else 404
            )
        assert integrator.get(f"/v1/{where}/nonsense").status == 404
        assert integrator.patch(f"/v1/{where}/cust_{rows[where].id.hex}", {}).status == 404
