"""Background work around webhooks; sending them is the worker's own (`webhooks.dispatcher`)."""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from config.access.models import Company
from config.access.tenancy import acting_for

from .webhooks.letters import mail_webhook_disabled


@app.task(
    name="changes.send_webhook_disabled",
    retry=RetryStrategy(max_attempts=8, exponential_wait=4),
)
def send_webhook_disabled(company_id: str, endpoint_id: str) -> None:
    """Write to the owners of a company that nothing is sent to a webhook any more."""
    mail_webhook_disabled(company_id, endpoint_id)


@app.periodic(cron="37 * * * *")
@app.task(name="changes.clear_messages", queueing_lock="changes.clear_messages")
def clear_messages(timestamp: int) -> None:
    """Remove what was sent long ago, company by company."""
    # The actions defer the task above.
    from .actions import FIRST, remove_old_messages

    for company in Company.objects.all():
        after: UUID | None = FIRST
        while after is not None:
            with acting_for(company.id):
                after = remove_old_messages(after)
