"""Background work for customers."""

from email.utils import formataddr, parseaddr
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from config.emails import send_letter
from config.jobs.sweeps import company_sweep, for_each_row
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for, taking_time

from .errors import ErasureOver, WorkUnderWay
from .models import Customer, Erasure
from .models.finding import gather_names, sum_word_counts, tidy_names

# How many customers one transaction reads, and how many such batches one run has.
BATCH, MOST_BATCHES = 2_000, 100

# The most transactions of one run for a company; then the next company has its turn.
MOST_ROUNDS = 100


@app.task(name="customers.send_invitation", retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def send_invitation(company_id: str, customer_id: str) -> None:
    """Invite a new customer in the company's name to its portal.

    Sends nothing to an archived customer, or if the company has no portal. The e-mail is sent
    outside of a transaction, so a slow mail server holds no row and no connection.
    """
    company = Company.objects.usable().filter(pk=company_id).first()
    if company is None or not company.portal_url:
        return
    with acting_for(UUID(company_id)):
        customer = Customer.objects.live().filter(pk=customer_id).exclude(email="").first()
    if customer is None:
        return
    facts = {"company": company, "customer": customer}
    sender = formataddr((company.name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))
    send_letter("customers/invitation", facts, to=customer.email, sender=sender)


@company_sweep(
    "customers.find_duplicates",
    cron="*/5 * * * *",
    failed=_("The list of likely duplicates is not up to date."),
)
def find_duplicates(company: Company) -> None:
    """Compare new and changed customers with all others, up to a limit for each run."""
    # Imported here, because the actions import this module.
    from .actions import renew_duplicates

    for _number in range(MOST_ROUNDS):
        with acting_for(company.id):
            if not renew_duplicates(actor=Actor.command(company)):
                return


@company_sweep(
    "customers.sum_word_counts",
    cron="*/10 * * * *",
    failed=_("Searches for customers may be slow: the counts of words are not summed up."),
    includes_archived=True,
)
def sum_counts(company: Company) -> None:
    """Sum up the word counts, so that a search reads few rows, and remove unused name words."""
    with acting_for(company.id):
        sum_word_counts()
    with acting_for(company.id):
        tidy_names()


@company_sweep(
    "customers.gather_names",
    cron="* * * * *",
    failed=_("Some customers may not be found where their name is typed with an error."),
    includes_archived=True,
)
def gather(company: Company) -> None:
    """Store the name words of customers from before the upgrade; once a week, of all customers."""
    for _batch in range(MOST_BATCHES):
        with acting_for(company.id):
            if not gather_names(BATCH):
                return


@company_sweep(
    "customers.erase_due",
    cron="*/10 * * * *",
    failed=_("The data of somebody was not erased, though the erasure is due."),
    includes_archived=True,
)
def erase_due(company: Company) -> None:
    """Erase the people whose waiting time is over, each in its own transaction."""
    with acting_for(company.id):
        due = list(Erasure.objects.due())
    for_each_row(due, lambda erasure: _erase(erasure, company))


def _erase(erasure: Erasure, company: Company) -> int:
    """Erase a person, unless the erasure was cancelled or a background job is running."""
    from .actions import erase_person

    try:
        with taking_time(), acting_for(company.id):
            erase_person(erasure, actor=Actor.command(company))
    except (ErasureOver, WorkUnderWay):
        return 0
    return 1
