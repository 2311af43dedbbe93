"""Factories of customers, credits, passes, invoices and payments."""

from typing import Any

import factory

from billing.actions import (
    add_payment_method,
    create_invoice,
    create_plan,
    issue_invoice,
    subscribe,
    take_payment,
)
from billing.models import Invoice, InvoiceLine, Payment, PaymentMethod, Plan, Subscription
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.ids import new_id
from credits.actions import (
    create_coupon,
    create_pass_product,
    give_goodwill,
    issue_credit,
    sell_pass,
)
from credits.models import Coupon, Credit, Goodwill, PassProduct, PassPurchase
from customers.actions import (
    add_address,
    add_user,
    archive_customer,
    create_contact_point,
    create_customer,
    request_erasure,
    write_note,
)
from customers.models import (
    Address,
    ContactPoint,
    Customer,
    CustomerUser,
    Duplicate,
    Erasure,
    Note,
)  # fmt: skip

from .people import Through


class ACustomer(Through):
    """A customer of a company; archived if `archived`."""

    class Meta:
        model = Customer

    first_name = factory.Faker("first_name")
    last_name = factory.Faker("last_name")
    email = factory.Sequence(lambda n: f"person{n}@example.com")
    archived = False

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Customer:
        address, archived = fields.pop("address", None), fields.pop("archived")
        customer = create_customer(Customer(**fields), address=address, actor=actor)
        if archived:
            archive_customer(customer, actor=actor)
        return customer


class ADuplicate(Through):
    """A pair of likely duplicates: a `customer` and a new one."""

    class Meta:
        model = Duplicate

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Duplicate:
        other = create_customer(Customer(first_name="Double"), actor=actor)
        facts = {"other": other, "score": 80, "reasons": ["same_phone", "same_name"], **fields}
        return Duplicate.objects.create(company_id=actor.company_id, **facts)


class AnAddress(Through):
    class Meta:
        model = Address

    action = staticmethod(add_address)
    street = "1 High Street"
    postal_code = "E1 6AN"


class AContactPoint(Through):
    """An additional e-mail address of a `customer`."""

    class Meta:
        model = ContactPoint

    action = staticmethod(create_contact_point)
    kind = "email"
    value = factory.Sequence(lambda n: f"further{n}@example.com")


class AnErasure(Through):
    """A requested erasure of a `customer`."""

    class Meta:
        model = Erasure

    customer = factory.LazyAttribute(lambda one: ACustomer(company=one.company))

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Erasure:
        return request_erasure(fields["customer"], actor=actor)


class AUser(Through):
    class Meta:
        model = CustomerUser

    action = staticmethod(add_user)
    email = factory.Sequence(lambda n: f"user{n}@example.com")


class ANote(Through):
    class Meta:
        model = Note

    action = staticmethod(write_note)
    content = "Prefers mornings."


class ACoupon(Through):
    """A coupon for a massage, unless an amount or a percentage is given."""

    class Meta:
        model = Coupon

    name = factory.Sequence(lambda n: f"Coupon {n}")

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Coupon:
        if not fields.get("amount") and not fields.get("percentage"):
            fields.setdefault("offering", "Massage")
        return create_coupon(Coupon(**fields), actor=actor)


class ACredit(Through):
    """A credit of a `customer`, from `coupon` or from a new coupon with the other fields."""

    class Meta:
        model = Credit

    customer = factory.LazyAttribute(lambda one: ACustomer(company=one.company))
    coupon = None

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Credit:
        own = {name: fields.pop(name) for name in ("expires_at", "revenue") if name in fields}
        customer, coupon = fields.pop("customer"), fields.pop("coupon")
        if coupon is None:
            coupon = ACoupon.act(actor, **{"name": "Goodwill", **fields})
        return issue_credit(Credit(coupon=coupon, customer=customer, **own), actor=actor)


class AGoodwill(Through):
    """Goodwill of 15.00 for a `customer`: requested by front desk, or given at once if `given`."""

    class Meta:
        model = Goodwill

    amount = 1_500
    reason = "A cold room"
    given = False

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Goodwill:
        if fields.pop("given"):
            return give_goodwill(Goodwill(**fields), actor=actor)
        companies = Company.objects.filter(pk=actor.company_id)
        limit = companies.values_list("credit_limit", flat=True).get()
        companies.update(credit_limit=0)
        desk = Actor("staff", "Noor", actor.company_id, "GB", new_id(), role="front_desk")
        goodwill = give_goodwill(Goodwill(**fields), actor=desk)
        companies.update(credit_limit=limit)
        return goodwill


class APass(Through):
    """A pass of ten visits that a `customer` bought."""

    class Meta:
        model = PassPurchase

    customer = factory.LazyAttribute(lambda one: ACustomer(company=one.company))
    name = "Ten visits"
    visits = 10
    price = 9_000

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> PassPurchase:
        customer = fields.pop("customer")
        product = create_pass_product(PassProduct(**fields), actor=actor)
        return sell_pass(PassPurchase(product=product, customer=customer), actor=actor)


class APaymentMethod(Through):
    """A card of a `customer`."""

    class Meta:
        model = PaymentMethod

    action = staticmethod(add_payment_method)
    type = "card"
    brand = "visa"
    last4 = "4242"
    token = factory.Sequence(lambda n: f"tok_{n}")


class APlan(Through):
    """A plan of 50.00 a month."""

    class Meta:
        model = Plan

    action = staticmethod(create_plan)
    name = factory.Sequence(lambda n: f"Plan {n}")
    price = 5_000
    billing_period = "P1M"


class ASubscription(Through):
    """A subscription of a `customer` to the given plan or to a new one."""

    class Meta:
        model = Subscription

    action = staticmethod(subscribe)
    plan = factory.LazyAttribute(lambda one: APlan(company=one.company))


class AnInvoice(Through):
    """An invoice of a `customer` for `amount`: issued at the time `at`, or a `draft`."""

    class Meta:
        model = Invoice

    amount = 10_000
    draft = False
    at = None

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Invoice:
        amount, at, draft = (fields.pop(name) for name in ("amount", "at", "draft"))
        line = InvoiceLine(description="Ten visits", quantity=1, unit_price=amount)
        invoice = create_invoice(Invoice(**fields), lines=[line], actor=actor)
        return invoice if draft else issue_invoice(invoice, at=at, actor=actor)


class APayment(Through):
    """A payment for an `invoice`, or a payment of a `customer` without an invoice."""

    class Meta:
        model = Payment

    action = staticmethod(take_payment)
    method = "cash"
