from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from config.tenancy.ids import same_row, show_id
from config.tenancy.models import Archivable, TenantForeignKey, TenantModel, check, index
from config.tenancy.personal import NOBODYS, Personal
from config.tenancy.recording import ARCHIVING, Recorded, is_cleared, is_set
from config.tenancy.scoping import ArchivableQuerySet, TenantQuerySet

# Receivers identify a message by its id, which is the same at every attempt. It is the delivery's
# id with another prefix.
DELIVERY, MESSAGE = same_row("whd_", "msg_")


class WebhookEndpointQuerySet(ArchivableQuerySet["WebhookEndpoint"]):
    """Webhook endpoints of companies."""

    def enabled(self) -> Self:
        """Return the endpoints that events are sent to now."""
        return self.live().filter(disabled_at__isnull=True)


class WebhookEndpoint(Archivable):
    """A URL to which the company's events are sent, signed with its secret.

    `types` are the event types that are sent; if it is empty, all are. The secrets are stored
    encrypted (`webhooks.secrets`); until `previous_ends_at`, the previous secret signs messages
    too. `position` is the id of the last change that was processed for it. `failing_since` is the
    first failure since the last delivery.
    """

    id_prefix = "whe_"
    recorded = Recorded(
        "webhook",
        (*ARCHIVING, is_set("disabled", "disabled_at"), is_cleared("enabled", "disabled_at")),
    )

    personal = NOBODYS

    class Because(models.TextChoices):
        """Why nothing is sent any more; GONE means that the receiver answered 410."""

        STAFF = "staff", _("It was switched off.")
        GONE = "gone", _("The receiver said that it is gone (410).")
        FAILING = "failing", _("Nothing arrived for too long.")

    url = models.CharField(
        _("address"),
        max_length=2000,
        help_text=_("Where events are sent: an https address that the internet can reach."),
    )
    description = models.CharField(
        _("description"),
        max_length=200,
        blank=True,
        help_text=_("Which system receives them, for whoever looks here later."),
    )
    types = ArrayField(
        models.CharField(max_length=60), verbose_name=_("events"), default=list, blank=True
    )
    secret = models.TextField(_("secret"), blank=True, editable=False)
    previous_secret = models.TextField(_("previous secret"), blank=True, editable=False)
    previous_ends_at = models.DateTimeField(_("previous secret until"), null=True, editable=False)
    disabled_at = models.DateTimeField(_("disabled at"), null=True, editable=False)
    disabled_because = models.CharField(
        _("disabled because"), max_length=7, choices=Because, blank=True, editable=False
    )
    position = models.BigIntegerField(editable=False)
    last_delivered_at = models.DateTimeField(_("last delivered"), null=True, editable=False)
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        app_label = "changes"
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            *TenantModel.Meta.constraints,
            check(
                "webhook_disabled_because",
                Q(disabled_at__isnull=True, disabled_because="")
                | (Q(disabled_at__isnull=False) & ~Q(disabled_because="")),
            ),
        ]

    def __str__(self) -> str:
        return self.description or self.url

    @property
    def is_enabled(self) -> bool:
        return self.disabled_at is None and not self.is_archived


class WebhookDeliveryQuerySet(TenantQuerySet["WebhookDelivery"]):
    """Messages to webhook endpoints."""

    def due(self) -> Self:
        """Return messages that are due and that no sender holds, longest waiting first."""
        pending = self.filter(state=WebhookDelivery.State.PENDING, next_at__lte=Now())
        free = pending.filter(Q(leased_until__isnull=True) | Q(leased_until__lte=Now()))
        return free.order_by("next_at")


class WebhookDelivery(TenantModel):
    """One event to be sent to one endpoint.

    `change_id` is the change that it reports, empty for a test event. `body` has the exact bytes
    that every attempt sends. A pending message is sent at `next_at`; a sender holds it until
    `leased_until`. `attempts` counts the attempts since the last request to send it; the `log` has
    all attempts.
    """

    id_prefix = DELIVERY
    personal = Personal(mentions=("body",), impersonal=("type",))

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    endpoint = TenantForeignKey(WebhookEndpoint, related_name="deliveries", db_index=False)
    change_id = models.BigIntegerField(_("change"), null=True, editable=False)
    type = models.CharField(_("event"), max_length=60, editable=False)
    body = models.TextField(_("body"), editable=False)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0, editable=False)
    next_at = models.DateTimeField(_("next attempt"), null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, editable=False)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        app_label = "changes"
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=("endpoint", "change_id"),
                condition=Q(change_id__isnull=False),
                name="webhook_delivery_once",
            ),
            check("webhook_delivery_has_a_time", ~Q(state="pending") | Q(next_at__isnull=False)),
        ]
        indexes = (
            models.Index(
                fields=("endpoint", "next_at"),
                condition=Q(state="pending"),
                name="webhook_delivery_due",
            ),
            index("webhook_delivery_newest", "endpoint", "-id"),
            index("webhook_delivery_by_state", "endpoint", "state", "-id"),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.message_id}"

    @property
    def message_id(self) -> str:
        """Return the id by which the receiver identifies a message (`webhook-id`)."""
        return show_id(MESSAGE, self.id)


class WebhookAttempt(TenantModel):
    """One attempt to deliver, kept forever: the response, or why there was none.

    `status` is empty if there was no response; `answer` is the start of the response's body.
    """

    personal = Personal(mentions=("error", "answer"))

    delivery = TenantForeignKey(WebhookDelivery, related_name="log")
    began_at = models.DateTimeField(_("began"))
    milliseconds = models.PositiveIntegerField(_("took"))
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    error = models.TextField(_("error"), blank=True)
    answer = models.TextField(_("answer"), blank=True)

    objects = TenantQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        app_label = "changes"
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")

    def __str__(self) -> str:
        return str(self.status or self.error)
