"""`/v1/imports`: a file as the request body, its progress, its result and its refused rows."""

import json
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.conf import settings

from config.access.models import ApiKey, Staff
from config.changes.models import Change
from config.jobs.actions import MOST_WAITING
from config.jobs.models import Chunk, Job, StoredFile
from config.server.asgi.uploads import LIMITS
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.imports import uploads
from customers.imports.starting import KINDS, MEDIA_TYPES
from customers.models import Customer
from tests.backoffice import Browser, count
from tests.callers import Answer, Caller, SentFile, call_as
from tests.factories import ACustomer
from tests.jobs import finish, finish_all

IMPORTS = "/v1/imports"
LIST = SentFile(
    "Customer ID,First name,Surname,E-mail,Mobile no. 2\r\n"
    "1,Luís,Gonçalves,luis@one.example,020 7946 0018\r\n"
    "2,Leonie,Köhler,leonie@two.example,\r\n"
    "3,Broken\r\n".encode()
)
REASON = "The row has 2 columns where the heading has 5."


def names(company: Company) -> list[str]:
    with acting_for(company.id):
        return [str(one) for one in Customer.objects.oldest_first()]


def begin(caller: Caller, query: str = "", body: Any = LIST, **headers: str) -> Answer:
    answer = caller.post(f"{IMPORTS}{query}", body, **headers)
    assert answer.status == 202, answer
    return answer


def read(caller: Caller, answer: Answer) -> dict[str, Any]:
    shown: dict[str, Any] = caller.get(answer.headers["Location"]).body
    return shown


def done(caller: Caller, company: Company, query: str = "", body: Any = LIST) -> dict[str, Any]:
    """Send a file, run the worker's jobs, and return the finished import."""
    answer = begin(caller, query, body)
    finish_all(company, *KINDS)
    return read(caller, answer)


def test_an_import_is_answered_at_once_and_tells_what_came_of_it(
    integrator: Caller, studio: Company
) -> None:
    query = "?name=list&columns=" + quote('{"Mobile no. 2": "phone"}')
    answer = begin(integrator, query, X_Reason="Moved house")
    body = answer.body
    assert answer.headers["Location"] == f"{IMPORTS}/{body['id']}"
    assert body["id"].startswith("imp_")
    key = ApiKey.objects.get()
    fields = ("external_id", "first_name", "last_name", "email", "phone")
    headings = ("Customer ID", "First name", "Surname", "E-mail", "Mobile no. 2")
    address = f"{settings.PUBLIC_URL}{IMPORTS}/{body['id']}"
    started = {
        "id": body["id"],
        "name": "list.csv",
        "status": "queued",
        "dry_run": False,
        "columns": [
            {"heading": heading, "field": field}
            for heading, field in zip(headings, fields, strict=True)
        ],
        "done": 0,
        "rows": None,
        **dict.fromkeys(("created", "updated", "unchanged")),
        "refused": 0,
        "message": None,
        "actor": {"kind": "key", "name": key.name, "credential_id": str(key.pk)},
        "created_at": body["created_at"],
        **dict.fromkeys(("started_at", "ended_at", "expires_at")),
        "refused_rows_url": f"{address}/refused-rows",
        "refused_file_url": None,
    }
    assert body == started
    assert read(integrator, answer) == started
    finish_all(studio)
    ended = read(integrator, answer)
    assert ended == started | {
        "status": "done",
        "done": 3,
        "rows": 3,
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "refused": 1,
        "started_at": ended["started_at"],
        "ended_at": ended["ended_at"],
        "expires_at": ended["expires_at"],
        "refused_file_url": f"{address}/refused-file",
    }
    assert ended["created_at"] <= ended["started_at"] <= ended["ended_at"] < ended["expires_at"]
    assert names(studio) == ["Luís Gonçalves", "Leonie Köhler"]
    with acting_for(studio.id):
        made = Change.objects.filter(table_name="customers_customer")
        authors = set(made.values_list("actor_kind", "actor_name", "credential_id", "reason"))
        assert Customer.objects.first().phone == "020 7946 0018"  # type: ignore[union-attr]
    assert authors == {("key", key.name, key.pk, "Moved house")}


