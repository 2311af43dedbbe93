"""`import_customers`: a real file, the command's output, and the rows that it writes."""

import csv
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import Correction, update_customers
from customers.imports import batch, guess_mapping, import_rows, importing, open_table
from customers.imports.fields import HEADINGS
from customers.management.commands import import_customers
from customers.models import Address, Customer
from tests.factories import ACustomer
from tests.real import real_customers

Import = Callable[..., tuple[dict[str, int], str]]


UNCLEAR = (
    "newsletter: “%s” does not say whether this customer agrees to be sent offers. Write yes or no."
)


@pytest.fixture
def real(tmp_path: Path) -> Path:
    file = tmp_path / "customers.csv"
    file.write_text(real_customers(), "utf-8")
    return file


@pytest.fixture
def bring_in(studio: Company, tmp_path: Path) -> Import:
    """Import a file, or text, for the studio; return the counts and the text of stderr."""
    names = ("created", "updated", "unchanged", "refused")

    def run(what: Path | str, *options: str) -> tuple[dict[str, int], str]:
        file = what if isinstance(what, Path) else tmp_path / "given.csv"
        if isinstance(what, str):
            file.write_text(what, "utf-8")
        out, err = StringIO(), StringIO()
        words = ("--company", "studio", "--json", *options)
        call_command("import_customers", str(file), *words, stdout=out, stderr=err)
        answer = json.loads(out.getvalue())
        return {name: answer[name] for name in names}, err.getvalue()

    return run


def counts(created: int = 0, updated: int = 0, unchanged: int = 0, refused: int = 0) -> Any:
    return {"created": created, "updated": updated, "unchanged": unchanged, "refused": refused}


def stored(company: Company) -> list[dict[str, Any]]:
    with acting_for(company.id):
        return list(Customer.objects.order_by("id").values())


def test_the_real_customers_come_in_as_they_were_and_a_second_run_changes_nothing(
    bring_in: Import, real: Path, studio: Company
) -> None:
    answer, told = bring_in(real)
    assert answer == counts(created=59)
    assert told == "Columns left out: Fax. Say what one holds with --map COLUMN=FIELD.\n"
    before = stored(studio)
    assert bring_in(real)[0] == counts(unchanged=59)
    assert stored(studio) == before
    out = StringIO()
    call_command("import_customers", str(real), company="studio", stdout=out, stderr=StringIO())
    assert out.getvalue() == "Done: 0 created, 0 updated, 59 unchanged, 0 refused.\n"
    with real.open(encoding="utf-8", newline="") as handle:
        rows = {row["CustomerId"]: row for row in csv.DictReader(handle)}
    with acting_for(studio.id):
        for customer in Customer.objects.all():
            home = customer.addresses.get()
            row = {name: cell.strip() for name, cell in rows[customer.external_id].items()}
            assert [row["FirstName"], row["LastName"], row["Company"], row["Email"]] == [
                customer.first_name, customer.last_name, customer.name, customer.email
            ]  # fmt: skip
            assert [row["City"], row["PostalCode"], row["Country"], row["Phone"]] == [
                home.city, home.postal_code, home.country, customer.phone
            ]  # fmt: skip
            assert home.is_default


