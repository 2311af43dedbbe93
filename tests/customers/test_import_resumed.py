"""An import that is killed and resumed has the counts and the files of one uninterrupted run."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from config.jobs.files import chunks_of
from config.jobs.models import Job, files_of
from config.jobs.running import run_job
from config.jobs.work import Work
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.imports import importing
from customers.jobs import JobSteps
from customers.models import Customer
from tests.backoffice import Browser
from tests.factories import ACustomer
from tests.jobs import finish
from tests.shares import undone

from .test_admin_import import check, problems, run

LIST = (
    "id,First name,Last name,E-mail,Phone\r\n"
    "1,Ada,Lee,ada@one.example,\r\n"
    "1.23E+12,Broken,Row,b@one.example,\r\n"
    "3,Cy,Ray,cy@one.example,\r\n"
    "4,Di,Fox,di@,020 7946 0018\r\n"
    "1,Ada,Lee,ada@one.example,\r\n"
    "6,Bo,Ek,bo@two.example,\r\n"
    "9,Yan,Orr,yan@one.example,\r\n"
    "8,Flo,Ng,flo@,\r\n"
)
BATCHES = LIST.count("\n") - 1


class Killed(BaseException):
    """An error that ends the process, as a kill would."""


def facts(job: Job) -> dict[str, Any]:
    """Return what an import reports, without the ids of new customers, which differ by run."""
    with acting_for(job.company_id):
        files = {
            file.about["holds"]: [
                [cell for cell in cells if not cell.startswith("cust_")]
                for cells in csv.reader(io.StringIO(b"".join(chunks_of(file)).decode()))
            ]
            for file in files_of(job)
        }
        people = list(Customer.objects.order_by("id").values_list("first_name", "email"))
    told = job.kept["rows_left"], job.kept["left"], job.kept.get("held")
    return {"result": job.result, "why": problems(job), "files": files, "told": told, "who": people}


def kill_after_a_batch(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    step, seen = Work.step, iter(range(BATCHES + 1))

    def begin(work: Work) -> Any:
        if next(seen) == number:
            raise Killed
        return step(work)

    monkeypatch.setattr(Work, "step", begin)


def kill_within_a_batch(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    keep = JobSteps.keep

    def die(steps: JobSteps, done: int) -> None:
        keep(steps, done)
        if done == number + 1:
            raise Killed

    monkeypatch.setattr(JobSteps, "keep", die)


@pytest.mark.parametrize("kill", [kill_after_a_batch, kill_within_a_batch])
def test_an_import_that_is_killed_anywhere_tells_what_one_run_tells(
    browser: Browser,
    studio: Company,
    monkeypatch: pytest.MonkeyPatch,
    kill: Callable[[pytest.MonkeyPatch, int], None],
) -> None:
    monkeypatch.setattr(importing, "BATCH", 1)
    for id, first in (("3", "Cy"), ("6", "Bo"), ("9", "Zed")):
        email = f"{first.lower()}@one.example"
        ACustomer(company=studio, external_id=id, first_name=first, email=email)
    with undone():
        whole = facts(finish(run(browser, check(browser, studio, LIST))))
    assert whole["result"] == {"created": 3, "updated": 2, "unchanged": 0, "refused": 3}
    assert len(whole["files"]["refused"]) == 4
    assert len(whole["files"]["left"]) == 3
    for number in range(BATCHES):
        with undone(), monkeypatch.context() as broken:
            job = run(browser, check(browser, studio, LIST))
            kill(broken, number)
            with pytest.raises(Killed):
                run_job(studio.id, job.pk)
            broken.undo()
            monkeypatch.setattr(importing, "BATCH", 1)
            ended = finish(job)
            assert ended.attempt == 2
            assert facts(ended) == whole, number


def test_an_import_that_an_older_release_began_starts_over(
    browser: Browser, studio: Company
) -> None:
    job = run(browser, check(browser, studio, LIST))
    with acting_for(studio.id):
        job.refusals.create(company=studio, number=1, what="Line 3", why="Old")
        Job.objects.filter(pk=job.pk).update(
            state=Job.RUNNING, done=2, refused=1, attempt=1, kept={"left_out": []}
        )
    ended = finish(job)
    assert ended.result == {"created": 6, "updated": 0, "unchanged": 0, "refused": 2}
    assert "Old" not in dict(problems(ended)).values()


def test_rows_that_lost_a_cell_come_back_in_a_file_that_completes_them(
    browser: Browser, studio: Company
) -> None:
    """Only the file says whose corrected row it is, as the row has no id and no phone number."""
    text = "First name,E-mail,Tags\r\nFlo,flo@,\r\nAnn,ann@one.example,vip\r\nBo,,\r\n"
    job = finish(run(browser, check(browser, studio, text)))
    assert job.result == {"created": 3, "updated": 0, "unchanged": 0, "refused": 0}
    with acting_for(studio.id):
        (file,) = files_of(job)
        flo = Customer.objects.get(first_name="Flo")
        Customer.objects.filter(pk=flo.pk).update(tags=["Early"])
        given = b"".join(chunks_of(file)).decode()
    assert file.name == "list.left.csv"
    page = browser.get(f"/admin/jobs/job/{job.pk}/change/").text
    assert "Download 1 row to complete" in page
    again = finish(run(browser, check(browser, studio, given.replace("flo@,", "flo@x.org,new"))))
    assert again.result == {"created": 0, "updated": 1, "unchanged": 0, "refused": 0}
    with acting_for(studio.id):
        flo.refresh_from_db()
        assert Customer.objects.count() == 3
    assert (flo.email, flo.tags) == ("flo@x.org", ["Early", "new"])
