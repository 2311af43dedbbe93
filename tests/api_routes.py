"""The kind of object that each id in a route names, and rows of every kind to fill the routes."""

import datetime
import re
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from billing.actions import reduce_invoice
from billing.models import Payment
from bookings.actions import add_pricing_option
from bookings.models import PricingOption
from config.changes.actions import record_data_export
from config.changes.models import DataExport
from config.jobs.models import Job, JobRefusal
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.actions import create_rule, redeem_credit, use_pass
from credits.models import CreditRule
from customers.actions import create_zone, merge_customers
from customers.models import CustomerMerge, Erasure, Zone
from tests.backoffice import fresh
from tests.factories import (
    MORNING,
    AContactPoint,
    ACoupon,
    ACredit,
    ACustomer,
    ADelivery,
    ADuplicate,
    AFacilitator,
    AGoodwill,
    AMediaPurchase,
    AMedium,
    AnAddress,
    AnApiRequest,
    AnAppointment,
    AnErasure,
    AnEvent,
    AnEventDate,
    AnInvoice,
    ANote,
    APass,
    APayment,
    APaymentMethod,
    APlace,
    APlan,
    AService,
    ASubscription,
    AUser,
    AWebhook,
    make_api_key,
    make_staff,
)
from tests.jobs import a_check, an_export

# The kind of object whose id follows each segment of a route.
KINDS = {
    "addresses": "address", "contact-points": "contact_point", "notes": "note", "users": "user",
    "booking": "place", "bookings": "booking", "dates": "event_date", "deliveries": "delivery",
    "duplicates": "duplicate", "erasures": "erasure",
    "events": "event", "facilitators": "facilitator", "goodwill": "goodwill",
    "pricing-options": "pricing_option",
    "services": "service", "transactions": "transaction", "zones": "zone", "coupons": "coupon",
    "credit-notes": "credit_note", "credit-rules": "rule", "credits": "credit",
    "exports": "export", "imports": "import",
    "customer": "customer", "customers": "customer",
    "invoices": "invoice", "merges": "merge", "media": "media", "media-purchases": "media_purchase",
    "pass-products": "pass_product", "passes": "pass", "payment-methods": "payment_method",
    "payments": "payment", "plans": "plan", "redemptions": "redemption",
    "subscriptions": "subscription", "uses": "use", "webhooks": "webhook"
}  # fmt: skip


def path_parameters(route: str) -> dict[str, str]:
    """Return the kind of object that each parameter of a route names, by parameter name."""
    pairs = re.findall(r"([\w-]+)/\{(\w+)\}", route)
    return {parameter: KINDS[before] for before, parameter in pairs}


def fill(route: str, ids: Mapping[str, str]) -> str:
    """Fill a route with ids, by the name of the parameter or else by the kind of object."""
    for parameter, kind in path_parameters(route).items():
        route = route.replace(f"{{{parameter}}}", ids.get(parameter) or ids[kind])
    return route


def a_data_export(company: Company, what: str) -> DataExport:
    """Record the export of a list."""
    with acting_for(company.id):
        kind, actor = DataExport.Kind.LIST, Actor.command(company)
        record_data_export(kind, what=what, query="q=zo", count=2, actor=actor)
        return DataExport.objects.latest("id")


def every_row(company: Company, mark: str) -> dict[str, Any]:
    """Make a row of every kind for one customer, `mark` in every name; return the rows by kind."""
    own: dict[str, Any] = {"company": company}
    customer = ACustomer(
        **own, first_name=mark, last_name="Ana", name=f"{mark} Ana", external_id="r1",
        email=f"{mark}@{mark}.example".lower(),
    )  # fmt: skip
    theirs = {**own, "customer": customer}
    coupon = ACoupon(**own, name=f"{mark} gift", amount=1_000)
    credit = ACredit(**theirs, coupon=coupon)
    subscription = ASubscription(**theirs, plan=APlan(**own, name=f"{mark} plan"))
    invoice = AnInvoice(**theirs)
    purchase = APass(**theirs, name=f"{mark} pass", visits=1_000)
    service = AService(**own, name=f"{mark} massage")
    facilitator = AFacilitator(**own, name=f"{mark} person")
    place = APlace(
        **theirs,
        event_date=AnEventDate(**own, event=AnEvent(**own, name=f"{mark} yoga"), capacity=500),
    )
    event = place.event_date.event
    option = PricingOption(event=event, name=f"{mark} members", price=900)
    bought = AMediaPurchase(**theirs, media=AMedium(**own, name=f"{mark} video"))
    webhook = AWebhook(**own, url=f"https://{mark.lower()}.example/{mark}")
    actor = Actor.command(company)
    with acting_for(company.id):
        rule = CreditRule(plan=subscription.plan, coupon=coupon, every="P1M")
        create_rule(rule, actor=actor)
        redemption = redeem_credit(credit, amount=30, reference="one", actor=actor)
        use = use_pass(purchase, reference="one", actor=actor)
        add_pricing_option(option, actor=actor)
        note = reduce_invoice(invoice, amount=70, reason=f"{mark} was late", actor=actor)
        merge = merge_customers(customer, merged=ACustomer(**own), actor=actor)
        zone = create_zone(Zone(name=f"{mark} zone", postal_codes=["E1 6AN"]), actor=actor)
    key, _ = make_api_key(
        company, name=f"{mark} loader", scopes=["customers:read", "customers:write"]
    )
    return {
        "address": AnAddress(**theirs, street=f"{mark} Road"),
        "contact_point": AContactPoint(**theirs, label=f"{mark} desk"),
        "coupon": coupon,
        "credit": credit,
        "credit_note": note,
        "customer": customer,
        "delivery": ADelivery(**own, endpoint=webhook),
        "duplicate": ADuplicate(**theirs),
        "data_export": a_data_export(company, f"{mark} list"),
        "erasure": AnErasure(**theirs),
        "event": event,
        "event_date": place.event_date,
        "export": an_export(company, key),
        "facilitator": facilitator,
        "goodwill": AGoodwill(**theirs),
        # The id in the second line is invalid, so the import refuses that line.
        "import": a_check(
            company, key, f'{{"first_name": "{mark}"}}\n{{"regulars_id": "{mark}"}}\n'
        ),
        "invoice": invoice,
        "media": bought.media,
        "merge": merge,
        "media_purchase": bought,
        "note": ANote(**theirs, content=f"{mark} note"),
        "pass": purchase,
        "pass_product": purchase.product,
        "payment": APayment(**own, invoice=invoice, amount=100),
        "payment_method": APaymentMethod(**theirs, brand=mark),
        "place": place,
        "booking": AnAppointment(**theirs, facilitator=facilitator, service=service),
        "plan": subscription.plan,
        "pricing_option": option,
        "redemption": redemption,
        "request": AnApiRequest(**own, credential_name=f"{mark} app"),
        "rule": rule,
        "service": service,
        "subscription": subscription,
        "transaction": place.transaction,
        "use": use,
        "user": AUser(**theirs, first_name=mark),
        "webhook": webhook,
        "zone": zone,
    }


