"""Background work for the home page."""

from procrastinate.contrib.django import app

from config.access.models import Company

from .tallies import tally


@app.periodic(cron="*/10 * * * *")
@app.task(name="home.tally", queueing_lock="home.tally")
def tally_companies(timestamp: int) -> None:
    """Count what is too much to count at each look, company by company."""
    for company in Company.objects.usable():
        tally(company)
