from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.money import show_money
from config.tenancy.merging import Moves
from config.tenancy.models import TenantForeignKey, TenantModel, UpdatedAt, check, index, once
from config.tenancy.money_fields import CurrencyField, MoneyField
from config.tenancy.personal import Personal
from config.tenancy.recording import CREATED, EventRule, Recorded
from config.tenancy.scoping import TenantQuerySet

from .credits import Credit


class GoodwillQuerySet(TenantQuerySet["Goodwill"]):
    """Goodwill that was given or asked for."""

    def in_status(self, status: str) -> "GoodwillQuerySet":
        return self.filter(decision="" if status == Goodwill.WAITING else status)

    def waiting(self) -> "GoodwillQuerySet":
        """Goodwill that waits for the decision of a second person."""
        return self.in_status(Goodwill.WAITING)


class Goodwill(TenantModel):
    """An amount that the company gives a customer, as a credit, for a reason.

    An amount within the limit of the role is given at once. A higher one waits for a second person,
    who approves or refuses it. `decision_reason` is the reason of a refusal.
    """

    id_prefix = "gw_"
    recorded = Recorded(
        "goodwill",
        (
            EventRule("given", "decision", "given", CREATED),
            EventRule("approved", "decision", "approved"),
            EventRule("refused", "decision", "refused"),
        ),
        created="requested",
    )
    merging = {"customer": Moves()}

    personal = Personal(erase=("reason", "decision_reason"), impersonal=("asked_by", "decided_by"))

    class Decision(models.TextChoices):
        GIVEN = "given", _("given at once")
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")

    WAITING = "waiting"
    STATUSES = (WAITING, *Decision.values)

    customer = TenantForeignKey("customers.Customer", related_name="goodwill")
    amount = MoneyField(_("amount"))
    currency = CurrencyField(_("currency"), editable=False)
    reason = models.CharField(_("reason"), max_length=500)
    asked_by = models.CharField(_("asked by"), max_length=255, editable=False)
    asked_by_credential = models.UUIDField(null=True, editable=False)
    decision = models.CharField(
        _("decision"), max_length=8, choices=Decision.choices, blank=True, editable=False
    )
    decided_by = models.CharField(_("decided by"), max_length=255, blank=True, editable=False)
    decided_by_credential = models.UUIDField(null=True, editable=False)
    decided_at = models.DateTimeField(_("decided at"), null=True, editable=False)
    decision_reason = models.CharField(
        _("refused because"), max_length=500, blank=True, editable=False
    )
    credit = TenantForeignKey(Credit, null=True, editable=False, related_name="+")
    updated_at = UpdatedAt(_("updated at"))

    objects = GoodwillQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("goodwill")
        verbose_name_plural = _("goodwill")
        constraints = [
            *TenantModel.Meta.constraints,
            check("goodwill_amount", Q(amount__gt=0)),
            check(
                "goodwill_decision",
                Q(decision="", decided_at__isnull=True, credit__isnull=True)
                | Q(
                    decision__in=("given", "approved"),
                    decided_at__isnull=False,
                    credit__isnull=False,
                )
                | Q(decision="refused", decided_at__isnull=False, credit__isnull=True),
            ),
            check(
                "goodwill_second_person",
                ~Q(decision__in=("approved", "refused"))
                | Q(asked_by_credential__isnull=True)
                | Q(decided_by_credential__isnull=True)
                | ~Q(decided_by_credential=F("asked_by_credential")),
            ),
            once("goodwill_credit", "credit", condition=Q(credit__isnull=False)),
        ]
        indexes = (
            index("goodwill_of_customer", "customer", "id"),
            index("goodwill_waiting", "id", condition=Q(decision="")),
        )

    def __str__(self) -> str:
        return f"{show_money(self.amount, self.currency)} ({self.customer})"

    @property
    def is_waiting(self) -> bool:
        return not self.decision
