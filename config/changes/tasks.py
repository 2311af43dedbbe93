"""Background work around webhooks; sending them is the worker's own (`webhooks.dispatcher`)."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from .webhooks.letters import mail_webhook_disabled


@app.task(
    name="changes.send_webhook_disabled",
    retry=RetryStrategy(max_attempts=8, exponential_wait=4),
)
def send_webhook_disabled(company_id: str, endpoint_id: str) -> None:
    """Write to the owners of a company that nothing is sent to a webhook any more."""
    mail_webhook_disabled(company_id, endpoint_id)
