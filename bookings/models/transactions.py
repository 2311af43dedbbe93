from typing import Self

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from config.tenancy.merging import Moves
from config.tenancy.models import TenantForeignKey, TenantModel, index
from config.tenancy.personal import Personal
from config.tenancy.recording import Recorded
from config.tenancy.scoping import TenantQuerySet

from .bookings import Booking


class TransactionQuerySet(TenantQuerySet["Transaction"]):
    """Event places bought together."""

    def with_future_places(self) -> Self:
        """Transactions with a place that has not begun and is not cancelled."""
        places = Booking.objects.counted().filter(starts_at__gt=Now(), transaction__isnull=False)
        return self.filter(id__in=places.values("transaction_id"))


class Transaction(TenantModel):
    """Event places that one customer bought together, for themselves and for others."""

    id_prefix = "txn_"
    noun = "transaction"
    recorded = Recorded("transaction")
    personal = Personal()
    merging = {"customer": Moves()}

    customer = TenantForeignKey(
        "customers.Customer", verbose_name=_("bought by"), related_name="transactions"
    )
    purchased_at = models.DateTimeField(_("bought at"), db_default=Now(), editable=False)

    objects = TransactionQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("event purchase")
        verbose_name_plural = _("event purchases")
        indexes = (index("txn_of_customer", "customer", "id"),)

    def __str__(self) -> str:
        return f"{self.customer}, {self.purchased_at:%Y-%m-%d}"
