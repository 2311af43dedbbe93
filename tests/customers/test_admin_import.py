"""Import of customers in the browser: upload, columns, a check of every row, and the import."""

import csv
import io
import re
import zipfile
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from config.access.models import Staff
from config.changes.models import Change
from config.jobs.files import chunks_of
from config.jobs.models import Job, StoredFile, files_of
from config.jobs.work import Work
from config.tenancy.companies import Company
from config.tenancy.permissions import Role
from config.tenancy.scoping import acting_for
from customers.admin.importing import FIELDS
from customers.imports import importing, uploads
from customers.imports.fields import HEADINGS
from customers.models import ContactPoint, Customer, Note
from tests.backoffice import Browser, Form, count, fresh
from tests.factories import ACustomer, make_staff
from tests.jobs import finish, finish_all
from tests.shares import undone
from tests.statements import MOST, statements

IMPORT = "/admin/customers/customer/import/"
LIST = (
    "CustomerId,FirstName,LastName,E-Mail,Fax\r\n"
    "1,Luís,Gonçalves,luis@one.example,1\r\n"
    "2,Leonie,Köhler,leonie@two.example,\r\n"
    "1.23E+12,Broken,Row,b@three.example,\r\n"
    "4,Short\r\n"
)


def upload(browser: Browser, text: str | bytes, name: str = "list.csv", encoding: str = "") -> Any:
    content = text.encode() if isinstance(text, str) else text
    return browser.post(IMPORT, file=SimpleUploadedFile(name, content), encoding=encoding)


def refusal(answer: Any) -> str:
    assert answer.status_code == 200
    (found,) = re.findall(r'role="alert">([^<]*)<', answer.text)
    return found


def check(browser: Browser, company: Company, text: str | bytes = LIST, **columns: str) -> Job:
    """Upload a file, keep the guessed columns except for the given ones, and check the file."""
    columns_page = upload(browser, text)["Location"]
    form = Form(browser.get(columns_page).text, "columns_form")
    given = {name.replace("_", "-"): field for name, field in columns.items()}
    answer = browser.client.post(columns_page, form.values | given)
    assert answer.status_code == 302, refusal(answer)
    job = finish_all(company)[-1]
    assert answer["Location"] == f"/admin/jobs/job/{job.pk}/change/"
    return job


def run(browser: Browser, check: Job) -> Job:
    answer = browser.post(f"{IMPORT}{check.pk}/run/")
    with acting_for(check.company_id):
        job = Job.objects.get(kind="import_customers", once=str(check.pk))
    assert answer["Location"] == f"/admin/jobs/job/{job.pk}/change/"
    return job


def names(company: Company) -> list[str]:
    with acting_for(company.id):
        return [str(one) for one in Customer.objects.oldest_first()]


def problems(job: Job) -> list[tuple[str, str]]:
    with acting_for(job.company_id):
        return list(job.refusals.order_by("number").values_list("what", "why"))


def test_a_file_is_mapped_checked_imported_once_and_its_refused_rows_come_back(
    browser: Browser, studio: Company, owner: Staff
) -> None:
    page = browser.get(upload(browser, LIST)["Location"])
    form = Form(page.text, "columns_form")
    assert [form.values[f"column-{at}"] for at in range(5)] == [
        "external_id", "first_name", "last_name", "email", ""
    ]  # fmt: skip
    assert "Luís · Leonie · Broken" in page.text
    assert "The file has 4 rows." in page.text

    checked = check(browser, studio)
    assert checked.result == {"created": 2, "updated": 0, "unchanged": 0, "refused": 2}
    assert [what for what, _ in problems(checked)] == ["Line 4", "Line 5"]
    assert count(Customer, studio) == 0
    page = browser.get(f"/admin/jobs/job/{checked.pk}/change/")
    for text in ("Columns left out: Fax.", "Import: 2 new, 0 changed", "leonie@two.example"):
        assert text in page.text, text

    assert browser.get(f"{IMPORT}{checked.pk}/run/").status_code == 405
    first, second = run(browser, checked), run(browser, checked)
    assert first == second
    finish_all(studio)
    job = fresh(run(browser, checked))
    assert (job.pk, job.attempt) == (first.pk, 1)
    assert job.result == {"created": 2, "updated": 0, "unchanged": 0, "refused": 2}
    assert names(studio) == ["Luís Gonçalves", "Leonie Köhler"]
    with acting_for(studio.id):
        made = Change.objects.filter(table_name="customers_customer")
        facts = set(made.values_list("actor_kind", "credential_id", "request_id"))
        (file,) = files_of(job)
    assert facts == {("staff", owner.pk, job.pk.hex)}
    assert file.name == "list.refused.csv"
    rows = list(csv.reader(io.StringIO(b"".join(chunks_of(file)).decode("utf-8-sig"))))
    assert rows[0] == ["line", "reason", *LIST.splitlines()[0].split(",")]
    assert rows[1][0] == "4"
    assert rows[1][1].startswith("CustomerId: “1.23E+12” is a number of which a spreadsheet")
    assert rows[2][1] == "The row has 2 columns where the heading has 5."
    page = browser.get(f"/admin/jobs/job/{job.pk}/change/").text
    assert "Download 2 refused rows" in page
    assert "Download as CSV" not in page, "there is one file to correct"

    mended = b"".join(chunks_of(file)).decode().replace("1.23E+12", "3")
    again = check(browser, studio, mended)
    assert again.result == {"created": 1, "updated": 0, "unchanged": 0, "refused": 1}


