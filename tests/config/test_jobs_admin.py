"""Background work as staff see it: its page, its report, its files, and its list."""

from typing import Any

import pytest
from django.test import Client

from config.access.models import Company, Staff
from config.access.tenancy import acting_for
from config.jobs.admin import job_page
from config.jobs.models import Chunk, Job, StoredFile
from config.jobs.work import Work
from tests.backoffice import Browser, fresh, page_of, said
from tests.factories import make_staff
from tests.jobs import a_job, begin, finish, kind
from tests.statements import listed, recorded

NOBODY = "01a1f800-0000-7000-8000-0123456789ab"


def report(work: Work) -> dict[str, int]:
    """Make a file, and refuse what one page does not hold."""
    for number in range(1, 121):
        work.refuse(f"=Row {number}", f"No <b>{number}</b>.", "/admin/customers/")
    with work.writing('grüße & "co".csv', "text/csv") as out:
        out.write("a,b\r\n")
    return {"made": 1234}


@pytest.fixture
def job(studio: Company, owner: Staff) -> Job:
    """Work that is done, and has something to tell."""
    with kind(report, counts={"made": "rows made"}):
        return finish(begin(studio, owner, permission="customers.export_customer"))


def file_page(job: Job, file: StoredFile | None = None) -> str:
    with acting_for(job.company_id):
        return f"{page_of(job).removesuffix('change/')}files/{(file or job.files.get()).pk}/"


def test_the_page_tells_what_came_of_it(browser: Browser, job: Job) -> None:
    with kind(report, counts={"made": "rows made"}):
        page = browser.get(job_page(job))
    assert page.status_code == 200
    for text in ("Rows made", "1,234", "120 refused, and why", "=Row 1<", "No &lt;b&gt;50"):
        assert text in page.text, text
    assert "=Row 51" not in page.text
    assert "jobs.js" not in page.text


@pytest.mark.parametrize(
    ("typed", "first", "last"), [("2", 51, 100), ("3", 101, 120), ("99", 101, 120), ("x", 1, 50)]
)
def test_the_report_is_paged(browser: Browser, job: Job, typed: str, first: int, last: int) -> None:
    page = browser.get(job_page(job), page=typed).text
    assert f"=Row {first}<" in page
    assert f"=Row {last}<" in page
    assert f"=Row {last + 1}<" not in page


def test_the_whole_report_comes_as_csv_that_runs_nothing(browser: Browser, job: Job) -> None:
    answer = browser.get(page_of(job).removesuffix("change/") + "refused.csv")
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    assert lines[:2] == ["what,why", "'=Row 1,No <b>1</b>."]
    assert len(lines) == 121
    assert answer["Content-Disposition"] == 'attachment; filename="refused.csv"'


def test_a_file_is_sent_under_its_name_and_never_cached(browser: Browser, job: Job) -> None:
    answer = browser.get(file_page(job))
    assert answer.getvalue() == b"a,b\r\n"
    assert answer["Content-Length"] == "5"
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"] == (
        "attachment; filename*=utf-8''gr%C3%BC%C3%9Fe%20%26%20%22co%22.csv"
    )


def test_a_file_that_was_removed_is_told_so(browser: Browser, job: Job) -> None:
    address = file_page(job)
    with acting_for(job.company_id):
        Chunk.objects.all().remove()
        StoredFile.objects.update(removed_at="2030-01-02T12:00Z")
    answer = browser.get(address)
    assert (answer.status_code, answer["Location"]) == (302, job_page(job))
    assert said(answer) == ["This file has been removed. Make it again."]
    assert "was removed on 2 Jan 2030" in browser.get(job_page(job)).text


def test_another_companys_work_and_files_are_as_if_they_were_not(
    browser: Browser, rival: Company
) -> None:
    stranger = make_staff(rival, email="sam@rival.example")
    with kind(report):
        foreign = finish(begin(rival, stranger))
    address = page_of(foreign).removesuffix("change/")
    with acting_for(rival.id):
        file = foreign.files.get().pk
    for part in ("progress/", "refused.csv", f"files/{file}/"):
        there = browser.get(address + part)
        nowhere = browser.get(f"/admin/jobs/job/{NOBODY}/{part}")
        assert there.status_code == nowhere.status_code == 404
    assert str(foreign) not in browser.get("/admin/jobs/job/").text