def test_a_dry_run_checks_every_row_and_writes_no_customer(
    integrator: Caller, studio: Company
) -> None:
    leo = {"first_name": "Leo", "last_name": "Köhler", "email": "leonie@two.example"}
    ACustomer(company=studio, external_id="2", **leo)
    checked = done(integrator, studio, "?dry_run=true")
    assert (checked["status"], checked["dry_run"]) == ("done", True)
    counts = [checked[name] for name in ("created", "updated", "unchanged", "refused")]
    assert counts == [1, 1, 0, 1]
    assert names(studio) == ["Leo Köhler"]
    assert integrator.get(checked["refused_file_url"].removeprefix(settings.PUBLIC_URL)).raw
    imported = done(integrator, studio)
    assert counts == [imported[name] for name in ("created", "updated", "unchanged", "refused")]


def test_a_row_that_is_held_back_overwrites_its_customer_where_that_is_asked_for(
    integrator: Caller, studio: Company
) -> None:
    ACustomer(company=studio, external_id="2", first_name="Ann", email="ann@three.example")
    assert done(integrator, studio)["refused"] == 2
    assert done(integrator, studio, "?overwrite=true&dry_run=true")["updated"] == 1
    assert "Ann" in names(studio)[0]
    assert done(integrator, studio, "?overwrite=true")["updated"] == 1
    assert names(studio) == ["Leonie Köhler", "Luís Gonçalves"]


def test_refused_rows_are_listed_and_come_back_in_a_file_that_can_be_corrected(
    integrator: Caller, studio: Company
) -> None:
    waiting = begin(integrator).headers["Location"]
    early = integrator.get(f"{waiting}/refused-file")
    assert (early.status, early.body["error"]["code"]) == (409, "not_done_yet")
    assert integrator.get(f"{waiting}/refused-rows").body["data"] == []
    finish_all(studio)
    listed = integrator.get(f"{waiting}/refused-rows").body
    assert listed["data"] == [{"line": 4, "reason": REASON}]
    file = integrator.get(f"{waiting}/refused-file")
    assert file.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert file.headers["Content-Disposition"] == 'attachment; filename="customers.refused.csv"'
    assert file.raw.decode("utf-8-sig").splitlines()[1:] == [f"4,{REASON},3,Broken"]
    mended = SentFile(file.raw.replace(b"3,Broken", b"3,Bea,Lund,bea@lund.example,"))
    again = done(integrator, studio, body=mended)
    assert (again["created"], again["refused"], again["refused_file_url"]) == (1, 0, None)
    none = integrator.get(f"{IMPORTS}/{again['id']}/refused-file")
    assert (none.status, none.body["error"]["code"]) == (409, "no_file")
    with acting_for(studio.id):
        StoredFile.objects.exclude(job=None).update(removed_at="2030-01-01T00:00Z")
    gone = integrator.get(f"{waiting}/refused-file")
    assert (gone.status, gone.body["error"]["code"]) == (409, "file_gone")
    assert read(integrator, begin(integrator))["refused_file_url"] is None


def test_the_refused_rows_of_many_are_in_the_order_of_their_lines(
    integrator: Caller, studio: Company
) -> None:
    rows = "".join(f"{number}\r\n" for number in range(150))
    imported = done(integrator, studio, body=SentFile(f"First name,Email\r\n{rows}".encode()))
    assert imported["refused"] == 150
    path = f"{IMPORTS}/{imported['id']}/refused-rows?limit=100"
    first = integrator.get(path).body
    second = integrator.get(f"{path}&after={first['end_cursor']}").body
    lines = [one["line"] for page in (first, second) for one in page["data"]]
    assert lines == [*range(2, 152)]


def test_json_lines_and_other_encodings_are_taken_and_each_file_gets_its_ending(
    integrator: Caller, studio: Company
) -> None:
    ndjson, cp1252 = "application/x-ndjson", "First name,Surname\nLuís,Gonçalves\n".encode("cp1252")
    line = b'{"first_name": "Ann", "email": "ann@one.example"}\n'
    cases: list[tuple[str, bytes, str, str]] = [
        ("?name=people", line, ndjson, "people.ndjson"),
        ("?name=people.csv", line, ndjson, "people.csv.ndjson"),
        ("?name=../../a/march.CSV&encoding=cp1252", cp1252, "text/csv", "march.CSV"),
        ("", cp1252, "text/csv; charset=cp1252", "customers.csv"),
        ("", "First name\nZoë\n".encode("utf-16"), "text/csv", "customers.csv"),
    ]
    for query, body, kind, name in cases:
        answer = begin(integrator, query, body, content_type=kind)
        assert answer.body["name"] == name
    finish_all(studio)
    assert set(names(studio)) == {"Ann", "Luís Gonçalves", "Zoë"}


