"""Import invoices from two CSV files: one with a line per invoice, one with their lines.

`InvoiceId` becomes the external id of the invoice. A file can be imported again, even after a
crash: it writes only the missing invoices. `CustomerId` is the external id of a live customer. An
invoice is imported as issued and paid on its date, with a number of that year, oldest first. Each
invoice has its own transaction; a refused one is reported with its line, and the others are
imported.
"""

import csv
import datetime
import zoneinfo
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from babel.numbers import get_currency_precision
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from config.access.statistics import YOUNG, analyze_young
from config.card_numbers import mask_card_numbers
from config.errors import Invalid, Refusal
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.money_fields import MOST
from config.tenancy.scoping import acting_for
from config.times import check_day, database_now
from customers.models import Customer

from .actions import create_invoice, issue_invoice, take_payment
from .actions.invoices import MOST_PIECES
from .models import Invoice, InvoiceLine, Payment

INVOICE_COLUMNS = ("InvoiceId", "CustomerId", "InvoiceDate", "Total")
LINE_COLUMNS = ("InvoiceId", "Description", "UnitPrice", "Quantity")

Refused = Callable[[str, int, str], None]


class UnreadableFile(Invalid, code="unreadable_file"):
    message = _("This file cannot be read.")


class RefusedRow(Invalid, code="refused_row"):
    message = _("This line cannot be imported.")


@dataclass
class Outcome:
    """The result of an import; `total` is the sum of the imported invoices, old and new."""

    created: int = 0
    unchanged: int = 0
    refused: int = 0
    total: int = 0


@dataclass(frozen=True)
class Row:
    """A line of a file, with its cells by heading. `number` is the line on which it ends."""

    number: int
    cells: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.cells[name]


@dataclass(frozen=True)
class Source:
    """The two files after reading, with the lines of each invoice by its id."""

    invoices: list[Row]
    lines: dict[str, list[Row]] = field(default_factory=dict)


def read_source(invoices: Path, lines: Path) -> Source:
    """Read both files; raises UnreadableFile if one is not CSV or lacks a column."""
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in _rows(lines, LINE_COLUMNS):
        grouped[row["InvoiceId"]].append(row)
    return Source(list(_rows(invoices, INVOICE_COLUMNS)), dict(grouped))


def import_invoices(source: Source, *, company: Company, refused: Refused) -> Outcome:
    """Write the missing invoices; calls `refused` with file, line and reason of each refusal."""
    outcome, seen = Outcome(), dict[str, int]()
    actor = Actor.command(company)

    def refuse(file: str, row: Row, reason: str) -> None:
        outcome.refused += 1
        refused(file, row.number, mask_card_numbers(reason))

    for row in _oldest_first(source.invoices):
        name = row["InvoiceId"]
        try:
            if name in seen:
                raise RefusedRow(f"Invoice {name} stands in line {seen[name]} already.")
            seen[name] = row.number
            with acting_for(company.id):
                invoice, is_new = _import_one(row, source.lines.get(name, []), company, actor)
        except Refusal as refusal:
            refuse("invoices", row, str(refusal))
        else:
            outcome.created += is_new
            outcome.unchanged += not is_new
            outcome.total += invoice.total
            if outcome.created == YOUNG and is_new:
                analyze_young("billing_invoice", "billing_invoiceline", "billing_payment")
    for name in source.lines.keys() - seen.keys():
        for row in source.lines[name]:
            refuse("lines", row, f"There is no invoice “{name}” in the file of invoices.")
    return outcome


def in_words(total: int, currency: str) -> str:
    """Return an amount in the form `2,328.60 USD`."""
    return f"{Decimal(total).scaleb(-get_currency_precision(currency)):,} {currency}"


