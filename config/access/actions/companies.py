import zoneinfo
from functools import cache, reduce
from operator import or_

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import Exists
from django.utils.text import slugify
from django.utils.translation import gettext as _

from config.errors import Invalid
from config.statements.changing import Changes, apply_changes
from config.tenancy.actors import Actor
from config.tenancy.companies import MOST_ERASURE_DAYS, MOST_LATE_HOURS, Company, tax_behavior_in
from config.tenancy.models import TenantModel
from config.tenancy.money_fields import MOST
from config.tenancy.scoping import is_active
from config.times import Clock

from ..errors import CompanyAlreadyArchived, CompanyNotArchived, CurrencyFixed, SlugTaken


@transaction.atomic
def create_company(company: Company, *, actor: Actor) -> Company:
    """Create a company; its slug is made from its name if it has none.

    Without `tax_behavior`, new prices include tax, except in the US and Canada. Raises SlugTaken,
    or Invalid for an unknown currency, time zone, country, URL or tax.
    """
    actor.check_may_change()
    company.slug = company.slug or slugify(company.name)[:60]
    _prepare(company)
    company.save(force_insert=True)
    return company


@transaction.atomic
def change_company(company: Company, *, changes: Changes, actor: Actor) -> Company:
    """Change fields of a company.

    Raises the same errors as `create_company`, CompanyAlreadyArchived, or CurrencyFixed if the
    company has amounts of money. `is_currency_fixed` can check this for the active company only.
    """
    actor.check_may_change()
    company = Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    if company.is_archived:
        raise CompanyAlreadyArchived(_("This company is archived. Restore it first."))
    currency = company.currency
    apply_changes(company, changes)
    if company.currency.upper() != currency and is_currency_fixed(company):
        raise CurrencyFixed
    _prepare(company)
    company.save(update_fields=list(changes))
    return company


def is_currency_fixed(company: Company) -> bool:
    """Return whether a company has any price, credit, invoice or other amount of money.

    The rows of an inactive company cannot be read, so its currency counts as fixed. The active
    company is the one that `acting_for` set.
    """
    if not is_active(company.pk):
        return True
    priced = [
        model
        for model in apps.get_models()
        if issubclass(model, TenantModel)
        and any(field.name == "currency" for field in model._meta.concrete_fields)
    ]
    amounts = (Exists(model._default_manager.filter(company_id=company.pk)) for model in priced)
    return Company.objects.filter(pk=company.pk).filter(reduce(or_, amounts)).exists()


@cache
def _zones() -> frozenset[str]:
    """Return the names of all time zones, cached because listing them reads hundreds of files."""
    return frozenset(zoneinfo.available_timezones())


def _prepare(company: Company) -> None:
    """Normalise the codes of a company and check its fields."""
    if not company.slug:
        sentence = f"No short name can be made from “{company.name}”: give one of letters a to z."
        raise Invalid(sentence, field="slug")
    company.currency, company.country = company.currency.upper(), company.country.upper()
    company.tax_behavior = company.tax_behavior or tax_behavior_in(company.country)
    check_company(company)
    if Company.objects.filter(slug=company.slug).exclude(pk=company.pk).exists():
        raise SlugTaken(
            _("Another company has the short name “%(slug)s”.") % {"slug": company.slug}
        )


def check_company(company: Company) -> None:
    """Raise Invalid with a sentence for each invalid field of a company."""
    problems = {}
    if company.timezone not in _zones():
        problems["timezone"] = (
            f"“{company.timezone}” is not a time zone. Use a name such as Europe/London."
        )
    if len(company.country) != 2 or not (company.country.isascii() and company.country.isalpha()):
        problems["country"] = f"“{company.country}” is not a two-letter country code, such as GB."
    for limit in ("credit_limit", "refund_limit"):
        amount = getattr(company, limit)
        if amount is not None and not 0 <= amount <= MOST:
            problems[limit] = "Give an amount of zero or more, or none."
    if company.tax_rate is None or not 0 <= company.tax_rate <= 100:
        problems["tax_rate"] = f"“{company.tax_rate}” is not a percentage from 0 to 100."
    if company.erasure_days is None or not 0 <= company.erasure_days <= MOST_ERASURE_DAYS:
        problems["erasure_days"] = f"Give from 0 to {MOST_ERASURE_DAYS} days."
    problems |= _problems_of_late_cancellation(company)
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


def _problems_of_late_cancellation(company: Company) -> dict[str, str]:
    hours, fee = company.late_cancellation_hours, company.late_cancellation_fee
    problems = {}
    if hours is not None and not 1 <= hours <= MOST_LATE_HOURS:
        problems["late_cancellation_hours"] = (
            f"Give from 1 to {MOST_LATE_HOURS} hours, or none; got {hours}."
        )
    if not 0 <= fee <= MOST:
        problems["late_cancellation_fee"] = "Give an amount of zero or more."
    elif hours is not None and company.late_cancellation_keeps == Company.Keeps.FEE and not fee:
        problems["late_cancellation_fee"] = "Say how much the fee is, or keep what was paid."
    return problems


@transaction.atomic
def archive_company(company: Company, *, actor: Actor) -> None:
    """Archive a company, whose credentials are refused from the next request.

    Raises CompanyAlreadyArchived.
    """
    actor.check_may_change()
    usable = Company.objects.usable().filter(pk=company.pk)
    if not usable.update(archived_at=Clock()):
        raise CompanyAlreadyArchived
    company.refresh_from_db()


@transaction.atomic
def restore_company(company: Company, *, actor: Actor) -> None:
    """Restore an archived company; raises CompanyNotArchived."""
    actor.check_may_change()
    archived = Company.objects.filter(pk=company.pk, archived_at__isnull=False)
    if not archived.update(archived_at=None):
        raise CompanyNotArchived
    company.refresh_from_db()
