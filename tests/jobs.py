"""Background work in tests: kinds of their own, imports and exports, and a worker's hands."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.base import ContentFile

from config.access.models import ApiKey, Staff
from config.jobs.actions import start_job
from config.jobs.kinds import KINDS, job_kind
from config.jobs.models import Job
from config.jobs.running import run_job
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.exports import start_export
from customers.imports.starting import fields_of, start_import
from customers.imports.uploads import take_upload

from .backoffice import fresh
from .factories import make_staff


@contextmanager
def kind(run: Callable[..., Any], name: str = "tests", **facts: Any) -> Iterator[None]:
    """Have a kind of work for as long as a test needs it."""
    job_kind(name, label="Test work", **facts)(run)
    try:
        yield
    finally:
        del KINDS[name]


def begin(company: Company, staff: Staff, **facts: Any) -> Job:
    """Start work of the tests' own kind."""
    with acting_for(company.id):
        return start_job("tests", {}, actor=staff.actor_in(company), **facts)


def a_job(company: Company, title: str = "Bygone work") -> Job:
    """Make work that waits, of a kind that is not there any more, in a company of its own staff."""
    staff = make_staff(company, email=f"worker@{company.slug}.example")
    with acting_for(company.id):
        return Job.objects.create(company=company, staff=staff, kind="bygone", title=title)


def finish(job: Job) -> Job:
    """Do what a worker does with a job, and return the job as it is then."""
    run_job(job.company_id, job.pk)
    return fresh(job)


def finish_all(company: Company, *kinds: str) -> list[Job]:
    """Do all the work of a company that waits, or that of some kinds, the oldest first."""
    with acting_for(company.id):
        waiting = Job.objects.under_way().oldest_first()
        some = list(waiting.filter(kind__in=kinds) if kinds else waiting)
    return [finish(job) for job in some]


def a_check(company: Company, key: ApiKey, text: str) -> Job:
    """Check a file of NDJSON for an API key, to the end."""
    actor = key.actor_in(company)
    file = take_upload(ContentFile(text.encode(), "list.ndjson"), "", actor=actor)
    with acting_for(company.id):
        job = start_import(file, fields_of(file, {}), dry_run=True, actor=actor)
    return finish(job)


def an_export(company: Company, key: ApiKey) -> Job:
    """Export the customers for an API key, to the end."""
    with acting_for(company.id):
        job = start_export(format="ndjson", actor=key.actor_in(company))
    return finish(job)