def test_machines_are_told_reasons_columns_and_the_file_of_refused_rows(
    studio: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(text: str, *options: str) -> Any:
        (tmp_path / "few.csv").write_text(text, "utf-8")
        out, words = StringIO(), ("--company", "studio", "--json", *options)
        file = str(tmp_path / "few.csv")
        call_command("import_customers", file, *words, stdout=out, stderr=StringIO())
        return json.loads(out.getvalue())

    rows = "".join(f"A{number},a@x.org,perhaps,x\n" for number in range(12))
    text = f"first,email,newsletter,Fax\nAnn,ann@,yes,x\n{rows}"
    bad = "email: “ann@” is not an e-mail address and was left out."
    told = {
        **counts(created=1, refused=12),
        "refusals": [{"line": line, "reason": UNCLEAR % "perhaps"} for line in range(3, 15)],
        "columns_left_out": ["Fax"],
        "notices": [],
        "left_out": [{"line": 2, "what": bad}],
        "rows_with_something_left_out": 1,
    }
    assert run(text, "--dry-run") == told | {"refused_file": None}
    assert run(text) == told | {"refused_file": str(tmp_path / "few.refused.csv")}
    assert run("Clients\n\nfirst,newsletter\nAnn,yes\n") == counts(unchanged=1) | {
        "refusals": [], "refused_file": None, "columns_left_out": [], "left_out": [],
        "notices": ["The 2 lines above the headings were left out."],
        "rows_with_something_left_out": 0,
    }  # fmt: skip
    monkeypatch.setattr(import_customers, "KEPT", 3)
    many = run(text, "--refused", str(tmp_path / "many.csv"))
    assert (many["refused"], len(many["refusals"])) == (12, 3), "no more than fit into memory"
    assert len((tmp_path / "many.csv").read_text().splitlines()) == 13
    for place, sentence in (
        ("few.csv", "is the file to import"),
        ("none/report.csv", "needs a folder that is there"),
    ):
        with pytest.raises(CommandError, match=sentence):
            run(text, "--refused", str(tmp_path / place))


def test_a_dry_run_writes_nothing(bring_in: Import, studio: Company, tmp_path: Path) -> None:
    ACustomer(company=studio, external_id="1", first_name="Ann", last_name="Old")
    before = stored(studio)
    text = "id,first,last,newsletter\n1,Ann,New,\n2,Bob,New,\n2,Bob,Twice,\n3,Cy,New,perhaps\n"
    wanted = counts(created=1, updated=1, refused=2)
    assert bring_in(text, "--dry-run")[0] == wanted
    assert stored(studio) == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["given.csv"]
    assert bring_in(text)[0] == wanted


def test_refused_rows_can_be_corrected_and_fed_again(bring_in: Import, tmp_path: Path) -> None:
    text = "id,first,fax,newsletter\n1,Ann,=1+1,\n2,Bob,=2+2,bob\n3,Cy\n4,Di,,yes\n"
    answer, told = bring_in(text)
    assert answer == counts(created=2, refused=2)
    report = tmp_path / "given.refused.csv"
    assert f"Correct the refused rows in {report} and import that file." in told
    assert report.read_text("utf-8-sig").splitlines() == [
        "line,reason,id,first,fax,newsletter",
        f"3,{UNCLEAR % 'bob'},2,Bob,'=2+2,bob",
        "4,The row has 2 columns where the heading has 4.,3,Cy",
    ]
    assert bring_in(report)[0] == counts(refused=2)
    again = tmp_path / "given.refused-2.csv"
    assert again.read_text("utf-8-sig").splitlines()[1:] == [
        f"2,{UNCLEAR % 'bob'},2,Bob,'=2+2,bob",
        "3,The row has 4 columns where the heading has 6.,3,Cy",
    ]
    report.write_text(report.read_text("utf-8-sig").replace(",bob", ",no"), "utf-8")
    answer, told = bring_in(report)
    assert answer == counts(created=1, refused=1)
    assert "Columns left out: fax." in told


def test_a_refused_row_undoes_no_other(bring_in: Import, studio: Company) -> None:
    text = "id,first,marketing\n1,Ann,yes\n2,Bob,perhaps\n3,,\n4,Di,no\n"
    answer, told = bring_in(text.replace("3,,", ",,x"))
    assert answer == counts(created=2, refused=2)
    assert "Line 3: marketing: “perhaps” does not say whether this customer agrees" in told
    assert [one["preferences"] for one in stored(studio)] == [
        {"marketing_opt_in": True}, {"marketing_opt_in": False}
    ]  # fmt: skip


def test_the_reasons_are_the_sentences_of_the_api(bring_in: Import, integrator: Any) -> None:
    wrong = {"name": "N" * 201, "postal_code": "1" * 31}
    sentences = integrator.post("/customers", wrong).body["validation_errors"]
    _, told = bring_in(f"name,first,zip\n{wrong['name']},A,{wrong['postal_code']}\n")
    assert told.splitlines()[0] == (
        f"Line 2: name: {sentences['name']} zip: {sentences['postal_code']}"
    )


def test_map_names_a_column_or_leaves_one_out(bring_in: Import, studio: Company) -> None:
    text = "id,first,Fax,Notes\n1,Ann,020 7946 0000,x\n"
    assert bring_in(text, "--map", "Fax=phone", "-m", "first=")[0] == counts(created=1)
    assert [(one["phone"], one["first_name"]) for one in stored(studio)] == [("020 7946 0000", "")]


def test_a_mapping_that_makes_no_sense_is_refused(bring_in: Import, studio: Company) -> None:
    for options, sentence in (
        (["Fax=shoe"], "There is no field “shoe”: regulars_id, own_id, external_id,"),
        (["Tax=phone"], "The file has no column “Tax”: it has “id”, “first”, “Fax”."),
        (["Fax"], "“Fax” is not COLUMN=FIELD."),
        (["Fax=last_name", "id=last_name"], "Two columns cannot both be last_name."),
        (["Fax=phone", "Fax=email"], "--map names the column “Fax” twice."),
        (["id=", "first="], "No column is recognised as a name, an e-mail address,"),
        (["first="], "No column but that of the id is recognised:"),
    ):
        words = [word for option in options for word in ("--map", option)]
        with pytest.raises(CommandError) as refusal:
            bring_in("id,first,Fax\n1,Ann,2\n", *words)
        assert str(refusal.value).startswith(sentence)
    assert stored(studio) == []
    text = " ".join(import_customers.Command().create_parser("x", "x").format_help().split())
    assert f"Fields: {', '.join(HEADINGS)}." in text


def test_an_empty_cell_leaves_what_is_stored(bring_in: Import, studio: Company) -> None:
    bring_in("id,first,last,city,zip,newsletter\n1,Ann,Smith,Leeds,LS1,yes\n")
    before = stored(studio)
    assert bring_in("id,first,last,city,zip,newsletter\n1,,,NULL,,\n")[0] == counts(unchanged=1)
    assert stored(studio) == before
    assert bring_in("id,zip,preferred contact\n1,LS2,phone\n")[0] == counts(updated=1)
    (after,) = stored(studio)
    assert after["preferences"] == {"marketing_opt_in": True, "preferred_contact": "phone"}
    with acting_for(studio.id):
        assert Address.objects.values_list("city", "postal_code").get() == ("Leeds", "LS2")


def test_an_import_pauses_and_resumes(bring_in: Import, studio: Company) -> None:
    for cell, active in (("no", False), ("", False), ("yes", True), ("no", False)):
        bring_in(f"id,first,active\n1,Ann,{cell}\n")
        assert [one["is_active"] for one in stored(studio)] == [active]


def test_nothing_of_a_batch_that_fails_stays_and_the_rest_does(
    studio: Company, actor: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)
    file, done = tmp_path / "many.csv", []
    file.write_text("id,first,zip\n" + "".join(f"{n},Ann,E{n}\n" for n in range(5)))
    for n in (0, 3):
        ACustomer(company=studio, external_id=str(n), first_name="Old")

    def fail(corrections: list[Correction], **rest: Any) -> list[Any]:
        refusals = update_customers(corrections, **rest)
        if any(one.customer.external_id == "3" for one in corrections):
            raise RuntimeError("killed")
        return refusals

    monkeypatch.setattr(batch.actions, "update_customers", fail)
    table = open_table(file)
    with pytest.raises(RuntimeError):
        import_rows(table, guess_mapping(table.headings), actor=actor, progress=done.append)
    assert done == [2]
    assert {(one["external_id"], one["first_name"]) for one in stored(studio)} == {
        ("0", "Ann"), ("1", "Ann"), ("3", "Old")
    }  # fmt: skip
    monkeypatch.undo()
    outcome = import_rows(table, guess_mapping(table.headings), actor=actor)
    assert outcome.as_dict() == counts(created=2, updated=1, unchanged=2)
