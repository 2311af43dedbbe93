import zoneinfo
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from config.errors import Invalid

from ..errors import CompanyAlreadyArchived, CompanyNotArchived, SlugTaken
from ..models import Company


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
        raise SlugTaken(f"Another company has the short name “{company.slug}”.")
    company.save(force_insert=True)
    return company


@transaction.atomic
def change_company(company: Company, *, changes: dict[str, Any]) -> Company:
    """Change fields of a company; raises as `create_company` does, and CompanyAlreadyArchived."""
    company = Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    if company.is_archived:
        raise CompanyAlreadyArchived("This company is archived. Restore it first.")
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


def check_company(company: Company) -> None:
    """Raise Invalid with a sentence for each field of a company that cannot be right."""
    problems = {}
    if company.timezone not in zoneinfo.available_timezones():
        problems["timezone"] = f"“{company.timezone}” is no time zone; try Europe/London."
    if len(company.country) != 2 or not (company.country.isascii() and company.country.isalpha()):
        problems["country"] = f"“{company.country}” is no two-letter country code; try GB."
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
