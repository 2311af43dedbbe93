"""The e-mail that tells of a webhook that was disabled by itself."""

from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from config.access.models import Membership
from config.access.permissions import Role
from config.access.tenancy import acting_for

from ..models import WebhookEndpoint


def mail_webhook_disabled(company_id: str, endpoint_id: str) -> None:
    """Write to each owner of a company why nothing is sent, unless it is enabled again already."""
    with acting_for(UUID(company_id)):
        endpoint = WebhookEndpoint.objects.select_related("company").get(pk=endpoint_id)
        if endpoint.is_enabled:
            return
        facts = {
            "company": endpoint.company,
            "endpoint": endpoint,
            "why": endpoint.get_disabled_because_display(),
            "page": settings.PUBLIC_URL
            + reverse("admin:changes_webhookendpoint_change", args=[endpoint.pk]),
        }
    subject = " ".join(render_to_string("changes/webhook_disabled_subject.txt", facts).split())
    text = render_to_string("changes/webhook_disabled.txt", facts)
    owners = Membership.objects.filter(
        company_id=company_id, role=Role.OWNER, staff__is_active=True
    ).select_related("staff")
    for owner in owners:
        EmailMessage(subject, text, to=[owner.staff.email]).send()