def by_model(rows: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rows by model label; if two rows have the same model, the last one is returned."""
    return {row._meta.label_lower: row for row in rows.values()}


def grow(company: Company, rows: Mapping[str, Any], number: int) -> None:
    """Add a row of every kind to the customer, and to each of the rows that has child rows."""
    own: dict[str, Any] = {"company": company}
    theirs = {**own, "customer": rows["customers.customer"]}
    later = MORNING + number * datetime.timedelta(hours=2)
    for make in (AnAddress, AContactPoint, ANote, AUser, APaymentMethod, AnInvoice, APass):
        make(**theirs)
    ASubscription(**theirs)
    AGoodwill(**theirs)
    for make in (ACustomer, ACoupon, AnEvent, AService):
        make(**own)
    make_staff(company, email=f"colleague{number}@{company.slug}.example")
    APayment(**own, invoice=rows["billing.invoice"], amount=10)
    credit = ACredit(**theirs, amount=100_000)
    ACredit(**theirs, coupon=rows["credits.coupon"])
    ASubscription(**own, customer=ACustomer(**own), plan=rows["billing.plan"])
    AnAppointment(**theirs, means=credit)
    AnAppointment(**theirs, starts_at=timezone.now(), means=Payment(method="cash"))
    AnAppointment(**own, facilitator=AFacilitator(**own))
    AMediaPurchase(**theirs)
    AnErasure(**own)
    ADuplicate(**theirs)
    a_data_export(company, f"list {number}")
    APlace(**theirs, event_date=rows["bookings.eventdate"])
    APlace(**own, event_date=rows["bookings.eventdate"])
    AnEventDate(**own, event=rows["bookings.event"], starts_at=later)
    AWebhook(**own)
    ADelivery(**own, endpoint=rows["changes.webhookendpoint"])
    AnApiRequest(**own)
    actor, reference, double = Actor.command(company), f"use {number}", ACustomer(**own)
    plan, coupon = rows["billing.plan"], rows["credits.coupon"]
    invoice, job = rows["billing.invoice"], rows["jobs.job"]
    credit, bought = (fresh(rows[f"credits.{kind}"]) for kind in ("credit", "passpurchase"))
    with acting_for(company.id):
        reduce_invoice(invoice, amount=1, reason=reference, actor=actor)
        # No action merges a customer who has a requested erasure, so make the row directly.
        kept = {"kept": rows["customers.customer"], "merged": double}
        CustomerMerge.objects.create(**own, **kept, actor_name=reference)
        over = {"due_at": timezone.now(), "cancelled_at": timezone.now()}
        Erasure.objects.create(**theirs, **over, requested_by=reference)
        create_zone(Zone(name=f"Zone {number}", postal_codes=["E1"]), actor=actor)
        create_rule(CreditRule(plan=plan, coupon=coupon, every="P1M"), actor=actor)
        option = PricingOption(event=rows["bookings.event"], name=reference, price=1)
        add_pricing_option(option, actor=actor)
        redeem_credit(credit, amount=1, reference=reference, actor=actor)
        use_pass(bought, reference=reference, actor=actor)
        author = {"staff_id": job.staff_id, "key_id": job.key_id}
        for kind in ("check_customers", "export_customers"):
            asked = {"name": reference, "format": "csv"}
            Job.objects.create(**own, **author, kind=kind, title=reference, parameters=asked)
        told = {"number": number + 100, "what": reference, "why": reference, "line": number}
        JobRefusal.objects.create(**own, job=job, **told)


def make_rows(company: Company) -> dict[str, str]:
    """Make a row of every kind for one customer; return the ids by kind."""
    return {kind: str(row.pk) for kind, row in every_row(company, company.slug).items()}
