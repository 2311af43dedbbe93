"""Every write to companies, staff, API clients and API keys."""

import secrets
import uuid
import zoneinfo
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from oauth2_provider.models import get_access_token_model

from config.errors import Invalid

from .errors import (
    AlreadyRevoked,
    AlreadySuspended,
    CompanyAlreadyArchived,
    CompanyNotArchived,
    EmailTaken,
    LocksYouOut,
    NotSuspended,
    SlugTaken,
    TooManyKeys,
    UnknownScope,
)
from .hashers import digest
from .models import ApiClient, ApiKey, Company, Membership, Staff
from .scopes import SCOPES

KEY_MARK = "reg_live_"
LIVE_KEYS_PER_NAME = 2


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
def create_staff(email: str, company: Company, *, superuser: bool = False) -> tuple[Staff, str]:
    """Let a person work for a company; returns them with their password, "" if they had one.

    A person who works elsewhere already keeps their password and gains this company.
    Raises EmailTaken when they work here already.
    """
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid(f"“{email}” is no e-mail address.", fields={"email": "Not an e-mail."})
    staff, password = Staff.objects.filter(email__iexact=email).first(), ""
    if staff is None:
        password = secrets.token_urlsafe(12)
        staff = Staff(email=email, is_superuser=superuser)
        staff.set_password(password)
        staff.save(force_insert=True)
    promoted = superuser and not staff.is_superuser
    if promoted:
        staff.is_superuser = True
        staff.save(update_fields=["is_superuser"])
    _, added = Membership.objects.get_or_create(staff=staff, company=company)
    if not (added or promoted):
        raise EmailTaken(f"{email} works for {company.name} already.")
    return staff, password


@transaction.atomic
def change_staff(
    staff: Staff,
    *,
    changes: dict[str, Any],
    companies: Iterable[Company] | None = None,
    by: uuid.UUID | None = None,
) -> Staff:
    """Change fields of a staff member, and the companies that they work for where those are given.

    `by` is the staff member who does it. Raises LocksYouOut where they would take away their own
    way in, and Invalid for an e-mail address that is none or somebody else's.
    """
    locks_out = changes.get("is_active") is False or changes.get("is_superuser") is False
    if staff.pk == by and locks_out:
        raise LocksYouOut
    staff = Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    for name, value in changes.items():
        setattr(staff, name, value)
    try:
        staff.full_clean(exclude=["password"])
    except ValidationError as error:
        problems = {name: " ".join(texts) for name, texts in error.message_dict.items()}
        raise Invalid(next(iter(problems.values())), fields=problems)
    staff.save(update_fields=list(changes))
    if companies is not None:
        staff.companies.set(companies)
    return staff


@transaction.atomic
def renew_password(staff: Staff) -> str:
    """Give a staff member a new password and return it; their sessions end at once."""
    password = secrets.token_urlsafe(12)
    staff.set_password(password)
    staff.save(update_fields=["password"])
    return password


def check_scopes(scopes: Iterable[str]) -> list[str]:
    """Return scopes in the order of the registry; raises UnknownScope, or Invalid for none."""
    wanted = set(scopes)
    if unknown := sorted(wanted - SCOPES.keys()):
        raise UnknownScope(f"There is no scope “{unknown[0]}”.", fields={"scopes": unknown[0]})
    if not wanted:
        raise Invalid("Name at least one scope.", fields={"scopes": "Name at least one scope."})
    return [scope for scope in SCOPES if scope in wanted]


def check_name(name: str) -> str:
    """Return the trimmed name of a credential; raises Invalid for none or one past 255 letters."""
    name = name.strip()
    if not 0 < len(name) <= 255 or "\x00" in name:
        raise Invalid("Give it a name of 1 to 255 letters.", fields={"name": "1 to 255 letters."})
    return name


@transaction.atomic
def create_api_client(
    company: Company, *, name: str, scopes: Iterable[str]
) -> tuple[ApiClient, str]:
    """Let an integrator in by OAuth; returns the client and its secret, shown this once."""
    secret = secrets.token_urlsafe(48)
    client = ApiClient(
        company=company,
        name=check_name(name),
        scopes=check_scopes(scopes),
        client_secret=secret,
        client_type=ApiClient.CLIENT_CONFIDENTIAL,
        authorization_grant_type=ApiClient.GRANT_CLIENT_CREDENTIALS,
    )
    client.save(force_insert=True)
    return client, secret


@transaction.atomic
def rotate_api_client(client: ApiClient) -> str:
    """Give a client a new secret and return it; the old one stops at once.

    Tokens that are out already run to their end, an hour at most; suspend the client to stop them.
    """
    secret = secrets.token_urlsafe(48)
    client.client_secret = secret
    client.save(update_fields=["client_secret", "updated"])
    return secret


@transaction.atomic
def suspend_api_client(client: ApiClient) -> None:
    """Refuse a client from its next request on, tokens included; raises AlreadySuspended."""
    if not ApiClient.objects.filter(pk=client.pk, suspended_at__isnull=True).update(
        suspended_at=timezone.now()
    ):
        raise AlreadySuspended
    get_access_token_model().objects.filter(application=client).delete()
    client.refresh_from_db()


@transaction.atomic
def resume_api_client(client: ApiClient) -> None:
    """Let a suspended client back in; raises NotSuspended."""
    if not ApiClient.objects.filter(pk=client.pk, suspended_at__isnull=False).update(
        suspended_at=None
    ):
        raise NotSuspended
    client.refresh_from_db()


@transaction.atomic
def create_api_key(
    company: Company, *, name: str, scopes: Iterable[str], expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """Let an integrator in by key; returns it and its text, shown this once.

    Raises TooManyKeys when the integration of this name has two live ones.
    """
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    if expires_at and expires_at <= timezone.now():
        raise Invalid("The key would have expired.", fields={"expires_at": "This is in the past."})
    name = check_name(name)
    if company.api_keys.live().filter(name=name).count() >= LIVE_KEYS_PER_NAME:
        raise TooManyKeys(f"“{name}” has two live keys already. Revoke one first.")
    text = KEY_MARK + secrets.token_urlsafe(32)
    key = ApiKey(
        company=company,
        name=name,
        start=text[: len(KEY_MARK) + 4],
        digest=digest(text),
        scopes=check_scopes(scopes),
        expires_at=expires_at,
    )
    key.save(force_insert=True)
    return key, text


@transaction.atomic
def rotate_api_key(key: ApiKey) -> tuple[ApiKey, str]:
    """Make the key that replaces this one, which stays live until it is revoked.

    Raises AlreadyRevoked for a dead key and TooManyKeys when its successor is there already.
    """
    if key.revoked_at:
        raise AlreadyRevoked
    return create_api_key(key.company, name=key.name, scopes=key.scopes, expires_at=key.expires_at)


@transaction.atomic
def revoke_api_key(key: ApiKey) -> None:
    """Refuse a key from its next request on; raises AlreadyRevoked."""
    if not ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(
        revoked_at=timezone.now()
    ):
        raise AlreadyRevoked
    key.refresh_from_db()


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
