"""Likely duplicates: pairs of customers, the reasons for them, and the state of the search.

The weights of the reasons and the lowest score of a pair are in one table: the function
`customers_weights` in customers/sql/likeness.sql.
"""

from collections.abc import Iterable
from typing import NamedTuple, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from config.tenancy.merging import Stays
from config.tenancy.models import TenantForeignKey, TenantModel, check, index, once
from config.tenancy.personal import Personal
from config.tenancy.scoping import RemovableQuerySet, TenantQuerySet, active_company

from .customers import Customer

# Increase it when the score or the compared data changes: then all customers are compared again.
RULES = 1


class Fact(models.TextChoices):
    """A similarity or a difference between two customers, with a label for staff."""

    SAME_TAX_NUMBER = "same_tax_number", _("Same tax number")
    SAME_EMAIL = "same_email", _("Same e-mail address")
    SAME_PHONE = "same_phone", _("Same phone number")
    SAME_BIRTHDAY = "same_birthday", _("Same birthday")
    SAME_ADDRESS = "same_address", _("Same address")
    SIMILAR_EMAIL = "similar_email", _("E-mail addresses differ by one letter")
    SIMILAR_PHONE = "similar_phone", _("Phone numbers differ by one digit")
    SIMILAR_BIRTHDAY = "similar_birthday", _("Birthdays differ as typing errors do")
    SAME_NAME = "same_name", _("Same name")
    NAMES_SWAPPED = "names_swapped", _("First and last name swapped")
    ORGANISATION_AS_PERSON = (
        "organisation_as_person",
        _("A person’s name stands as an organisation’s"),
    )
    LONGER_NAME = "longer_name", _("One name has more words")
    NAME_MISSPELT = "name_misspelt", _("Names differ by one letter")
    PART_OF_NAME = "part_of_name", _("One name is a part or an initial of the other")
    NO_NAME = "no_name", _("One has no name")
    OTHER_LAST_NAME = "other_last_name", _("Last names differ")
    OTHER_FIRST_NAME = "other_first_name", _("First names differ")
    ORGANISATION_AND_PERSON = "organisation_and_person", _("One is an organisation")
    OTHER_NAME = "other_name", _("Names differ")
    OTHER_BIRTHDAY = "other_birthday", _("Birthdays differ")
    OTHER_GENERATION = "other_generation", _("One is a junior or a senior")
    OTHER_TAX_NUMBER = "other_tax_number", _("Tax numbers differ")


class Likely(NamedTuple):
    """A likely duplicate of a customer: its score (0 to 100) and `Fact`s."""

    customer_id: UUID
    score: int
    reasons: list[str]


class DuplicateQuerySet(RemovableQuerySet["Duplicate"]):
    """Pairs of customers."""

    def waiting(self) -> Self:
        """Pairs of live customers that nobody has dismissed."""
        return self._of_live().filter(dismissed_at__isnull=True)

    def dismissed(self) -> Self:
        """Pairs of live customers that somebody dismissed, because they are two people."""
        return self._of_live().filter(dismissed_at__isnull=False)

    def _of_live(self) -> Self:
        return self.filter(customer__archived_at__isnull=True, other__archived_at__isnull=True)

    def best_first(self) -> Self:
        return self.order_by("-score", "-id")

    def of_customer(self, customer_id: UUID | models.expressions.Combinable) -> Self:
        """Pairs that contain a customer."""
        return self.filter(Q(customer_id=customer_id) | Q(other_id=customer_id))


class Duplicate(TenantModel):
    """Two customers who are likely one person, the one with the lower id first.

    A background task finds them. `score` is from 0 to 100, and `reasons` are the `Fact`s behind it.
    A dismissed pair stays dismissed, whatever its later score.
    """

    id_prefix = "dup_"
    personal = Personal(impersonal=("reasons", "dismissed_by"))
    merging = {"customer": Stays(), "other": Stays()}

    customer = TenantForeignKey(Customer, verbose_name=_("customer"), related_name="+")
    other = TenantForeignKey(Customer, verbose_name=_("and"), related_name="+")
    score = models.PositiveSmallIntegerField(_("how likely"))
    reasons = ArrayField(models.CharField(max_length=40), verbose_name=_("why"))
    dismissed_at = models.DateTimeField(_("not the same since"), null=True, editable=False)
    dismissed_by = models.CharField(
        _("not the same, says"), max_length=255, blank=True, editable=False
    )

    objects = DuplicateQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("likely duplicate")
        verbose_name_plural = _("likely duplicates")
        constraints = [
            *TenantModel.Meta.constraints,
            once("duplicate_once", "customer", "other"),
            check("duplicate_in_order", Q(customer__lt=F("other"))),
        ]
        indexes = (index("duplicate_by_score", "-score", "-id"),)

    def __str__(self) -> str:
        return f"{self.customer} / {self.other}"

    @property
    def is_dismissed(self) -> bool:
        return self.dismissed_at is not None

    @property
    def reasons_in_words(self) -> list[str]:
        """The reasons for and against the pair, as labels for staff."""
        return facts_in_words(self.reasons)


class DuplicateSearch(TenantModel):
    """The state of the search for a company's duplicates.

    Customers up to the id `scanned_to` have been compared with all others, by the version `rules`;
    null once all have been. Changes up to `position` (`Change.id`) have been processed.
    """

    position = models.BigIntegerField()
    scanned_to = models.UUIDField(null=True)
    rules = models.PositiveSmallIntegerField()

    objects = TenantQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        constraints = [*TenantModel.Meta.constraints, once("duplicate_search_of_company")]


def facts_in_words(facts: Iterable[str]) -> list[str]:
    """Return the labels of facts."""
    return [str(Fact(one).label) for one in facts]


def likely_same(customer_id: UUID) -> list[Likely]:
    """Return the likely duplicates of a customer in the active company, the most likely first.

    Includes archived customers.
    """
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT id, score, reasons FROM customers_likely(%s, true)", [customer_id])
        return [Likely(*row) for row in cursor.fetchall()]


_IN_WORDS = """
SELECT one.id, other.display_name, near.reasons
  FROM unnest(%s::uuid[]) AS one (id)
 CROSS JOIN LATERAL (SELECT * FROM customers_likely(one.id, true) LIMIT 3) AS near
  JOIN customers_customer AS other ON other.company_id = %s AND other.id = near.id
 ORDER BY one.id, near.score DESC
"""


def likely_in_words(customer_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return up to three likely duplicates of each customer as text, with the reasons.

    Leaves out customers without likely duplicates.
    """
    if not (ids := [*customer_ids]):
        return {}
    found: dict[UUID, list[str]] = {}
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(_IN_WORDS, [ids, active_company()])
        for id, name, reasons in cursor.fetchall():
            found.setdefault(id, []).append(f"{name} ({', '.join(facts_in_words(reasons))})")
    return {id: "; ".join(names) for id, names in found.items()}
