"""How an import matches rows to customers (customers.imports): never by a guess, never twice."""

import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.ids import show_id
from config.tenancy.scoping import acting_for
from customers.imports import Overwrite, batch, guess_mapping, import_rows, importing, open_table
from customers.models import Customer
from tests.factories import ACustomer
from tests.shares import undone
from tests.statements import recorded

Import = Callable[[str], tuple[str, list[str]]]


@pytest.fixture
def bring_in(actor: Actor, tmp_path: Path) -> Import:
    """Import text; return `created updated unchanged refused` and the reasons."""

    def run(text: str) -> tuple[str, list[str]]:
        file, reasons = tmp_path / "given.csv", []
        file.write_text(text, "utf-8")
        table = open_table(file)
        outcome = import_rows(
            table,
            guess_mapping(table.headings),
            actor=actor,
            refused=lambda row, reason: reasons.append(f"{row.line}: {reason}"),
        )
        return " ".join(map(str, outcome.as_dict().values())), reasons

    return run


def people(company: Company) -> list[tuple[str, str, str]]:
    with acting_for(company.id):
        rows = Customer.objects.order_by("id").values_list("first_name", "email", "phone")
        return list(rows)


# Files with ambiguous rows, where two rows could match one customer, and the counts of the first
# run. A second run of each file changes nothing.
FILES = {
    "first,email\nAnn,a@x.org\nBob,a@x.org\n": "2 0 0 0",
    "first,email\nBob,a@x.org\n,a@x.org\n": "1 0 0 1",
    "first,email\nAnn,a@x.org\nANN,A@X.ORG\n": "1 0 0 1",
    "first,phone\nAnn,020 7946 0000\nAnn,+44 20 7946 0000\nBob,020 7946 0000\n": "2 0 0 1",
    "first,phone\nAnn,12\nAnn,12\nAnn,13\n": None,
    "name,city\nJohn Smith,Leeds\nJohn Smith,York\nJohn Smith,\n": "2 0 0 1",
    "company,first,email\nAcme,Ann,\nAcme,Bob,\nAcme,,\n": "2 0 0 1",
    "legal name,city\nAcme Ltd,Leeds\nAcme Ltd,York\n": None,
    "id,first,email\n,Ann,a@x.org\n1,Ann,a@x.org\n2,Ann,a@x.org\n,,a@x.org\n": "3 0 0 1",
    "id,first,email\n1,Ann,a@x.org\n1,Bob,b@x.org\n,Ann,a@x.org\n": "1 0 0 2",
    "id,first,archived\n1,Ann,yes\n1,Ann,no\n2,Bob,yes\n": "3 0 0 0",
    "first,email,archived\nAnn,a@x.org,yes\nAnn,a@x.org,\n,a@x.org,\n": None,
    'email,preferences\na@x.org,"{""a"": 1}"\nb@x.org,"{""a"": null}"\n': None,
    "email,active\na@x.org,no\nb@x.org,yes\nc@x.org,\n": None,
}


