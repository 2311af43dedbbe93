"""No table and no log stores a card number, however it was sent (threat 37)."""

import io
import json
import logging
import logging.config
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connections

from config.jobs.files import chunks_of
from config.jobs.models import Job, StoredFile, files_of
from config.server.web import LOG
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.api_routes import fill, make_rows
from tests.backoffice import Browser, Form, page_of, said
from tests.callers import Caller
from tests.conftest import DATABASES
from tests.contract import operations
from tests.customers.test_admin_import import IMPORT, check, problems, run, upload
from tests.factories import ACustomer
from tests.jobs import finish
from tests.test_garbage import WRITES, resolved
from tests.test_two_companies import body_of, with_id

# The owner's connection sees only committed rows.
committed = pytest.mark.django_db(databases=DATABASES, transaction=True)
CARD = "4111 1111 1111 1111"
DIGITS = "4111111111111111"
SPACED = CARD.replace(" ", "\u00a0")
HELD = "This contains a card number, which is never stored here. Leave it out."
# The last digits, however they are grouped, escaped or encoded.
SHOWN = r"1111(\\*[un]\w{0,4}|%[0-9A-F]{2}|\D){0,3}1111"
# Ids and phone numbers may be as long as a card number.
NUMBERS = {"external_id", "phone", "mobile"}

CSV = (
    "Customer ID,First name,E-mail,Access notes,Card on file\r\n"
    "marked-1,Ann,ann@one.example,Paid with 4111\u00a01111\u00a01111\u00a01111,\r\n"
    "\r\n"
    'marked-2,Ben,ben@one.example,"Two lines: 4111 1111\r\n1111 1111",\r\n'
    "marked-3,Cy,cy@one.example,,4111111111111111\r\n"
    "marked-4,4111.1111.1111.1111\r\n"
    "marked-5,Eve 4111/1111/1111/1111,eve@one.example,,\r\n"
    'marked-6,Flo "4111-1111-1111-1111,,,\r\n'
    "marked-7,Gus,4111111111111111@one.example,Door 4,\r\n"
    "marked-8,Hal,hal@one.example,Door 5,\r\n"
)
_ROWS: list[dict[str, Any]] = [
    {"id": "marked-1", "first_name": "Ann", "access_notes": SPACED},
    {"id": "marked-2", "first_name": "Ben", "preferences": {"a": {"b": [CARD]}}},
    {"id": "marked-3", "first_name": "Cy", "card": int(DIGITS)},
    {"id": "marked-5", "first_name": "Eve 4111_1111_1111_1111"},
    {"id": "marked-6", "first_name": "Flo", CARD: "x"},
    {"id": "marked-7", "first_name": "Gus", "email": f"{DIGITS}@one.example"},
    {"id": "marked-8", "first_name": "Hal"},
]
NDJSON = "\n".join(
    ['{"id": "marked-4", "first_name": 4111111111111111', *(json.dumps(one) for one in _ROWS)]
)


def columns_with(pattern: str) -> set[str]:
    """Return each column in which the owner finds a pattern, including binary columns."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT attrelid::regclass::text, array_agg(attname::text), array_agg(format("
            "  CASE atttypid WHEN 'bytea'::regtype THEN 'encode(%I, ''escape'')'"
            "  ELSE '%I::text' END, attname))"
            "  FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
            " WHERE relkind = 'r' AND attnum > 0 AND NOT attisdropped"
            "   AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)' GROUP BY 1"
        )
        found = set()
        for table, columns, texts in cursor.fetchall():
            holds = ", ".join(f"bool_or({text} ~ %s)" for text in texts)
            cursor.execute(f"SELECT {holds} FROM {table}", [pattern] * len(texts))
            pairs = zip(columns, cursor.fetchone(), strict=True)
            found |= {f"{table}.{column}" for column, is_held in pairs if is_held}
    return found


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Capture all records that the process logs, in the configured format."""
    stream, root = io.StringIO(), logging.getLogger()
    (console,) = [one for one in root.handlers if type(one) is logging.StreamHandler]
    monkeypatch.setattr(console, "stream", stream)
    level = root.level
    root.setLevel(logging.DEBUG)
    yield stream
    root.setLevel(level)


def shows_card(text: str) -> bool:
    return re.search(SHOWN, text) is not None


