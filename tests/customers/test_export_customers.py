"""`export_customers`: a file that spreadsheets open safely and that the import reads back."""

import csv
import json
import sys
from collections.abc import Callable
from io import StringIO
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from config.api import rendered_list
from config.spreadsheets import guard, unguard
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.ids import show_id
from config.tenancy.scoping import acting_for
from customers.actions import archive_customer, pause_customer, update_customer
from customers.exports import as_csv, export_customers
from customers.imports import guess_mapping, import_rows, left_out, open_table
from customers.imports.cells import mark_null, read_text
from customers.models import Customer
from tests.factories import AContactPoint, ACustomer, AnAddress, act, make_company
from tests.shares import undone

Export = Callable[..., str]

HOSTILE = [
    "=1+1", "+1+1", "-1", "@SUM(A1)", "'=1", "''=1", "'t Hooft", "＝1", "NULL", "'NULL", "''NULL",
    "null", "a,b;c\td", 'a "b"', "a\r\nb\nc", "+44 20 7946 0000", "+", "00171", "'", "{}", "true",
    "line", "regulars_id", "Łukasz 👩‍🔬", "\u202eabc", "+1-2,cmd|' /C calc'!A0",
]  # fmt: skip


@pytest.fixture
def export(studio: Company) -> Export:
    """Export the customers of a company to standard output; the default is the studio."""

    def run(*options: str, company: str = "studio") -> str:
        out = StringIO()
        call_command("export_customers", "--company", company, *options, stdout=out)
        return out.getvalue()

    return run


@pytest.fixture
def everybody(studio: Company, actor: Actor) -> None:
    """Customers with awkward text in every field, duplicates, paused and archived customers."""
    for at, text in enumerate(HOSTILE):
        ACustomer(
            company=studio, external_id=text, first_name=text, last_name=text, name=text,
            legal_name=text, tax_id=text, email="", phone=text,
            preferences={"preferred_contact": text, "marketing_opt_in": at % 2 == 0, text: [text]},
            address={"street": text, "sub_premise": text, "city": text, "state": text,
                     "postal_code": text, "country": text, "label": text, "access_notes": text},
            tags=[text, f"{at}; ; {text}"], birthday="--02-29",
        )  # fmt: skip
    for name in ("Ann", "Ann", "Bob", ""):
        ACustomer(company=studio, first_name=name, last_name="", email="twins@x.org")
    ACustomer(company=studio, first_name="Ann Smith", last_name="", name="Ann Smith")
    ACustomer(company=studio, email="p@x.org", preferences={"preferred_contact": "", "a": {"b": 1}})
    ACustomer(company=studio, email="q@x.org", preferences={"marketing_opt_in": False, "": None})
    AnAddress(company=studio, customer=ACustomer(company=studio, external_id="far"), street="")
    reached = ACustomer(company=studio, external_id="reached", tags=["VIP", "a, b", "c;d"])
    for way in (("email", "further@x.org"), ("phone", "+44 20 7946 0001"), ("phone", "1;ext=2")):
        AContactPoint(company=studio, customer=reached, kind=way[0], value=way[1])
    for number in ("=1+1", "gone", "gone", ""):
        one = ACustomer(company=studio, external_id=f"{number} ", first_name="Old", last_name="")
        with acting_for(studio.id):
            Customer.objects.filter(pk=one.pk).update(external_id=number and f"old {number}")
            pause_customer(one, actor=actor)
            archive_customer(one, actor=actor)
    ACustomer(company=studio, external_id="old gone", first_name="New")


def bring_in(text: str, company: Company, file: Path) -> dict[str, int]:
    file.write_text(text, "utf-8", newline="")
    table = open_table(file)
    mapping = guess_mapping(table.headings)
    assert left_out(table.headings, mapping) == []
    reasons: list[str] = []
    outcome = import_rows(
        table, mapping, actor=Actor.command(company),
        refused=lambda row, reason: reasons.append(f"{row.line}: {reason}"),
    )  # fmt: skip
    assert reasons == []
    return outcome.as_dict()


def without_ids(text: str) -> list[Any]:
    if text.startswith("{"):
        return [json.loads(line) | {"regulars_id": None} for line in text.splitlines()]
    return [row[1:] for row in csv.reader(StringIO(text, newline=""))]


