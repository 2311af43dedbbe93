"""`/v1/plans`: the plans to which customers can subscribe."""

from config.tenancy.companies import Company
from tests.callers import Caller
from tests.factories import APlan
from tests.refusals import refusal, whole_error

NEW = {"name": "Unlimited", "price": 9_900, "billing_period": "P1M"}


def test_a_new_plan_is_answered_in_full(integrator: Caller) -> None:
    answer = integrator.post("/v1/plans", NEW)
    assert answer.status == 201
    assert answer.body == {
        "id": answer.body["id"],
        **NEW,
        "tax_rate": 0,
        "tax_behavior": "exclusive",
        "gross_price": 9_900,
        "currency": "GBP",
        "grace_days": 0,
        "minimum_periods": 0,
        "archived": False,
        "created_at": answer.body["created_at"],
    }
    assert answer.body["id"].startswith("plan_")
    one = integrator.get(f"/v1/plans/{answer.body['id']}")
    assert (one.status, one.body) == (200, answer.body)
    other = {"name": "  Year ", "price": 0, "billing_period": "P1Y", "currency": "eur"}
    dear = integrator.post("/v1/plans", other | {"grace_days": 14, "minimum_periods": 2}).body
    assert (dear["name"], dear["currency"]) == ("Year", "EUR")
    assert (dear["grace_days"], dear["minimum_periods"]) == (14, 2)


def test_plans_come_newest_first_in_pages(integrator: Caller, studio: Company) -> None:
    old, new = (APlan(company=studio) for _ in range(2))
    every = integrator.get("/v1/plans").body["data"]
    assert [one["id"] for one in every] == [f"plan_{one.id.hex}" for one in (new, old)]
    page = integrator.get("/v1/plans?per_page=1&page=2").body
    assert [one["id"] for one in page["data"]] == [f"plan_{old.id.hex}"]
    assert page["pagination"] == {"page": 2, "per_page": 1, "total": 2, "total_pages": 2}


def test_a_plan_is_changed(integrator: Caller, studio: Company) -> None:
    plan = APlan(company=studio)
    path = f"/v1/plans/{plan.id}"
    changed = integrator.patch(path, {"price": 7_000, "name": "Gold"})
    assert (changed.status, changed.body["price"], changed.body["name"]) == (200, 7_000, "Gold")
    assert integrator.patch(path, {}).body == changed.body


def test_a_plan_that_cannot_be_is_refused(integrator: Caller) -> None:
    for change, code, param in (
        ({"price": -1}, "invalid", "price"),
        ({"price": 10**12 + 1}, "invalid", "price"),
        ({"price": 9.5}, "invalid", "price"),
        ({"price": "9"}, "invalid", "price"),
        ({"price": True}, "invalid", "price"),
        ({"name": ""}, "invalid", "name"),
        ({"billing_period": "P2M"}, "invalid", "billing_period"),
        ({"currency": "12E"}, "invalid_plan", "currency"),
        ({"currency": "POUND"}, "invalid", "currency"),
        ({"grace_days": 400}, "invalid", "grace_days"),
        ({"minimum_periods": -1}, "invalid", "minimum_periods"),
    ):
        answer = integrator.post("/v1/plans", NEW | change)
        assert refusal(answer) == (422, code, param), change
    missing = integrator.post("/v1/plans", {"name": "Gold"})
    sentence = "Send this field: it is required."
    faults = [(name, "missing_field", sentence) for name in ("price", "billing_period")]
    assert (missing.status, missing.body) == (400, whole_error(*faults))
    assert integrator.get("/v1/plans").body["data"] == []
