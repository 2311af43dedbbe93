"""A check shows the result of each row before anything is saved, on its page and as a file."""

import csv
from io import StringIO

from config.jobs.models import Job
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from tests.backoffice import Browser
from tests.factories import ACustomer
from tests.jobs import finish

from .test_admin_import import check, run

LIST = (
    "id,First name,Last name,E-mail,Mobile,Other phone,Tags,Street,Active\r\n"
    "1,Ada,Lee,ada@new.example,,,VIP,1 High Street,\r\n"
    "2,Bo,Ek,bo@one.example,,,,,no\r\n"
    "3,Cy,Ray,cy@one.example,,,,,\r\n"
    "4,Di,Fox,di@one.example,020 7946 0018,020 7946 0019,,,\r\n"
    "1,Ada,Lee,ada@new.example,,,,,\r\n"
)


def known(studio: Company) -> None:
    ACustomer(
        company=studio, external_id="1", first_name="Ada", last_name="Lee", email="ada@old.example",
        tags=["Early"], address={"street": "9 Low Street"},
    )  # fmt: skip
    for id, first, last in (("2", "Bo", "Ek"), ("3", "Cy", "Ray")):
        email = f"{first.lower()}@one.example"
        ACustomer(company=studio, external_id=id, first_name=first, last_name=last, email=email)


def rows_of_file(browser: Browser, job: Job) -> list[list[str]]:
    with acting_for(job.company_id):
        file = job.files.get(about__holds="fates")
    answer = browser.get(f"/admin/jobs/job/{job.pk}/files/{file.pk}/")
    return list(csv.reader(StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_a_check_tells_what_happens_to_each_row_and_the_import_does_it(
    browser: Browser, studio: Company
) -> None:
    known(studio)
    job = check(browser, studio, LIST)
    assert job.result == {"created": 1, "updated": 2, "unchanged": 1, "refused": 1}
    told = rows_of_file(browser, job)
    assert told == [
        ["Line", "What happens", "Customer", "What changes", "Why not", "Likely the same as"],
        [
            "2", "Changed", "Ada Lee",
            "E-mail: ada@old.example → ada@new.example; Tags: Early → Early, VIP; "
            "Address: street: 9 Low Street → 1 High Street", "", "",
        ],
        ["3", "Changed", "Bo Ek", "Is active: yes → no", "", ""],
        ["4", "Unchanged", "Cy Ray", "", "", ""],
        [
            "5", "New", "Di Fox",
            "First name: Di; Last name: Fox; External id: 4; E-mail: di@one.example; "
            "Phone: 020 7946 0018; Phone: 020 7946 0019", "", "",
        ],
        ["6", "Refused", "", "", "This is the same external_id as in line 2.", ""],
    ]  # fmt: skip
    page = browser.get(f"/admin/jobs/job/{job.pk}/change/").text
    for text in ("What happens to each row", "<del>ada@old.example</del>", "020 7946 0019"):
        assert text in page, text
    imported = run(browser, job)
    assert finish(imported).result == job.result


def test_a_formula_in_the_file_of_a_check_is_no_formula(browser: Browser, studio: Company) -> None:
    job = check(browser, studio, "First name,E-mail\r\n=1+1,a@one.example\r\n")
    (_, row) = rows_of_file(browser, job)
    assert row[2] == "'=1+1"


def test_a_check_tells_of_new_customers_whom_they_are_likely_the_same_as(
    browser: Browser, studio: Company, rival: Company
) -> None:
    for company in (studio, rival):
        person = {"first_name": "Anna", "last_name": "Kowalczyk", "email": "anna@one.example"}
        ACustomer(company=company, **person, phone="+44 20 7946 0018")
    rows = "First name,Last name,Phone\r\n"
    rows += "Ana,Kowalczik,020 7946 0018\r\nCy,Ray,020 7946 0019\r\nRay,Cy,+442079460019\r\n"
    job = check(browser, studio, rows)
    anna = "Anna Kowalczyk (Same phone number, Names differ by one letter)"
    twins = ["Ray Cy", "Cy Ray"]
    swapped = [f"{name} (Same phone number, First and last name swapped)" for name in twins]
    assert [row[5] for row in rows_of_file(browser, job)[1:]] == [anna, *swapped]
    assert anna in browser.get(f"/admin/jobs/job/{job.pk}/change/").text
