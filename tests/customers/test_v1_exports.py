"""`/v1/exports`: all customers in a file that an import reads back."""

import json

import pytest
from django.conf import settings

from config.access.models import ApiKey
from config.changes.models import Change
from config.jobs.files import CHUNK
from config.jobs.models import StoredFile
from config.spreadsheets import BYTE_ORDER_MARK
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import archive_customer
from tests.backoffice import Browser, count
from tests.callers import Caller, SentFile
from tests.factories import ACustomer
from tests.jobs import finish_all

EXPORTS = "/v1/exports"


def test_an_export_is_answered_at_once_and_its_file_is_read_back(
    integrator: Caller, studio: Company
) -> None:
    ACustomer(company=studio, first_name="Zoë", last_name="=1+1", external_id="z")
    answer = integrator.post(EXPORTS)
    assert (answer.status, answer.headers["Location"]) == (202, f"{EXPORTS}/{answer.body['id']}")
    key, path = ApiKey.objects.get(), answer.headers["Location"]
    started = {
        "id": answer.body["id"],
        "status": "queued",
        "format": "csv",
        "archived": False,
        "exported": 0,
        "message": None,
        "actor": {"kind": "key", "name": key.name, "credential_id": str(key.pk)},
        "created_at": answer.body["created_at"],
        **dict.fromkeys(("started_at", "ended_at", "expires_at", "file_url")),
    }
    assert answer.body == started
    assert answer.body["id"].startswith("exp_")
    early = integrator.get(f"{path}/file")
    assert (early.status, early.body["error"]["code"]) == (409, "not_done_yet")
    finish_all(studio)
    ended = integrator.get(path).body
    assert ended == started | {
        "status": "done",
        "exported": 1,
        "file_url": f"{settings.PUBLIC_URL}{path}/file",
        **{name: ended[name] for name in ("started_at", "ended_at", "expires_at")},
    }
    file = integrator.get(f"{path}/file")
    assert file.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert file.headers["Content-Disposition"].startswith('attachment; filename="customers-20')
    text = file.raw.decode()
    assert text.startswith(f"{BYTE_ORDER_MARK}regulars_id,external_id,")
    assert ",Zoë,'=1+1," in text
    changes = count(Change, studio)
    fed = integrator.post("/v1/imports", SentFile(file.raw)).headers["Location"]
    finish_all(studio)
    back = integrator.get(fed).body
    assert (back["unchanged"], back["refused"], count(Change, studio)) == (1, 0, changes)
    assert [one["field"] for one in back["columns"]].count(None) == 0


def test_an_export_is_of_the_format_and_the_customers_that_are_asked_for(
    integrator: Caller, studio: Company, actor: Actor
) -> None:
    ACustomer(company=studio, first_name="Ann")
    gone = ACustomer(company=studio, first_name="Old")
    with acting_for(studio.id):
        archive_customer(gone, actor=actor)
    for body, names in (
        ({"format": "ndjson"}, ["Ann"]),
        ({"format": "ndjson", "archived": True}, ["Old", "Ann"]),
    ):
        path = integrator.post(EXPORTS, body).headers["Location"]
        finish_all(studio)
        file = integrator.get(f"{path}/file")
        assert file.headers["Content-Type"] == "application/x-ndjson"
        assert [json.loads(line)["first_name"] for line in file.raw.splitlines()] == names
        assert integrator.get(path).body["archived"] is body.get("archived", False)
    wrong = integrator.post(EXPORTS, {"format": "xml", "archived": "yes"})
    assert (wrong.status, len(wrong.body["error"]["errors"])) == (422, 2)


def test_an_export_of_several_chunks_comes_whole_and_is_gone_once_it_was_removed(
    integrator: Caller, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        ACustomer(company=studio, first_name=f"Ann {number}", preferences={"x": "y" * 16_000})
    path = integrator.post(EXPORTS, {"format": "ndjson"}).headers["Location"]
    small = CHUNK // 16
    monkeypatch.setattr("config.jobs.files.CHUNK", small)
    finish_all(studio)
    raw = integrator.get(f"{path}/file").raw
    assert len(raw) > 2 * small
    assert len(raw.splitlines()) == 3
    with acting_for(studio.id):
        StoredFile.objects.update(removed_at="2030-01-01T00:00Z")
    gone = integrator.get(f"{path}/file")
    assert (gone.status, gone.body["error"]["code"]) == (409, "file_gone")
    assert integrator.get(path).body["file_url"] is None


def test_a_dry_run_starts_no_export_and_a_cancelled_one_has_no_file(
    integrator: Caller, studio: Company
) -> None:
    tried = integrator.post(f"{EXPORTS}?dry_run=true")
    assert (tried.status, tried.headers["Dry-Run"]) == (202, "true")
    assert finish_all(studio) == []
    path = integrator.post(EXPORTS).headers["Location"]
    assert integrator.post(f"{path}/cancel").body["status"] == "cancelled"
    assert integrator.get(f"{path}/file").body["error"]["code"] == "no_file"


def test_exports_of_staff_are_listed_with_them(
    integrator: Caller, browser: Browser, studio: Company
) -> None:
    browser.post("/admin/customers/customer/export/", format="all-ndjson")
    browser.post("/admin/customers/customer/export/", format="csv")
    integrator.post(EXPORTS)
    finish_all(studio)
    listed = integrator.get(EXPORTS).body["data"]
    shown = [(one["actor"]["kind"], one["format"], one["archived"]) for one in listed]
    assert shown == [("key", "csv", False), ("staff", "ndjson", True)]
