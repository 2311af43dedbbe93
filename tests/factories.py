"""What tests build their records with: the actions themselves, with plausible words filled in."""

import datetime
from functools import cache
from typing import Any

import factory
from django.contrib.auth.hashers import make_password

from billing.actions import (
    add_payment_method,
    create_invoice,
    create_plan,
    issue_invoice,
    subscribe,
    take_payment,
)
from billing.models import Invoice, InvoiceLine, Payment, PaymentMethod, Plan, Subscription
from bookings.actions import (
    add_event_date,
    book_appointment,
    book_places,
    cancel_booking,
    create_event,
    create_facilitator,
    create_media,
    create_service,
    sell_media,
)
from bookings.models import (
    Booking,
    Event,
    EventDate,
    Facilitator,
    Media,
    MediaPurchase,
    PricingOption,
    Service,
    Transaction,
)
from config.access.actions import create_company
from config.access.actors import Actor
from config.access.models import Company, Membership, Staff
from config.access.permissions import Role
from config.access.tenancy import acting_for
from config.changes.actions import create_endpoint, send_test_event
from config.changes.models import WebhookDelivery, WebhookEndpoint
from credits.actions import create_coupon, create_pass_product, issue_credit, sell_pass
from credits.models import Coupon, Credit, PassProduct, PassPurchase
from customers.actions import add_address, add_user, archive_customer, create_customer, write_note
from customers.models import Address, Customer, CustomerUser, Note

PASSWORD = "a long enough passphrase"


def make_company(name: str, **fields: Any) -> Company:
    return create_company(Company(name=name, **fields))


@cache
def _hashed() -> str:
    """Hashing a password is slow on purpose; one hash does for every staff member."""
    return make_password(PASSWORD)


def make_staff(
    *companies: Company, email: str, role: str = Role.OWNER, superuser: bool = False
) -> Staff:
    """Make a staff member with PASSWORD who works for the companies."""
    staff = Staff(email=email, first_name="Olive", last_name="Owner", is_superuser=superuser)
    staff.password = _hashed()
    staff.save()
    for company in companies:
        Membership.objects.create(staff=staff, company=company, role=role)
    return staff


class _Through(factory.Factory):
    """Builds through an action, for the company in `company`."""

    class Meta:
        abstract = True

    company: Any = None

    @classmethod
    def _create(cls, model_class: Any, *args: Any, company: Company, **kwargs: Any) -> Any:
        with acting_for(company.id):
            return cls.act(Actor.command(company), **kwargs)

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Any:
        raise TypeError(f"{cls.__name__} names no action.")


class ACustomer(_Through):
    """A customer of a company, `archived` if wanted."""

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


class AnAddress(_Through):
    class Meta:
        model = Address

    street = "1 High Street"
    postal_code = "E1 6AN"

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Address:
        return add_address(Address(**fields), actor=actor)


class AUser(_Through):
    class Meta:
        model = CustomerUser

    email = factory.Sequence(lambda n: f"user{n}@example.com")

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> CustomerUser:
        return add_user(CustomerUser(**fields), actor=actor)


class ANote(_Through):
    class Meta:
        model = Note

    content = "Prefers mornings."

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Note:
        return write_note(Note(**fields), actor=actor)


class ACoupon(_Through):
    """A coupon, good for a massage unless it is told otherwise."""

    class Meta:
        model = Coupon

    name = factory.Sequence(lambda n: f"Coupon {n}")

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Coupon:
        if not fields.get("amount") and not fields.get("percentage"):
            fields.setdefault("offering", "Massage")
        return create_coupon(Coupon(**fields), actor=actor)


class ACredit(_Through):
    """A credit of a `customer`, of a `coupon` or of one made from what else is given."""

    class Meta:
        model = Credit

    customer = factory.LazyAttribute(lambda one: ACustomer(company=one.company))
    coupon = None

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Credit:
        own = {name: fields.pop(name) for name in ("expiry_date", "revenue") if name in fields}
        customer, coupon = fields.pop("customer"), fields.pop("coupon")
        if coupon is None:
            coupon = ACoupon.act(actor, **{"name": "Goodwill", **fields})
        return issue_credit(Credit(coupon=coupon, customer=customer, **own), actor=actor)


class APass(_Through):
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


class APaymentMethod(_Through):
    """A card of a `customer`."""

    class Meta:
        model = PaymentMethod

    type = "card"
    brand = "visa"
    last4 = "4242"
    token = factory.Sequence(lambda n: f"tok_{n}")

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> PaymentMethod:
        return add_payment_method(PaymentMethod(**fields), actor=actor)


class APlan(_Through):
    """A plan of 50.00 a month."""

    class Meta:
        model = Plan

    name = factory.Sequence(lambda n: f"Plan {n}")
    price = 5_000
    billing_period = "P1M"

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Plan:
        return create_plan(Plan(**fields), actor=actor)