def _import_one(row: Row, lines: list[Row], company: Company, actor: Actor) -> tuple[Invoice, bool]:
    """Return the invoice of a line, and whether it was created now; raises a refusal."""
    name, total = row["InvoiceId"], _money(row["Total"], company.currency, "Total")
    if not name:
        raise RefusedRow("There is no InvoiceId.")
    present = Invoice.objects.visible_to(actor).filter(external_id=name).first()
    if present is not None:
        if present.total != total:
            raise RefusedRow(f"Invoice {name} is here already, and comes to another total.")
        return present, False
    moment = _moment(row["InvoiceDate"], company)
    invoice = create_invoice(
        # The imported prices already include any tax, so none is added.
        Invoice(customer=_customer(row["CustomerId"], actor), external_id=name, tax_rate=0),
        lines=[_line(one, company) for one in lines],
        actor=actor,
    )
    if invoice.total != total:
        raise RefusedRow(f"The lines come to {invoice.total}, the total says {total}.")
    invoice = issue_invoice(invoice, at=moment, actor=actor)
    if total:
        payment = Payment(
            invoice=invoice, amount=total, method=Payment.Method.OTHER, taken_at=moment
        )
        take_payment(payment, actor=actor)
    return invoice, True


def _customer(external_id: str, actor: Actor) -> Customer:
    theirs = Customer.objects.visible_to(actor)
    customer = theirs.live().known_as(external_id).first()
    if customer is None:
        raise RefusedRow(f"There is no customer with the external id “{external_id}”.")
    return customer


def _line(row: Row, company: Company) -> InvoiceLine:
    here = f"line {row.number} of the lines: "
    quantity = row["Quantity"]
    if not (quantity.isascii() and quantity.isdigit() and 1 <= int(quantity[:12]) <= MOST_PIECES):
        raise RefusedRow(
            f"{here}Quantity “{quantity[:40]}” is not a whole number from 1 to {MOST_PIECES:,}."
        )
    return InvoiceLine(
        description=row["Description"],
        quantity=int(quantity),
        unit_price=_money(row["UnitPrice"], company.currency, f"{here}UnitPrice"),
    )


def _money(text: str, currency: str, where: str) -> int:
    """Return an amount such as 13.86 in the smallest unit of its currency."""
    try:
        amount = Decimal(text).scaleb(get_currency_precision(currency))
        if not amount.is_finite() or not 0 <= amount <= MOST or amount != int(amount):
            raise ValueError(text)
    except (ArithmeticError, ValueError):
        raise RefusedRow(f"{where} “{text[:40]}” is not an amount of {currency}, such as 13.86.")
    return int(amount)


def _moment(text: str, company: Company) -> datetime.datetime:
    """Parse a date or time; without a zone, it is in the company's time zone."""
    try:
        moment = datetime.datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zoneinfo.ZoneInfo(company.timezone))
        check_day(moment)
        moment = moment.astimezone(datetime.UTC)
    except ValidationError as error:
        raise RefusedRow(f"InvoiceDate: {error.message}")
    except (ValueError, OverflowError):
        raise RefusedRow(f"InvoiceDate “{text[:40]}” is not a date, such as 2026-01-31.")
    if moment > database_now():
        raise RefusedRow(f"InvoiceDate “{text[:40]}” is not in the past.")
    return moment


def _oldest_first(rows: list[Row]) -> list[Row]:
    """Sort rows by date, so that numbers follow the dates; ISO dates sort as text."""
    return sorted(rows, key=lambda row: (row["InvoiceDate"], row.number))


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[Row]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            missing = [name for name in columns if name not in (reader.fieldnames or [])]
            if missing:
                raise UnreadableFile(f"{path.name} has no column {', '.join(missing)}.")
            for cells in reader:
                yield Row(reader.line_num, _cells(cells, columns))
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}.")
    except UnicodeDecodeError:
        raise UnreadableFile(f"{path.name} is not UTF-8 text.")
    except csv.Error as error:
        raise UnreadableFile(f"{path.name} is not CSV: {error}.")


def _cells(cells: dict[Any, Any], columns: tuple[str, ...]) -> dict[str, str]:
    """Return the required cells, trimmed; a missing cell is ""."""
    return {name: (cells[name] or "").replace("\x00", "").strip() for name in columns}
