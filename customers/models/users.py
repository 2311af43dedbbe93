from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from config.access.models import Archivable, TenantForeignKey, TenantModel
from config.access.tenancy import ArchivableQuerySet
from config.emails import EmailField

from .customers import EMAIL_LENGTH, Customer


class CustomerUserQuerySet(ArchivableQuerySet["CustomerUser"]):
    """People who act for customers."""


class CustomerUser(Archivable, TenantModel):
    """A person who acts for a customer; an e-mail address stands once on a customer."""

    customer = TenantForeignKey(Customer, related_name="users")
    email = EmailField(_("e-mail"), max_length=EMAIL_LENGTH, blank=True)
    first_name = models.CharField(_("first name"), max_length=200, blank=True)
    last_name = models.CharField(_("last name"), max_length=200, blank=True)

    objects = CustomerUserQuerySet.as_manager()

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
        indexes = (models.Index(fields=("company", "customer", "id"), name="user_of_customer"),)

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email
