"""The log of data exports: every export is logged, and nobody can edit the log (threat 42)."""

import io
import uuid
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, ProgrammingError, transaction

from config.access.models import Staff
from config.changes.models import DataExport
from config.tenancy.companies import Company
from config.tenancy.permissions import Role
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.api_routes import a_data_export
from tests.backoffice import Browser
from tests.callers import Caller
from tests.changes import NEW_COMPANY, sql
from tests.factories import ACustomer, make_staff
from tests.jobs import finish_all


def logged(company: Company) -> list[tuple[Any, ...]]:
    """Return the logged exports, oldest first: kind, subject, query, count and author."""
    with acting_for(company.id):
        rows = DataExport.objects.oldest_first()
        return [(one.kind, one.what, one.query, one.count, one.actor_name) for one in rows]


def test_a_stream_of_everybody_is_logged_once(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    integrator.get("/customers?archived=false", request_id="stream-1")
    integrator.get("/customers?limit=10")
    assert logged(studio) == [("stream", "customers", "archived=false", None, "tests")]
    (shown,) = integrator.get("/v1/data-exports").body["data"]
    assert (shown["kind"], shown["list"], shown["rows"]) == ("stream", "customers", None)
    assert (shown["request_id"], shown["actor"]["kind"]) == ("stream-1", "key")
    assert integrator.get("/v1/data-exports?kind=person").body["data"] == []


def test_exports_of_all_customers_and_their_downloads_are_logged(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    made = integrator.post("/v1/exports").body
    finish_all(studio)
    integrator.get(f"/v1/exports/{made['id']}/file")
    whole, file = logged(studio)
    assert whole == ("customers", "customers", "format=csv&archived=False", 1, "tests")
    assert (file[0], file[2].partition("-")[0]) == ("file", "customers")


def test_lists_that_staff_export_are_logged_with_their_filter(
    studio: Company, owner: Staff, browser: Browser, customer: Customer
) -> None:
    address = "/admin/customers/customer/export/?q=ana"
    browser.client.post(address, {"format": "csv"})
    (job,) = finish_all(studio)
    browser.client.get(f"/admin/jobs/job/{job.pk}/refused.csv")
    (listed, refused) = logged(studio)
    assert listed == ("list", "customers", "q=ana", 1, str(owner))
    assert refused == ("file", "", "refused.csv", None, str(owner))


def test_a_person_and_a_command_are_logged(
    integrator: Caller, studio: Company, customer: Customer, capsys: pytest.CaptureFixture[str]
) -> None:
    integrator.get(f"/v1/customers/{customer.pk}/export")
    call_command("export_customers", "--company", studio.slug, stdout=io.StringIO())
    assert logged(studio) == [
        ("person", "", "json", None, "tests"),
        ("customers", "customers", "format=csv&archived=False", 1, "manage.py"),
    ]
    with acting_for(studio.id):
        assert DataExport.objects.get(kind="person").customer_id == customer.pk


def test_what_is_refused_or_read_singly_is_not_logged(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    integrator.get(f"/v1/customers/{customer.pk}")
    integrator.get("/v1/customers")
    integrator.get(f"/v1/customers/{customer.pk}/export?format=pdf")
    integrator.get("/customers?limit=none")
    assert logged(studio) == []


EDITS = [
    "UPDATE changes_dataexport SET query = ''",
    "UPDATE changes_dataexport SET actor_name = 'x'",
    "DELETE FROM changes_dataexport",
    "TRUNCATE changes_dataexport",
]


def test_nobody_can_edit_the_log(studio: Company) -> None:
    a_data_export(studio, "customers")
    with acting_for(studio.id):
        for statement in EDITS:
            denied = pytest.raises(ProgrammingError, match="permission denied")
            with denied, transaction.atomic():
                sql(statement)


LOGGED = (
    "INSERT INTO changes_dataexport (id, company_id, kind, what, query, actor_kind, actor_name,"
    " request_id) VALUES (%s, %s, 'list', 'customers', 'q=a', 'staff', 'Olive', '')"
)


def test_the_owner_of_the_tables_cannot_either() -> None:
    with transaction.atomic("owner"):
        company = uuid.uuid4()
        sql(NEW_COMPANY, company, using="owner")
        sql(LOGGED, uuid.uuid4(), company, using="owner")
        sql("SET CONSTRAINTS ALL IMMEDIATE", using="owner")
        for statement in EDITS:
            with pytest.raises(DatabaseError, match="never changed"), transaction.atomic("owner"):
                sql(statement, using="owner")
        transaction.set_rollback(True, "owner")


def test_owners_alone_see_the_log(studio: Company, browser: Browser) -> None:
    a_data_export(studio, "invoices")
    assert "invoices" in browser.get("/admin/changes/dataexport/").content.decode()
    manager = Browser(make_staff(studio, email="mo@studio.example", role=Role.MANAGER))
    assert manager.get("/admin/changes/dataexport/").status_code == 403


def test_another_company_sees_none_of_it(stranger: Caller, studio: Company, rival: Company) -> None:
    a_data_export(studio, "customers")
    ACustomer(company=rival)
    assert stranger.get("/v1/data-exports").body["data"] == []
