"""`manage.py import_invoices`: invoices that were paid in another system."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from billing import imports
from billing.models import Invoice, InvoiceLine, Payment
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import archive_customer
from tests.callers import Caller
from tests.factories import ACustomer, act
from tests.shares import undone

DATA = Path(__file__).parents[3] / "shared" / "data"
SOURCE = (DATA / "chinook-invoices.csv", DATA / "chinook-invoice-lines.csv")

INVOICES = """InvoiceId,CustomerId,InvoiceDate,Total
7,c1,2024-12-31 23:30:00,13.86
8,c2,2025-01-02,1.98
9,c1,2024-05-01T10:00:00+02:00,0.00
"""
LINES = """InvoiceId,Description,UnitPrice,Quantity
7,Balls to the Wall,0.99,2
8,Restless and Wild,0.99,2
7,"Lights, out",11.88,1
9,Free,0.00,1
"""
LINE_3 = "line 3 of the lines"
NO_MONEY = "is not an amount of GBP, such as 13.86."
NO_COUNT = "is not a whole number from 1 to 1,000,000."


@pytest.fixture
def files(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """Two valid files, which a test may change."""
    invoices, lines = tmp_path / "invoices.csv", tmp_path / "lines.csv"
    invoices.write_text(INVOICES)
    lines.write_text(LINES)
    return invoices, lines


@pytest.fixture
def customers(studio: Company) -> list[Any]:
    return [ACustomer(company=studio, external_id=name) for name in ("c1", "c2")]


def run(files: tuple[Path, Path], company: str = "studio") -> Any:
    out = StringIO()
    call_command("import_invoices", *map(str, files), company=company, json=True, stdout=out)
    return json.loads(out.getvalue())


def reasons(told: Any) -> list[tuple[str, int, str]]:
    return [(one["file"], one["line"], one["reason"]) for one in told["refusals"]]


def test_invoices_come_in_once_issued_paid_and_numbered_by_their_year(
    integrator: Caller, studio: Company, customers: list[Any], files: tuple[Path, Path]
) -> None:
    told = run(files)
    assert told == {
        "created": 3, "unchanged": 0, "refused": 0, "total": 1_584, "currency": "GBP",
        "refusals": []
    }  # fmt: skip
    newest, *others = integrator.get("/v1/invoices").body["data"]
    line = {"description": "Restless and Wild", "quantity": 2, "unit_price": 99, "total": 198}
    line |= {"tax_rate": 0, "tax_behavior": "exclusive", "subscription_id": None}
    line |= {"period_starts_on": None, "next_period_starts_on": None}
    day = "2025-01-02T00:00:00.000000Z"
    shown = {
        "number": "INV-2025-00001",
        "status": "paid",
        "customer": {"id": f"cust_{customers[1].id.hex}", "name": str(customers[1])},
        "line_items": [line],
        **dict.fromkeys(("subtotal", "total", "amount_paid"), 198),
        **dict.fromkeys(("issued_at", "paid_at"), day),
        **dict.fromkeys(("tax", "balance"), 0),
    }
    assert newest == newest | shown
    assert [one["number"] for one in others] == ["INV-2024-00002", "INV-2024-00001"]
    assert others[1]["issued_at"] == "2024-05-01T08:00:00.000000Z"
    assert [line["total"] for line in others[0]["line_items"]] == [198, 1_188]
    spent = integrator.get(f"/v1/customers/{customers[0].id}").body["stats"]["total_spent"]
    assert spent == 1_386

    def rows() -> list[Any]:
        models = (Invoice, InvoiceLine, Payment)
        with acting_for(studio.id):
            return [list(model.objects.order_by("id").values()) for model in models]

    before = rows()
    told = run(files)
    assert (told["created"], told["unchanged"], told["total"]) == (0, 3, 1_584)
    assert rows() == before


def test_an_invoice_that_cannot_be_is_told_and_undoes_no_other(
    studio: Company, customers: list[Any], files: tuple[Path, Path]
) -> None:
    far = "0001-01-01 is too far away: give a day from 1901-01-01 to 2999-12-31."
    for old, new, reason in (
        ("8,c2,", "8,c3,", "There is no customer with the external id “c3”."),
        ("8,c2,", "8,,", "There is no customer with the external id “”."),
        ("1.98", "1.97", "The lines come to 198, the total says 197."),
        *(
            ("1.98", total, f"Total “{total}” {NO_MONEY}")
            for total in ("1.985", "NaN", "-1.98", "1e30", "1E999999999")
        ),
        ("2025-01-02", "soon", "InvoiceDate “soon” is not a date, such as 2026-01-31."),
        ("2025-01-02", "2999-01-02", "InvoiceDate “2999-01-02” is not in the past."),
        ("2025-01-02", "0001-01-01", f"InvoiceDate: {far}"),
        ("8,c2", "7,c2", "Invoice 7 stands in line 2 already."),
    ):
        files[0].write_text(INVOICES.replace(old, new))
        with undone():
            told = run(files)
            assert ("invoices", 3, reason) in reasons(told)
            assert told["created"] == 2, new
            with acting_for(studio.id):
                assert set(Invoice.objects.values_list("external_id", flat=True)) == {"7", "9"}
                assert Payment.objects.count() == 1
                connection.check_constraints()
            files[0].write_text(INVOICES)
            assert run(files)["created"] == 1, "corrected, it comes in"
    act(studio, archive_customer, customers[1])
    gone = ("invoices", 3, "There is no customer with the external id “c2”.")
    assert reasons(run(files)) == [gone]


def test_a_wrong_line_refuses_its_invoice(customers: list[Any], files: tuple[Path, Path]) -> None:
    for old, new, reason in (
        ("0.99,2\n7", "0.99,0\n7", f"{LINE_3}: Quantity “0” {NO_COUNT}"),
        ("0.99,2\n7", "0.99,1.5\n7", f"{LINE_3}: Quantity “1.5” {NO_COUNT}"),
        ("Wild,0.99", "Wild,free", f"{LINE_3}: UnitPrice “free” {NO_MONEY}"),
        (
            "Restless and Wild",
            " ",
            "line_items.0.description: Must not be blank. Send what the line is for.",
        ),
        (
            "Restless",
            "4111111111111111",
            "This contains a card number, which is never stored here. Leave it out.",
        ),
        ("8,Restless and Wild,0.99,2\n", "", "An invoice needs at least one line."),
    ):
        files[1].write_text(LINES.replace(old, new))
        with undone():
            told = run(files)
            assert (reasons(told), told["created"]) == ([("invoices", 3, reason)], 2)
    files[1].write_text(LINES + "99,Lost,1.00,1\n")
    lost = ("lines", 6, "There is no invoice “99” in the file of invoices.")
    assert reasons(run(files)) == [lost]
    files[0].write_text(INVOICES.replace("1.98", "1.99"))
    other = ("invoices", 3, "Invoice 8 is here already, and comes to another total.")
    assert other in reasons(run(files))


def test_a_file_that_cannot_be_read_is_one_sentence(
    customers: list[Any], files: tuple[Path, Path], tmp_path: Path
) -> None:
    for given, words in (
        ((tmp_path / "none.csv", files[1]), "No such file"),
        ((tmp_path, files[1]), "Is a directory"),
    ):
        with pytest.raises(CommandError, match=words):
            run(given)
    with pytest.raises(CommandError, match="no company “nobody”"):
        run(files, "nobody")
    for text, words in (
        (b"a,b\n1,2\n", "has no column InvoiceId, CustomerId, InvoiceDate, Total"),
        (b"", "has no column"),
        (b"\xff\xfe\x00", "is not UTF-8"),
        (INVOICES.encode() + b'"8', "is not CSV"),
    ):
        files[0].write_bytes(text)
        with pytest.raises(CommandError, match=words):
            run(files)


def test_a_person_reads_a_sentence(customers: list[Any], files: tuple[Path, Path]) -> None:
    files[0].write_text(INVOICES.replace("8,c2", "8,c3"))
    out, err = StringIO(), StringIO()
    call_command("import_invoices", *map(str, files), company="studio", stdout=out, stderr=err)
    assert out.getvalue() == ("Done: 2 created, 0 unchanged, 1 refused. They come to 13.86 GBP.\n")
    assert "invoices, line 3: There is no customer with the external id “c3”." in err.getvalue()


@pytest.mark.skipif(not SOURCE[0].exists(), reason="the sample data lies beside the project")
def test_the_sample_invoices_come_in_to_the_cent(integrator: Caller, studio: Company) -> None:
    with SOURCE[0].open() as file:
        rows = list(csv.DictReader(file))
    made = {
        name: ACustomer(company=studio, external_id=name)
        for name in {row["CustomerId"] for row in rows}
    }
    total = sum(int(Decimal(row["Total"]) * 100) for row in rows)
    told = run(SOURCE)
    assert (told["created"], told["refused"], told["total"]) == (412, 0, total)
    assert (len(rows), total) == (412, 232_860)
    by_customer = Counter[str]()
    for row in rows:
        by_customer[row["CustomerId"]] += int(Decimal(row["Total"]) * 100)
    for name, customer in made.items():
        stats = integrator.get(f"/v1/customers/{customer.id}").body["stats"]
        assert stats["total_spent"] == by_customer[name]
    with acting_for(studio.id):
        totals = dict(Invoice.objects.values_list("external_id", "total"))
        assert totals == {row["InvoiceId"]: int(Decimal(row["Total"]) * 100) for row in rows}
        numbers = Invoice.objects.order_by("issued_at", "id").values_list("number", flat=True)
        years = Counter(number[:8] for number in numbers)
        assert list(numbers) == [
            f"{year}-{n:05}" for year in sorted(years) for n in range(1, years[year] + 1)
        ]
        connection.check_constraints()
    assert run(SOURCE)["unchanged"] == 412


def test_an_import_adds_no_tax_whatever_the_companys(
    integrator: Caller, studio: Company, customers: Any, files: Any
) -> None:
    Company.objects.filter(pk=studio.pk).update(tax_rate=20)
    assert run(files)["total"] == 1_584
    assert {one["tax"] for one in integrator.get("/v1/invoices").body["data"]} == {0}


@pytest.mark.parametrize("count", [3, 5])
def test_a_first_import_takes_statistics_once_the_tables_have_rows(
    customers: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    taken: list[tuple[str, ...]] = []
    monkeypatch.setattr(imports, "YOUNG", 4)
    monkeypatch.setattr(imports, "analyze_young", lambda *tables: taken.append(tables))
    invoices, lines = tmp_path / "invoices.csv", tmp_path / "lines.csv"
    rows = [f"{number},c1,2025-01-02,1.00\n" for number in range(count)]
    invoices.write_text("InvoiceId,CustomerId,InvoiceDate,Total\n" + "".join(rows))
    rows = [f"{number},Mat,1.00,1\n" for number in range(count)]
    lines.write_text("InvoiceId,Description,UnitPrice,Quantity\n" + "".join(rows))
    for _ in range(2):
        run((invoices, lines))
    tables = "billing_invoice", "billing_invoiceline", "billing_payment"
    assert taken == ([tables] if count == 5 else [])
