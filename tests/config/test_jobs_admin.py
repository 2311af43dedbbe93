"""Background jobs in the back-office: page, report, files and list."""

import pytest
from django.test import Client

from config.access.models import Staff
from config.admin.job_pages import job_page
from config.jobs.models import Chunk, Job, StoredFile
from config.jobs.work import Work
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from tests.backoffice import Browser, fresh, page_of, said
from tests.jobs import a_job, begin, finish, kind


def report(work: Work) -> dict[str, int]:
    """Write a file, and refuse more rows than one page shows."""
    for number in range(1, 121):
        work.refuse(f"=Row {number}", f"No <b>{number}</b>.", "/admin/customers/")
    with work.writing('grüße & "co".csv', "text/csv") as out:
        out.write("a,b\r\n")
    return {"made": 1234}


@pytest.fixture
def job(studio: Company, owner: Staff) -> Job:
    """A finished job with a file and refused rows."""
    with kind(report, counts={"made": "rows made"}):
        return finish(begin(studio, owner, permission="customers.export_customer"))


def file_page(job: Job) -> str:
    with acting_for(job.company_id):
        return f"{page_of(job).removesuffix('change/')}files/{job.files.get().pk}/"


def test_the_page_and_the_list_tell_what_came_of_it(browser: Browser, job: Job) -> None:
    with kind(report, counts={"made": "rows made"}):
        page = browser.get(job_page(job))
        listed = browser.get("/admin/jobs/job/").text
    assert page.status_code == 200
    for text in ("Rows made", "1,234", "120 refused, and why", "=Row 1<", "No &lt;b&gt;50"):
        assert text in page.text, text
    for text in ("=Row 51", "jobs.js"):
        assert text not in page.text, text
    assert "1,234 rows made" in listed
    assert 'href="/admin/jobs/job/"' in browser.get("/admin/").text


def test_the_report_is_paged_and_any_other_page_is_a_page_of_it(browser: Browser, job: Job) -> None:
    pages = {"2": (51, 100), "3": (101, 120), "99": (101, 120), "x": (1, 50)}
    for typed, (first, last) in pages.items():
        page = browser.get(job_page(job), page=typed).text
        shown = [f"=Row {number}<" in page for number in (first, last, last + 1)]
        assert shown == [True, True, False], typed
    for typed in ("-1", "9" * 40, "²"):
        assert browser.get(job_page(job), page=typed).status_code == 200, typed


def test_the_whole_report_comes_as_csv_that_runs_nothing(browser: Browser, job: Job) -> None:
    answer = browser.get(page_of(job).removesuffix("change/") + "refused.csv")
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    assert lines[:2] == ["what,why", "'=Row 1,No <b>1</b>."]
    assert len(lines) == 121
    assert answer["Content-Disposition"] == 'attachment; filename="refused.csv"'


def test_a_file_is_sent_under_its_name_never_cached_by_its_own_work_and_to_staff_alone(
    browser: Browser, job: Job, owner: Staff
) -> None:
    answer = browser.get(file_page(job))
    assert answer.getvalue() == b"a,b\r\n"
    assert answer["Content-Length"] == "5"
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"] == (
        "attachment; filename*=utf-8''gr%C3%BC%C3%9Fe%20%26%20%22co%22.csv"
    )
    answer = Client(SERVER_NAME="localhost").get(file_page(job))
    assert (answer.status_code, answer["Location"][:13]) == (302, "/admin/login/")
    with kind(report):
        other = finish(begin(job.company, owner))
    for file in (file_page(other).rsplit("/", 2)[1], "no-id"):
        assert browser.get(file_page(job).rsplit("/", 2)[0] + f"/{file}/").status_code == 404


def test_a_file_that_was_removed_is_told_so(browser: Browser, job: Job) -> None:
    address = file_page(job)
    with acting_for(job.company_id):
        Chunk.objects.all().remove()
        StoredFile.objects.update(removed_at="2030-01-02T12:00Z")
    answer = browser.get(address)
    assert (answer.status_code, answer["Location"]) == (302, job_page(job))
    assert said(answer) == ["This file has been removed. Make it again."]
    assert "was deleted on 2 Jan 2030" in browser.get(job_page(job)).text


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
    assert "goes on within a few minutes" in browser.get(job_page(job)).text


def test_work_can_be_stopped_from_its_page_once_and_by_no_form_of_another_company(
    browser: Browser, studio: Company, rival: Company
) -> None:
    job = a_job(studio)
    answer = browser.press(page_of(job), "stop", _company=rival.pk)
    assert (answer.status_code, fresh(job).state) == (409, Job.QUEUED)
    assert said(browser.press(page_of(job), "stop")) == ["“Bygone work” stopped."]
    assert fresh(job).state == Job.CANCELLED
    assert said(browser.press(page_of(job), "stop"))[-1] == "This is over already."
