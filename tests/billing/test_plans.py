"""`/v1/plans`: what customers can be subscribed to."""

from typing import Any

from config.tenancy.companies import Company
from tests.callers import Caller
from tests.factories import APlan
from tests.refusals import refusal, whole_refusal

NEW = {"name": "Unlimited", "price": 9_900, "billing_period": "P1M"}


def test_a_new_plan_is_answered_in_full(integrator: Caller) -> None:
    answer = integrator.post("/v1/plans", NEW)
    assert answer.status == 201
    assert answer.body == {
        "id": answer.body["id"],
        **NEW,
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


def test_plans_come_newest_first_archived_ones_flagged(integrator: Caller, studio: Company) -> None:
    old, _ = (APlan(company=studio, name=name) for name in ("old", "new"))
    integrator.post(f"/v1/plans/{old.id}/archive")

    def names(query: str = "") -> list[Any]:
        listed = integrator.get(f"/v1/plans{query}").body["data"]
        return [(one["name"], one["archived"]) for one in listed]

    assert names() == [("new", False), ("old", True)]
    assert names("?archived=true") == [("old", True)]
    assert names("?archived=false") == [("new", False)]
    page = integrator.get("/v1/plans?per_page=1&page=2").body
    assert [one["id"] for one in page["data"]] == [f"plan_{old.id.hex}"]
    assert page["pagination"] == {"page": 2, "per_page": 1, "total": 2, "total_pages": 2}


def test_a_plan_can_be_changed_archived_and_restored(integrator: Caller, studio: Company) -> None:
    plan = APlan(company=studio)
    path = f"/v1/plans/{plan.id}"
    changed = integrator.patch(path, {"price": 7_000, "name": "Gold"})
    assert (changed.status, changed.body["price"], changed.body["name"]) == (200, 7_000, "Gold")
    assert integrator.patch(path, {}).body == changed.body
    archived = integrator.post(f"{path}/archive")
    assert (archived.status, archived.body) == (200, changed.body | {"archived": True})
    again = integrator.post(f"{path}/archive")
    assert whole_refusal(again) == (400, "already_archived", "This is archived already.")
    late = integrator.patch(path, {"price": 1})
    message = "This plan is archived. Restore it first."
    assert whole_refusal(late) == (409, "plan_archived", message)
    restored = integrator.post(f"{path}/restore")
    assert (restored.status, restored.body) == (200, changed.body)
    live = integrator.post(f"{path}/restore")
    assert whole_refusal(live) == (400, "not_archived", "This is not archived.")


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
    message = "price: This field is required."
    assert whole_refusal(missing) == (400, "missing_field", message, "price")
    assert integrator.get("/v1/plans").body["data"] == []
