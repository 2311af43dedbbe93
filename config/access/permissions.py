"""Who may do what in a company: the one table of the roles that its staff have.

A permission is named as Django names it: `customers.change_customer`. Its verbs are view, add,
change (a row and its buttons), bulk (many rows of a list at once), import and export. What stands
in no line here is for superusers alone, who may do everything everywhere; nobody deletes.
"""

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """What a staff member is in a company."""

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

# Bringing in and taking out files is the front desk's work too: who did it is kept as a job.
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
    "customers.address": DAILY,
    "customers.customeruser": DAILY,
    "customers.note": DAILY,
    "customers.zone": CATALOGUE,
    "billing.plan": CATALOGUE,
    "billing.subscription": DAILY,
    "billing.invoice": DAILY,
    "billing.payment": DAILY,
    "billing.paymentmethod": DAILY,
    "credits.coupon": CATALOGUE,
    "credits.creditrule": CATALOGUE,
    "credits.credit": DAILY,
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
    # Work in the background: what is in it is for those who may do such work (config.jobs).
    "jobs.job": {"view": EVERYONE, "change": DESK},
    "changes.webhookendpoint": WEBHOOKS,
    "changes.webhookdelivery": WEBHOOKS,
    "access.workplace": SETTINGS,
    "access.membership": STAFF,
    "access.apiclient": INTEGRATIONS,
    "access.apikey": INTEGRATIONS,
}


def holders(permission: str) -> frozenset[Role]:
    """Return the roles that have a permission, none for one that superusers alone have."""
    app, _, verb_and_model = permission.partition(".")
    verb, _, model = verb_and_model.partition("_")
    return TABLE.get(f"{app}.{model}", {}).get(verb, frozenset())


def allows(role: str, permission: str) -> bool:
    """Say whether a role has a permission; no role has none."""
    return role in holders(permission)


def may_change(role: str) -> bool:
    """Say whether a role may write anything at all."""
    return role in DESK
