"""What a recorded change is called outside: the one place in which event types are made.

A type is `noun.verb`. The verb follows from what was done to a row and from the columns that it
changed; the first rule that fits says it, else it is `created`, `updated` or `deleted`. Fields have
the names of the record's columns, on every surface the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models

from billing.shapes.shown import INVOICE, PAYMENT, PLAN
from bookings.shapes.catalogue import DATE, EVENT, FACILITATOR, MEDIA, OPTION, SERVICE
from bookings.shapes.shown import BOOKING, TRANSACTION
from credits.shapes.shown import COUPON, CREDIT, PASS, PURCHASE, REDEMPTION, RULE
from customers.shapes.shown import ADDRESS, CUSTOMER, MANDATE, METHOD, NOTE, USER, ZONE

from .prefixes import ENDPOINT

CREATED, CHANGED, DELETED = "created", "changed", "deleted"


@dataclass(frozen=True)
class Rule:
    """That a change has a verb of its own, `noun.verb` where it is about something else.

    `column` holds something now where `value` is None, nothing where it is "", and else that value;
    `has` names a column that is to hold something besides.
    """

    verb: str
    column: str
    value: str | None = None
    operation: str = CHANGED
    has: str = ""

    @property
    def condition(self) -> str:
        """SQL that holds for the changes it fits; `{after}` and `{operation}` are columns."""
        now = f"{{after}} ->> '{self.column}'"
        fits = {
            None: f"{now} IS NOT NULL",
            "": f"jsonb_exists({{after}}, '{self.column}') AND {now} IS NULL",
        }.get(self.value, f"{now} = '{self.value}'")
        also = f" AND {{after}} ->> '{self.has}' IS NOT NULL" if self.has else ""
        return f"{{operation}} = '{self.operation}' AND {fits}{also}"


@dataclass(frozen=True)
class Kind:
    """What rows of a table are called outside, how their ids begin, and their own verbs.

    `created` is what becomes of a new one; what is not `told` stands in the back-office only, and
    so do the columns `withheld`.
    """

    noun: str
    prefix: str = ""
    rules: tuple[Rule, ...] = ()
    created: str = "created"
    told: bool = True
    withheld: tuple[str, ...] = ()

    @property
    def verbs(self) -> dict[str, str]:
        """What is said, by operation, of a change that no rule fits."""
        return {CREATED: self.created, CHANGED: "updated", DELETED: "deleted"}

    def type_of(self, verb: str) -> str:
        return verb if "." in verb else f"{self.noun}.{verb}"

    @property
    def types(self) -> list[str]:
        """Every event type that changes of such rows have."""
        verbs = [rule.verb for rule in self.rules] + list(self.verbs.values())
        return list(dict.fromkeys(map(self.type_of, verbs)))


def came(verb: str, column: str) -> Rule:
    return Rule(verb, column)


def went(verb: str, column: str) -> Rule:
    return Rule(verb, column, "")


ARCHIVAL = (came("archived", "archived_at"), went("restored", "archived_at"))
ENDS = (came("revoked", "revoked_at"), came("expired", "expired_at"))
CANCELLED = (came("cancelled", "cancelled_at"),)
SUSPENSION = (came("suspended", "suspended_at"), went("resumed", "suspended_at"))
ACTIVITY = (Rule("paused", "is_active", "false"), Rule("resumed", "is_active", "true"))


def entry(verb: str, kind: str, holding: str) -> Rule:
    """A line of the ledger tells of the credit or the pass that it belongs to."""
    return Rule(verb, "kind", kind, CREATED, holding)


KINDS = {
    "customers_customer": Kind("customer", CUSTOMER, (*ARCHIVAL, *ACTIVITY)),
    "customers_address": Kind("address", ADDRESS, ARCHIVAL),
    "customers_customeruser": Kind("user", USER, ARCHIVAL),
    "customers_note": Kind("note", NOTE),
    "customers_zone": Kind("zone", ZONE, ARCHIVAL),
    "billing_paymentmethod": Kind("payment_method", METHOD, ARCHIVAL),
    "billing_plan": Kind("plan", PLAN, ARCHIVAL),
    "billing_subscription": Kind(
        "subscription",
        MANDATE,
        (*CANCELLED, came("paused", "paused_at"), went("resumed", "paused_at"), *SUSPENSION),
    ),
    "billing_subscriptionpause": Kind("subscription_pause"),
    "billing_invoice": Kind(
        "invoice",
        INVOICE,
        (came("voided", "voided_at"), came("paid", "paid_at"), came("issued", "issued_at")),
    ),
    "billing_invoiceline": Kind("invoice_line"),
    "billing_payment": Kind(
        "payment",
        PAYMENT,
        (
            Rule("failed", "status", "failed", CREATED),
            Rule("refunded", "kind", "refund", CREATED),
        ),
        "succeeded",
    ),
    "credits_coupon": Kind("coupon", COUPON, ARCHIVAL),
    "credits_creditrule": Kind("credit_rule", RULE, ARCHIVAL),
    "credits_credit": Kind("credit", CREDIT, ENDS, "issued"),
    "credits_passproduct": Kind("pass", PASS, ARCHIVAL),
    "credits_passpurchase": Kind("pass_purchase", PURCHASE, ENDS, "sold"),
    "credits_entry": Kind(
        "ledger_entry",
        REDEMPTION,
        (
            entry("credit.redeemed", "redeem", "credit_id"),
            entry("credit.reversed", "reverse", "credit_id"),
            entry("pass_purchase.used", "redeem", "purchase_id"),
            entry("pass_purchase.reversed", "reverse", "purchase_id"),
        ),
    ),
    "bookings_service": Kind("service", SERVICE, ARCHIVAL),
    "bookings_facilitator": Kind("facilitator", FACILITATOR, ARCHIVAL),
    "bookings_event": Kind("event", EVENT, ARCHIVAL),
    "bookings_pricingoption": Kind("pricing_option", OPTION, ARCHIVAL),
    "bookings_eventdate": Kind("event_date", DATE, (*CANCELLED, came("moved", "starts_at"))),
    "bookings_transaction": Kind("transaction", TRANSACTION),
    "bookings_booking": Kind(
        "booking",
        BOOKING,
        (
            *CANCELLED,
            came("missed", "missed_at"),
            came("completed", "completed_at"),
            came("started", "started_at"),
            came("moved", "starts_at"),
        ),
    ),
    "bookings_media": Kind("media", MEDIA, ARCHIVAL),
    "bookings_mediapurchase": Kind("media_purchase", MEDIA, CANCELLED),
    "changes_webhookendpoint": Kind(
        "webhook_endpoint",
        ENDPOINT,
        (
            *(came("archived", "archived_at"), came("disabled", "disabled_at")),
            went("enabled", "disabled_at"),
        ),
        # An address may open by itself: whoever follows changes is not told those of others.
        withheld=("url",),
    ),
    "access_company": Kind("company", rules=ARCHIVAL, told=False),
    "access_membership": Kind("membership", told=False),
    "access_staff": Kind("staff", told=False),
    "access_apiclient": Kind("api_client", rules=SUSPENSION, told=False),
    "access_apikey": Kind("api_key", rules=(came("revoked", "revoked_at"),), told=False),
}

TOLD = {table: kind for table, kind in KINDS.items() if kind.told}
TYPES = sorted({type for kind in TOLD.values() for type in kind.types})
# What a webhook is sent to be tried out: it tells of no change.
TEST = "test.ping"


def type_sql() -> str:
    """Return SQL for the type of a change, whose columns stand in it as `{name}`."""
    return f"CASE {{table_name}} {' '.join(_branches())} END"


def _branches() -> Iterator[str]:
    for table, kind in KINDS.items():
        whens = [
            *(f"WHEN {rule.condition} THEN '{kind.type_of(rule.verb)}'" for rule in kind.rules),
            *(
                f"WHEN {{operation}} = '{operation}' THEN '{kind.type_of(verb)}'"
                for operation, verb in kind.verbs.items()
            ),
        ]
        yield f"WHEN '{table}' THEN CASE {' '.join(whens)} END"


@cache
def models_by_table() -> dict[str, Any]:
    """Return the models whose changes are recorded."""
    known = {model._meta.db_table: model for model in apps.get_models()}
    return {table: known[table] for table in KINDS}


def forms() -> dict[str, dict[str, str]]:
    """Return by table how values of columns are shown.

    That is the prefix of an id, "@" for a moment, or "-" for what is withheld.
    """
    return {
        table: {
            field.column: form
            for field in model._meta.concrete_fields
            if (form := "-" if field.column in KINDS[table].withheld else _form(field)) is not None
        }
        for table, model in models_by_table().items()
    }


def _form(field: Any) -> str | None:
    if isinstance(field, models.ForeignKey):
        kind = KINDS.get(field.remote_field.model._meta.db_table)
        return kind.prefix if kind else None
    return "@" if isinstance(field, models.DateTimeField) else None
