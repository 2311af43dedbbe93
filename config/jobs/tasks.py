"""What the worker does with background work of staff, and what it tidies."""

from uuid import UUID

from django.db import InterfaceError, OperationalError
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted
from psycopg_pool import PoolTimeout

from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for

from .actions import give_up_lost_jobs, remove_old_files
from .running import run_job
from .work import WorkerEnds

QUEUE = "jobs"


@app.task(
    name="jobs.run",
    queue=QUEUE,
    pass_context=True,
    # A worker that ends hands its work on; one that lost the database comes back to it.
    retry=RetryStrategy(
        max_attempts=100,
        wait=10,
        retry_exceptions={JobAborted, OperationalError, InterfaceError, PoolTimeout},
    ),
)
def run(context: JobContext, company_id: str, job_id: str) -> None:
    """Do one job of a company."""
    try:
        run_job(UUID(company_id), UUID(job_id), is_ending=context.should_abort)
    except WorkerEnds:
        raise JobAborted


@app.periodic(cron="*/5 * * * *")
@app.task(name="jobs.give_up_lost", queueing_lock="jobs.give_up_lost")
def give_up_lost(timestamp: int) -> None:
    """Fail what no worker will take up again, company by company."""
    for company in Company.objects.usable():
        with acting_for(company.id):
            give_up_lost_jobs(actor=Actor.command(company))


@app.periodic(cron="47 3 * * *")
@app.task(name="jobs.remove_files", queueing_lock="jobs.remove_files")
def remove_files(timestamp: int) -> None:
    """Remove files that have been kept for long enough, company by company."""
    for company in Company.objects.all():
        with acting_for(company.id):
            remove_old_files(actor=Actor.command(company))
