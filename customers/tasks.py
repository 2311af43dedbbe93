"""Background work for customers."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from .invitations import mail_invitation


@app.task(
    name="customers.send_invitation",
    retry=RetryStrategy(max_attempts=8, exponential_wait=4),
)
def send_invitation(company_id: str, customer_id: str) -> None:
    """Write to a new customer in the company's name."""
    mail_invitation(company_id=company_id, customer_id=customer_id)