def test_a_file_of_other_work_is_not_sent(browser: Browser, job: Job, owner: Staff) -> None:
    with kind(report):
        other = finish(begin(job.company, owner))
    with acting_for(job.company_id):
        file = other.files.get()
    assert browser.get(file_page(job, file)).status_code == 404
    assert browser.get(file_page(job).rsplit("/", 2)[0] + "/no-id/").status_code == 404


def test_work_is_opened_by_those_who_may_do_such_work(
    browser: Browser, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = file_page(job)
    monkeypatch.setattr(Staff, "has_perm", lambda *args: args[1] != "customers.export_customer")
    for path in (
        *(job_page(job), address, page_of(job).removesuffix("change/") + "refused.csv"),
        page_of(job).removesuffix("change/") + "progress/",
    ):
        assert browser.get(path).status_code == 403, path
    assert browser.get("/admin/jobs/job/").status_code == 200


def test_running_work_shows_how_far_it_is(browser: Browser, studio: Company) -> None:
    job = a_job(studio)
    page = browser.get(job_page(job)).text
    assert "Waiting for its turn" in page
    assert '<progress class="job-bar" max="100"  aria-labelledby="job-state">' in page
    with acting_for(studio.id):
        Job.objects.update(state=Job.RUNNING, done=5, total=20, heard_at="2999-01-01T00:00Z")
    page = browser.get(job_page(job)).text
    for text in ("5 of 20", 'value="25"', 'aria-live="polite"', "jobs.js", "noscript"):
        assert text in page, text
    progress = browser.get(page_of(job).removesuffix("change/") + "progress/").json()
    assert progress == {
        "over": False, "state": "running", "percent": 25, "done": 5, "total": 20,
        "sentence": "5 of 20",
    }  # fmt: skip
    with acting_for(studio.id):
        Job.objects.update(heard_at="2020-01-01T00:00Z")
    assert "goes on by itself" in browser.get(job_page(job)).text


def test_work_can_be_stopped_from_its_page_once(browser: Browser, studio: Company) -> None:
    job = a_job(studio)
    answer = browser.press(page_of(job), "stop")
    assert said(answer) == ["Bygone work: stopped."]
    assert fresh(job).state == Job.CANCELLED
    answer = browser.press(page_of(job), "stop")
    assert said(answer)[-1] == "This is over already."


def test_a_form_made_for_another_company_stops_nothing(
    browser: Browser, studio: Company, rival: Company
) -> None:
    job = a_job(studio)
    answer = browser.post(page_of(job).removesuffix("change/") + "stop/", _company=rival.pk)
    assert (answer.status_code, fresh(job).state) == (409, Job.QUEUED)


def test_the_list_is_in_the_menu_and_tells_results(browser: Browser, job: Job) -> None:
    with kind(report, counts={"made": "rows made"}):
        page = browser.get("/admin/jobs/job/").text
    assert "1,234 rows made" in page
    assert 'href="/admin/jobs/job/"' in browser.get("/admin/").text


def test_nobody_watches_without_signing_in(job: Job) -> None:
    answer = Client(SERVER_NAME="localhost").get(file_page(job))
    assert (answer.status_code, answer["Location"][:13]) == (302, "/admin/login/")


def test_pages_take_few_statements(browser: Browser, job: Job) -> None:
    for path in (job_page(job), "/admin/jobs/job/"):
        browser.get(path)
        with recorded() as ran:
            assert browser.get(path).status_code == 200
        own = [one for one in ran if not one[0].startswith(("SAVEPOINT", "RELEASE"))]
        assert len(own) <= 10, listed(own)


def test_what_is_no_page_of_anything_is_told(browser: Browser, job: Job) -> None:
    strange: list[dict[str, Any]] = [{"page": "-1"}, {"page": "9" * 40}, {"page": "²"}]
    for query in strange:
        assert browser.get(job_page(job), **query).status_code == 200
