import zoneinfo
from functools import cache, reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import Exists
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from config.errors import Invalid

from ..errors import CompanyAlreadyArchived, CompanyNotArchived, CurrencyFixed, SlugTaken
from ..models import Company, TenantModel
from ..tenancy import is_active

# As much as any amount of the record may be.
HIGHEST_LIMIT = 1_000_000_000_000


@transaction.atomic
def create_company(company: Company) -> Company:
    """Open a company; its slug is made from its name where none is given.

    Raises SlugTaken, or Invalid for a currency, time zone, country or URL that is none.
    """
    company.slug = company.slug or slugify(company.name)[:60]
    if not company.slug:
        sentence = f"No short name can be made from “{company.name}”: give one of letters a to z."
        raise Invalid(sentence, fields={"slug": sentence})
    company.currency, company.country = company.currency.upper(), company.country.upper()
    check_company(company)
    if Company.objects.filter(slug=company.slug).exists():
        raise SlugTaken(
            _("Another company has the short name “%(slug)s”.") % {"slug": company.slug}
        )
    company.save(force_insert=True)
    return company


@transaction.atomic
def change_company(company: Company, *, changes: dict[str, Any]) -> Company:
    """Change fields of a company.

    Raises as `create_company` does, CompanyAlreadyArchived, and CurrencyFixed once there are
    amounts of money, which are looked for while the company is active.
    """
    company = Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    if company.is_archived:
        raise CompanyAlreadyArchived(_("This company is archived. Restore it first."))
    currency = changes.get("currency", company.currency).upper()
    if currency != company.currency and is_currency_fixed(company):
        raise CurrencyFixed
    for name, value in changes.items():
        setattr(company, name, value)
    if not company.slug:
        sentence = f"No short name can be made from “{company.name}”: give one of letters a to z."
        raise Invalid(sentence, fields={"slug": sentence})
    company.currency, company.country = company.currency.upper(), company.country.upper()
    check_company(company)
    if Company.objects.filter(slug=company.slug).exclude(pk=company.pk).exists():
        raise SlugTaken(fields={"slug": SlugTaken.message})
    company.save(update_fields=list(changes))
    return company


def is_currency_fixed(company: Company) -> bool:
    """Say whether a company has any amount of money: a price, a credit, an invoice.

    Nothing is known of a company that is not active, so that its currency counts as fixed.
    """
    if not is_active(company.pk):
        return True
    kinds = [
        model
        for model in apps.get_models()
        if issubclass(model, TenantModel)
        and any(field.name == "currency" for field in model._meta.concrete_fields)
    ]
    amounts = (Exists(model._default_manager.filter(company_id=company.pk)) for model in kinds)
    return Company.objects.filter(pk=company.pk).filter(reduce(or_, amounts)).exists()


@cache
def _zones() -> frozenset[str]:
    """Return the names of all time zones: gathering them reads some hundreds of files."""
    return frozenset(zoneinfo.available_timezones())


def check_company(company: Company) -> None:
    """Raise Invalid with a sentence for each field of a company that cannot be right."""
    problems = {}
    if company.timezone not in _zones():
        problems["timezone"] = f"“{company.timezone}” is no time zone; try Europe/London."
    if len(company.country) != 2 or not (company.country.isascii() and company.country.isalpha()):
        problems["country"] = f"“{company.country}” is no two-letter country code; try GB."
    if company.credit_limit is not None and not 0 <= company.credit_limit <= HIGHEST_LIMIT:
        problems["credit_limit"] = "Give an amount of zero or more, or none."
    try:
        company.clean_fields(exclude=list(problems))
        if company.portal_url:
            URLValidator(["http", "https"])(company.portal_url)
    except ValidationError as error:
        by_field = getattr(error, "message_dict", {"portal_url": error.messages})
        problems |= {field: " ".join(messages) for field, messages in by_field.items()}
    if problems:
        first = next(iter(problems.items()))
        raise Invalid(f"{first[0]}: {first[1]}", fields=problems)


@transaction.atomic
def archive_company(company: Company) -> None:
    """Close a company: its credentials are refused from their next request on.

    Raises CompanyAlreadyArchived.
    """
    open_ones = Company.objects.usable().filter(pk=company.pk)
    if not open_ones.update(archived_at=timezone.now()):
        raise CompanyAlreadyArchived
    company.refresh_from_db()


@transaction.atomic
def restore_company(company: Company) -> None:
    """Open an archived company again; raises CompanyNotArchived."""
    if not Company.objects.filter(pk=company.pk, archived_at__isnull=False).update(
        archived_at=None
    ):
        raise CompanyNotArchived
    company.refresh_from_db()
