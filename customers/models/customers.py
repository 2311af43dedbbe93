from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Case, F, FilteredRelation, Func, Q, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat, Lower, Trim
from django.utils.translation import gettext_lazy as _

from config.emails import EmailField
from config.tenancy.merging import Moves
from config.tenancy.models import (
    Archivable,
    TenantForeignKey,
    TenantModel,
    UpdatedAt,
    check,
    index,
    once,
)
from config.tenancy.personal import Personal
from config.tenancy.recording import ARCHIVING, EventRule, Recorded, is_cleared, is_set
from config.tenancy.scoping import ArchivableQuerySet, Key, SeesCompany, active_company

from .birthdays import BIRTHDAY, BirthdayField
from .finding import FOUND, AreTags, Meaning, Tagged, WithEmail

EMAIL_LENGTH, PHONE_LENGTH = 254, 60
MOST_TAGS, TAG_LENGTH = 50, 60
# The name that replaces the name of an erased person.
ERASED_NAME = "Erased customer"


class CustomerQuerySet(ArchivableQuerySet["Customer"]):
    """Customers of a company."""

    def visible_to(self, actor: SeesCompany) -> Self:
        """Customers of a company, except those that were merged into another."""
        return super().visible_to(actor).filter(merged_into__isnull=True)

    def merged(self) -> Self:
        """Customers that were merged into another; uses the condition of the index."""
        return self.filter(merged_into__isnull=False)

    def meant_by(self, query: str) -> Self:
        """Customers that match a search by staff, also by external id or the end of a phone."""
        return self.filter(Meaning.of(query).by())

    def likeliest(self, query: str, most: int) -> list["Customer"]:
        """Return the active company's best matches of a search, best first.

        If there are none, returns customers with similar names, with `is_similar` set.
        """
        return list(self.model.objects.raw(FOUND, [query, most, active_company()]))

    def with_status(self, status: str) -> Self:
        """Customers that are active, inactive or deactivated (archived)."""
        if status == Customer.DEACTIVATED:
            return self.archived()
        return self.live().filter(is_active=status == Customer.ACTIVE)

    def with_external_id(self, external_id: str | Combinable) -> Self:
        """Customers with an external id, archived ones too; uses the condition of the index."""
        return self.filter(external_id=external_id).exclude(external_id="")

    def known_as(self, external_id: str | Combinable) -> Self:
        """Customers with an external id, or that a customer with it was merged into."""
        from .merges import CustomerMerge

        own = Customer.objects.with_external_id(external_id).order_by().values("id")
        merges = CustomerMerge.objects.known_as(external_id).order_by()
        return self.filter(id__in=own.union(merges.values("merged__merged_into_id"), all=True))

    def with_email(self, email: str | Combinable) -> Self:
        """Customers with an e-mail address, ignoring case."""
        return self.filter(id__in=WithEmail(email))

    def with_tag(self, tag: str | Combinable) -> Self:
        """Customers that have a tag, ignoring case."""
        return self.filter(id__in=Tagged(tag))

    def with_default_address(self) -> Self:
        """Join the live default address as `home`."""
        return self.annotate(
            home=FilteredRelation(
                "addresses",
                condition=Q(addresses__is_default=True, addresses__archived_at__isnull=True),
            )
        )

    def in_zone(self, zone_id: Key) -> Self:
        """Customers with a live address whose postal code the zone covers."""
        from .addresses import Address

        return self.filter(id__in=Address.objects.in_zone(zone_id).values("customer_id"))


