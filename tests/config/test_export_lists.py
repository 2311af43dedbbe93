"""Export of a list: exactly the shown rows, as CSV or as a workbook, in the background."""

import csv
import datetime
import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from config.access.models import Staff
from config.admin import exporting, sheets
from config.admin.sheets import XlsxSheets
from config.jobs.files import chunks_of
from config.jobs.models import Job, StoredFile
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.permissions import Role
from config.tenancy.scoping import acting_for
from customers.actions import archive_customer
from customers.imports import import_rows, open_table
from customers.imports.mapping import guess_mapping
from customers.models import Customer
from tests.backoffice import Browser, count
from tests.factories import (
    ACredit,
    ACustomer,
    AnAddress,
    AnAppointment,
    AnInvoice,
    ASubscription,
    make_staff,
)
from tests.jobs import finish_all

CUSTOMERS = "/admin/customers/customer/"
LISTS = {
    CUSTOMERS: None,
    "/admin/bookings/booking/": AnAppointment,
    "/admin/billing/invoice/": AnInvoice,
    "/admin/credits/credit/": ACredit,
    "/admin/billing/subscription/": ASubscription,
}
NS = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def export(browser: Browser, company: Company, path: str, form: str = "csv") -> bytes:
    """Export the list at an address, and return the file."""
    where, _, query = path.partition("?")
    answer = browser.post(f"{where}export/?{query}", format=form)
    assert answer.status_code == 302
    (job,) = finish_all(company)
    assert answer["Location"] == f"/admin/jobs/job/{job.pk}/change/"
    assert job.state == Job.DONE, job.message
    with acting_for(company.id):
        return b"".join(chunks_of(job.files.get()))


def rows(file: bytes) -> list[list[str]]:
    assert file.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"))))


def cells(file: bytes, sheet: int = 1) -> list[list[tuple[str, str]]]:
    """Return the cells of a workbook as pairs of type and value."""
    with zipfile.ZipFile(io.BytesIO(file)) as book:
        found = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{sheet}.xml"))
        assert not found.findall(".//s:f", NS)
    return [
        [(cell.get("t", "n"), "".join(cell.itertext())) for cell in row.findall("s:c", NS)]
        for row in found.findall(".//s:row", NS)
    ]


@pytest.fixture
def people(studio: Company) -> list[Any]:
    names = ("Zoë", "Ana", "=cmd()", "Archie")
    made = [ACustomer(company=studio, first_name=name, last_name="Lee") for name in names]
    with acting_for(studio.id):
        archive_customer(made[3], actor=Actor.command(studio))
    return made


def test_the_file_holds_the_columns_and_rows_of_the_list_in_its_order_and_is_noted(
    browser: Browser, studio: Company, owner: Staff, people: Any
) -> None:
    table = rows(export(browser, studio, f"{CUSTOMERS}?o=1&archived=no"))
    assert table[0] == [
        *("Customer", "E-mail", "Phone", "Status", "Next booking", "Last booking"),
        *("To pay", "To pay: currency", "Credits", "Credits: currency", "Other credits"),
        *("Visits on passes", "Subscription", "Created"),
    ]
    assert [row[0] for row in table[1:]] == ["'=cmd() Lee", "Ana Lee", "Zoë Lee"]
    assert table[2][3] == "Active"
    with acting_for(studio.id):
        job = Job.objects.get()
        created = Customer.objects.get(first_name="Ana").created_at
    assert table[2][-1] == str(timezone.localdate(created, ZoneInfo(studio.timezone)))
    assert (job.staff, job.title) == (owner, "Export of customers (CSV)")
    assert (job.parameters["query"], job.result) == ("o=1&archived=no", {"exported": 3})
    assert "3 rows exported" in browser.get("/admin/jobs/job/").text
    book = export(browser, studio, f"{CUSTOMERS}?o=1&archived=no", "xlsx")
    assert cells(book)[1][0] == ("inlineStr", "=cmd() Lee"), "a workbook takes text for text"


def test_filters_search_and_order_go_along(browser: Browser, studio: Company, people: Any) -> None:
    for query, names in (
        ("q=ana", ["Ana Lee"]),
        ("archived=yes", ["Archie Lee"]),
        ("status=active&q=lee&o=-1", ["Zoë Lee", "Ana Lee", "'=cmd() Lee"]),
        ("q=nobody", []),
    ):
        shown = browser.get(f"{CUSTOMERS}?{query}").context["cl"].result_list
        table = rows(export(browser, studio, f"{CUSTOMERS}?{query}"))
        assert [row[0] for row in table[1:]] == names
        assert [str(row) for row in shown] == [name.lstrip("'") for name in names]


def test_every_list_can_be_exported(browser: Browser, studio: Company, rival: Company) -> None:
    for company in (studio, rival):
        customer = ACustomer(company=company)
        for make in filter(None, LISTS.values()):
            make(company=company, customer=customer)
    for path in LISTS:
        assert f'action="{path}export/?"' in browser.get(path).text
        assert len(rows(export(browser, studio, path))) == 2, path
        assert len(cells(export(browser, studio, path, "xlsx"))) == 2, path


