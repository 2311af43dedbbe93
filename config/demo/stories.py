"""Write the history of each demo customer, through the actions that staff would use."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from billing import actions as billing
from billing.models import Invoice, InvoiceLine, Payment, PaymentMethod, Subscription
from bookings import actions as bookings
from bookings.models import Booking, EventDate, Facilitator, MediaPurchase, Transaction
from config.durations import end_of_day
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.days import local_day, moment_of
from config.tenancy.tax_fields import TaxBehavior
from config.times import database_now
from credits import actions as credits
from credits.models import Credit, CreditRule, Goodwill, PassPurchase
from credits.models import Entry as LedgerEntry
from customers.models import Address, Customer

from .offers import HOURS, Catalogue

# One entry of riverside.toml.
Entry = dict[str, Any]

# How many weeks before and after the current one have events.
WEEKS = 2
# At 10:00, London and UTC have the same date in summer and in winter.
_OPENS = datetime.time(10, tzinfo=datetime.UTC)


@dataclass
class Studio:
    """The demo company; `people` are by name, `dates` of events are by name and week."""

    company: Company
    actor: Actor
    catalogue: Catalogue
    people: dict[str, Customer]
    desk: Actor
    dates: dict[tuple[str, int], EventDate] = field(default_factory=dict)
    facilitators: dict[str, Facilitator] = field(default_factory=dict)

    def live(self, data: dict[str, list[Entry]]) -> None:
        """Create the whole history of riverside.toml, in its order."""
        self.today, self.now = local_day(self.company.id), database_now()
        for entry in data["subscriptions"]:
            self._subscribe(**entry)
        for entry in data["invoices"]:
            self._ask(entry)
        self._grant()
        for entry in data["credits"]:
            self._give(entry)
        for entry in data["goodwill"]:
            self._give_goodwill(entry)
        for entry in data["passes"]:
            self._sell_pass(entry)
        for entry in data["facilitators"]:
            made = bookings.create_facilitator(Facilitator(**entry), actor=self.actor)
            self.facilitators[made.name] = made
        for entry in data["dates"]:
            self._hold(**entry)
        for entry in data["appointments"]:
            self._appoint(entry)
        for entry in data["places"]:
            self._place(entry)
        last = self.dates["Evening flow", WEEKS]
        bookings.cancel_event_date(last, reason="Theo is away.", actor=self.actor)
        for entry in data["media"]:
            self._sell_media(entry)

    def _subscribe(
        self,
        who: str,
        plan: str,
        months: int,
        later: int = 0,
        then: str = "",
        weeks: int = 0,
        why: str = "",
    ) -> None:
        subscription = Subscription(customer=self.people[who], plan=self.catalogue.plans[plan])
        subscription.anchor_date = months_before(self.today + days(later), months)
        billing.subscribe(subscription, actor=self.actor)
        if then == "paused":
            until = self.today + datetime.timedelta(weeks=weeks)
            billing.pause_subscription(subscription, until=until, reason=why, actor=self.actor)
        if then == "cancelled":
            billing.cancel_subscription(subscription, actor=self.actor)

    def _ask(self, entry: Entry) -> None:
        """Issue an invoice, and apply what the entry says happened to it."""
        customer, rate = self.people[entry["who"]], self.catalogue.tax_rate
        line = InvoiceLine(description=entry["what"], unit_price=entry["price"])
        line.quantity = entry.get("quantity", 1)
        invoice = Invoice(customer=customer, tax_rate=rate, **entry.get("less", {}))
        invoice.tax_behavior = TaxBehavior.EXCLUSIVE
        invoice = billing.create_invoice(invoice, lines=[line], actor=self.actor)
        if "days_ago" not in entry:
            return
        at = datetime.datetime.combine(self.today - days(entry["days_ago"]), _OPENS)
        due_on = at.date() + days(entry.get("due", 0))
        invoice = billing.issue_invoice(invoice, due_on=due_on, at=at, actor=self.actor)
        if entry.get("then") == "void":
            billing.void_invoice(invoice, actor=self.actor)
        if "paid" in entry:
            taken_at = at + days(entry.get("paid_after", 0))
            payment = Payment(invoice=invoice, amount=entry["paid"], taken_at=taken_at)
            payment.method = entry.get("by", "")
            if not payment.method:
                defaults = PaymentMethod.objects.visible_to(self.actor).default()
                payment.payment_method = defaults.filter(customer=customer).first()
            payment = billing.take_payment(payment, actor=self.actor)
            if entry.get("then") == "refunded":
                refund = Payment(refunds=payment, reason="Workshop called off")
                billing.refund_payment(refund, actor=self.actor)
        parts = [
            Payment(amount=amount, method=method, taken_at=at)
            for amount, method in entry.get("parts", ())
        ]
        if parts:
            bookings.pay_invoice(invoice, means=parts, keep_excess_as_credit=True, actor=self.actor)
        if "reduced" in entry:
            amount, reason = entry["reduced"]
            billing.reduce_invoice(invoice, amount=amount, reason=reason, actor=self.actor)
        if "written_off" in entry:
            billing.write_off_invoice(invoice, reason=entry["written_off"], actor=self.actor)

    def _grant(self) -> None:
        """Grant the credits of plans; one member has used the massage, and another almost has."""
        yearly, perk = self.catalogue.plans["Yearly membership"], self.catalogue.perk
        rule = CreditRule(plan=yearly, coupon=perk, every="P1M", rolls_over=True)
        credits.create_rule(rule, actor=self.actor)
        credits.issue_recurring_credits(self.company.id, actor=Actor.command(self.company))
        self._use_perk("Zoë Abara")
        entry = self._use_perk("Priya Raman")
        credits.reverse_redemption(entry, reason="The therapist was ill.", actor=self.actor)

    def _use_perk(self, who: str) -> LedgerEntry:
        granted = Credit.objects.visible_to(self.actor).filter(rule__isnull=False)
        credit = granted.get(customer=self.people[who])
        return credits.redeem_credit(credit, reference="massage-1", actor=self.actor)

    def _give(self, entry: Entry) -> None:
        coupon = self.catalogue.coupons[entry["coupon"]]
        credit = Credit(customer=self.people[entry["who"]], coupon=coupon)
        if "ends_today" in entry:
            credit.expires_at = end_of_day(self.today, self.company.timezone)
        credit = credits.issue_credit(credit, reason=entry["reason"], actor=self.actor)
        for number, amount in enumerate(entry.get("uses", ()), start=1):
            reference = f"till-{number}"
            credits.redeem_credit(
                credit, amount=amount or None, reference=reference, actor=self.actor
            )
        if "revoked" in entry:
            credits.revoke_credit(credit, reason=entry["revoked"], actor=self.actor)

    def _give_goodwill(self, entry: Entry) -> None:
        """Give goodwill as front desk, and decide as owner on goodwill above the limit."""
        customer = self.people[entry["who"]]
        goodwill = Goodwill(customer=customer, amount=entry["amount"], reason=entry["reason"])
        goodwill = credits.give_goodwill(goodwill, actor=self.desk)
        if entry.get("then") == "approved":
            credits.approve_goodwill(goodwill, actor=self.actor)
        if "refused" in entry:
            credits.refuse_goodwill(goodwill, reason=entry["refused"], actor=self.actor)

    def _sell_pass(self, entry: Entry) -> None:
        product = self.catalogue.passes[entry["pass"]]
        purchase = PassPurchase(customer=self.people[entry["who"]], product=product)
        ways: dict[str, list[credits.SaleMeans]] = {
            "card": [Payment(method="card")],
            "invoice": [Invoice()],
        }
        means = ways.get(entry.get("paid", ""))
        purchase = credits.sell_pass(purchase, means=means, actor=self.actor)
        for number in range(1, entry["visits"] + 1):
            credits.use_pass(purchase, reference=f"visit-{number}", actor=self.actor)

    def _hold(self, event: str, day: int, at: str, capacity: int = 0) -> None:
        duration, spaces = HOURS[event]
        terms = {"duration": duration, "capacity": capacity or spaces}
        for week in range(-WEEKS, WEEKS + 1):
            date = EventDate(event=self.catalogue.events[event], **terms)
            date.facilitator = self.facilitators["Theo Marsh"]
            date.starts_at = self._moment(day + 7 * week, at)
            self.dates[event, week] = bookings.add_event_date(date, actor=self.actor)

    def _moment(self, day: int, at: str) -> datetime.datetime:
        time = datetime.time.fromisoformat(at)
        wall = datetime.datetime.combine(self.today + days(day), time)
        return moment_of(wall, self.company.timezone)

    def _appoint(self, entry: Entry) -> None:
        customer = self.people[entry["who"]]
        booking = Booking(
            customer=customer,
            service=self.catalogue.services[entry["service"]],
            facilitator=self.facilitators[entry["by"]],
            starts_at=self._moment(entry["day"], entry["at"]),
            notes=entry.get("notes", ""),
        )
        if "at_theirs" in entry:
            addresses = Address.objects.visible_to(self.actor).live()
            booking.address = addresses.get(customer=customer, is_default=True)
        means = self._means(entry, customer, booking.starts_at)
        self._go_on(bookings.book_appointment(booking, means=means, actor=self.actor), entry)

    def _place(self, entry: Entry) -> None:
        customer = self.people[entry["who"]]
        date = self.dates[entry["event"], entry["week"]]
        place = Booking(customer=customer, event_date=date, spaces=entry.get("spaces", 1))
        place.pricing_option = self.catalogue.options[date.event_id]["reduced" in entry]
        means = self._means(entry, customer, date.starts_at)
        bought = Transaction(customer=customer)
        bookings.book_places(bought, places=[place], means=means, actor=self.actor)
        self._go_on(place, entry)

    def _sell_media(self, entry: Entry) -> None:
        customer = self.people[entry["who"]]
        purchase = MediaPurchase(customer=customer, media=self.catalogue.media[entry["media"]])
        bookings.sell_media(
            purchase, means=self._means(entry, customer, self.now), actor=self.actor
        )
        if "off" in entry:
            bookings.cancel_media_purchase(purchase, reason=entry["off"], actor=self.actor)

    def _means(
        self, entry: Entry, customer: Customer, at: datetime.datetime
    ) -> bookings.Means | None:
        """Return what pays; money is taken at the visit, or now for a visit in the future."""
        match entry.get("paid"):
            case None:
                return None
            case "invoice":
                return Invoice(due_on=self.today + days(30))
            case "card" | "cash" as method:
                return Payment(method=method, taken_at=min(at, self.now))
            case "pass":
                return PassPurchase.objects.visible_to(self.actor).get(customer=customer)
            case coupon:
                held = Credit.objects.visible_to(self.actor).filter(coupon__name=coupon)
                return held.get(customer=customer)

    def _go_on(self, booking: Booking, entry: Entry) -> None:
        """Apply everything that has happened to a booking by now."""
        if "off" in entry:
            waives = "waived" in entry
            bookings.cancel_booking(
                booking, reason=entry["off"], waive_fee=waives, actor=self.actor
            )
        elif booking.starts_at > self.now:
            return
        elif entry.get("then") == "missed":
            bookings.miss_booking(booking, actor=self.actor)
        elif booking.starts_at + datetime.timedelta(minutes=booking.duration) > self.now:
            bookings.start_booking(booking, actor=self.actor)
        else:
            bookings.complete_booking(booking, actor=self.actor)


def days(count: int) -> datetime.timedelta:
    return datetime.timedelta(days=count)


def months_before(day: datetime.date, count: int) -> datetime.date:
    """Return the same day of a month that is at least `count` months earlier.

    A month without such a day is skipped, because later billing dates would fall on another day.
    """
    month = day.year * 12 + day.month - 1 - count
    while True:
        try:
            return day.replace(year=month // 12, month=month % 12 + 1)
        except ValueError:
            month -= 1