def test_columns_are_taken_as_chosen_or_refused_where_they_make_no_customer(
    browser: Browser, studio: Company
) -> None:
    assert FIELDS.keys() == HEADINGS.keys(), "every field that a file can fill has a name"
    page = upload(browser, LIST)["Location"]
    form = Form(browser.get(page).text, "columns_form")
    nameless = {"column-1": "", "column-2": ""}
    cases: list[tuple[dict[str, str], str]] = [
        ({"column-4": "last_name"}, "Two columns cannot both be last_name."),
        ({f"column-{at}": "" for at in range(5)}, "Say of at least one column what it holds."),
        (nameless | {"column-3": ""}, "No column but that of the id is recognised"),
        (nameless | {"column-0": "", "column-3": "city"}, "No column is recognised as a name"),
    ]
    for columns, sentence in cases:
        answer = browser.client.post(page, form.values | columns)
        assert refusal(answer).startswith(sentence)
        shown = Form(answer.text, "columns_form").values
        assert {name: shown[name] for name in columns} == columns
    assert count(Job, studio) == 0
    finish(run(browser, check(browser, studio, column_4="phone", column_0="")))
    with acting_for(studio.id):
        facts = Customer.objects.order_by("id").values_list("external_id", "phone")
        assert list(facts) == [("", "1"), ("", ""), ("", "")]


def test_birthdays_that_can_be_two_days_are_asked_about_and_taken_as_chosen(
    browser: Browser, studio: Company
) -> None:
    text = "First,Last,Email,Fax,DOB\nAnn,Lee,a@x.org,,03/04/1990\n"
    asked = "“03/04/1990” can be two days, and no other row says whether the day or the month"
    assert asked in browser.get(upload(browser, text)["Location"]).text
    clear = text + "Bo,Ek,b@x.org,,25/12/1991\n"
    assert "can be two days" not in browser.get(upload(browser, clear)["Location"]).text
    finish(run(browser, check(browser, studio, text)))
    finish(run(browser, check(browser, studio, text, column_4="birthday_month_first")))
    with acting_for(studio.id):
        assert Customer.objects.get().birthday == "1990-03-04"


