"""The ids in routes: which kind of row each one names, and rows of every kind to fill them with."""

import re
from collections.abc import Mapping

from bookings.actions import add_pricing_option
from bookings.models import PricingOption
from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from credits.actions import create_rule, redeem_credit, use_pass
from credits.models import CreditRule
from customers.actions import save_zone
from customers.models import Zone
from tests.factories import (
    ACoupon,
    ACredit,
    ACustomer,
    ADelivery,
    AFacilitator,
    AMediaPurchase,
    AMedium,
    AnAddress,
    AnAppointment,
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
)

# What the id behind a part of a route names.
KINDS = {
    "booking": "place",
    "bookings": "booking",
    "dates": "event_date",
    "deliveries": "delivery",
    "events": "event",
    "facilitators": "facilitator",
    "pricing-options": "pricing_option",
    "services": "service",
    "transactions": "transaction",
    "zones": "zone",
    "coupons": "coupon",
    "credit-rules": "rule",
    "credits": "credit",
    "customer": "customer",
    "customers": "customer",
    "invoices": "invoice",
    "passes": "pass",
    "payment-methods": "payment_method",
    "payments": "payment",
    "plans": "plan",
    "redemptions": "redemption",
    "subscriptions": "subscription",
    "uses": "use",
    "webhooks": "webhook",
}


def slots(route: str) -> dict[str, str]:
    """Return the kind of row that each slot of a route names, by the slot's name."""
    pairs = re.findall(r"([\w-]+)/\{(\w+)\}", route)
    return {slot: _kind(route, before, slot) for before, slot in pairs}


def _kind(route: str, before: str, slot: str) -> str:
    if before == "media":
        return "media_purchase" if "customer" in route else "media"
    return "purchase" if slot == "purchase_id" else KINDS[before]


def fill(route: str, ids: Mapping[str, str]) -> str:
    """Put ids into a route, by the kind of row or, before that, by the name of the slot."""
    for slot, kind in slots(route).items():
        route = route.replace(f"{{{slot}}}", ids.get(slot) or ids[kind])
    return route


def make_rows(company: Company) -> dict[str, str]:
    """Make a row of every kind, all of them of one customer; return their ids by kind."""
    customer = ACustomer(company=company, name="One of each", external_id="r1")
    address = AnAddress(company=company, customer=customer)
    AUser(company=company, customer=customer)
    ANote(company=company, customer=customer)
    invoice = AnInvoice(company=company, customer=customer)
    plan = APlan(company=company)
    coupon = ACoupon(company=company, amount=1_000)
    credit = ACredit(company=company, customer=customer, coupon=coupon)
    purchase = APass(company=company, customer=customer)
    place = APlace(company=company, customer=customer)
    option = PricingOption(event=place.event_date.event, name="Members", price=900)
    webhook = AWebhook(company=company)
    actor = Actor.command(company)
    with acting_for(company.id):
        rule = create_rule(CreditRule(plan=plan, coupon=coupon, every="P1M"), actor=actor)
        redemption = redeem_credit(credit, amount=30, reference="one", actor=actor)
        use = use_pass(purchase, reference="one", actor=actor)
        add_pricing_option(option, actor=actor)
        zone = save_zone(Zone(name="West", postal_codes=["E1 6AN"]), actor=actor)
    rows = {
        "address": address,
        "booking": AnAppointment(company=company, customer=customer),
        "coupon": coupon,
        "credit": credit,
        "customer": customer,
        "delivery": ADelivery(company=company, endpoint=webhook),
        "event": place.event_date.event,
        "event_date": place.event_date,
        "facilitator": AFacilitator(company=company),
        "invoice": invoice,
        "media": AMedium(company=company),
        "media_purchase": AMediaPurchase(company=company, customer=customer),
        "pass": purchase.product,
        "payment": APayment(company=company, invoice=invoice, amount=100),
        "payment_method": APaymentMethod(company=company, customer=customer),
        "place": place,
        "plan": plan,
        "pricing_option": option,
        "purchase": purchase,
        "redemption": redemption,
        "rule": rule,
        "service": AService(company=company),
        "subscription": ASubscription(company=company, customer=customer, plan=plan),
        "transaction": place.transaction,
        "use": use,
        "webhook": webhook,
        "zone": zone,
    }
    return {kind: str(row.pk) for kind, row in rows.items()}
