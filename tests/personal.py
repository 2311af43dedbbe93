"""A customer with data in every personal column, and a different value in each column."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from billing.actions import refund_payment
from billing.models import Payment, SubscriptionPause
from bookings.models import LateCancellation
from config.tenancy.actors import Actor
from config.tenancy.authors import Author
from config.tenancy.companies import Company
from config.tenancy.scoping import TenantQuerySet, acting_for
from config.webhooks.actions import fan_out
from config.webhooks.bodies import write_bodies
from credits.actions import redeem_credit
from customers.actions import cancel_erasure, erase_person, request_erasure
from customers.exports import start_export
from customers.models import Customer, Erasure
from customers.privacy.registry import personal_tables
from tests.api_routes import every_row
from tests.backoffice import fresh
from tests.factories import act, make_api_key
from tests.jobs import a_check, finish_all

# Values of columns whose constraints do not allow a planted word.
TOLD = {"last4": "7391", "exp_month": 7, "exp_year": 2091, "birthday": "1987-06-05"}
# Other columns that a table's constraints require to be set as well.
BESIDE: dict[str, dict[str, Any]] = {
    "customers_contactpoint": {"kind": "phone"},
    "billing_subscription": {"paused_at": timezone.now()},
}
# Rows that never change after an action created them, so the action gets the word.
BY_ACTIONS = (
    "billing_payment",
    "billing_subscriptionpause",
    "credits_entry",
    "bookings_latecancellation",
)


def erase(company: Company, customer: Customer) -> Erasure:
    """Erase a customer at once; the company's waiting time becomes zero."""
    Company.objects.filter(pk=company.pk).update(erasure_days=0)
    return act(company, erase_person, act(company, request_erasure, customer))


def word(table: str, column: str) -> str:
    """Return the word that is planted in a column and in no other place."""
    return f"zq{table.replace('_', '')}{column.replace('_', '')}qz"[:60]


def planted(table: str, field: Any) -> Any:
    """Return the value to plant in a column."""
    if field.name in TOLD:
        return TOLD[field.name]
    text = word(table, field.name)
    if field.name in ("email", "value"):
        return f"{text}@planted.example"
    if isinstance(field, models.JSONField):
        return {"told": text}
    if isinstance(field, ArrayField):
        return [text]
    return text[: field.max_length] if field.max_length else text


def every_word() -> set[str]:
    """Return the words of all columns that an erasure empties."""
    columns = (
        (one.table, one.model._meta.get_field(name))
        for one in personal_tables()
        for name in one.erased
        if name not in TOLD
    )
    return {word(table, one.name)[: one.max_length] for table, one in columns}


def known_customer(company: Company) -> Customer:
    """Make a customer with data in every personal column."""
    rows = every_row(company, "Planted")
    customer: Customer = rows["customer"]
    author = Author("staff", "Olive", reason=word("changes_change", "reason"))
    with acting_for(company.id, author=author):
        cancel_erasure(rows["erasure"], actor=Actor.command(company))
        _write_once(rows, Actor.command(company))
        for table in personal_tables():
            if table.table not in BY_ACTIONS and table.erased:
                fields = [table.model._meta.get_field(name) for name in table.erased]
                row = table.rows_of([customer.pk]).order_by("pk").last()
                values = {one.name: planted(table.table, one) for one in fields}
                values |= BESIDE.get(table.table, {})
                TenantQuerySet(table.model).filter(pk=row.pk).update(**values)
    customer = fresh(customer)
    _mention(company, customer)
    return customer


def _write_once(rows: dict[str, Any], actor: Actor) -> None:
    """Create the rows that never change, each with a planted reason."""
    now = timezone.now()
    own: dict[str, Any] = {"company_id": actor.company_id}
    refund = Payment(refunds=rows["payment"], amount=10, reason=word("billing_payment", "reason"))
    refund_payment(refund, actor=actor)
    SubscriptionPause.objects.create(
        **own, subscription=rows["subscription"], paused_at=now, resumed_at=now,
        reason=word("billing_subscriptionpause", "reason"),
    )  # fmt: skip
    redeem_credit(
        fresh(rows["credit"]), amount=1, reference="two",
        reason=word("credits_entry", "reason"), actor=actor,
    )  # fmt: skip
    LateCancellation.objects.create(
        **own, booking=rows["booking"], customer=rows["customer"], keeps="visit", currency="GBP",
        actor_name="Olive", reason=word("bookings_latecancellation", "reason"),
    )  # fmt: skip


def _mention(company: Company, customer: Customer) -> None:
    """Put the customer's data into webhook messages, stored files and job results."""
    key, _ = make_api_key(company, name="planter", scopes=["customers:read", "customers:write"])
    named = f'{{"first_name": "{customer.first_name}", "last_name": "New", "external_id": "x1"}}\n'
    a_check(company, key, named)
    with acting_for(company.id):
        while fan_out(write_bodies):
            pass
        start_export(format="ndjson", archived=True, actor=key.actor_in(company))
    finish_all(company)
