"""The e-mail that a new customer gets."""

from email.utils import formataddr, parseaddr
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from config.access.models import Company
from config.access.tenancy import acting_for

from .models import Customer


def mail_invitation(*, company_id: str, customer_id: str) -> None:
    """Send a customer the company's invitation to its portal; nobody who is archived gets one.

    The mail leaves outside of any transaction: a slow mail server holds no row and no connection.
    """
    company = Company.objects.usable().filter(pk=company_id).first()
    if company is None:
        return
    with acting_for(UUID(company_id)):
        customer = Customer.objects.live().filter(pk=customer_id).exclude(email="").first()
    if customer is None:
        return
    facts = {"company": company, "customer": customer}
    subject = render_to_string("customers/invitation_subject.txt", facts)
    EmailMessage(
        " ".join(subject.split()),
        render_to_string("customers/invitation.txt", facts),
        from_email=formataddr((company.name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
        to=[customer.email],
    ).send()
