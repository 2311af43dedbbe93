from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.tenancy.merging import ARCHIVED, Moves
from config.tenancy.models import Archivable, TenantForeignKey, TenantModel, check, index, once
from config.tenancy.personal import Personal
from config.tenancy.recording import ARCHIVING, Recorded
from config.tenancy.scoping import ArchivableQuerySet


class PaymentMethodQuerySet(ArchivableQuerySet["PaymentMethod"]):
    """Payment methods of customers."""

    def default(self) -> Self:
        """The live default payment methods of customers."""
        return self.live().filter(is_default=True)


class PaymentMethod(Archivable):
    """A masked reference to a payment processor's record, never a card number.

    `token` is the processor's id of the record and is never shown. A customer has at most one live
    default payment method.
    """

    id_prefix = "pm_"
    recorded = Recorded("payment_method", ARCHIVING)
    personal = Personal(
        erase=("brand", "bank_name", "last4", "exp_month", "exp_year", "token"),
        identifies=("token",),
        secret=("token",),
        archives=True,
    )
    merging = {
        "customer": Moves(
            {
                "payment_method_one_default": {"is_default": False},
                "payment_method_once": {**ARCHIVED, "is_default": False},
            }
        )
    }

    class Type(models.TextChoices):
        CARD = "card", _("card")
        BANK_ACCOUNT = "bank_account", _("bank account")
        DIRECT_DEBIT = "direct_debit", _("direct debit")
        OTHER = "other", _("other")

    OF_BANKS = (Type.BANK_ACCOUNT, Type.DIRECT_DEBIT)

    customer = TenantForeignKey("customers.Customer", related_name="payment_methods")
    type = models.CharField(_("type"), max_length=20, choices=Type.choices)
    brand = models.CharField(_("brand"), max_length=40, blank=True)
    bank_name = models.CharField(_("bank"), max_length=100, blank=True)
    last4 = models.CharField(_("last four digits"), max_length=4, blank=True)
    exp_month = models.PositiveSmallIntegerField(_("expires in month"), null=True, blank=True)
    exp_year = models.PositiveSmallIntegerField(_("expires in year"), null=True, blank=True)
    token = models.CharField(_("processor's token"), max_length=255)
    is_default = models.BooleanField(_("default"), default=False)

    objects = PaymentMethodQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("payment method")
        verbose_name_plural = _("payment methods")
        constraints = [
            *TenantModel.Meta.constraints,
            once(
                "payment_method_one_default",
                "customer",
                condition=Q(is_default=True, archived_at__isnull=True),
            ),
            models.UniqueConstraint(
                F("company"),
                F("customer"),
                F("token"),
                condition=Q(archived_at__isnull=True),
                name="payment_method_once",
                violation_error_message=_("This customer has this payment method already."),
            ),
            check("payment_method_last4", Q(last4="") | Q(last4__regex=r"^[0-9]{4}$")),
            check(
                "payment_method_expiry",
                Q(exp_month__isnull=True, exp_year__isnull=True)
                | Q(exp_month__range=(1, 12), exp_year__range=(2000, 2099)),
            ),
        ]
        indexes = (index("payment_method_of_customer", "customer", "id"),)

    def __str__(self) -> str:
        ending = f"•••• {self.last4}" if self.last4 else ""
        name = self.brand or self.bank_name or str(self.get_type_display())
        return f"{name} {ending}".strip()
