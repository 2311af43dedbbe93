"""Tasks of webhooks; `webhooks.dispatcher` in the background worker sends the messages."""

from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from config.access.models import Membership
from config.emails import send_letter
from config.jobs.sweeps import SENTENCES
from config.tenancy.permissions import Role
from config.tenancy.scoping import acting_for

from .models import WebhookEndpoint

SEND_WEBHOOKS = "changes.send_webhooks"
SENTENCES[SEND_WEBHOOKS] = _("Some webhook messages could not be prepared for sending.")


@app.task(
    name="changes.send_webhook_disabled", retry=RetryStrategy(max_attempts=8, exponential_wait=4)
)
def send_webhook_disabled(company_id: str, endpoint_id: str) -> None:
    """Send each owner an e-mail why the webhook was disabled, unless it is enabled again."""
    with acting_for(UUID(company_id)):
        endpoint = WebhookEndpoint.objects.select_related("company").get(pk=endpoint_id)
        if endpoint.is_enabled:
            return
    page = reverse("admin:changes_webhookendpoint_change", args=[endpoint.pk])
    facts = {
        "company": endpoint.company,
        "endpoint": endpoint,
        "why": endpoint.get_disabled_because_display(),
        "page": settings.PUBLIC_URL + page,
    }
    owners = Membership.objects.filter(
        company_id=company_id, role=Role.OWNER, staff__is_active=True
    ).select_related("staff")
    for owner in owners:
        send_letter("changes/webhook_disabled", facts, to=owner.staff.email)
