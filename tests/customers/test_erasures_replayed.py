"""Nobody who was erased comes back unnoticed: not by an import, and not by a restored backup."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import erase_person, replay_erasure, request_erasure
from customers.models import Customer, ErasureMark
from tests.backoffice import fresh
from tests.factories import ACustomer, act


@pytest.fixture
def erased(studio: Company) -> Customer:
    """A customer of the studio who was erased."""
    Company.objects.filter(pk=studio.pk).update(erasure_days=0)
    customer = ACustomer(
        company=studio, first_name="Zoë", last_name="Ng", email="zoe@example.com",
        phone="020 7946 0018", external_id="z-1", birthday="1990-05-04",
    )  # fmt: skip
    erasure = act(studio, request_erasure, customer)
    act(studio, erase_person, erasure)
    return customer


@pytest.mark.parametrize(
    "row",
    [
        "Other,Name,ZOE@example.com,,,",
        "Other,Name,,+44 20 7946 0018,,",
        "Other,Name,,,z-1,",
        "zoë,ng,,,,1990-05-04",
    ],
)
def test_an_import_holds_back_whom_a_mark_knows(
    studio: Company, erased: Customer, row: str, tmp_path: Path
) -> None:
    file, printed = tmp_path / "people.csv", StringIO()
    headings = "first_name,last_name,email,phone,external_id,birthday"
    file.write_text(f"{headings}\n{row}\n,,a@b.example,,,\n")
    call_command("import_customers", str(file), company=studio.slug, json=True, stdout=printed)
    counts = json.loads(printed.getvalue())
    assert (counts["created"], counts["refused"]) == (1, 1)


def test_marks_are_salted_and_each_companys_own(
    studio: Company, rival: Company, erased: Customer
) -> None:
    other = ACustomer(company=rival, email="zoe@example.com")
    Company.objects.filter(pk=rival.pk).update(erasure_days=0)
    erasure = act(rival, request_erasure, other)
    act(rival, erase_person, erasure)
    marks = []
    for company in (studio, rival):
        with acting_for(company.id):
            marks.append(set(ErasureMark.objects.values_list("digest", flat=True)))
    own, theirs = marks
    assert (len(own), len(theirs)) == (4, 1)
    assert not own & theirs


def test_a_restored_backup_is_erased_again(
    studio: Company, erased: Customer, customer: Customer, tmp_path: Path
) -> None:
    file = tmp_path / "erasures.ndjson"
    call_command("replay_erasures", str(file), write=True, stdout=StringIO())
    text = file.read_text()
    assert "zoe" not in text.lower()
    assert [json.loads(line)["people"] for line in text.splitlines()] == [[str(erased.pk)]]
    with acting_for(studio.id):
        # What a backup from before the erasure would bring back.
        Customer.objects.filter(pk=erased.pk).update(
            erased_at=None, archived_at=None, email="zoe@example.com", name=""
        )
    assert replayed(file) == {"erased": 1, "listed": 1}
    assert fresh(erased).is_erased
    assert fresh(erased).email == ""
    assert fresh(customer).first_name == "Ana"
    assert replayed(file) == {"erased": 0, "listed": 1}


def replayed(file: Path) -> dict[str, int]:
    """Replay a list of erasures, and return what the command says."""
    printed = StringIO()
    call_command("replay_erasures", str(file), json=True, stdout=printed)
    found: dict[str, int] = json.loads(printed.getvalue())
    return found


def test_a_file_that_is_no_list_of_erasures_is_refused(studio: Company, tmp_path: Path) -> None:
    file = tmp_path / "list"
    for text in ("x\n", "[]\n", '{"company": "1", "people": []}\n', '{"people": []}\n'):
        file.write_text(text)
        with pytest.raises(CommandError, match="is no line"):
            call_command("replay_erasures", str(file))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("replay_erasures", str(tmp_path / "nowhere"))


def test_nobody_is_erased_twice(studio: Company, erased: Customer) -> None:
    assert act(studio, replay_erasure, erased.pk) is None
