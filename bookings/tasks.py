"""Background work for bookings."""

from django.utils.translation import gettext_lazy as _

from config.jobs.sweeps import company_sweep
from config.tenancy.actors import Actor
from config.tenancy.companies import Company

from .actions import complete_attended


@company_sweep(
    "bookings.complete_attended",
    cron="*/10 * * * *",
    failed=_("Some places at events that are over were not completed, and show as in progress."),
)
def complete_places(company: Company) -> None:
    """Complete the places of customers who were marked as here before the event began."""
    complete_attended(actor=Actor.command(company))
