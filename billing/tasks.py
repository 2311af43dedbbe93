"""Background work for billing."""

from django.utils.translation import gettext_lazy as _

from config.jobs.sweeps import company_sweep
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for

from .actions import resume_due, turn_periods


@company_sweep(
    "billing.turn_subscriptions",
    cron="*/10 * * * *",
    failed=_("Some subscriptions were not renewed, so they show a renewal date in the past."),
)
def turn_subscriptions(company: Company) -> None:
    """Renew the subscriptions that are due."""
    with acting_for(company.id):
        turn_periods(actor=Actor.command(company))


@company_sweep(
    "billing.resume_subscriptions",
    cron="*/10 * * * *",
    failed=_("Some subscriptions are still paused although their pause is over."),
)
def resume_subscriptions(company: Company) -> None:
    """Resume the subscriptions whose pause ends today or ended before."""
    resume_due(actor=Actor.command(company))