class Customer(Archivable):
    """A person or an organisation that is a customer of a company.

    An absent text is "". `name` is the name of an organisation, whose contact person is in first
    and last name; `display_name` is the name to show. `phone` stays as typed; its normalised forms
    are empty if it could not be read. `birthday` is `1990-05-04`, or `--05-04` without a year.
    `tags` are unique ignoring case. More e-mail addresses and phones are contact points. A customer
    that was merged into another is archived and empty; `merged_into` is the remaining customer,
    even after several merges. An erased customer (`erased_at`) is an archived row without data.
    """

    id_prefix = "cust_"
    # Set by `likeliest` if the name is only similar to the search.
    is_similar = False
    recorded = Recorded(
        "customer",
        (
            is_set("erased", "erased_at"),
            is_set("merged", "merged_into_id"),
            is_cleared("unmerged", "merged_into_id"),
            *ARCHIVING,
            EventRule("paused", "is_active", "false"),
            EventRule("resumed", "is_active", "true"),
        ),
    )
    merging = {"merged_into": Moves()}

    personal = Personal(
        erase={
            **dict.fromkeys(
                ("first_name", "last_name", "legal_name", "tax_id", "email", "phone"), ""
            ),
            **dict.fromkeys(("phone_e164", "phone_national", "external_id", "birthday"), ""),
            "name": ERASED_NAME,
            "preferences": {},
            "tags": [],
        },
        identifies=("email", "phone", "phone_e164", "external_id", "tax_id"),
        archives=True,
    )

    ACTIVE, INACTIVE, DEACTIVATED = "active", "inactive", "deactivated"

    first_name = models.CharField(_("first name"), max_length=200, blank=True)
    last_name = models.CharField(_("last name"), max_length=200, blank=True)
    name = models.CharField(_("name of the organisation"), max_length=200, blank=True)
    legal_name = models.CharField(_("legal name"), max_length=200, blank=True)
    tax_id = models.CharField(_("tax number"), max_length=60, blank=True)
    email = EmailField(_("e-mail"), max_length=EMAIL_LENGTH, blank=True)
    phone = models.CharField(_("phone"), max_length=PHONE_LENGTH, blank=True)
    phone_e164 = models.CharField(max_length=20, blank=True, editable=False)
    phone_national = models.CharField(max_length=20, blank=True, editable=False)
    external_id = models.CharField(_("external id"), max_length=200, blank=True)
    preferences = models.JSONField(_("preferences"), default=dict, blank=True)
    tags = ArrayField(
        models.CharField(max_length=TAG_LENGTH),
        verbose_name=_("tags"),
        default=list,
        db_default=[],
        blank=True,
    )
    birthday = BirthdayField(_("birthday"), max_length=10, default="", db_default="", blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    merged_into = TenantForeignKey(
        "self",
        verbose_name=_("merged into"),
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_index=False,
    )
    updated_at = UpdatedAt(_("updated at"))
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True, editable=False)

    display_name = models.GeneratedField(
        expression=Case(
            When(name="", then=Trim(Concat("first_name", models.Value(" "), "last_name"))),
            default=F("name"),
        ),
        output_field=models.CharField(_("customer"), max_length=401),
        db_persist=True,
    )
    search_words = models.GeneratedField(
        expression=Func(
            *map(F, ("company_id", "name", "first_name", "last_name", "email")),
            *map(F, ("phone", "phone_e164", "phone_national", "external_id")),
            function="customers_words",
            output_field=SearchVectorField(),
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = CustomerQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            *TenantModel.Meta.constraints,
            once(
                "customer_external_id_once",
                "external_id",
                condition=Q(archived_at__isnull=True) & ~Q(external_id=""),
                message=_("Another customer has this external id."),
            ),
            check("customer_birthday", Q(birthday="") | Q(birthday__regex=BIRTHDAY)),
            check("customer_erased", Q(erased_at__isnull=True) | Q(archived_at__isnull=False)),
            # Most customers have no tags; for them the function is not called.
            check("customer_tags", Q(tags=[]) | Q(AreTags("tags"))),
        ]
        indexes = (
            GinIndex(fields=("search_words",), name="customer_words"),
            GinIndex(
                Func(F("company"), F("tags"), function="customers_tag_keys"),
                name="customer_tags",
                condition=~Q(tags=[]),
            ),
            index("customer_created", "created_at"),
            index("customer_present", "id", condition=Q(merged_into__isnull=True)),
            index("customer_merged", "merged_into", condition=Q(merged_into__isnull=False)),
            index("customer_archived", "id", condition=Q(archived_at__isnull=False)),
            index("customer_paused", "id", condition=Q(archived_at__isnull=True, is_active=False)),
            index("customer_by_name", "display_name", "id"),
            index("customer_updated", "updated_at", "id"),
            index("customer_external_id", "external_id", "id", condition=~Q(external_id="")),
            index("customer_phone", "phone", condition=~Q(phone="")),
            index("customer_phone_national", "phone_national", condition=~Q(phone_national="")),
            models.Index(
                F("company"), Lower("email"), name="customer_email", condition=~Q(email="")
            ),
            # Likely duplicates have an equal value in one of these indexes.
            models.Index(
                F("company"),
                Func(F("email"), function="customers_email_key"),
                name="customer_email_key",
                condition=~Q(email=""),
            ),
            models.Index(
                F("company"),
                Func(F("tax_id"), function="regulars_postal_key"),
                name="customer_tax_key",
                condition=~Q(tax_id=""),
            ),
            index("customer_born", "birthday", condition=~Q(birthday="")),
        )

    def __str__(self) -> str:
        return self.display_name or self.email or self.phone or self.external_id or str(self.id)

    @property
    def is_erased(self) -> bool:
        return self.erased_at is not None

    @property
    def status(self) -> str:
        """Deactivated if archived, otherwise active or inactive (paused by staff)."""
        if self.is_archived:
            return self.DEACTIVATED
        return self.ACTIVE if self.is_active else self.INACTIVE
