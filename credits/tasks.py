"""Background work for credits and passes."""

from procrastinate.contrib.django import app

from config.access.actors import Actor
from config.access.models import Company

from .actions import expire_holdings, issue_recurring_credits


@app.periodic(cron="* * * * *")
@app.task(name="credits.issue_recurring", queueing_lock="credits.issue_recurring")
def issue_recurring(timestamp: int) -> None:
    """Issue what periods have brought, company by company."""
    for company in Company.objects.usable():
        issue_recurring_credits(company.id, actor=Actor.command(company))


@app.periodic(cron="*/5 * * * *")
@app.task(name="credits.expire", queueing_lock="credits.expire")
def expire(timestamp: int) -> None:
    """Write into the ledger what has ended, company by company."""
    for company in Company.objects.usable():
        expire_holdings(company.id, actor=Actor.command(company))
