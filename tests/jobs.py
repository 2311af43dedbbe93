"""Helpers for background jobs: temporary job types, imports, exports, and running jobs at once."""

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
    """Register a job type during the block."""
    job_kind(name, label="Test work", **facts)(run)
    try:
        yield
    finally:
        del KINDS[name]


def begin(company: Company, staff: Staff, **facts: Any) -> Job:
    """Start a job of the test's own type."""
    with acting_for(company.id):
        return start_job("tests", {}, actor=staff.actor_in(company), **facts)


def a_job(company: Company, title: str = "Bygone work") -> Job:
    """Make a waiting job whose type no longer exists, with a new staff member as its author."""
    staff = make_staff(company, email=f"worker@{company.slug}.example")
    with acting_for(company.id):
        return Job.objects.create(company=company, staff=staff, kind="bygone", title=title)


def finish(job: Job) -> Job:
    """Run a job as a worker does, and return the job as it is afterwards."""
    run_job(job.company_id, job.pk)
    return fresh(job)


def finish_all(company: Company, *kinds: str) -> list[Job]:
    """Run all waiting jobs of a company, or those of some types, oldest first."""
    with acting_for(company.id):
        waiting = Job.objects.under_way().oldest_first()
        some = list(waiting.filter(kind__in=kinds) if kinds else waiting)
    return [finish(job) for job in some]


def a_check(company: Company, key: ApiKey, text: str) -> Job:
    """Check an NDJSON import with an API key, and return the finished job."""
    actor = key.actor_in(company)
    file = take_upload(ContentFile(text.encode(), "list.ndjson"), "", actor=actor)
    with acting_for(company.id):
        job = start_import(file, fields_of(file, {}), dry_run=True, actor=actor)
    return finish(job)


def an_export(company: Company, key: ApiKey) -> Job:
    """Export the customers with an API key, and return the finished job."""
    with acting_for(company.id):
        job = start_export(format="ndjson", actor=key.actor_in(company))
    return finish(job)
