"""What the demo company's customers come to: appointments, weekly events, media."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from billing.models import Invoice, Payment
from bookings.actions import (
    Means,
    book_appointment,
    book_places,
    cancel_booking,
    cancel_event_date,
    cancel_media_purchase,
    complete_booking,
    create_event,
    create_facilitator,
    create_media,
    create_service,
    miss_booking,
    sell_media,
    start_booking,
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
from config.access.actors import Actor
from config.access.days import local_day, moment_of
from config.access.models import Company
from credits.models import Credit, PassPurchase
from customers.models import Address, Customer

CARD, CASH, INVOICE, PASS = "card", "cash", "invoice", "pass"
MISSED = "missed"
# How many weeks before this one and after it events take place.
WEEKS = 2


@dataclass(frozen=True)
class DemoAppointment:
    """Somebody's appointment, so many `days` from today, at a time of the company's clocks.

    `paid` is a way to pay, or the coupon that a credit of theirs is of; "" is not yet. What is over
    was done, unless it was `missed`; `off` says why it was called off.
    """

    who: str
    service: str
    days: int
    at: str
    by: str
    paid: str = ""
    then: str = ""
    off: str = ""
    at_theirs: bool = False
    notes: str = ""


@dataclass(frozen=True)
class DemoPlace:
    """Somebody's place at an event, so many weeks from this one's date; `paid` as above."""

    who: str
    event: str
    week: int
    paid: str = ""
    then: str = ""
    off: str = ""
    option: int = 0
    spaces: int = 1


NOOR, ILSE, THEO = "Noor Haddad", "Ilse Brandt", "Theo Marsh"
FACILITATORS = {
    NOOR: "noor@riverside.example",
    ILSE: "ilse@riverside.example",
    THEO: "theo@riverside.example",
}

MASSAGE, CHAIRS = "Massage", "Chair massage"
FIRST, ALONE = "First visit", "Yoga for one"
SERVICES: dict[str, dict[str, Any]] = {
    MASSAGE: {"duration": 60, "price": 5_500, "tax_rate": 20},
    CHAIRS: {
        "description": "At your office, for twelve people.",
        "duration": 120,
        "price": 30_000,
        "tax_rate": 20,
    },
    FIRST: {"description": "We talk, and find out what helps.", "duration": 45, "price": 0},
    ALONE: {"duration": 60, "price": 5_000, "tax_rate": 20},
}

# Each takes place every week on the day that this many days after today is.
MORNING, FLOW, MOTHERS = "Morning yoga", "Evening flow", "New mothers"
EVENTS: dict[str, dict[str, Any]] = {
    MORNING: {"days": 0, "at": "07:00", "duration": 60, "capacity": 12},
    FLOW: {"days": 0, "at": "18:30", "duration": 75, "capacity": 10},
    MOTHERS: {"days": 3, "at": "11:00", "duration": 60, "capacity": 4},
}
PRICES = [("Drop-in", 1_250, 1), ("Concession", 800, 1)]

APPOINTMENTS = [
    DemoAppointment("Siobhán Ó Briain", MASSAGE, -9, "14:00", NOOR, CARD),
    DemoAppointment("José Ibáñez", ALONE, -8, "15:00", THEO, then=MISSED),
    DemoAppointment("Camille Lefèvre", MASSAGE, -6, "10:00", NOOR, CASH),
    DemoAppointment("Jürgen Weiß", MASSAGE, -5, "16:30", NOOR, CARD, off="A cold."),
    DemoAppointment("Priya Raman", FIRST, -3, "12:00", ILSE, notes="Left knee: go slowly."),
    DemoAppointment("Oliver Whitcombe", MASSAGE, -1, "09:30", NOOR, "Massage of the month"),
    DemoAppointment("Zoë Abara", MASSAGE, 0, "08:00", NOOR, CARD),
    DemoAppointment("Fatima El Amrani", FIRST, 0, "09:30", ILSE),
    DemoAppointment("Lambeth Hospice", MASSAGE, 0, "10:30", NOOR, PASS, at_theirs=True),
    DemoAppointment("Castle & Vale LLP", CHAIRS, 0, "12:30", NOOR, INVOICE, at_theirs=True),
    DemoAppointment("Dana Kowalczyk", ALONE, 0, "15:00", THEO),
    DemoAppointment("Siobhán Ó Briain", MASSAGE, 0, "16:00", NOOR, "Goodwill"),
    DemoAppointment("Beatriz Carvalho", MASSAGE, 0, "17:30", NOOR, CARD, off="Missed her train."),
    DemoAppointment("Oliver Whitcombe", ALONE, 1, "15:00", THEO, "Birthday treat"),
    DemoAppointment("Camille Lefèvre", MASSAGE, 2, "10:00", NOOR, CARD),
    DemoAppointment("Zoë Abara", MASSAGE, 3, "08:00", NOOR, at_theirs=True),
    DemoAppointment("Tideway Pilots Rowing Club", CHAIRS, 5, "14:00", NOOR, INVOICE),
    DemoAppointment("健太 田中", FIRST, 6, "12:00", ILSE),
]

PLACES = [
    DemoPlace("Hannah Pemberton", MORNING, -2, PASS),
    DemoPlace("Zoë Abara", MORNING, -2, "Bring a friend"),
    DemoPlace("Nguyễn Thị Mai", MORNING, -1, PASS, then=MISSED),
    DemoPlace("Dana Kowalczyk", MORNING, -1, CARD),
    DemoPlace("Hannah Pemberton", MORNING, 0, PASS),
    DemoPlace("Nguyễn Thị Mai", MORNING, 0, PASS),
    DemoPlace("Grace Adeyemi", MORNING, 0, "Bring a friend"),
    DemoPlace("Tomasz Łuczak", MORNING, 0, CASH, option=1),
    DemoPlace("Lucía Fernández", MORNING, 0),
    DemoPlace("Hannah Pemberton", MORNING, 1, PASS, off="Away with her mother."),
    DemoPlace("Søren Lindqvist", FLOW, -1, CARD),
    DemoPlace("Tideway Pilots Rowing Club", FLOW, 0, INVOICE, spaces=6),
    DemoPlace("Zoë Abara", FLOW, 0, CARD),
    DemoPlace("Søren Lindqvist", FLOW, 0),
    DemoPlace("Priya Raman", FLOW, 1, CARD),
    DemoPlace("Grace Adeyemi", MOTHERS, 0, CARD),
    DemoPlace("Lucía Fernández", MOTHERS, 0, CASH, option=1),
    DemoPlace("Beatriz Carvalho", MOTHERS, 0, spaces=2),
    DemoPlace("Nguyễn Thị Mai", MOTHERS, 1, PASS),
]
# The date that was called off, with the place of whoever had one.
CALLED_OFF = (FLOW, 2)

MEDIA: dict[str, dict[str, Any]] = {
    "Ten minutes for your back": {"price": 900, "valid_for": "P30D"},
    "Breathing for sleep": {"price": 1_400},
}
PURCHASES = [
    ("Camille Lefèvre", "Breathing for sleep", CARD, ""),
    ("Zoë Abara", "Ten minutes for your back", CARD, ""),
    ("Hannah Pemberton", "Ten minutes for your back", "", ""),
    ("Jürgen Weiß", "Breathing for sleep", CARD, "He wanted the other one."),
]


def add_bookings(people: dict[str, Customer], company: Company, actor: Actor) -> None:
    """Offer what there is, and let people come to it, around today."""
    studio = _Studio(people, company, actor)
    for appointment in APPOINTMENTS:
        studio.appoint(appointment)
    for place in PLACES:
        studio.place(place)
    cancel_event_date(studio.dates[CALLED_OFF], reason="Theo is away.", actor=actor)
    for who, medium, paid, off in PURCHASES:
        studio.sell(people[who], medium, paid, off)


class _Studio:
    """What can be booked, and the clock by which it is."""

    def __init__(self, people: dict[str, Customer], company: Company, actor: Actor) -> None:
        self.people, self.zone, self.actor = people, company.timezone, actor
        self.today, self.now = local_day(company.id), timezone.now()
        self.facilitators = {
            name: create_facilitator(Facilitator(name=name, email=email), actor=actor)
            for name, email in FACILITATORS.items()
        }
        self.services = {
            name: create_service(Service(name=name, **terms), actor=actor)
            for name, terms in SERVICES.items()
        }
        self.media = {
            name: create_media(Media(name=name, **terms), actor=actor)
            for name, terms in MEDIA.items()
        }
        self.dates = {
            (name, week): date
            for name, terms in EVENTS.items()
            for week, date in self._event(name, **terms).items()
        }

    def _event(self, name: str, days: int, at: str, **terms: Any) -> dict[int, EventDate]:
        prices = [PricingOption(name=n, price=price, visits=visits) for n, price, visits in PRICES]
        weeks = range(-WEEKS, WEEKS + 1)
        dates = [
            EventDate(
                starts_at=self._moment(days + 7 * week, at),
                facilitator=self.facilitators[THEO],
                **terms,
            )
            for week in weeks
        ]
        event = Event(name=name, tax_rate=20)
        create_event(event, pricing_options=prices, dates=dates, actor=self.actor)
        return dict(zip(weeks, dates, strict=True))

    def _moment(self, days: int, at: str) -> datetime.datetime:
        day = self.today + datetime.timedelta(days=days)
        return moment_of(datetime.datetime.combine(day, datetime.time.fromisoformat(at)), self.zone)

    def appoint(self, entry: DemoAppointment) -> None:
        customer = self.people[entry.who]
        booking = Booking(
            customer=customer,
            service=self.services[entry.service],
            facilitator=self.facilitators[entry.by],
            starts_at=self._moment(entry.days, entry.at),
            notes=entry.notes,
        )
        if entry.at_theirs:
            addresses = Address.objects.visible_to(self.actor).live()
            booking.address = addresses.get(customer=customer, is_default=True)
        means = self._means(entry.paid, customer, booking.starts_at)
        self._go_on(book_appointment(booking, means=means, actor=self.actor), entry)

    def place(self, entry: DemoPlace) -> None:
        customer, date = self.people[entry.who], self.dates[entry.event, entry.week]
        options = PricingOption.objects.visible_to(self.actor).filter(event=date.event_id)
        place = Booking(
            customer=customer,
            event_date=date,
            pricing_option=options.oldest_first()[entry.option],
            spaces=entry.spaces,
        )
        means = self._means(entry.paid, customer, date.starts_at)
        book_places(Transaction(customer=customer), places=[place], means=means, actor=self.actor)
        self._go_on(place, entry)

    def sell(self, customer: Customer, medium: str, paid: str, off: str) -> None:
        purchase = MediaPurchase(customer=customer, media=self.media[medium])
        sell_media(purchase, means=self._means(paid, customer, self.now), actor=self.actor)
        if off:
            cancel_media_purchase(purchase, reason=off, actor=self.actor)

    def _means(self, paid: str, customer: Customer, moment: datetime.datetime) -> Means | None:
        """Return what somebody pays with; money came in on the day, or today for what is ahead."""
        if not paid:
            return None
        if paid == INVOICE:
            return Invoice(due_on=self.today + datetime.timedelta(days=30))
        if paid in (CARD, CASH):
            return Payment(method=paid, taken_at=min(moment, self.now))
        if paid == PASS:
            return PassPurchase.objects.visible_to(self.actor).get(customer=customer)
        credits = Credit.objects.visible_to(self.actor).filter(coupon__name=paid)
        return credits.get(customer=customer)

    def _go_on(self, booking: Booking, entry: DemoAppointment | DemoPlace) -> None:
        """Let happen to a booking what has happened by now."""
        if entry.off:
            cancel_booking(booking, reason=entry.off, actor=self.actor)
        elif booking.starts_at > self.now:
            return
        elif entry.then == MISSED:
            miss_booking(booking, actor=self.actor)
        elif booking.starts_at + datetime.timedelta(minutes=booking.duration) > self.now:
            start_booking(booking, actor=self.actor)
        else:
            complete_booking(booking, actor=self.actor)
