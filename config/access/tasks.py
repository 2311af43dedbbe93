"""Background tasks for credentials, sessions and invitations."""

from importlib import import_module

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from config.jobs.sweeps import company_sweep
from config.tenancy.answers import REMOVED_AT_ONCE, remove_old_answers
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for

from . import limits
from .invitations import mail_staff_invitation
from .oauth import remove_expired_tokens
from .signing_in.actions import mail_password_link
from .signing_in.lockout import forget_old_attempts


@app.task(name="access.send_password_link", retry=RetryStrategy(max_attempts=4, exponential_wait=4))
def send_password_link(email: str) -> None:
    """Send a password reset link."""
    mail_password_link(email)


@app.periodic(cron="*/20 * * * *")
@app.task(name="access.clear_misses", queueing_lock="access.clear_misses")
def clear_misses(timestamp: int) -> None:
    """Remove expired counts of failed sign-in attempts."""
    forget_old_attempts()


@app.task(
    name="access.send_staff_invitation", retry=RetryStrategy(max_attempts=8, exponential_wait=4)
)
def send_staff_invitation(membership_id: str) -> None:
    """Send an invitation to a staff member."""
    mail_staff_invitation(membership_id)


@app.periodic(cron="*/10 * * * *")
@app.task(name="access.forget_counters", queueing_lock="access.forget_counters")
def forget_counters(timestamp: int) -> None:
    """Remove the rate limit counters that were not used lately."""
    limits.forget_counters()


@app.periodic(cron="17 * * * *")
@app.task(name="access.clear_tokens", queueing_lock="access.clear_tokens")
def clear_tokens(timestamp: int) -> None:
    """Remove expired OAuth tokens in batches."""
    while remove_expired_tokens():
        pass


@company_sweep(
    "access.clear_answers",
    cron="7 * * * *",
    failed=_("Answers kept for idempotency keys were not removed, though they are due."),
    includes_archived=True,
)
def clear_answers(company: Company) -> None:
    """Remove the stored responses of expired idempotency keys."""
    removed = REMOVED_AT_ONCE
    while removed == REMOVED_AT_ONCE:
        with acting_for(company.id):
            removed = remove_old_answers()


@app.periodic(cron="27 4 * * *")
@app.task(name="access.clear_sessions", queueing_lock="access.clear_sessions")
def clear_sessions(timestamp: int) -> None:
    """Remove expired staff sessions, as `manage.py clearsessions` does."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