@committed
@pytest.mark.parametrize(
    ("text", "name", "encoding"), [(CSV, "list.csv", "utf-16"), (NDJSON, "list.ndjson", "utf-8")]
)
def test_an_import_keeps_no_card_number_and_refuses_its_rows(
    browser: Browser, studio: Company, log: io.StringIO, text: str, name: str, encoding: str
) -> None:
    columns = upload(browser, text.encode(encoding), name)["Location"]
    form = Form(browser.get(columns).text, "columns_form")
    browser.client.post(columns, form.values)
    with acting_for(studio.id):
        checked = finish(Job.objects.get(kind="check_customers"))
    job = finish(run(browser, checked))
    assert checked.result == job.result
    with acting_for(studio.id):
        made = Customer.objects.order_by("first_name").values_list("first_name", flat=True)
        assert {"Cy", "Hal"} <= {*made}, "a column that is left out refuses nothing"
        assert {"Ann", "Ben"}.isdisjoint(made)
        (report,) = files_of(job)
        refused = b"".join(chunks_of(report)).decode("utf-8-sig")
    assert "••••" in refused or "\\u2022" * 4 in refused
    told = problems(job)
    assert sum(HELD in why for _, why in told) >= 4
    if name == "list.csv":
        # Each refused row is named by its line in the uploaded file.
        assert [what for what, _ in told] == [f"Line {line}" for line in (2, 4, 7, 8, 9, 10)]
    for page in (columns, page_of(checked), page_of(job)):
        assert not shows_card(browser.get(page).text)
    assert columns_with(SHOWN) == set()
    assert not shows_card(log.getvalue())
    assert {"jobs_chunk.data"} <= columns_with("marked|m|a"), "the scan reads bytes"
    assert "customers_customer.external_id" in columns_with("marked-3"), "the scan reads text"


def test_ids_and_phone_numbers_of_an_import_stay(browser: Browser, studio: Company) -> None:
    text = f"Customer ID,First name,Phone,Access notes\n{DIGITS},Hal,5555555555554444,{CARD}\n"
    checked = check(browser, studio, text + f"{DIGITS[:-1]}2,Ida,4000056655665556,Door 5\n")
    job = finish(run(browser, checked))
    assert (job.result["created"], job.result["refused"]) == (1, 1)
    with acting_for(studio.id):
        assert Customer.objects.get().phone == "4000056655665556"
        (report,) = files_of(job)
        refused = b"".join(chunks_of(report)).decode()
    assert f"{DIGITS},Hal,5555555555554444,•••• •••• •••• ••••" in refused
    mended = refused.replace("•••• •••• •••• ••••", "Door 4")
    assert finish(run(browser, check(browser, studio, mended))).result["created"] == 1
    with acting_for(studio.id):
        assert Customer.objects.get(first_name="Hal").external_id == DIGITS


def test_a_report_with_its_marks_is_refused_again(browser: Browser, studio: Company) -> None:
    first = finish(run(browser, check(browser, studio, f"First name,Access notes\nAnn,{CARD}\n")))
    with acting_for(studio.id):
        (report,) = files_of(first)
    again = check(browser, studio, b"".join(chunks_of(report)))
    assert again.result["refused"] == 1
    assert problems(again)[0][1].endswith(HELD)


def test_no_file_is_named_or_exported_by_a_card_number(browser: Browser, studio: Company) -> None:
    file = SimpleUploadedFile(f"{DIGITS}.csv", b"First name\nAnn\n")
    browser.post(IMPORT, file=file, encoding="")
    answer = browser.post(f"/admin/customers/customer/export/?q={DIGITS}", format="csv")
    assert said(answer)[-1] == HELD
    with acting_for(studio.id):
        assert StoredFile.objects.get().name == "•" * 16 + ".csv"
        assert not Job.objects.exists()


