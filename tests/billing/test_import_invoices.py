"""`manage.py import_invoices`: invoices that were paid elsewhere."""

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

from billing.models import Invoice, InvoiceLine, Payment
from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from customers.actions import archive_customer
from tests.callers import Caller
from tests.factories import ACustomer

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


@pytest.fixture
def files(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """Two files to be changed by a test."""
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


def test_invoices_come_in_issued_paid_and_numbered_by_their_year(
    integrator: Caller, studio: Company, customers: list[Any], files: tuple[Path, Path]
) -> None:
    told = run(files)
    assert told == {
        "created": 3,
        "unchanged": 0,
        "refused": 0,
        "total": 1_584,
        "currency": "GBP",
        "refusals": [],
    }
    newest, *others = integrator.get("/v1/invoices").body["data"]
    assert newest == {
        "id": newest["id"],
        "number": "INV-2025-00001",
        "status": "paid",
        "customer": {"id": f"cust_{customers[1].id.hex}", "name": str(customers[1])},
        "booking_id": None,
        "line_items": [
            {"description": "Restless and Wild", "quantity": 2, "unit_price": 99, "total": 198}
        ],
        "subtotal": 198,
        "discount": 0,
        "discount_description": None,
        "tax": 0,
        "total": 198,
        "amount_paid": 198,
        "balance": 0,
        "issued_at": "2025-01-02T00:00:00.000000Z",
        "paid_at": "2025-01-02T00:00:00.000000Z",
        "payment_method": None,
    }
    assert [one["number"] for one in others] == ["INV-2024-00002", "INV-2024-00001"]
    assert others[1]["issued_at"] == "2024-05-01T08:00:00.000000Z"
    assert [line["total"] for line in others[0]["line_items"]] == [198, 1_188]
    spent = integrator.get(f"/v1/customers/{customers[0].id}").body["stats"]["total_spent"]
    assert spent == 1_386


def test_importing_again_changes_nothing(
    studio: Company, customers: list[Any], files: tuple[Path, Path]
) -> None:
    def rows() -> list[Any]:
        with acting_for(studio.id):
            return [
                list(model.objects.order_by("id").values())
                for model in (Invoice, InvoiceLine, Payment)
            ]

    run(files)
    before = rows()
    told = run(files)
    assert (told["created"], told["unchanged"], told["total"]) == (0, 3, 1_584)
    assert rows() == before


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("8,c2,", "8,c3,", 3, "There is no customer with the external id “c3”."),
        ("8,c2,", "8,,", 3, "There is no customer with the external id “”."),
        ("1.98", "1.97", 3, "The lines come to 198, the total says 197."),
        ("1.98", "1.985", 3, "Total “1.985” is no amount of GBP."),
        ("1.98", "NaN", 3, "Total “NaN” is no amount of GBP."),
        ("1.98", "-1.98", 3, "Total “-1.98” is no amount of GBP."),
        ("1.98", "1e30", 3, "Total “1e30” is no amount of GBP."),
        ("1.98", "1E999999999", 3, "Total “1E999999999” is no amount of GBP."),
        ("2025-01-02", "yesterday", 3, "InvoiceDate “yesterday” is no date."),
        ("2025-01-02", "2999-01-02", 3, "InvoiceDate “2999-01-02” is not in the past."),
        ("2025-01-02", "0001-01-01", 3, "InvoiceDate “0001-01-01” is not in the past."),
        ("8,c2", "7,c2", 3, "Invoice 7 stands in line 2 already."),
    ],
)
def test_an_invoice_that_cannot_be_is_told_and_undoes_no_other(
    studio: Company,
    customers: list[Any],
    files: tuple[Path, Path],
    old: str,
    new: str,
    line: int,
    reason: str,
) -> None:
    files[0].write_text(INVOICES.replace(old, new))
    told = run(files)
    assert ("invoices", line, reason) in reasons(told)
    assert told["created"] == 2
    with acting_for(studio.id):
        assert set(Invoice.objects.values_list("external_id", flat=True)) == {"7", "9"}
        assert Payment.objects.count() == 1
        connection.check_constraints()
    files[0].write_text(INVOICES)
    assert run(files)["created"] == 1, "corrected, it comes in"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("0.99,2\n7", "0.99,0\n7", "line 3 of the lines: Quantity “0” is no number of pieces."),
        ("0.99,2\n7", "0.99,1.5\n7", "line 3 of the lines: Quantity “1.5” is no number of pieces."),
        ("Wild,0.99", "Wild,free", "line 3 of the lines: UnitPrice “free” is no amount of GBP."),
        ("Restless and Wild", " ", "line_items.0.description: Say what it is for."),
        ("Restless", "4111111111111111", "This holds a card number, which is never kept here."),
        ("8,Restless and Wild,0.99,2\n", "", "An invoice has at least one line."),
    ],
)
def test_lines_that_cannot_be_refuse_their_invoice_alone(
    studio: Company,
    customers: list[Any],
    files: tuple[Path, Path],
    old: str,
    new: str,
    reason: str,
) -> None:
    files[1].write_text(LINES.replace(old, new))
    told = run(files)
    assert reasons(told) == [("invoices", 3, reason)]
    assert told["created"] == 2


def test_lines_of_no_invoice_are_told(customers: list[Any], files: tuple[Path, Path]) -> None:
    files[1].write_text(LINES + "99,Lost,1.00,1\n")
    told = run(files)
    assert reasons(told) == [("lines", 6, "There is no invoice “99” in the file of invoices.")]


def test_an_archived_customer_is_asked_for_nothing(
    studio: Company, customers: list[Any], files: tuple[Path, Path], actor: Actor
) -> None:
    with acting_for(studio.id):
        archive_customer(customers[1], actor=actor)
    told = run(files)
    assert reasons(told) == [("invoices", 3, "There is no customer with the external id “c2”.")]


def test_an_invoice_that_is_here_with_another_total_is_told(
    customers: list[Any], files: tuple[Path, Path]
) -> None:
    run(files)
    files[0].write_text(INVOICES.replace("1.98", "1.99"))
    assert reasons(run(files)) == [
        ("invoices", 3, "Invoice 8 is here already, and comes to another total.")
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"a,b\n1,2\n", "has no column InvoiceId, CustomerId, InvoiceDate, Total"),
        (b"", "has no column"),
        (b"\xff\xfe\x00", "is not UTF-8"),
        (INVOICES.encode() + b'"8', "is no CSV"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    customers: list[Any], files: tuple[Path, Path], text: bytes, words: str
) -> None:
    files[0].write_bytes(text)
    with pytest.raises(CommandError, match=words):
        run(files)


def test_what_is_not_there_is_one_sentence(
    studio: Company, files: tuple[Path, Path], tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match="No such file"):
        run((tmp_path / "none.csv", files[1]))
    with pytest.raises(CommandError, match="Is a directory"):
        run((tmp_path, files[1]))
    with pytest.raises(CommandError, match="no company “nobody”"):
        run(files, "nobody")


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
