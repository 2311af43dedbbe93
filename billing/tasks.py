"""Background work for billing."""

from procrastinate.contrib.django import app

from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for

from .actions import turn_periods


@app.periodic(cron="*/10 * * * *")
@app.task(name="billing.turn_subscriptions", queueing_lock="billing.turn_subscriptions")
def turn_subscriptions(timestamp: int) -> None:
    """Move subscriptions whose renewal has come to their next one, in every company."""
    for company in Company.objects.usable():
        with acting_for(company.id):
            turn_periods(actor=Actor.command(company))