class ASubscription(_Through):
    """A subscription of a `customer`, to a plan of its own unless one is given."""

    class Meta:
        model = Subscription

    plan = factory.LazyAttribute(lambda one: APlan(company=one.company))

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Subscription:
        return subscribe(Subscription(**fields), actor=actor)


class AnInvoice(_Through):
    """An invoice of a `customer` for `amount`, issued `at` a moment, or a `draft`."""

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


class APayment(_Through):
    """Money that came in for an `invoice`, or from a `customer`."""

    class Meta:
        model = Payment

    method = "cash"

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Payment:
        return take_payment(Payment(**fields), actor=actor)


# A morning that stays in the future, at which nobody is busy yet.
MORNING = datetime.datetime(2099, 6, 1, 9, 30, tzinfo=datetime.UTC)


class AService(_Through):
    """A massage of an hour for 60.00, tax of a fifth on it."""

    class Meta:
        model = Service

    name = "Massage"
    duration = 60
    price = 6_000
    tax_rate = 20

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Service:
        return create_service(Service(**fields), actor=actor)


class AFacilitator(_Through):
    class Meta:
        model = Facilitator

    name = factory.Faker("name")

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Facilitator:
        return create_facilitator(Facilitator(**fields), actor=actor)


class AnEvent(_Through):
    """A class of yoga, at 15.00 or a visit."""

    class Meta:
        model = Event

    name = "Yoga"
    price = 1_500
    visits = 1

    @classmethod
    def act(cls, actor: Actor, price: int, visits: int, **fields: Any) -> Event:
        option = PricingOption(name="Drop-in", price=price, visits=visits)
        return create_event(Event(**fields), pricing_options=[option], actor=actor)


class AnEventDate(_Through):
    """A date of an `event`, one of its own unless it is given, with ten spaces."""

    class Meta:
        model = EventDate

    event = factory.LazyAttribute(lambda one: AnEvent(company=one.company))
    starts_at = MORNING
    duration = 60
    capacity = 10

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> EventDate:
        return add_event_date(EventDate(**fields), actor=actor)


class AnAppointment(_Through):
    """An appointment of a `customer`, paid with `means` if there are any, or `cancelled`."""

    class Meta:
        model = Booking

    customer = factory.LazyAttribute(lambda one: ACustomer(company=one.company))
    service = factory.LazyAttribute(lambda one: AService(company=one.company))
    starts_at = MORNING
    means = None
    cancelled = False

    @classmethod
    def act(cls, actor: Actor, means: Any, cancelled: bool, **fields: Any) -> Booking:
        booking = book_appointment(Booking(**fields), means=means, actor=actor)
        if cancelled:
            cancel_booking(booking, actor=actor)
        return booking


class APlace(_Through):
    """A place of a `customer` at an `event_date`, bought by them or by `purchased_by`."""

    class Meta:
        model = Booking

    customer = factory.LazyAttribute(lambda one: ACustomer(company=one.company))
    event_date = factory.LazyAttribute(lambda one: AnEventDate(company=one.company))
    purchased_by = None
    means = None

    @classmethod
    def act(cls, actor: Actor, means: Any, purchased_by: Customer | None, **fields: Any) -> Booking:
        place = Booking(**fields)
        purchase = Transaction(customer=purchased_by or place.customer)
        book_places(purchase, places=[place], means=means, actor=actor)
        return place


class AMedium(_Through):
    """A video for 9.00 that lasts 30 days."""

    class Meta:
        model = Media

    name = "Morning stretch"
    price = 900
    valid_for = "P30D"

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> Media:
        return create_media(Media(**fields), actor=actor)


class AMediaPurchase(_Through):
    """A medium that a `customer` bought."""

    class Meta:
        model = MediaPurchase

    customer = factory.LazyAttribute(lambda one: ACustomer(company=one.company))
    media = factory.LazyAttribute(lambda one: AMedium(company=one.company))
    means = None

    @classmethod
    def act(cls, actor: Actor, means: Any = None, **fields: Any) -> MediaPurchase:
        return sell_media(MediaPurchase(**fields), means=means, actor=actor)


class AWebhook(_Through):
    """An address that every event is sent to, unless `types` says which."""

    class Meta:
        model = WebhookEndpoint

    url = factory.Sequence(lambda n: f"https://receiver{n}.example/hook")

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> WebhookEndpoint:
        return create_endpoint(WebhookEndpoint(**fields), actor=actor)[0]


class ADelivery(_Through):
    """A test event on its way to an `endpoint`."""

    class Meta:
        model = WebhookDelivery

    endpoint = factory.LazyAttribute(lambda one: AWebhook(company=one.company))

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> WebhookDelivery:
        return send_test_event(fields["endpoint"], actor=actor)
