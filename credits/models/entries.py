from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.access.models import TenantForeignKey, TenantModel
from config.access.tenancy import TenantQuerySet

from .credits import Credit
from .passes import PassPurchase
from .today import Clock


class EntryQuerySet(TenantQuerySet["Entry"]):
    """Lines of the ledger."""

    def uses(self) -> Self:
        return self.filter(kind=Entry.REDEEM)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("Ledger entries are appended, never changed or deleted.")

    def update(self, **kwargs: object) -> int:
        raise TypeError("Ledger entries are appended, never changed or deleted.")


class Entry(TenantModel):
    """One change of one balance, appended and never touched again.

    `amount` is what it adds: money in the smallest unit, or uses, or visits; below zero where it
    takes. A use of a multi-use credit takes nothing and is written all the same.
    """

    ISSUE, REDEEM, REVOKE, EXPIRE, REVERSE = "issue", "redeem", "revoke", "expire", "reverse"
    KINDS = [
        (ISSUE, _("issued")),
        (REDEEM, _("used")),
        (REVOKE, _("revoked")),
        (EXPIRE, _("expired")),
        (REVERSE, _("given back")),
    ]

    credit = TenantForeignKey(Credit, related_name="entries", null=True)
    purchase = TenantForeignKey(PassPurchase, related_name="entries", null=True)
    kind = models.CharField(_("what happened"), max_length=10, choices=KINDS)
    amount = models.BigIntegerField(_("amount"))
    reference = models.CharField(_("reference"), max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    reverses = TenantForeignKey("self", related_name="reversals", null=True)
    actor_name = models.CharField(_("by"), max_length=255)
    created_at = models.DateTimeField(_("at"), db_default=Clock(), editable=False)

    objects = EntryQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = [
            *TenantModel.Meta.constraints,
            models.CheckConstraint(
                name="entry_of_one_holding",
                condition=Q(credit__isnull=False, purchase__isnull=True)
                | Q(credit__isnull=True, purchase__isnull=False),
            ),
            models.CheckConstraint(
                name="entry_sign",
                condition=Q(kind="issue", amount__gt=0)
                | Q(kind__in=("redeem", "revoke", "expire"), amount__lte=0)
                | Q(kind="reverse", amount__gte=0),
            ),
            models.CheckConstraint(
                name="entry_reversal_of_something",
                condition=Q(kind="reverse", reverses__isnull=False)
                | (~Q(kind="reverse") & Q(reverses__isnull=True)),
            ),
            models.UniqueConstraint(
                fields=("company", "reverses"),
                name="entry_reversed_once",
                condition=Q(reverses__isnull=False),
            ),
            *(
                models.UniqueConstraint(
                    fields=("company", holding, *more),
                    name=f"entry_{holding}_{name}",
                    condition=Q(kind__in=kinds, **{f"{holding}__isnull": False}),
                )
                for holding in ("credit", "purchase")
                for name, kinds, more in (
                    ("issued_once", ("issue",), ()),
                    ("ended_once", ("revoke", "expire"), ()),
                    ("reference_once", ("redeem",), ("reference",)),
                )
            ),
        ]
        indexes = (
            models.Index(fields=("company", "credit", "id"), name="entry_of_credit"),
            models.Index(fields=("company", "purchase", "id"), name="entry_of_purchase"),
            models.Index(
                fields=("company", "reference"), name="entry_reference", condition=~Q(reference="")
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount:+}"
