from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from config.tenancy.merging import Stays
from config.tenancy.models import TenantForeignKey, TenantModel, check, index, once
from config.tenancy.personal import Personal
from config.tenancy.recording import Recorded, is_set
from config.tenancy.scoping import TenantQuerySet

from .customers import Customer

WAITING = Q(cancelled_at__isnull=True, erased_at__isnull=True)


class ErasureQuerySet(TenantQuerySet["Erasure"]):
    """Erasures of people."""

    def waiting(self) -> Self:
        """Erasures that are neither cancelled nor done."""
        return self.filter(WAITING)

    def due(self) -> Self:
        """Erasures whose waiting time is over, the oldest first."""
        return self.waiting().filter(due_at__lte=Now()).order_by("due_at", "id")


class Erasure(TenantModel):
    """The erasure of a person: requested, then cancelled before it is due, or done.

    `report` is the certificate: the number of erased rows and fields of each table, and the result
    of the second scan; it has no personal values. `people` are the ids of the customer and of the
    customers merged into it.
    """

    id_prefix = "era_"
    recorded = Recorded(
        "erasure",
        (is_set("cancelled", "cancelled_at"), is_set("completed", "erased_at")),
        created="requested",
        public=False,
    )
    merging = {"customer": Stays()}
    personal = Personal(
        impersonal=("requested_by", "cancelled_by", "erased_by", "people", "report")
    )

    STATUSES = ("waiting", "cancelled", "erased")

    customer = TenantForeignKey(Customer, related_name="erasures")
    requested_by = models.CharField(_("requested by"), max_length=255, editable=False)
    due_at = models.DateTimeField(_("is done from"), editable=False)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, editable=False)
    cancelled_by = models.CharField(
        _("cancelled by"), max_length=255, blank=True, default="", editable=False
    )
    erased_at = models.DateTimeField(_("erased at"), null=True, editable=False)
    erased_by = models.CharField(
        _("erased by"), max_length=255, blank=True, default="", editable=False
    )
    people = ArrayField(models.UUIDField(), default=list, editable=False)
    report = models.JSONField(_("certificate"), default=dict, editable=False)

    objects = ErasureQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        constraints = [
            *TenantModel.Meta.constraints,
            once("erasure_waiting_once", "customer", condition=WAITING),
            check("erasure_one_end", Q(cancelled_at__isnull=True) | Q(erased_at__isnull=True)),
        ]
        indexes = (
            index("erasure_of_customer", "customer", "id"),
            index("erasure_waiting", "due_at", condition=WAITING),
        )

    def __str__(self) -> str:
        return str(self.customer)

    @property
    def status(self) -> str:
        if self.erased_at is not None:
            return "erased"
        return "waiting" if self.cancelled_at is None else "cancelled"

    @property
    def is_waiting(self) -> bool:
        return self.status == "waiting"


class ErasureMark(TenantModel):
    """A salted digest of an identifying value of an erased person, which imports compare.

    A mark restored for a person who has no row in this database has no erasure.
    """

    personal = Personal(impersonal=("digest",))

    erasure = TenantForeignKey(Erasure, null=True, related_name="marks", db_index=False)
    digest = models.CharField(max_length=64)

    objects = TenantQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("mark of an erasure")
        verbose_name_plural = _("marks of erasures")
        constraints = [
            *TenantModel.Meta.constraints,
            once("erasure_mark_once", "digest", "erasure"),
        ]

    def __str__(self) -> str:
        return self.digest[:12]
