from collections.abc import Iterator
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.ids import new_id
from config.tenancy.permissions import Role, allows
from config.tenancy.recording import Recorded


class StaffManager(BaseUserManager["Staff"]):
    """Find staff by e-mail address, case-insensitively."""

    def create_superuser(self, email: str, password: str | None = None) -> "Staff":
        """Create a superuser, as Django's `createsuperuser` does."""
        staff = self.model(email=email, is_superuser=True)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff

    def get_by_natural_key(self, username: str | None) -> "Staff":
        return self.get(email__iexact=username)


class Staff(AbstractBaseUser, PermissionsMixin):
    """A person who works in the back-office, for one company or several."""

    recorded = Recorded("staff", public=False)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    first_name = models.CharField(_("first name"), max_length=150, blank=True)
    last_name = models.CharField(_("last name"), max_length=150, blank=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    # Sessions that began earlier end at their next request.
    signed_out_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    companies = models.ManyToManyField(
        Company, through="Membership", related_name="staff", verbose_name=_("companies")
    )

    objects = StaffManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    # Set per request: the role in the session's company, and the last refused permission, which
    # the page that explains the refusal names.
    role = ""
    refused = ""

    class Meta:
        verbose_name = _("login")
        verbose_name_plural = _("logins")
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
        """Always true: everyone in this table may use the admin."""
        return True

    def get_session_auth_hash(self) -> str:
        """Return the hash that a session must hold; a new password or sign-out changes it."""
        return self._with_sign_out(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        yield from map(self._with_sign_out, super().get_session_auth_fallback_hash())

    def _with_sign_out(self, digest: str) -> str:
        return f"{digest}.{self.signed_out_at.timestamp()}" if self.signed_out_at else digest

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name or self.email

    def workplaces(self) -> "models.QuerySet[Company]":
        """Return the companies that are not archived, each with the person's `role` there.

        A superuser works in every company as an owner.
        """
        everywhere = Company.objects.usable()
        if self.is_superuser:
            return everywhere.annotate(role=models.Value(Role.OWNER.value))  # type: ignore[no-redef]
        theirs = everywhere.filter(memberships__staff=self)
        return theirs.annotate(role=models.F("memberships__role"))  # type: ignore[no-redef]

    def role_in(self, company: Company) -> str:
        """Return their current role in a company, "" if they do not work there."""
        found = self.workplaces().filter(pk=company.pk).first()
        return found.role if found and self.is_active else ""

    def actor_in(self, company: Company, role: str | None = None) -> Actor:
        """Return this person as an actor in a company; the role is looked up if not given.

        An actor without a role is refused every change.
        """
        role = self.role_in(company) if role is None else role
        return Actor("staff", str(self), company.id, company.country, self.id, role=role)

    @property
    def may_work(self) -> bool:
        """Whether they may sign in and work in at least one company."""
        return self.is_active and (self.is_superuser or self.workplaces().exists())

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Return whether the role of the session has a permission (config.tenancy.permissions)."""
        if self.is_active and (self.is_superuser or allows(self.role, perm)):
            return True
        self.refused = perm
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships of staff in companies."""

    def usable(self) -> "MembershipQuerySet":
        return self.filter(company__archived_at=None, staff__is_active=True)


class Membership(models.Model):
    """The membership of a staff member in a company, with a role."""

    recorded = Recorded("membership", public=False)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="memberships")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    # A new invitation changes this, which invalidates the links of earlier ones.
    invited_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")
        constraints = (
            models.UniqueConstraint(fields=("staff", "company"), name="membership_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role_known"
            ),
        )

    def __str__(self) -> str:
        return str(self.staff)
