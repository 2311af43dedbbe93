"""Background work for credits and passes."""

from django.utils.translation import gettext_lazy as _

from config.jobs.sweeps import company_sweep
from config.tenancy.actors import Actor
from config.tenancy.companies import Company

from .actions import expire_holdings, issue_recurring_credits


@company_sweep(
    "credits.issue_recurring",
    cron="* * * * *",
    failed=_("Some credits that plans give were not issued."),
)
def issue_recurring(company: Company) -> None:
    """Issue the credits that are due by the company's rules."""
    issue_recurring_credits(company.id, actor=Actor.command(company))


@company_sweep(
    "credits.expire",
    cron="*/5 * * * *",
    failed=_("Some credits and passes that have expired are not written off yet."),
)
def expire(company: Company) -> None:
    """Expire credits and passes that have ended."""
    expire_holdings(company.id, actor=Actor.command(company))