@committed
def test_the_commands_that_import_keep_and_repeat_no_card_number(
    studio: Company, tmp_path: Path, log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "list.csv"
    file.write_text(CSV, newline="")
    call_command("import_customers", str(file), company="studio")
    told = capsys.readouterr()
    report = (tmp_path / "list.refused.csv").read_text("utf-8-sig")
    assert report.count("••••") > 4
    for text in (report, told.out, told.err):
        assert not shows_card(text)
    invoices, lines = tmp_path / "invoices.csv", tmp_path / "lines.csv"
    invoices.write_text(f"InvoiceId,CustomerId,InvoiceDate,Total\n1,marked-3,{CARD},{CARD}\n")
    lines.write_text(f"InvoiceId,Description,UnitPrice,Quantity\n1,{CARD},1,1\n2,x,1,{CARD}\n")
    call_command("import_invoices", str(invoices), str(lines), company="studio")
    told = capsys.readouterr()
    assert "••••" in told.err
    assert not shows_card(told.out + told.err)
    assert columns_with(SHOWN) == set()
    assert not shows_card(log.getvalue())


def leaves(schema: dict[str, Any], where: str = "") -> Iterator[str]:
    """Yield the dotted names of a body's fields, without ids and phone numbers."""
    schema = resolved(schema)
    for name, part in schema.get("properties", {}).items():
        part = resolved(part)
        here = f"{where}{name}"
        if "properties" in part:
            yield from leaves(part, f"{here}.")
        elif "properties" in resolved(part.get("items", {})):
            yield from leaves(part["items"], f"{here}.0.")
        elif name not in NUMBERS:
            yield here


@committed
def test_what_is_sent_to_every_field_of_the_api_is_kept_nowhere(
    integrator: Caller, studio: Company, log: io.StringIO
) -> None:
    ids = make_rows(studio)
    ACustomer(company=studio, first_name="Searchable")
    sent = 0
    for path, method, schema in WRITES:
        for name in [*leaves(schema), CARD, DIGITS]:
            for value in (DIGITS, f"Card {CARD}"):
                body = with_id(body_of(path, method, ids) or {}, name, value)
                sent += 1
                key = {"Idempotency-Key": f"{sent}"} if method == "POST" else {}
                answer = integrator(method, fill(path, ids), body, **key)
                assert answer.status < 500, (path, name, answer)
                if answer.status >= 400:
                    assert not shows_card(answer.raw.decode()), (path, name, answer)
        answer = integrator(method, fill(path, ids), {}, X_Reason=CARD)
        assert answer.status < 500
    for path, method, _ in operations():
        if method == "GET":
            integrator.get(f"{fill(path, ids)}?search={DIGITS}&limit={DIGITS}&{DIGITS}=1")
    assert sent > 500
    assert columns_with(SHOWN) == set()
    assert not shows_card(log.getvalue())
    assert "customers_customer.first_name" in columns_with("Searchable"), "the scan works"


@committed
def test_a_card_number_typed_to_sign_in_is_not_kept(browser: Browser, log: io.StringIO) -> None:
    browser.client.logout()
    browser.client.post("/admin/login/", {"username": f"{DIGITS}@a.example", "password": CARD})
    assert columns_with("••••") == {"access_attemptcount.name"}
    assert columns_with(SHOWN) == set()
    assert not shows_card(log.getvalue())


def fails() -> None:
    """Log an exception whose message, arguments and statement hold the card number."""
    logger = logging.getLogger("regulars.tests")
    try:
        raise ValueError(f'{{"content": "Card {CARD}"}}')
    except ValueError:
        logger.exception("GET /v1/customers?q=%s&search=%s", DIGITS, CARD.replace(" ", "%20"))


def test_the_log_masks_card_numbers_in_messages_and_exceptions(log: io.StringIO) -> None:
    """The negative control, without the formatter, shows the numbers."""
    fails()
    assert "ValueError" in log.getvalue()
    assert "••••" in log.getvalue()
    assert not shows_card(log.getvalue())
    (console,) = [one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler]
    masking = console.formatter
    console.setFormatter(logging.Formatter())
    try:
        fails()
    finally:
        console.setFormatter(masking)
    assert shows_card(log.getvalue())


def test_the_log_of_the_web_server_masks_card_numbers() -> None:
    settings: Any = logging.config.DictConfigurator({"version": 1})  # type: ignore[no-untyped-call]
    formatter = settings.configure_formatter(LOG["formatters"]["line"])
    record = logging.LogRecord("_granian", logging.ERROR, "", 0, "GET /?q=%s", (DIGITS,), None)
    assert formatter.format(record).endswith("ERROR web server: GET /?q=••••••••••••••••")


def test_an_exception_in_a_request_is_logged_without_its_card_number(
    integrator: Caller, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*args: Any, **kwargs: Any) -> None:
        raise ValueError(f"INSERT … VALUES ('{CARD}')")

    monkeypatch.setattr("customers.actions.create_customer", breaks)
    integrator.client.raise_request_exception = False
    with pytest.raises(AssertionError, match="undocumented 500"):
        integrator.post("/v1/customers", {"first_name": "Ann", "email": "a@one.example"})
    assert "ValueError" in log.getvalue()
    assert not shows_card(log.getvalue())