@pytest.mark.usefixtures("everybody")
def test_export_import_export_is_the_same_and_changes_nothing(
    export: Export, studio: Company, tmp_path: Path
) -> None:
    other = make_company("Other", slug="other")
    with acting_for(studio.id):
        stored = list(Customer.objects.order_by("id").values())
    for form, archived in product(("csv", "ndjson"), ([], ["--archived"])):
        words = ["--format", form, *archived]
        first, file = export(*words), tmp_path / f"export.{form}"
        customers = len(without_ids(first)) - (form == "csv")
        with undone():
            assert bring_in(first, other, file)["created"] == customers > 30
            assert without_ids(export(*words, company="other")) == without_ids(first), words
            assert bring_in(first, other, file)["unchanged"] == customers
        unchanged = {"created": 0, "updated": 0, "unchanged": customers, "refused": 0}
        assert bring_in(first, studio, file) == unchanged
    assert customers == len(stored)
    with acting_for(studio.id):
        assert list(Customer.objects.order_by("id").values()) == stored
    cells = [cell for row in csv.reader(StringIO(export(), newline="")) for cell in row]
    assert "'=1+1" in cells
    assert "+44 20 7946 0000" in cells
    wild = [cell for cell in cells if cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))]
    assert {cell for cell in wild if cell.strip("+0123456789 ()./-")} == set(), "no formula"
    assert all(cell.startswith("+") for cell in wild)


def test_every_text_comes_back_from_its_cell() -> None:
    for text in HOSTILE:
        assert read_text(unguard(guard(mark_null(text, "city"))), "city") == text
        assert read_text(unguard(guard(text)), "first_name") == text


def test_every_customer_stands_there_once_in_batches(
    export: Export, studio: Company, rival: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendered_list, "BATCH", 2)
    assert export().count("\n") == 1
    assert export("--format", "ndjson") == ""
    mine = [ACustomer(company=studio) for _ in range(5)]
    ACustomer(company=rival)
    ACustomer(company=studio, archived=True)
    with acting_for(studio.id):
        assert [line.split(",")[0] for line in export().splitlines()[1:]] == [
            show_id("cust_", one.id) for one in mine
        ]
    assert export("--archived").count("\n") == 7


def test_the_whole_line_of_a_customer(export: Export, studio: Company) -> None:
    ann = ACustomer(
        company=studio, external_id="17", first_name="Ann", last_name="O’Neill", name="Acme",
        email="ann@x.org", phone="+44 20 7946 0000", preferences={"marketing_opt_in": True, "a": 1},
        address={"street": "1 High St", "postal_code": "E1 6AN"},
    )  # fmt: skip
    AnAddress(company=studio, customer=ann, street="Elsewhere")
    act(studio, update_customer, ann, changes={"tags": ["VIP", "Mornings"], "birthday": "--05-04"})
    for number in (1, 2):
        AContactPoint(company=studio, customer=ann, value=f"further{number}@x.org")
    assert export() == (
        "\ufeffregulars_id,external_id,first_name,last_name,company,legal_name,tax_id,email,phone,"
        "street,sub_premise,city,state,postal_code,country,address_label,access_notes,tags,"
        "birthday,other_emails,other_phones,preferred_contact,marketing_opt_in,preferences,"
        "is_active,archived\r\n"
        f"{show_id('cust_', ann.id)},17,Ann,O’Neill,Acme,,,ann@x.org,+44 20 7946 0000,1 High St,"
        ",,,E1 6AN,,,,VIP; Mornings,'--05-04,further1@x.org; further2@x.org,,,true,"
        '"{""a"": 1}",true,false\r\n'
    )
    assert json.loads(export("--format", "ndjson")) == {
        "regulars_id": show_id("cust_", ann.id), "external_id": "17", "first_name": "Ann",
        "last_name": "O’Neill", "company": "Acme", "legal_name": None, "tax_id": None,
        "email": "ann@x.org", "phone": "+44 20 7946 0000", "street": "1 High St",
        "sub_premise": None, "city": None, "state": None, "postal_code": "E1 6AN", "country": None,
        "address_label": None, "access_notes": None, "tags": ["VIP", "Mornings"],
        "birthday": "--05-04", "other_emails": ["further1@x.org", "further2@x.org"],
        "other_phones": None,
        "preferences": {"a": 1, "marketing_opt_in": True}, "is_active": True, "archived": False,
    }  # fmt: skip


def test_a_file_is_there_when_it_is_whole(
    export: Export, studio: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ACustomer(company=studio)
    file = tmp_path / "out.csv"
    assert export("--output", str(file)) == f"{file} holds 1 customer.\n"
    whole = file.read_bytes()
    answer = json.loads(export("--output", str(file), "--json"))
    assert (answer, file.read_bytes()) == ({"exported": 1, "output": str(file)}, whole)

    def fail(documents: Any) -> Any:
        yield next(as_csv(documents))
        raise RuntimeError("cut off")

    monkeypatch.setitem(sys.modules["customers.exports"].FORMATS, "csv", fail)
    with pytest.raises(RuntimeError):
        export("--output", str(file))
    assert [(one, one.read_bytes()) for one in tmp_path.iterdir()] == [(file, whole)]
    for place in (tmp_path, tmp_path / "none" / "out.csv", file / "out.csv"):
        with pytest.raises(CommandError, match="cannot be written"):
            export("--output", str(place))


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_batches_leave_no_transaction(studio: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendered_list, "BATCH", 1)
    for _ in range(3):
        ACustomer(company=studio)
    for _ in export_customers(studio.id):
        assert not connection.in_atomic_block
        assert connection.connection is None
