"""Which customer a row is (customers.imports): never a guess, and never twice the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.access.actors import Actor
from config.access.ids import show_id
from config.access.models import Company
from config.access.tenancy import acting_for
from customers.imports import guess_mapping, import_rows, importing, open_table
from customers.models import Customer
from tests.factories import ACustomer

Import = Callable[[str], tuple[str, list[str]]]


@pytest.fixture
def bring_in(actor: Actor, tmp_path: Path) -> Import:
    """Import text; returns `created updated unchanged refused` and the reasons."""

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


# Files in which rows are hard to tell apart; a second run of each changes nothing.
FILES = [
    "first,email\nAnn,a@x.org\nBob,a@x.org\n",
    "first,email\nBob,a@x.org\n,a@x.org\n",
    "first,email\nAnn,a@x.org\nANN,A@X.ORG\n",
    "first,phone\nAnn,020 7946 0000\nAnn,+44 20 7946 0000\nBob,020 7946 0000\n",
    "first,phone\nAnn,12\nAnn,12\nAnn,13\n",
    "name,city\nJohn Smith,Leeds\nJohn Smith,York\nJohn Smith,\n",
    "company,first,email\nAcme,Ann,\nAcme,Bob,\nAcme,,\n",
    "legal name,city\nAcme Ltd,Leeds\nAcme Ltd,York\n",
    "id,first,email\n,Ann,a@x.org\n1,Ann,a@x.org\n2,Ann,a@x.org\n,,a@x.org\n",
    "id,first,email\n1,Ann,a@x.org\n1,Bob,b@x.org\n,Ann,a@x.org\n",
    "id,first,archived\n1,Ann,yes\n1,Ann,no\n2,Bob,yes\n",
    "first,email,archived\nAnn,a@x.org,yes\nAnn,a@x.org,\n,a@x.org,\n",
    'email,preferences\na@x.org,"{""a"": 1}"\nb@x.org,"{""a"": null}"\n',
    "email,active\na@x.org,no\nb@x.org,yes\nc@x.org,\n",
]


@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize("text", FILES)
def test_a_second_run_changes_nothing_whatever_the_file(
    bring_in: Import, studio: Company, text: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", size)
    first, reasons = bring_in(text)
    with acting_for(studio.id):
        before = list(Customer.objects.order_by("id").values())
    created, refused = first.split()[0], first.split()[3]
    assert bring_in(text) == (f"0 0 {created} {refused}", reasons)
    with acting_for(studio.id):
        assert list(Customer.objects.order_by("id").values()) == before


@pytest.mark.parametrize(("text", "answer"), [(FILES[at], answer) for at, answer in {
    0: "2 0 0 0", 1: "1 0 0 1", 2: "1 0 0 1", 3: "2 0 0 1", 5: "2 0 0 1", 6: "2 0 0 1",
    8: "3 0 0 1", 9: "1 0 0 2", 10: "3 0 0 0",
}.items()])  # fmt: skip
def test_two_rows_are_never_the_same_customer(bring_in: Import, text: str, answer: str) -> None:
    assert bring_in(text)[0] == answer


@pytest.mark.parametrize(
    "row",
    [
        "Ann,Smith,,A@X.org,",
        "ánn,SMITH,,a@x.org,",
        ",Smith,,a@x.org,",
        ",,,a@x.org,",
        "Ann,Smith,Acme,a@x.org,",
        "Ann,Smith,,,020 7946 0001",
        "Ann,Smith,,,+44 20 7946 0001",
        "Ann,Smith,,a@x.org,1",
        "Ann,Smith,,,",
    ],
)
def test_the_same_name_and_the_same_way_to_reach_them_is_the_same_person(
    bring_in: Import, studio: Company, row: str
) -> None:
    ACustomer(
        company=studio, first_name="Ann", last_name="Smith", email="a@x.org", phone="020 7946 0001"
    )
    assert bring_in(f"first,last,company,email,phone\n{row}\n")[0].startswith("0")
    assert len(people(studio)) == 1


@pytest.mark.parametrize(
    "row",
    [
        "Bob,Smith,,a@x.org,",
        "Ann,Jones,,a@x.org,020 7946 0001",
        "Ann,Smith,,b@x.org,020 7946 0001",
        "Ann,Smith,,,020 7946 0002",
        "ann,Smith,,,",
    ],
)
def test_another_name_or_way_is_another_person(bring_in: Import, studio: Company, row: str) -> None:
    ACustomer(
        company=studio, first_name="Ann", last_name="Smith", email="a@x.org", phone="020 7946 0001"
    )
    assert bring_in(f"first,last,company,email,phone\n{row}\n") == ("1 0 0 0", [])


def test_a_row_that_could_be_several_is_refused(bring_in: Import, studio: Company) -> None:
    for name in ("Ann", "Bob"):
        ACustomer(company=studio, first_name=name, last_name="", email="a@x.org")
    sentence = "Several customers fit this row. Give it the external_id of the right one."
    assert bring_in("email,zip\na@x.org,E1\n") == ("0 0 0 1", [f"2: {sentence}"])
    assert bring_in("email\na@x.org\n") == ("0 0 1 0", [])
    assert bring_in("first,email,zip\nBob,a@x.org,E1\n") == ("0 1 0 0", [])


def test_an_external_id_decides_alone(bring_in: Import, studio: Company) -> None:
    ACustomer(company=studio, external_id="7", first_name="Ann", last_name="", email="a@x.org")
    assert bring_in("id,first,email\n8,Ann,a@x.org\n7,Bob,b@x.org\n")[0] == "1 1 0 0"
    assert people(studio) == [("Bob", "b@x.org", ""), ("Ann", "a@x.org", "")]
    reason = "3: This is the same external_id as in line 2."
    assert bring_in("id,first\n9,Cy\n9,Di\n") == ("1 0 0 1", [reason])


def test_an_id_of_our_own_finds_a_renamed_customer(
    bring_in: Import, studio: Company, rival: Company
) -> None:
    mine = show_id("cust_", ACustomer(company=studio, first_name="Ann", email="a@x.org").id)
    theirs = show_id("cust_", ACustomer(company=rival, first_name="Eve").id)
    text = f"regulars_id,first,email\n{mine},Zoe,z@x.org\n{theirs},Bob,b@x.org\nx,Cy,\n"
    answer = ("1 1 0 1", ["4: regulars_id: This is no id of a customer."])
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


def test_an_archived_row_archives_nobody_who_is_there(bring_in: Import, studio: Company) -> None:
    ACustomer(company=studio, external_id="7", first_name="Ann")
    answer = bring_in("id,first,archived\n7,Ann,yes\n8,Bob,yes\n")
    assert answer == ("1 0 0 1", ["2: This customer is not archived."])
    with acting_for(studio.id):
        assert {one.first_name: one.is_archived for one in Customer.objects.all()} == {
            "Ann": False, "Bob": True
        }  # fmt: skip


def test_customers_of_another_company_are_nobody(
    bring_in: Import, rival: Company, studio: Company
) -> None:
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
    create = importing.create_customers

    def be_late(newcomers: Any, **rest: Any) -> Any:
        ACustomer(company=studio, external_id="2", first_name="Early")
        return create(newcomers, **rest)

    monkeypatch.setattr(importing, "create_customers", be_late)
    answer = bring_in("id,first,zip\n1,Ann,E1\n2,Bob,E2\n3,Cy,E3\n")
    assert answer == ("2 0 0 1", ["3: Another customer has this external id."])
    assert {one[0] for one in people(studio)} == {"Early", "Ann", "Cy"}
