from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Lower, Trim
from django.utils.translation import gettext_lazy as _

from config.tenancy.merging import ARCHIVED, Moves
from config.tenancy.models import Archivable, TenantForeignKey, TenantModel, check, index
from config.tenancy.personal import Personal
from config.tenancy.recording import ARCHIVING, Recorded
from config.tenancy.scoping import ArchivableQuerySet

from .customers import EMAIL_LENGTH, Customer

MOST_POINTS, LABEL_LENGTH = 50, 60


class ContactPoint(Archivable):
    """A further way to reach a customer, besides the customer's own e-mail address and phone.

    `value` stays as typed. A phone has the same normalised forms beside it as the customer's own,
    which are empty if it could not be read.
    """

    class Kind(models.TextChoices):
        EMAIL = "email", _("e-mail")
        PHONE = "phone", _("phone")

    id_prefix = "cpt_"
    recorded = Recorded("contact_point", ARCHIVING)
    personal = Personal(
        erase={"value": "erased", **dict.fromkeys(("label", "phone_e164", "phone_national"), "")},
        identifies=("value", "phone_e164"),
        archives=True,
    )
    merging = {"customer": Moves({"contact_point_once": ARCHIVED})}

    customer = TenantForeignKey(Customer, related_name="contact_points")
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    value = models.CharField(_("e-mail address or phone number"), max_length=EMAIL_LENGTH)
    label = models.CharField(_("label"), max_length=LABEL_LENGTH, blank=True)
    phone_e164 = models.CharField(max_length=20, blank=True, editable=False)
    phone_national = models.CharField(max_length=20, blank=True, editable=False)

    objects = ArchivableQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("contact point")
        verbose_name_plural = _("contact points")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                F("company"),
                F("customer"),
                F("kind"),
                Lower("value"),
                condition=Q(archived_at__isnull=True),
                name="contact_point_once",
                violation_error_message=_("This customer has this contact point already."),
            ),
            check(
                "contact_point_kind",
                Q(kind="phone") | Q(kind="email", phone_e164="", phone_national=""),
            ),
            check("contact_point_value", Q(value=Trim("value")) & ~Q(value="")),
        ]
        indexes = (
            index("contact_point_of_customer", "customer", "id"),
            GinIndex(
                Func(
                    *map(F, ("company", "kind", "value", "phone_e164", "phone_national")),
                    function="customers_point_words",
                ),
                name="contact_point_words",
                condition=Q(archived_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return self.value
