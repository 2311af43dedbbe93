"""Neither an import nor a restored backup brings an erased person back."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from config.jobs.models import Job
from config.tenancy.companies import Company
from config.tenancy.ids import show_id
from config.tenancy.scoping import acting_for
from customers.actions import merge_customers, replay_erasure, update_customer
from customers.models import ContactPoint, Customer, ErasureMark
from customers.privacy.marks import key_of, marks_of
from customers.tasks import erase_due
from tests.backoffice import fresh
from tests.factories import ACustomer, act
from tests.jobs import a_job
from tests.personal import erase


@pytest.fixture
def erased(studio: Company) -> Customer:
    """A customer of the studio who was erased."""
    customer = ACustomer(
        company=studio, first_name="Zoë", last_name="Ng", email="zoe@example.com",
        phone="020 7946 0018", external_id="z-1", birthday="1990-05-04",
    )  # fmt: skip
    erase(studio, customer)
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
    erase(rival, other)
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
        # Bring back the row as a backup from before the erasure has it.
        Customer.objects.filter(pk=erased.pk).update(
            erased_at=None, archived_at=None, email="zoe@example.com", name=""
        )
    assert replayed(file) == {"erased": 1, "waiting": 0, "merged": 0, "listed": 1}
    assert fresh(erased).is_erased
    assert fresh(erased).email == ""
    assert fresh(customer).first_name == "Ana"
    assert replayed(file)["erased"] == 0


def replayed(file: Path) -> dict[str, int]:
    """Replay a list of erasures, and return the counts that the command prints."""
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
    assert act(studio, replay_erasure, erased.pk, listed=[erased.pk]) is None


# --- Merges that are different in the backup ---


@pytest.fixture
def pair(studio: Company) -> tuple[Customer, Customer]:
    """Two customers; in the backup, the second is merged into the first."""
    kept = ACustomer(company=studio, first_name="Kay", email="kay@example.com")
    merged = ACustomer(company=studio, first_name="Em", email="em@example.com")
    act(studio, merge_customers, kept, merged=merged)
    return kept, merged


def listed(
    folder: Path, company: Company, *people: Customer, marks: list[str] | None = None
) -> Path:
    """Write a list with one erasure for each customer."""
    file = folder / "erasures.ndjson"
    lines = (
        {"company": str(company.pk), "people": [str(one.pk)], "marks": marks or []}
        for one in people
    )
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return file


@pytest.mark.parametrize("number", [0, 1])
def test_of_two_who_are_merged_in_the_backup_the_listed_one_is_erased(
    studio: Company, pair: tuple[Customer, Customer], tmp_path: Path, number: int
) -> None:
    erased, other = pair[number], pair[1 - number]
    name = other.first_name
    assert replayed(listed(tmp_path, studio, erased))["erased"] == 1
    assert (fresh(erased).is_erased, fresh(other).is_erased) == (True, False)
    assert fresh(other).first_name == name
    with acting_for(studio.id):
        held = str(
            [*Customer.objects.values_list("email"), *ContactPoint.objects.values_list("value")]
        )
    assert other.email in held
    assert erased.email not in held


def test_of_two_who_are_merged_and_listed_both_are_erased(
    studio: Company, pair: tuple[Customer, Customer], tmp_path: Path
) -> None:
    file = listed(tmp_path, studio, *pair)
    assert replayed(file)["erased"] == 1
    assert [fresh(one).is_erased for one in pair] == [True, True]


def test_a_merge_that_cannot_be_undone_is_named(
    studio: Company, pair: tuple[Customer, Customer], erased: Customer, tmp_path: Path
) -> None:
    kept, merged = pair
    act(studio, update_customer, kept, changes={"first_name": "Kim"})
    with acting_for(studio.id):
        point = ContactPoint.objects.get(customer=kept)
        point.label = "hers"
        point.save()
        Customer.objects.filter(pk=erased.pk).update(erased_at=None, first_name="Zoë")
    file = listed(tmp_path, studio, merged, erased)
    with pytest.raises(CommandError, match=show_id("cust_", merged.pk)):
        call_command("replay_erasures", str(file), stdout=StringIO())
    assert not fresh(merged).is_erased
    assert fresh(erased).is_erased, "the others are"


def test_a_company_whose_work_goes_on_holds_up_no_other(
    studio: Company, rival: Company, tmp_path: Path
) -> None:
    one, other = ACustomer(company=studio), ACustomer(company=rival)
    job = a_job(min(studio, rival, key=lambda company: company.pk))
    file = listed(tmp_path, studio, one)
    text = file.read_text()
    file.write_text(text + listed(tmp_path, rival, other).read_text())
    assert replayed(file) == {"erased": 1, "waiting": 1, "merged": 0, "listed": 2}
    with acting_for(job.company_id):
        Job.objects.filter(pk=job.pk).update(state=Job.FAILED)
    erase_due(0)
    assert (fresh(one).is_erased, fresh(other).is_erased) == (True, True)


def test_marks_of_people_who_are_not_in_the_backup_come_back_with_the_list(
    studio: Company, erased: Customer, tmp_path: Path
) -> None:
    later = marks_of([{"email": "later@example.com"}], key_of(studio.pk))
    file = listed(tmp_path, studio, erased, marks=[*later])
    for _ in range(2):
        assert replayed(file)["erased"] == 0
    people = tmp_path / "people.csv"
    people.write_text("first_name,email\nL,later@example.com\nB,b@example.com\n")
    printed = StringIO()
    call_command("import_customers", str(people), company=studio.slug, json=True, stdout=printed)
    counts = json.loads(printed.getvalue())
    assert (counts["created"], counts["refused"]) == (1, 1)
    # A new list also has the marks of the old list, in a line without people.
    call_command("replay_erasures", str(file), write=True, stdout=StringIO())
    first, second = map(json.loads, file.read_text().splitlines())
    assert (first["people"], len(first["marks"])) == ([str(erased.pk)], 4)
    assert (second["people"], second["marks"]) == ([], [*later])
    file.write_text(json.dumps({**second, "marks": ["later@example.com"]}))
    with pytest.raises(CommandError, match="is no line"):
        call_command("replay_erasures", str(file))