def test_what_is_no_list_of_customers_is_refused_in_a_sentence(
    browser: Browser, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    for content, sentence in (
        (b"", "list.csv is empty."),
        (b"Name,Email\r\n", "This file has headings and no rows."),
        (bytes(range(256)) * 20, "list.csv is not a text file."),
        (b"PK\x03\x04rest", "list.csv is a workbook that cannot be opened."),
        ("Name\nJosé".encode("cp1252"), "Line 2 of list.csv is not UTF-8."),
        (",".join(f"c{at}" for at in range(201)).encode() + b"\n1", "This file has 201 columns"),
    ):
        assert refusal(upload(browser, content)).startswith(sentence)
    assert refusal(browser.post(IMPORT)) == "Choose a file."
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    assert refusal(upload(browser, LIST)).startswith("This file is larger than 50 MB.")
    assert count(StoredFile, studio) == 0


def test_another_encoding_is_read_as_named_or_marked(browser: Browser, studio: Company) -> None:
    for encoding, bytes_in in (("cp1252", "cp1252"), ("", "utf-16")):
        with undone():
            answer = upload(browser, LIST.encode(bytes_in), encoding=encoding)
            form = Form(browser.get(answer["Location"]).text, "columns_form")
            browser.client.post(answer["Location"], form.values)
            (checked,) = finish_all(studio)
            finish(run(browser, checked))
            assert names(studio) == ["Luís Gonçalves", "Leonie Köhler"], bytes_in


def test_a_workbook_and_contact_cards_are_taken_with_what_is_left_out(
    browser: Browser, studio: Company
) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("Clients")
        book.add_worksheet("Prices").write_row(0, 0, ["Class", "Price"])
        rows = [
            ["Clients of Studio Nine"], [],
            ["First", "Last", "Email", "Notes", "Phone"],
            ["Ana", "Lee", "ana@", "4111 1111 1111 1111", 2079460001],
            ["Bo", "Ek", "bo@one.example", "Likes tea", "07700 900001 / 07700 900002"],
        ]  # fmt: skip
        for line, cells in enumerate(rows):
            sheet.write_row(line, 0, cells)
    cards = "BEGIN:VCARD\nN:Ray;Cy;;;\nTEL;TYPE=CELL:07700 900003\nEND:VCARD\n"
    for content, name in ((out.getvalue(), "clients.xlsx"), (cards, "cards.vcf")):
        answer = upload(browser, content, name=name)
        page = browser.get(answer["Location"])
        browser.client.post(answer["Location"], Form(page.text, "columns_form").values)
        checked = finish_all(studio)[-1]
        assert checked.state == Job.DONE, checked.message
        shown = browser.get(f"/admin/jobs/job/{checked.pk}/change/").text
        if name == "clients.xlsx":
            assert problems(checked)[0][0] == "Line 4", "a card number refuses its row"
            for text in ("The 2 lines above the headings", "Sheets left out: “Prices”"):
                assert text in shown
        finish(run(browser, checked))
    assert names(studio) == ["Bo Ek", "Cy Ray"]
    with acting_for(studio.id):
        assert [point.value for point in ContactPoint.objects.all()] == ["07700 900002"]
        assert [note.content for note in Note.objects.all()] == ["Likes tea"]


@pytest.mark.parametrize("title", ["A sheet whose title is longer than 31 letters", "Ann's'"])
def test_a_workbook_is_stored_whatever_its_sheet_and_its_file_are_called(
    browser: Browser, studio: Company, title: str
) -> None:
    whole, named = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(whole) as book:
        book.add_worksheet("Clients").write_column(0, 0, ["Email", "ann@x.org"])
    with zipfile.ZipFile(whole) as parts, zipfile.ZipFile(named, "w") as out:
        for name in parts.namelist():
            out.writestr(name, parts.read(name).replace(b'"Clients"', f'"{title}"'.encode()))
    for name in ("clients.xlsx", "clients.json"):
        assert upload(browser, named.getvalue(), name=name).status_code == 302
    with acting_for(studio.id):
        stored = StoredFile.objects.order_by("id")
        assert [one.name for one in stored] == ["clients.xlsx", "clients.xlsx"]
        assert [one.about["headings"] for one in stored] == [["Email"], ["Email"]]
        (data,) = {b"".join(chunks_of(one)) for one in stored}
    assert data == b'"Email"\n"ann@x.org"\n'


def test_ndjson_is_taken_too_and_odd_letters_do_no_harm(browser: Browser, studio: Company) -> None:
    lines = (
        '{"first_name": "Ana", "email": "ana@one.example", "odd\\u0000\\ud800": "\\u0000"}\n'
        '{"first_name": "Bo\\u0000", "odd\\u0001\\ud800": {"deep": "\\ud800"}}\n'
        "not json\n"
    )
    answer = upload(browser, lines, name="a.ndjson")
    page = browser.get(answer["Location"])
    browser.client.post(answer["Location"], Form(page.text, "columns_form").values)
    (checked,) = finish_all(studio)
    assert checked.state == Job.DONE, checked.message
    assert checked.result["created"] == 1
    assert browser.get(f"/admin/jobs/job/{checked.pk}/change/").status_code == 200


def test_every_problem_of_the_whole_file_is_marked_and_repetitions_found(
    browser: Browser, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)
    ACustomer(company=studio, external_id="k", first_name="Kim", email="kim@one.example")
    rows = (
        *("External ID,First name,Email", "a,Ann,ann@one.example", "k,Kim,kim@two.example"),
        *("1.5E+11,Ben,ben@one.example", "c,Cy,", "a,Ann,ann@one.example", "k,Kim,"),
        *(",Kim,kim@two.example", ",Kim,kim@one.example\n"),
    )
    checked = check(browser, studio, "\n".join(rows))
    job = finish(run(browser, checked))
    assert checked.result == job.result
    assert problems(checked) == problems(job)
    assert [what for what, _ in problems(job)] == ["Line 4", "Line 6", "Line 7", "Line 8"]


def test_held_back_rows_overwrite_their_customers_where_somebody_says_so(
    browser: Browser, studio: Company
) -> None:
    wishes = {"marketing_opt_in": False}
    for id, first in (("1", "Ann"), ("2", "Kim")):
        ACustomer(
            company=studio, external_id=id, first_name=first, email=f"{first}@x.org",
            preferences=wishes,
        )  # fmt: skip
    text = (
        "id,First name,Last name,E-mail,Newsletter\r\n"
        "1,Luís,Gonçalves,luis@one.example,yes\r\n2,Kim,Lee,Kim@x.org,yes\r\n"
    )
    first = check(browser, studio, text)
    assert first.result == {"created": 0, "updated": 1, "unchanged": 0, "refused": 1}
    held = "1 row would make another person of a customer"
    imported = finish(run(browser, first))
    for job in (first, imported):
        assert held in browser.get(f"/admin/jobs/job/{job.pk}/change/").text
        answer = browser.post(f"{IMPORT}{job.pk}/overwrite/")
        again = finish_all(studio)[-1]
        assert answer["Location"] == f"/admin/jobs/job/{again.pk}/change/"
        assert (again.result["updated"], again.result["refused"]) == (1, 0)
        assert held not in browser.get(f"/admin/jobs/job/{again.pk}/change/").text
    assert browser.get(f"{IMPORT}{first.pk}/overwrite/").status_code == 405
    finish(run(browser, again))
    assert names(studio) == ["Luís Gonçalves", "Kim Lee"]
    with acting_for(studio.id):
        opted = list(Customer.objects.oldest_first().values_list("preferences", flat=True))
    assert opted == [{"marketing_opt_in": True}, wishes], "Kim has opted out and is the same person"


def test_a_check_holds_nobody_up_and_leaves_no_trace(
    browser: Browser, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 1)
    kim = ACustomer(company=studio, external_id="1", first_name="Kim", email="luis@one.example")
    seen: list[str] = []
    go_on = Work.progress

    def look(work: Work, done: int, total: int | None = None) -> None:
        seen.append(fresh(kim).first_name)
        go_on(work, done, total)

    monkeypatch.setattr(Work, "progress", look)
    checked = check(browser, studio)
    assert checked.result["updated"] == 1
    assert set(seen) == {"Kim"}
    assert count(Customer, studio) == 1


def test_who_may_not_import_is_told_whom_to_ask(browser: Browser, studio: Company) -> None:
    checked = check(browser, studio)
    desk = Browser(make_staff(studio, email="fay@studio.example", role=Role.READ_ONLY))
    assert "/import/" not in desk.get("/admin/customers/customer/").text
    for answer in (
        desk.get(IMPORT),
        upload(desk, LIST),
        desk.get(f"{IMPORT}{checked.parameters['file']}/"),
        desk.post(f"{IMPORT}{checked.pk}/run/"),
        desk.get(f"/admin/jobs/job/{checked.pk}/change/"),
    ):
        assert answer.status_code == 403


def test_a_file_that_was_removed_is_asked_for_again(browser: Browser, studio: Company) -> None:
    page = upload(browser, LIST)["Location"]
    form = Form(browser.get(page).text, "columns_form")
    for path in (IMPORT, page):
        assert len(statements(browser, path)) <= MOST
    with acting_for(studio.id):
        StoredFile.objects.update(removed_at="2030-01-01T00:00Z")
    assert "has been removed" in browser.get(page).text
    browser.client.post(page, form.values)
    (job,) = finish_all(studio)
    assert (job.state, job.message) == (Job.FAILED, "This file has been removed. Make it again.")
