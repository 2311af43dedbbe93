"""Tasks that run jobs and clean up after them."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted

from config.outages import AWAY
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for

from .actions import give_up_lost_jobs, remove_old_files
from .running import run_job
from .sweeps import company_sweep
from .work import WorkerEnds

QUEUE = "jobs"


@app.task(
    name="jobs.run",
    queue=QUEUE,
    pass_context=True,
    # Retried if the worker shuts down, and after an outage of the database.
    retry=RetryStrategy(max_attempts=100, wait=10, retry_exceptions={JobAborted, *AWAY}),
)
def run(context: JobContext, company_id: str, job_id: str) -> None:
    """Run one job of a company."""
    try:
        run_job(UUID(company_id), UUID(job_id), is_ending=context.should_abort)
    except WorkerEnds:
        raise JobAborted


@company_sweep(
    "jobs.give_up_lost",
    cron="*/5 * * * *",
    failed=_("Background work that was interrupted may still be shown as running."),
)
def give_up_lost(company: Company) -> None:
    """Mark jobs as failed that no worker runs."""
    with acting_for(company.id):
        give_up_lost_jobs(actor=Actor.command(company))


@company_sweep(
    "jobs.remove_files",
    cron="47 3 * * *",
    failed=_("Files of exports and imports were not removed, though they are due."),
    includes_archived=True,
)
def remove_files(company: Company) -> None:
    """Remove the files of jobs whose retention period is over."""
    with acting_for(company.id):
        remove_old_files(actor=Actor.command(company))
