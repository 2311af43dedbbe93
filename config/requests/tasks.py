"""Background tasks for the log of API requests."""

from django.utils.translation import gettext_lazy as _

from config.jobs.sweeps import company_sweep
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for

from .actions import remove_old_requests


@company_sweep(
    "requests.remove_old",
    cron="37 * * * *",
    failed=_("API requests that are older than 30 days were not removed from the log."),
    includes_archived=True,
)
def remove_old(company: Company) -> None:
    """Remove requests and counts older than 30 days, in batches."""
    has_more = True
    while has_more:
        with acting_for(company.id):
            has_more = remove_old_requests()