def test_two_rows_are_never_the_same_customer_and_a_second_run_changes_nothing(
    bring_in: Import, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stored() -> list[dict[str, Any]]:
        with acting_for(studio.id):
            return list(Customer.objects.order_by("id").values())

    for size, (text, answer) in product((1, 1000), FILES.items()):
        monkeypatch.setattr(importing, "BATCH", size)
        with undone():
            first, reasons = bring_in(text)
            assert answer in (None, first), text
            created, _, _, refused = first.split()
            before = stored()
            assert bring_in(text) == (f"0 0 {created} {refused}", reasons), text
            assert stored() == before, text


def test_the_same_name_and_the_same_way_to_reach_them_alone_is_the_same_person(
    bring_in: Import, studio: Company
) -> None:
    ACustomer(
        company=studio, first_name="Ann", last_name="Smith", email="a@x.org", phone="020 7946 0001"
    )
    heading = "first,last,company,email,phone"
    for row in (
        *("Ann,Smith,,A@X.org,", "ánn,SMITH,,a@x.org,", ",Smith,,a@x.org,", ",,,a@x.org,"),
        *("Ann,Smith,Acme,a@x.org,", "Ann,Smith,,,020 7946 0001", "Ann,Smith,,,+44 20 7946 0001"),
        *("Ann,Smith,,a@x.org,1", "Ann,Smith,,,"),
    ):
        with undone():
            assert bring_in(f"{heading}\n{row}\n")[0].startswith("0"), row
            assert len(people(studio)) == 1, row
    for row in (
        *("Bob,Smith,,a@x.org,", "Ann,Jones,,a@x.org,020 7946 0001", "ann,Smith,,,"),
        *("Ann,Smith,,b@x.org,020 7946 0001", "Ann,Smith,,,020 7946 0002"),
    ):
        with undone():
            assert bring_in(f"{heading}\n{row}\n") == ("1 0 0 0", []), row


def test_a_row_that_could_be_several_is_refused(bring_in: Import, studio: Company) -> None:
    for name in ("Ann", "Bob"):
        ACustomer(company=studio, first_name=name, last_name="", email="a@x.org")
    sentence = "Several customers fit this row. Give it the external_id of the right one."
    assert bring_in("email,zip\na@x.org,E1\n") == ("0 0 0 1", [f"2: {sentence}"])
    assert bring_in("email\na@x.org\n") == ("0 0 1 0", [])
    assert bring_in("first,email,zip\nBob,a@x.org,E1\n") == ("0 1 0 0", [])


def test_an_external_id_decides_alone(bring_in: Import, studio: Company) -> None:
    ACustomer(company=studio, external_id="7", first_name="Ann", last_name="", email="a@x.org")
    assert bring_in("id,first,email\n8,Ann,a@x.org\n7,Ann,b@x.org\n")[0] == "1 1 0 0"
    assert people(studio) == [("Ann", "b@x.org", ""), ("Ann", "a@x.org", "")]
    reason = "3: This is the same external_id as in line 2."
    assert bring_in("id,first\n9,Cy\n9,Di\n") == ("1 0 0 1", [reason])


def test_a_row_of_another_person_under_a_known_id_is_held_back(
    bring_in: Import, studio: Company, actor: Actor, tmp_path: Path
) -> None:
    ACustomer(
        company=studio, external_id="7", first_name="Ann", last_name="Lee", email="a@x.org",
        phone="020 7946 0001",
    )  # fmt: skip
    before = people(studio)
    heading = "id,first,last,email,phone"
    for row in ("7,Bob,Ray,b@x.org,020 7946 0002", "7,Bob,,b@x.org,", "7,Bob,,,020 7946 0002"):
        answer, (reason,) = bring_in(f"{heading}\n{row}\n")
        assert answer == "0 0 0 1", row
        assert reason.startswith("2: The id “7” is that of Ann Lee, and this row tells of Bob")
        assert people(studio) == before
    for row in (
        *("7,Bob,Ray,a@x.org,", "7,Bob,,,", "7,Ann,,b@x.org,1", "7,,,b@x.org,"),
        *("7,Bob,,b@x.org,+44 20 7946 0001", "7,ANN,,b@x.org,020 7946 0002"),
    ):
        with undone():
            assert bring_in(f"{heading}\n{row}\n") == ("0 1 0 0", []), row
    file = tmp_path / "other.csv"
    file.write_text(f"{heading}\n7,Bob,Ray,b@x.org,1\n")
    table = open_table(file)
    mapping = guess_mapping(table.headings)
    assert import_rows(table, mapping, actor=actor, overwrite=Overwrite.PEOPLE).updated == 1
    assert people(studio) == [("Bob", "b@x.org", "1")]


def test_what_a_spreadsheet_made_of_an_own_export_changes_nothing_and_is_told(
    studio: Company, actor: Actor, tmp_path: Path
) -> None:
    one = ACustomer(
        company=studio, external_id="00123", first_name="Ann", phone="+96522212345",
        address={"street": "1 High St", "postal_code": "007"},
    )  # fmt: skip
    file, told = tmp_path / "export.csv", []
    file.write_text(
        "regulars_id,external_id,first_name,phone,street,postal_code\n"
        f"{show_id('cust_', one.id)},123,Ann,96522212345,1 High St,7\n"
    )
    table = open_table(file)
    outcome = import_rows(
        table, guess_mapping(table.headings), actor=actor,
        left=lambda row, sentences: told.append(sentences),
    )  # fmt: skip
    assert outcome.unchanged == 1
    assert told == [
        "postal_code: “7” is what a spreadsheet makes of “007”, which stays."
        " external_id: “123” is what a spreadsheet makes of “00123”, which stays."
        " phone: “96522212345” is what a spreadsheet makes of “+96522212345”, which stays."
    ]


def test_further_addresses_and_notes_are_added_once(
    bring_in: Import, studio: Company, actor: Actor
) -> None:
    text = "id,first,home street,work street,notes\n1,Ann,1 High St,2 Low St,Likes tea\n"
    assert bring_in(text)[0] == "1 0 0 0"
    assert bring_in(text)[0] == "0 0 1 0"
    assert bring_in(text.replace("2 Low St", "3 Low St"))[0] == "0 1 0 0"
    with acting_for(studio.id):
        (customer,) = Customer.objects.all()
        homes = customer.addresses.order_by("id").values_list("street", "label", "is_default")
        assert list(homes) == [
            ("1 High St", "", True), ("2 Low St", "work", False), ("3 Low St", "work", False)
        ]  # fmt: skip
        assert list(customer.notes.values_list("content", flat=True)) == ["Likes tea"]


def test_our_own_id_finds_the_renamed(bring_in: Import, studio: Company, rival: Company) -> None:
    mine = show_id("cust_", ACustomer(company=studio, first_name="Ann", email="a@x.org").id)
    theirs = show_id("cust_", ACustomer(company=rival, first_name="Eve").id)
    text = f"regulars_id,first,email\n{mine},Zoe,z@x.org\n{theirs},Bob,b@x.org\nx,Cy,\n"
    reason = "4: regulars_id: “x” is not the id of a customer. Copy it from an export."
    answer = ("1 1 0 1", [reason])
    assert bring_in(text) == answer
    assert people(studio) == [("Zoe", "z@x.org", ""), ("Bob", "b@x.org", "")]
    assert people(rival)[0][0] == "Eve"
    assert bring_in(text) == ("0 0 2 1", answer[1])


def test_the_archived_are_neither_changed_nor_made_again(bring_in: Import, studio: Company) -> None:
    sentence = "This customer is archived and cannot be changed. Restore the customer first."
    for number in ("7", ""):
        ACustomer(
            company=studio, external_id=number, first_name="Ann", last_name="", email="a@x.org",
            archived=True,
        )  # fmt: skip
    assert bring_in("id,first,email\n7,Ann,\n,Ann,A@x.org\n") == (
        "0 0 0 2", [f"2: {sentence}", f"3: {sentence}"]
    )  # fmt: skip
    assert bring_in("id,first,archived\n7,Ann,yes\n7,Bob,yes\n")[0] == "0 0 1 1"
    assert len(people(studio)) == 2
    ACustomer(company=studio, external_id="8", first_name="Bob")
    answer = bring_in("id,first,archived\n8,Bob,yes\n9,Cy,yes\n")
    assert answer == ("1 0 0 1", ["2: This customer is not archived."])
    with acting_for(studio.id):
        rows = Customer.objects.filter(external_id__in="89")
        assert {one.first_name: one.is_archived for one in rows} == {"Bob": False, "Cy": True}


def test_foreign_customers_are_nobody(bring_in: Import, rival: Company, studio: Company) -> None:
    fields: dict[str, Any] = {"first_name": "Ann", "last_name": "", "email": "a@x.org"}
    ACustomer(company=rival, external_id="7", **fields)
    ACustomer(company=rival, archived=True, external_id="8", **fields)
    text = "id,first,email\n7,Bob,a@x.org\n8,Cy,a@x.org\n,Ann,a@x.org\n"
    assert bring_in(text)[0] == "3 0 0 0"
    assert len(people(studio)) == 3
    assert people(rival) == [("Ann", "a@x.org", ""), ("Ann", "a@x.org", "")]


def test_an_external_id_that_is_taken_meanwhile_refuses_its_row_alone(
    bring_in: Import, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = batch.actions.create_customers

    def be_late(newcomers: Any, **rest: Any) -> Any:
        ACustomer(company=studio, external_id="2", first_name="Early")
        return create(newcomers, **rest)

    monkeypatch.setattr(batch.actions, "create_customers", be_late)
    answer = bring_in("id,first,zip\n1,Ann,E1\n2,Bob,E2\n3,Cy,E3\n")
    assert answer == (
        "2 0 0 1",
        ["3: Another customer has the external id “2”. Use that one, or choose another id."],
    )
    assert {one[0] for one in people(studio)} == {"Early", "Ann", "Cy"}


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_whom_a_row_could_be_is_found_by_an_index(bring_in: Import, studio: Company) -> None:
    ACustomer(company=studio, first_name="Ann", last_name="", phone="020 7946 0001")
    with acting_for(studio.id):
        Customer.objects.bulk_create(
            Customer(company=studio, external_id=f"one {number}", phone=f"020 7946 1{number:03}")
            for number in range(600)
        )
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE customers_customer")
    text = "id,first,email,phone\n7,,,\n,Bo,b@x.org,\n,Ann,,+44 20 7946 0001\n,Cy,,12\n"
    with recorded() as ran:
        assert bring_in(text)[0] == "3 1 0 0"
    reads = [one for one in ran if one[0].startswith("SELECT")]
    asked = [one for one in reads if '"birthday"' in one[0].partition(" FROM ")[0]]
    assert any("customers_with_email" in statement for statement, _ in asked)
    assert len(asked) >= 4
    with acting_for(studio.id), connection.cursor() as cursor:
        for statement, values in asked:
            cursor.execute(f"EXPLAIN {statement}", values)
            plan = "\n".join(line for (line,) in cursor.fetchall())
            # The index must filter by more than the company. A function looks up e-mail addresses.
            compared = r"Index Cond: .*\b(id|phone|phone_national|external_id)\b|with_email"
            assert re.search(compared, plan), plan
