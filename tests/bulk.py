"""Runs an action on many rows of a list as staff do: select rows, choose, read, confirm."""

from typing import Any

from config.jobs.models import Job
from config.tenancy.scoping import acting_for

from .backoffice import Browser, Form
from .jobs import finish


def asked(browser: Browser, path: str, action: str, *rows: Any) -> Any:
    """Select rows and choose an action; return the page that asks for confirmation."""
    page = browser.choose(path, action, *rows)
    assert page.status_code == 200, page.status_code
    return page


def answered(browser: Browser, path: str, action: str, page: Any, **answers: Any) -> Any:
    """Send the form of a confirmation page, with some fields filled in."""
    form = Form(page.text, f"{path.split('/')[3]}_form")
    assert answers.keys() <= form.names, form.names
    return browser.post(f"{path}many/{action}/", **form.values | answers)


def done(browser: Browser, path: str, action: str, *rows: Any, company: Any = None) -> Job:
    """Run an action on rows, and return the finished job."""
    answer = answered(browser, path, action, asked(browser, path, action, *rows))
    assert answer.status_code == 302, answer.text
    return finish(job_of(answer, company.pk if company else rows[0].company_id))


def job_of(answer: Any, company_id: Any) -> Job:
    """Return the job that a response redirects to."""
    with acting_for(company_id):
        return Job.objects.get(pk=answer["Location"].split("/")[4])


def reasons(job: Job) -> list[tuple[str, str]]:
    """Return the rows that a job refused, each with the reason."""
    with acting_for(job.company_id):
        return list(job.refusals.order_by("number").values_list("what", "why"))
