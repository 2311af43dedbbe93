"""The feed shows changes of another release, with other columns and tables."""

import uuid
from typing import Any

import pytest
from django.db import connections

from config.changes.models import Change
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from config.webhooks.actions import fan_out
from config.webhooks.bodies import write_bodies
from config.webhooks.feed.objects import own_fields
from config.webhooks.feed.shapes import shown_changes
from config.webhooks.models import WebhookDelivery
from tests.api_routes import make_rows
from tests.backoffice import Browser, page_of
from tests.callers import Caller
from tests.factories import ACustomer, AWebhook

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

_COPY = """
INSERT INTO changes_change (
    company_id, at, table_name, object_id, customer_id, operation, before, after,
    actor_kind, actor_name, credential_id, request_id, reason)
SELECT company_id, at, {table_name}, {object_id}, customer_id, {operation}, {before}, {after},
       actor_kind, actor_name, credential_id, request_id, reason
  FROM changes_change WHERE id = {id}
"""
COLUMNS = ("table_name", "object_id", "operation", "before", "after", "id")


def record(change: Change, **other: str) -> None:
    """Copy a change as the owner of the database; `other` gives SQL for columns."""
    words = dict(zip(COLUMNS, COLUMNS, strict=True)) | {"id": str(change.pk)} | other
    with connections["owner"].cursor() as cursor:
        cursor.execute(_COPY.format(**words))


def created_rows(company: Company) -> list[Change]:
    """Return one `created` change for each public table."""
    make_rows(company)
    with acting_for(company.id):
        rows = shown_changes().filter(operation="created")
        return list(rows.order_by("table_name", "id").distinct("table_name"))


def now(caller: Caller) -> str:
    return str(caller.get("/v1/changes?after=now").body["next"])


def entries(caller: Caller, after: str) -> list[dict[str, Any]]:
    """Return all entries of the feed after a cursor."""
    found: list[dict[str, Any]] = []
    has_more = True
    while has_more:
        page = caller.get(f"/v1/changes?limit=1000&after={after}")
        assert page.status == 200, page
        found += page.body["data"]
        after, has_more = page.body["next"], page.body["has_more"]
    return found


def test_a_field_is_left_out_if_one_of_its_columns_is_younger_than_the_creation(
    studio: Company, integrator: Caller
) -> None:
    rows, old = created_rows(studio), []
    start = now(integrator)
    for change in rows:
        fields = own_fields(change.table_name)
        assert change.after is not None
        columns = set[str]().union(*(one.recorded for one in fields.values()))
        hidden = columns - change.after.keys()
        for name, one in fields.items():
            assert len(one.recorded) == 1 or not hidden & one.recorded, (name, "is never told")
        columns -= hidden
        record(change)
        old += [(change, ""), *((change, column) for column in sorted(columns))]
        for column in sorted(columns):
            record(change, after=f"after - '{column}'")
    shown = entries(integrator, start)
    assert len(shown) == len(old) > 200
    whole: dict[str, Any] = {}
    for (change, column), entry in zip(old, shown, strict=True):
        fields, told = own_fields(change.table_name), entry["data"]["changes"]
        if not column:
            whole = told
        known = {name for name, one in fields.items() if column not in one.recorded}
        assert told == {name: pair for name, pair in whole.items() if name in known}, (
            change.table_name,
            column,
        )


def test_a_column_and_a_row_that_are_gone_do_no_harm(studio: Company, integrator: Caller) -> None:
    rows = created_rows(studio)
    start = now(integrator)
    for change in rows:
        record(change)
        record(change, after="""after || '{"gone": {"a": [1]}}'""")
        gone = {"object_id": f"'{uuid.uuid4()}'", "operation": "'deleted'"}
        record(change, before="after", after="NULL", **gone)
        # An update of only such a column is not shown.
        record(change, operation="'changed'", before="""'{"gone": 1}'""", after="""'{"gone": 2}'""")
    shown = entries(integrator, start)
    assert len(shown) == 3 * len(rows)
    for whole, more, deleted in zip(*[iter(shown)] * 3, strict=True):
        assert more["data"] == whole["data"]
        assert deleted["data"]["object"] is None
        assert deleted["type"].endswith(".deleted")
        assert all(now is None for _before, now in deleted["data"]["changes"].values())


def test_a_table_that_is_gone_is_in_no_list_and_no_message(
    studio: Company, integrator: Caller, browser: Browser
) -> None:
    customer = ACustomer(company=studio)
    AWebhook(company=studio)
    with acting_for(studio.id):
        change = Change.objects.get(table_name="customers_customer")
    start = now(integrator)
    for operation in ("created", "changed", "deleted"):
        gone = {"table_name": "'customers_gone'", "operation": f"'{operation}'"}
        record(change, before="after", **gone)
    assert entries(integrator, start) == []
    latest = integrator.get("/v1/changes?sort=-occurred_at").body["data"]
    audit = integrator.get(f"/v1/customers/{customer.id}/audit").body["data"]
    assert {entry["object_type"] for entry in (*latest, *audit)} == {"customer", "webhook"}
    history = browser.get(page_of(customer).replace("/change/", "/history/"))
    assert history.status_code == 200
    with acting_for(studio.id):
        while fan_out(write_bodies):
            pass
        assert [one.type for one in WebhookDelivery.objects.all()] == ["webhook.created"]
