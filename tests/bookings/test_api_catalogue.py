"""`/v1/services`, `/v1/facilitators` and `/v1/media`: the catalogue."""

from typing import Any

import pytest

from config.tenancy.companies import Company
from tests.callers import Caller
from tests.credits.test_v1_credits import refusal
from tests.customers.test_v1_customers import error
from tests.factories import AFacilitator, AMedium, AService

SERVICE = {
    "name": "Massage",
    "description": "An hour of quiet.",
    "duration_minutes": 60,
    "price": 6_000,
    "tax_rate": "8.875",
    "tax_behavior": "exclusive",
    "configuration": {"oil": "almond", "heat": [1, 2.5, None]},
}
FACILITATOR = {"name": "Maya Okafor", "email": "Maya@studio.example"}
MEDIUM = {
    "name": "Morning stretch",
    "description": "",
    "price": 900,
    "valid_for": "P30D",
    "tax_rate": 20,
    "tax_behavior": "inclusive",
}

CATALOGUE = [
    ("services", "svc_", SERVICE, {"tax_rate": 8.875, "gross_price": 6_533, "currency": "GBP"}),
    ("facilitators", "fac_", FACILITATOR, {}),
    ("media", "media_", MEDIUM, {"description": None, "gross_price": 900, "currency": "GBP"}),
]
NEEDED = {
    "services": ("name", "duration_minutes", "price"),
    "facilitators": ("name",),
    "media": ("name", "price"),
}


@pytest.mark.parametrize(("where", "prefix", "asked", "shown"), CATALOGUE)
def test_what_is_on_offer_is_answered_in_full_and_changed(
    integrator: Caller, where: str, prefix: str, asked: dict[str, Any], shown: dict[str, Any]
) -> None:
    answer = integrator.post(f"/v1/{where}", asked)
    made = answer.body
    server = {name: made[name] for name in ("id", "created_at", "updated_at")}
    assert (answer.status, made) == (201, asked | shown | server | {"archived": False})
    assert made["id"].startswith(prefix)
    path = f"/v1/{where}/{made['id']}"
    assert integrator.get(path).body == made
    assert integrator.get(f"/v1/{where}").body == {
        "data": [made],
        "pagination": {"page": 1, "per_page": 25, "total": 1, "total_pages": 1},
    }
    changed = integrator.patch(path, {"name": " New "})
    after = made | {"name": "New", "updated_at": changed.body["updated_at"]}
    assert (changed.status, changed.body) == (200, after)
    assert changed.body["updated_at"] > made["updated_at"]


def test_what_is_left_out_is_null_or_nothing_and_what_is_needed_is_not(integrator: Caller) -> None:
    for where, _, asked, _ in CATALOGUE:
        needed = {name: asked[name] for name in NEEDED[where]}
        for lacks in needed:
            body = {name: value for name, value in needed.items() if name != lacks}
            answer = integrator.post(f"/v1/{where}", body)
            message = f"{lacks}: Send this field: it is required."
            expected = error("invalid_request", "missing_field", message, lacks)
            assert (answer.status, answer.body) == (400, expected)
        made = integrator.post(f"/v1/{where}", needed).body
        rest = {name: made[name] for name in asked if name not in needed}
        empty = {"tax_rate": 0, "tax_behavior": "exclusive", "configuration": {}}
        assert rest == {name: empty.get(name) for name in rest}


def test_everything_of_a_service_and_of_a_medium_can_be_changed(integrator: Caller) -> None:
    service = integrator.post("/v1/services", SERVICE).body
    change = {
        "description": None,
        "duration_minutes": 90,
        "price": 0,
        "tax_rate": 20,
        "tax_behavior": "inclusive",
        "configuration": {},
    }
    changed = integrator.patch(f"/v1/services/{service['id']}", change).body
    follows = {"gross_price": 0, "updated_at": changed["updated_at"]}
    assert changed == service | change | follows
    medium = integrator.post("/v1/media", MEDIUM).body
    change = {"description": "An hour", "price": 5, "valid_for": None, "tax_behavior": "exclusive"}
    changed = integrator.patch(f"/v1/media/{medium['id']}", change).body
    follows = {"gross_price": 6, "updated_at": changed["updated_at"]}
    assert changed == medium | change | follows


CANNOT: dict[str, list[tuple[str, list[Any], tuple[int, str]]]] = {
    "services": [
        ("name", [None, " ", "x" * 201, "x\x00", "\ud800", ["x"]], (422, "invalid")),
        ("duration_minutes", [0, 525_600, 10**30, 1.5, "60"], (422, "invalid")),
        ("price", [-1, 10**13, None], (422, "invalid")),
        ("tax_rate", [101, "NaN", "1.23456", True, None], (422, "invalid")),
        ("tax_behavior", ["", "net", None, 1], (422, "invalid")),
        ("configuration", [[], {"x": "\x00"}, {"x": 1e300}], (422, "invalid")),
        ("description", ["x" * 2_001], (422, "invalid")),
        ("currency", ["USD"], (400, "unknown_field")),
    ],
    "facilitators": [("name", [""], (422, "invalid")), ("email", ["nonsense"], (422, "invalid"))],
    "media": [
        ("price", [-1], (422, "invalid")),
        ("valid_for", ["soon", "P0D"], (422, "not_a_duration")),
        ("valid_for", [30], (422, "invalid")),
        ("url", ["x"], (400, "unknown_field")),
    ],
}


def test_invalid_fields_are_refused_on_create_and_on_change(integrator: Caller) -> None:
    for where, _, asked, _ in CATALOGUE:
        made = integrator.post(f"/v1/{where}", asked).body
        path = f"/v1/{where}/{made['id']}"
        for name, values, expected in CANNOT[where]:
            for value in values:
                change, refused = {name: value}, (*expected, name)
                created = integrator.post(f"/v1/{where}", asked | change)
                assert refusal(created) == refused, change
                fixed = (400, "read_only_field", name) if name == "currency" else refused
                assert refusal(integrator.patch(path, change)) == fixed, change
        assert integrator.get(f"/v1/{where}").body["data"] == [made], "refusals leave no trace"


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
