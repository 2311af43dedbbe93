from typing import Self

from django.db import models
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from billing.models.invoices import Invoice
from config.tenancy.ids import show_id
from config.tenancy.models import TenantForeignKey, TenantModel, check, index, once
from config.tenancy.money_fields import MoneyField
from config.tenancy.personal import LEDGER, Personal
from config.tenancy.recording import CREATED, EventRule, Recorded
from config.tenancy.scoping import TenantQuerySet
from config.times import Clock

from .credits import Credit
from .passes import PassPurchase

# Separates an invoice id from the number of a credit's second and later uses for it.
AGAIN = "/"


class EntryQuerySet(TenantQuerySet["Entry"]):
    """Entries of the ledger."""

    def uses(self) -> Self:
        return self.filter(kind=Entry.REDEEM)

    def paying_for(self, invoice: Invoice) -> Self:
        """Uses of credits that paid for an invoice, reversed or not."""
        reference = show_id(Invoice.id_prefix, invoice.pk)
        # The index serves this range. Later uses of a credit have a suffix in the reference.
        near = self.uses().filter(reference__gte=reference, reference__lt=f"{reference}\U0010ffff")
        alike = Q(reference=reference) | Q(reference__startswith=f"{reference}{AGAIN}")
        return near.filter(alike, covered__isnull=False)

    def standing(self) -> Self:
        """Uses that were not reversed."""
        return self.filter(reversals__isnull=True)

    def given_back(self) -> Self:
        """Uses that were reversed."""
        return self.filter(reversals__isnull=False)

    def returnable(self) -> Self:
        """Uses that can be reversed: the credit was neither revoked nor expired."""
        is_open = {"credit__revoked_at__isnull": True, "credit__expired_at__isnull": True}
        return self.standing().filter(credit__isnull=False, **is_open)

    def covered_in_all(self) -> int:
        """Return the sum that the uses paid of invoices."""
        return self.aggregate(total=Sum("covered", default=0))["total"]

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("Ledger entries are appended, never changed or deleted.")

    def update(self, **kwargs: object) -> int:
        raise TypeError("Ledger entries are appended, never changed or deleted.")


class Entry(TenantModel):
    """One change of one balance. Entries are appended and never changed.

    `amount` is the change: money in the smallest unit, uses or visits; negative for a use. A use of
    a multi-use credit has an entry with the amount 0. `covered` is the amount that a use paid of
    the invoice in its `reference`, in the smallest unit of the invoice's currency. The second use
    of a credit for one invoice has the reference `inv_…/2`.
    """

    id_prefix = "red_"
    noun = "use"
    recorded = Recorded(
        "ledger_entry",
        (
            EventRule("credit.redeemed", "kind", "redeem", CREATED, "credit_id"),
            EventRule("credit.reversed", "kind", "reverse", CREATED, "credit_id"),
            EventRule("pass.used", "kind", "redeem", CREATED, "purchase_id"),
            EventRule("pass.reversed", "kind", "reverse", CREATED, "purchase_id"),
        ),
    )

    personal = Personal(erase=("reason",), keep={"reference": LEDGER}, impersonal=("actor_name",))

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
    covered = MoneyField(_("paid of an invoice"), null=True)
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
            check(
                "entry_of_one_holding",
                Q(credit__isnull=False, purchase__isnull=True)
                | Q(credit__isnull=True, purchase__isnull=False),
            ),
            check(
                "entry_sign",
                Q(kind="issue", amount__gt=0)
                | Q(kind__in=("redeem", "revoke", "expire"), amount__lte=0)
                | Q(kind="reverse", amount__gte=0),
            ),
            check(
                "entry_reversal_of_something",
                Q(kind="reverse", reverses__isnull=False)
                | (~Q(kind="reverse") & Q(reverses__isnull=True)),
            ),
            once("entry_reversed_once", "reverses", condition=Q(reverses__isnull=False)),
            *(
                once(
                    f"entry_{holding}_{name}",
                    holding,
                    *more,
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
            index("entry_of_credit", "credit", "id"),
            index("entry_of_purchase", "purchase", "id"),
            index("entry_reference", "reference", condition=~Q(reference="")),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount:+}"
