import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.jobs.sweeps import company_sweep
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from config.times import database_now

from .counting import ask, large_cards
from .models import Tally
from .page import CARDS


def tally(company: Company, now: datetime.datetime | None = None) -> None:
    """Count the cards that have too many rows to count on each view of the home page."""
    actor = Actor.command(company)
    with acting_for(company.id), timezone.override(company.timezone):
        moment = now or database_now()
        today = timezone.localdate(moment)
        large, _ = large_cards([make(actor, company, today) for make in CARDS], company)
        if large:
            figures = {"cards": ask(company, **{card.name: card.query for card in large})}
            counted: Any = {"counted_at": moment, "figures": figures}
            Tally.objects.update_or_create(company_id=company.id, defaults=counted)


tally_companies = company_sweep(
    "home.tally",
    cron="*/10 * * * *",
    failed=_("Some figures of this page were not counted again, so they may be out of date."),
)(tally)