def test_what_is_no_list_of_customers_is_refused_and_leaves_no_file(
    integrator: Caller, studio: Company
) -> None:
    invalid: list[tuple[str, bytes, str]] = [
        ("", b"Name,Email\r\n", "This file has headings and no rows."),
        ("", bytes(range(256)) * 20, "customers.csv is not a text file."),
        ("", "Name\nJosé".encode("cp1252"), "Line 2 of customers.csv is not UTF-8."),
        ("?encoding=nonsense", LIST, "There is no encoding “nonsense”"),
        ("?columns=" + quote('{"Fax": "phone"}'), LIST, "The file has no column “Fax”"),
        ("?columns=" + quote('{"Surname": "x"}'), LIST, "There is no field “x”"),
        ("", b"Town\nLeeds\n", "No column is recognised as a name"),
    ]
    for query, body, sentence in invalid:
        answer = integrator.post(f"{IMPORTS}{query}", SentFile(body))
        assert answer.status == 422, answer
        assert answer.body["error"]["message"].startswith(sentence)
    wrong: list[tuple[str, Any, str, int, str]] = [
        ("", LIST, "application/json", 415, "The content type must be one of text/csv, "),
        ("", b"", "text/csv", 415, "The content type must be one of text/csv, "),
        ("?columns=[]", LIST, "text/csv", 400, "columns: Must be a JSON object of headings"),
        ("?columns=" + quote('{"a": 1}'), LIST, "text/csv", 400, "columns: Must be a JSON object"),
        ("?dry_run=perhaps", LIST, "text/csv", 400, "dry_run: Must be true or false"),
        ("?name=%20&nme=x", LIST, "text/csv", 400, "nme: "),
    ]
    for query, body, kind, status, sentence in wrong:
        answer = integrator.post(f"{IMPORTS}{query}", body, content_type=kind)
        assert (answer.status, answer.body["error"]["message"][: len(sentence)]) == (
            status, sentence
        )  # fmt: skip
    assert count(Job, studio) == count(Chunk, studio) == 0


