from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from ..ids import new_id
from .companies import Company


class StaffManager(BaseUserManager["Staff"]):
    """Finds staff by e-mail, without regard to case."""

    def create_superuser(self, email: str, password: str | None = None) -> "Staff":
        """Make somebody who may do everything everywhere: Django's own `createsuperuser`."""
        staff = self.model(email=email, is_superuser=True)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff

    def get_by_natural_key(self, username: str | None) -> "Staff":
        return self.get(email__iexact=username)


class Staff(AbstractBaseUser, PermissionsMixin):
    """A person who works in the back-office, for one company or several."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    first_name = models.CharField(_("first name"), max_length=150, blank=True)
    last_name = models.CharField(_("last name"), max_length=150, blank=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    companies = models.ManyToManyField(
        Company, through="Membership", related_name="staff", verbose_name=_("companies")
    )

    objects = StaffManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")
        constraints = (
            models.UniqueConstraint(
                Lower("email"),
                name="staff_email_any_case",
                violation_error_message=_("Someone already signs in with this e-mail address."),
            ),
        )

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    @property
    def is_staff(self) -> bool:
        """Everyone in this table works in the back-office."""
        return True

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name or self.email

    def workplaces(self) -> "models.QuerySet[Company]":
        """Return the open companies that they may work in: a superuser in every one."""
        everywhere = Company.objects.usable()
        return everywhere if self.is_superuser else everywhere.filter(staff=self)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Staff may do in their company whatever the back-office offers, its integrations included.

        The door checks which company is theirs; companies and staff are for superusers.
        """
        if not self.is_active:
            return False
        app, _, verb_and_model = perm.partition(".")
        theirs = app != "access" or verb_and_model.partition("_")[2] in ("apiclient", "apikey")
        return self.is_superuser or theirs

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active


class Membership(models.Model):
    """That a staff member works for a company."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="memberships")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="memberships")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = (
            models.UniqueConstraint(fields=("staff", "company"), name="membership_once"),
        )

    def __str__(self) -> str:
        return f"{self.staff} @ {self.company}"