def test_money_is_a_number_beside_its_currency(browser: Browser, studio: Company) -> None:
    customer = ACustomer(company=studio)
    AnInvoice(company=studio, customer=customer, due_on=datetime.date(2031, 2, 3))
    headings, values = rows(export(browser, studio, "/admin/billing/invoice/"))
    shown = dict(zip(headings, values, strict=True))
    assert Decimal(shown["Total"]) > 0
    assert shown["Total: currency"] == "GBP"
    assert shown["Due on"] == "2031-02-03"
    names, row = cells(export(browser, studio, "/admin/billing/invoice/", "xlsx"))
    at = [text for _, text in names].index("Total")
    assert row[at][0] == "n"
    assert Decimal(row[at][1]) == Decimal(shown["Total"])
    assert row[at + 1] == ("inlineStr", "GBP")


def book_of(path: Path, *rows: Any) -> bytes:
    book = XlsxSheets(path, ["n"] * len(rows[0]))
    for row in rows:
        book.add(row)
    book.close()
    return path.read_bytes()


def test_a_workbook_takes_odd_values_and_rows_that_fill_its_first_sheet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd: list[Any] = [
        *("x" * 40_000, "\x01\x0b", "http://a.example", "007", "{=1}", 10**18, Decimal("1.5")),
        *(datetime.date(1801, 2, 3), datetime.datetime(2031, 2, 3, 4, 5), None, ""),
    ]
    kinds = [kind for kind, _ in cells(book_of(tmp_path / "odd.xlsx", odd))[1]]
    assert kinds == ["inlineStr"] * 6 + ["n", "inlineStr", "n"]
    monkeypatch.setattr(sheets, "ROWS_OF_A_SHEET", 3)
    file = book_of(tmp_path / "full.xlsx", [0], [1], [2])
    assert cells(file) == [[("inlineStr", "n")], [("n", "0")], [("n", "1")]]
    assert cells(file, 2) == [[("inlineStr", "n")], [("n", "2")]]


def test_rows_come_in_batches_and_those_that_left_the_list_stay_out(
    browser: Browser, studio: Company, people: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "AT_ONCE", 1)
    browser.post(f"{CUSTOMERS}export/?archived=no&o=1", format="csv")
    keep = exporting._keep_ids

    def archive_meanwhile(work: Any, *args: Any) -> int:
        found = keep(work, *args)
        with acting_for(studio.id):
            archive_customer(Customer.objects.get(first_name="Ana"), actor=work.actor)
        return found

    monkeypatch.setattr(exporting, "_keep_ids", archive_meanwhile)
    (job,) = finish_all(studio)
    assert (job.total, job.result) == (3, {"exported": 2})
    with acting_for(studio.id):
        table = rows(b"".join(chunks_of(job.files.get())))
    assert [row[0] for row in table[1:]] == ["'=cmd() Lee", "Zoë Lee"]


def test_every_customer_comes_as_a_file_that_the_import_reads_back(
    browser: Browser, studio: Company, rival: Company, people: Any, tmp_path: Path
) -> None:
    AnAddress(company=studio, customer=people[0], city="Leeds")
    for form in ("csv", "ndjson"):
        path = tmp_path / f"all.{form}"
        path.write_bytes(export(browser, studio, CUSTOMERS, f"all-{form}"))
        table = open_table(path)
        mapping = guess_mapping(table.headings)
        same = import_rows(table, mapping, actor=Actor.command(studio))
        assert (same.unchanged, same.created, same.refused) == (4, 0, 0)
    import_rows(table, mapping, actor=Actor.command(rival))
    assert count(Customer, rival) == 4


def test_who_may_not_export_has_no_file(studio: Company, owner: Staff, people: Any) -> None:
    browser = Browser(make_staff(studio, email="fay@studio.example", role=Role.READ_ONLY))
    assert "export/?" not in browser.get(CUSTOMERS).text
    assert browser.post(f"{CUSTOMERS}export/", format="csv").status_code == 403
    assert count(Job, studio) == 0
    export(Browser(owner), studio, CUSTOMERS)
    with acting_for(studio.id):
        job, file = Job.objects.get(), StoredFile.objects.get()
    assert browser.get(f"/admin/jobs/job/{job.pk}/files/{file.pk}/").status_code == 403
    assert browser.get(f"/admin/jobs/job/{job.pk}/change/").status_code == 403


def test_a_strange_address_does_no_harm(browser: Browser, studio: Company) -> None:
    assert browser.get(f"{CUSTOMERS}export/").status_code == 405
    for query, form, leads_to, begun in (
        ("", "exe", CUSTOMERS, 0),
        ("nonsense=1", "csv", f"{CUSTOMERS}?e=1", 0),
        ("created_at_from=yesterday&q=%00&o=99.x&p=-1", "csv", "/admin/jobs/job/", 1),
    ):
        answer = browser.post(f"{CUSTOMERS}export/?{query}", format=form)
        assert answer["Location"].startswith(leads_to)
        assert [job.state for job in finish_all(studio)] == [Job.DONE] * begun
