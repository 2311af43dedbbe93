"""The permissions of each role, in one table.

Permissions have Django's names: `customers.change_customer`. The verbs are view, add, change (a row
and its buttons), bulk (many rows of a list at once), import and export. Only superusers have the
permissions that are not in the table; nobody can delete.
"""

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """The role of a staff member in a company."""

    OWNER = "owner", _("Owner")
    MANAGER = "manager", _("Manager")
    FRONT_DESK = "front_desk", _("Front desk")
    READ_ONLY = "read_only", _("Read-only")


OWNERS = frozenset({Role.OWNER})
OFFICE = OWNERS | {Role.MANAGER}
DESK = OFFICE | {Role.FRONT_DESK}
EVERYONE = DESK | {Role.READ_ONLY}

SENTENCES = {
    Role.OWNER: _("Everything of the company: its staff, its settings and its API clients too."),
    Role.MANAGER: _(
        "What front desk does, without its limit, the catalogue, webhooks, and many at once."
    ),
    Role.FRONT_DESK: _(
        "Customers, notes, bookings, payments, import and export, and credits up to the "
        "company's limit."
    ),
    Role.READ_ONLY: _("Sees everything that managers see, and changes nothing."),
}

Verbs = Mapping[str, frozenset[Role]]

# Front desk may import and export files, since each job records its author.
_IN_BULK: Verbs = {"bulk": OFFICE, "import": DESK, "export": DESK}
DAILY: Verbs = {"view": EVERYONE, "add": DESK, "change": DESK, **_IN_BULK}
CATALOGUE: Verbs = {"view": EVERYONE, "add": OFFICE, "change": OFFICE, **_IN_BULK, "import": OFFICE}
LEDGER: Verbs = {"view": EVERYONE, "export": DESK}
STAFF: Verbs = dict.fromkeys(("view", "add", "change"), OWNERS)
SETTINGS: Verbs = dict.fromkeys(("view", "change"), OWNERS)
INTEGRATIONS: Verbs = dict.fromkeys(("view", "add", "change", "bulk"), OWNERS)

WEBHOOKS: Verbs = {
    "view": OFFICE | {Role.READ_ONLY},
    **dict.fromkeys(("add", "change", "bulk"), OFFICE),
}

TABLE: Mapping[str, Verbs] = {
    "customers.customer": DAILY,
    "customers.customermerge": {"view": EVERYONE, "add": OFFICE, "change": OFFICE},
    "customers.address": DAILY,
    "customers.contactpoint": DAILY,
    "customers.customeruser": DAILY,
    "customers.note": DAILY,
    "customers.duplicate": {"view": OFFICE | {Role.READ_ONLY}, "change": OFFICE, "bulk": OFFICE},
    "customers.zone": CATALOGUE,
    "customers.erasure": dict.fromkeys(("view", "add", "change"), OFFICE),
    "billing.plan": CATALOGUE,
    "billing.subscription": DAILY,
    "billing.invoice": DAILY,
    "billing.creditnote": LEDGER,
    "billing.payment": DAILY,
    "billing.paymentmethod": DAILY,
    "credits.coupon": CATALOGUE,
    "credits.creditrule": CATALOGUE,
    "credits.credit": DAILY,
    # "add": give goodwill, or request it above the limit. "change": decide on such requests.
    "credits.goodwill": {"view": EVERYONE, "add": DESK, "change": OFFICE, "export": DESK},
    "credits.passproduct": CATALOGUE,
    "credits.passpurchase": DAILY,
    "credits.entry": LEDGER,
    "bookings.booking": DAILY,
    "bookings.eventdate": CATALOGUE,
    "bookings.event": CATALOGUE,
    "bookings.pricingoption": CATALOGUE,
    "bookings.service": CATALOGUE,
    "bookings.facilitator": CATALOGUE,
    "bookings.media": CATALOGUE,
    "bookings.mediapurchase": DAILY,
    # A job also needs the permission for its own kind of work (config.jobs).
    "jobs.job": {"view": EVERYONE, "change": DESK},
    "changes.webhookendpoint": WEBHOOKS,
    "changes.webhookdelivery": WEBHOOKS,
    "changes.dataexport": {"view": OWNERS},
    "requests.apirequest": {"view": WEBHOOKS["view"]},
    "access.workplace": SETTINGS,
    "access.membership": STAFF,
    "access.apiclient": INTEGRATIONS,
    "access.apikey": INTEGRATIONS,
}


def holders(permission: str) -> frozenset[Role]:
    """Return the roles that have a permission; none if only superusers have it."""
    app, _, verb_and_model = permission.partition(".")
    verb, _, model = verb_and_model.partition("_")
    return TABLE.get(f"{app}.{model}", {}).get(verb, frozenset())


def allows(role: str, permission: str) -> bool:
    """Return whether a role has a permission; the role "" has none."""
    return role in holders(permission)


def may_change(role: str) -> bool:
    """Return whether a role may write at all, or is read-only."""
    return role in DESK
