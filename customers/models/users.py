from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from config.emails import EmailField
from config.tenancy.merging import ARCHIVED, Moves
from config.tenancy.models import Archivable, TenantForeignKey, TenantModel, index
from config.tenancy.personal import Personal
from config.tenancy.recording import ARCHIVING, Recorded
from config.tenancy.scoping import ArchivableQuerySet

from .customers import EMAIL_LENGTH, Customer


class CustomerUser(Archivable):
    """A person who acts for a customer; e-mail addresses are unique within a customer."""

    id_prefix = "usr_"
    recorded = Recorded("user", ARCHIVING)
    personal = Personal(
        erase=("email", "first_name", "last_name"), identifies=("email",), archives=True
    )
    merging = {"customer": Moves({"customer_user_email_once": ARCHIVED})}

    customer = TenantForeignKey(Customer, related_name="users")
    email = EmailField(_("e-mail"), max_length=EMAIL_LENGTH, blank=True)
    first_name = models.CharField(_("first name"), max_length=200, blank=True)
    last_name = models.CharField(_("last name"), max_length=200, blank=True)

    objects = ArchivableQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                F("company"),
                F("customer"),
                Lower("email"),
                condition=Q(archived_at__isnull=True) & ~Q(email=""),
                name="customer_user_email_once",
                violation_error_message=_("This customer has a user with this e-mail already."),
            ),
        ]
        indexes = (index("user_of_customer", "customer", "id"),)

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email