def test_a_file_may_be_as_large_as_one_of_the_back_office_and_no_larger(
    integrator: Caller, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LIMITS == {IMPORTS: uploads.MOST_BYTES}
    assert settings.MAX_IMPORT_BYTES == uploads.MOST_BYTES < settings.MAX_UPLOAD_BYTES
    row = b"Ann,ann@one.example," + b"x" * 900 + b"\n"
    large = SentFile(b"First name,Email,Other\n" + row * 1_500)
    assert len(large) > settings.MAX_BODY_BYTES
    assert begin(integrator, "?dry_run=true", large).body["name"] == "customers.csv"
    monkeypatch.setattr("customers.api.Imports.most_bytes", len(large) - 1)
    answer = integrator.post(IMPORTS, large)
    assert (answer.status, answer.body["error"]["code"]) == (413, "payload_too_large")
    assert "Split it" in answer.body["error"]["message"]


def test_a_second_try_under_a_key_stores_and_starts_nothing_more(
    integrator: Caller, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = str(uuid4())
    first = begin(integrator, Idempotency_Key=key)
    files = count(StoredFile, studio)
    monkeypatch.setattr("customers.api.files.take_upload", None)
    again = begin(integrator, Idempotency_Key=key)
    assert (again.raw, again.headers["Idempotent-Replayed"]) == (first.raw, "true")
    assert again.headers["Location"] == first.headers["Location"]
    other = integrator.post(IMPORTS, SentFile(LIST + b"4,Ann\r\n"), Idempotency_Key=key)
    query = integrator.post(f"{IMPORTS}?name=x", LIST, Idempotency_Key=key)
    for answer in (other, query):
        assert (answer.status, answer.body["error"]["code"]) == (422, "idempotency_key_reused")
    assert (count(Job, studio), count(StoredFile, studio)) == (1, files)


def test_of_two_tries_at_once_the_later_one_leaves_no_file(
    integrator: Caller, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second request is answered while the first one stores its file."""
    key, take = str(uuid4()), uploads.take_upload
    answers = []

    def slowly(*given: Any, **named: Any) -> StoredFile:
        monkeypatch.setattr("customers.api.files.take_upload", take)
        answers.append(begin(integrator, Idempotency_Key=key))
        return take(*given, **named)

    monkeypatch.setattr("customers.api.files.take_upload", slowly)
    answers.append(begin(integrator, Idempotency_Key=key))
    assert answers[0].raw == answers[1].raw
    with acting_for(studio.id):
        kept = StoredFile.objects.get(removed_at=None)
        assert Job.objects.get().parameters["file"] == str(kept.pk)
        assert set(Chunk.objects.values_list("file", flat=True)) == {kept.pk}


def test_a_refusal_under_a_key_is_decided(integrator: Caller) -> None:
    empty, key = SentFile(b"Name,Email\r\n"), str(uuid4())
    first, again = (integrator.post(IMPORTS, empty, Idempotency_Key=key) for _ in range(2))
    assert (first.status, again.raw) == (422, first.raw)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_an_import_that_waits_is_cancelled_and_one_that_is_over_is_not(
    integrator: Caller, studio: Company
) -> None:
    path = begin(integrator).headers["Location"]
    tried = integrator.post(f"{path}/cancel?dry_run=true")
    assert tried.body["status"] == "cancelled"
    assert integrator.get(path).body["status"] == "queued"
    assert integrator.post(f"{path}/cancel").body["status"] == "cancelled"
    again = integrator.post(f"{path}/cancel")
    assert (again.status, again.body["error"]["code"]) == (409, "job_over")
    finish_all(studio)
    assert names(studio) == []


def test_a_company_has_only_so_many_imports_waiting(integrator: Caller, studio: Company) -> None:
    for at in range(MOST_WAITING):
        begin(integrator, f"?dry_run={at % 2}")
    files = count(StoredFile, studio)
    refused = integrator.post(IMPORTS, LIST, Idempotency_Key="later")
    assert (refused.status, refused.body["error"]["code"]) == (409, "too_many_jobs")
    assert count(StoredFile, studio) == files, "it was refused before its file was stored"
    finish_all(studio)
    begin(integrator, Idempotency_Key="later")


def test_a_key_that_is_revoked_meanwhile_imports_nothing(
    integrator: Caller, studio: Company
) -> None:
    begin(integrator)
    ApiKey.objects.update(scopes=["customers:read"])
    (job,) = finish_all(studio)
    shown = call_as(studio, ["customers:read"]).get(f"{IMPORTS}/{job.pk}").body
    assert shown["status"] == "failed"
    lacks = "no longer has the scope customers:write. Ask the company's staff to grant it"
    assert lacks in shown["message"]
    assert names(studio) == []


def test_imports_of_staff_are_listed_with_them_newest_first(
    integrator: Caller, browser: Browser, owner: Staff, studio: Company
) -> None:
    by_key = done(integrator, studio, "?dry_run=true")
    page = browser.get(f"/admin/jobs/job/{by_key['id'].removeprefix('imp_')}/change/").text
    assert f"Started by {ApiKey.objects.get()}" in page
    assert str(ApiKey.objects.get()) in browser.get("/admin/jobs/job/").text
    with acting_for(studio.id):
        (check,) = Job.objects.all()
    browser.post(f"/admin/customers/customer/import/{check.pk}/run/")
    finish_all(studio)
    listed = integrator.get(IMPORTS).body["data"]
    assert [one["dry_run"] for one in listed] == [False, True]
    assert listed[0]["actor"] == {
        "kind": "staff", "name": str(owner), "credential_id": str(owner.pk)
    }  # fmt: skip
    assert listed[0]["columns"] == listed[1]["columns"] == by_key["columns"]
    first = integrator.get(f"{IMPORTS}?limit=1").body
    second = integrator.get(f"{IMPORTS}?limit=1&after={first['end_cursor']}").body
    assert [*first["data"], *second["data"]] == listed
    assert integrator.get(f"{IMPORTS}?status=queued").body["data"] == []
    assert len(integrator.get(f"{IMPORTS}?status=done").body["data"]) == 2
    other = integrator.post("/v1/exports").body["id"].removeprefix("exp_")
    assert integrator.get(f"{IMPORTS}/{other}").status == 404


def test_work_of_an_older_release_without_columns_is_shown(
    integrator: Caller, studio: Company, owner: Staff
) -> None:
    with acting_for(studio.id):
        Job.objects.create(company=studio, staff=owner, kind=KINDS[0], parameters={"name": "x.csv"})
    (shown,) = integrator.get(IMPORTS).body["data"]
    assert (shown["name"], shown["columns"]) == ("x.csv", [])


def test_the_document_names_every_media_type(integrator: Caller) -> None:
    document = json.loads(integrator.get("/openapi.json").raw)
    body = document["paths"][IMPORTS]["post"]["requestBody"]
    assert body["content"].keys() == MEDIA_TYPES.keys()
    assert body["required"] is True


def test_a_job_is_finished_once(integrator: Caller, studio: Company) -> None:
    begin(integrator)
    (job,) = finish_all(studio)
    assert finish(job).attempt == 1
    assert len(names(studio)) == 2
