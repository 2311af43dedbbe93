"""The contents of the demo company: people, appointments, events, media and money."""

import datetime
import re
from collections import Counter
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone

from billing.models import CreditNote, Invoice, Payment, PaymentMethod, Plan, Subscription
from bookings.models import (
    Booking,
    Event,
    EventDate,
    Facilitator,
    LateCancellation,
    Media,
    MediaPurchase,
    PricingOption,
    Service,
)
from config.access.models import Staff
from config.access.scopes import SCOPES
from config.demo.company import DATA, Welcome
from config.demo.stories import months_before
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.days import local_day
from config.tenancy.permissions import Role
from credits.actions import issue_recurring_credits
from credits.models import Coupon, Credit, CreditRule, Entry, Goodwill, PassPurchase
from customers.models import Address, Customer, CustomerUser, Note, Zone
from tests.callers import Caller

LONDON = ZoneInfo("Europe/London")
STATUS = Booking.Status


def test_the_demo_has_all_sorts_of_people(demo: Company) -> None:
    assert Customer.objects.count() == 23
    assert Customer.objects.with_status("inactive").count() == 1
    assert Customer.objects.archived().count() == 2
    assert Customer.objects.exclude(name="").count() == 4
    assert len(set(Address.objects.values_list("country", flat=True))) >= 12
    assert CustomerUser.objects.count() >= 5
    assert set(Note.objects.values_list("author_name", flat=True)) == {"Maya Okafor"}
    unread = Customer.objects.exclude(phone="").filter(phone_e164="")
    assert [str(one) for one in unread] == []
    zones = {zone.name: Customer.objects.in_zone(zone.id).count() for zone in Zone.objects.all()}
    assert zones == {"South Bank": 7, "Greenwich": 3}
    assert Facilitator.objects.exclude(email__endswith=".example").count() == 0
    emails = [person["customer"].get("email", "") for person in DATA["people"]]
    assert [one for one in emails if one and not one.endswith(".example")] == []


def test_what_the_demo_shows_lets_people_and_systems_in(welcome: Welcome) -> None:
    assert (welcome.company, welcome.customers) == ("Riverside Studio", 23)
    staff = Staff.objects.get(email=welcome.email)
    assert staff.check_password(welcome.password)
    assert staff.is_superuser
    secret = {"client_id": welcome.client_id, "client_secret": welcome.client_secret}
    answer = Caller().post("/token", secret)
    assert answer.body["scope"].split() == list(SCOPES)


# --- Bookings ---


def test_the_demo_has_what_can_be_booked(demo: Company) -> None:
    assert (Service.objects.count(), Facilitator.objects.count()) == (8, 3)
    assert (Event.objects.count(), PricingOption.objects.count()) == (7, 14)
    assert Media.objects.count() == 3
    assert MediaPurchase.objects.filter(cancelled_at__isnull=False).count() == 1
    assert MediaPurchase.objects.count() == 4


def test_events_are_every_week_before_today_and_after_it(demo: Company) -> None:
    now = timezone.now()
    held = Event.objects.filter(dates__isnull=False).distinct()
    assert held.count() == 3
    for event in held:
        starts = list(EventDate.objects.filter(event=event).order_by("starts_at"))
        assert len(starts) == 5
        walls = [date.starts_at.astimezone(LONDON).replace(tzinfo=None) for date in starts]
        weeks = {after - before for before, after in pairwise(walls)}
        assert weeks == {datetime.timedelta(days=7)}
        assert starts[0].starts_at < now < starts[-1].starts_at
    assert EventDate.objects.filter(spaces_taken=4, capacity=4).exists(), "one is full"
    assert EventDate.objects.filter(cancelled_at__isnull=False).count() == 1


def test_the_demo_has_bookings_of_every_sort(demo: Company) -> None:
    rows = Booking.objects.with_payment()
    assert set(rows.values_list("kind", flat=True)) == {"appointment", "place"}
    found = Counter(rows.values_list("status", flat=True))
    assert (found[STATUS.NO_SHOW], found[STATUS.CANCELLED]) == (2, 3)
    assert min(found[STATUS.COMPLETED], found[STATUS.CONFIRMED]) >= 5
    assert set(rows.values_list("standing", flat=True)) == {"PAID", "PENDING"}
    assert rows.filter(is_refunded=True).count() >= 3
    for paid in ("entry__purchase", "entry__credit", "payment", "invoice"):
        assert rows.filter(**{f"{paid}__isnull": False}).exists(), paid
    assert rows.filter(address__isnull=False).count() == 3
    for booking in Booking.objects.exclude(status=STATUS.CANCELLED):
        ends_at = booking.starts_at + datetime.timedelta(minutes=booking.duration)
        if booking.starts_at > demo.created_at:
            assert booking.status == STATUS.CONFIRMED
        elif ends_at <= demo.created_at:
            assert booking.status in (STATUS.COMPLETED, STATUS.NO_SHOW)


# --- Money ---


def test_members_have_recurring_credits_at_once_and_nothing_is_left_to_grant(demo: Company) -> None:
    granted = Credit.objects.filter(rule__isnull=False)
    members = {str(credit.customer) for credit in granted.select_related("customer")}
    assert members == {"Zoë Abara", "Oliver Whitcombe", "Priya Raman", "Grace Adeyemi"}
    assert {credit.offering for credit in granted} == {"Massage"}
    assert CreditRule.objects.count() == 2
    assert granted.filter(redeemed_at__isnull=False).count() == 2
    kept = granted.get(expires_at__isnull=True)
    assert str(kept.customer) == "Grace Adeyemi", "the yearly plan lets its massages roll over"
    assert issue_recurring_credits(demo.id, actor=Actor.command(demo)) == 0


def test_the_demo_has_credits_and_passes_of_every_sort(demo: Company) -> None:
    coupon = Coupon.objects.live().get(name="Goodwill")
    assert (coupon.amount, coupon.currency) == (1_000, "GBP")
    credits = Credit.objects.filter(coupon=coupon)
    assert sorted(credits.values_list("balance", flat=True)) == [0, 0, 0, 350]
    reasons = Entry.objects.filter(credit__in=credits, kind=Entry.ISSUE)
    assert all(reasons.values_list("reason", flat=True))
    sorts = set(Coupon.objects.values_list("entitlement", "multi_use"))
    singles = {(each, False) for each in ("amount", "percentage", "offering")}
    assert sorts == singles | {("offering", True)}
    assert Credit.objects.get(multi_use=True, times_redeemed=3).balance == 1
    kinds = set(Entry.objects.values_list("kind", flat=True))
    assert kinds == {Entry.ISSUE, Entry.REDEEM, Entry.REVOKE, Entry.REVERSE}
    assert Entry.objects.get(kind=Entry.REVOKE).reason == "Given twice by mistake."
    tens = PassPurchase.objects.filter(visits=10)
    assert sorted(tens.values_list("balance", flat=True)) == [0, 5, 5]
    assert tens.filter(redeemed_at__isnull=False).count() == 1


def test_the_demo_has_invoices_of_every_standing(demo: Company) -> None:
    standings = Counter(Invoice.objects.with_standing().values_list("standing", flat=True))
    assert standings == {"paid": 11, "pending": 6, "overdue": 2, "draft": 1, "void": 1}
    partly = Invoice.objects.with_amounts().filter(amount_paid__gt=0, balance__gt=0)
    assert [str(one.customer) for one in partly] == ["Castle & Vale LLP"]
    issued = Invoice.objects.filter(issued_at__isnull=False).order_by("issued_at", "id")
    numbers = list(issued.values_list("number", flat=True))
    assert numbers == sorted(numbers), "they are numbered as they were issued"
    assert len(set(numbers)) == 20


def test_the_demo_was_paid_in_different_ways_and_gave_money_back(demo: Company) -> None:
    ways = set(Payment.objects.taken().values_list("method", flat=True))
    assert ways == {"card", "cash", "bank_transfer", "direct_debit", "other"}
    assert Payment.objects.given_back().get(reason="Workshop called off").amount == 5_400
    now = datetime.datetime.now(datetime.UTC)
    assert not Payment.objects.filter(taken_at__gt=now).exists()


def test_the_demo_shows_what_staff_do_with_money(demo: Company) -> None:
    desk = Staff.objects.get(email="sam@riverside.example")
    assert desk.role_in(demo) == Role.FRONT_DESK
    assert 0 < demo.credit_limit < demo.refund_limit
    late = LateCancellation.objects.values_list("keeps", "kept", "reason")
    assert set(late) == {("fee", 1_000, "Missed her train."), ("waived", 0, "In hospital: no fee.")}
    assert Counter(Goodwill.objects.values_list("decision", flat=True)) == {
        "": 1,
        Goodwill.Decision.GIVEN: 1,
        Goodwill.Decision.APPROVED: 1,
        Goodwill.Decision.REFUSED: 1,
    }
    kinds = set(CreditNote.objects.values_list("kind", flat=True))
    assert kinds == {"refund", "reduction", "write_off"}
    ways = Payment.objects.filter(invoice__lines__description="A class for four")
    assert set(ways.values_list("method", "amount")) == {("cash", 6_000), ("card", 6_000)}
    assert Credit.objects.get(coupon__name__startswith="Paid too much").balance == 500
    assert Invoice.objects.filter(passes__isnull=False).unpaid().count() == 1
    (paused,) = Subscription.objects.filter(paused_at__isnull=False)
    assert (paused.pause_reason, paused.paused_until) == (
        "Abroad until spring.",
        local_day(demo.id) + datetime.timedelta(weeks=6),
    )


def test_the_demo_has_plans_and_subscriptions_that_began_months_ago(demo: Company) -> None:
    assert set(Plan.objects.values_list("billing_period", flat=True)) >= {"P1M", "P1Y"}
    states = Counter(Subscription.objects.values_list("state", flat=True))
    assert states == {"ACTIVE": 6, "PAUSED": 1, "CANCELLED": 1}
    today = local_day(demo.id)
    for subscription in Subscription.objects.all():
        assert subscription.anchor_date < today - datetime.timedelta(days=80)
        assert subscription.renewal_date is None or subscription.renewal_date > today


def test_the_demos_payment_methods_are_masked_and_each_has_a_default(demo: Company) -> None:
    methods = PaymentMethod.objects.all()
    assert set(methods.values_list("type", flat=True)) == set(PaymentMethod.Type.values)
    for method in methods:
        assert re.fullmatch(r"[0-9]{4}|", method.last4)
        assert not re.search(r"[0-9]{13}", method.token)
    payers = Customer.objects.filter(payment_methods__isnull=False).distinct()
    defaults = payers.annotate(
        defaults=Count("payment_methods", filter=Q(payment_methods__is_default=True))
    )
    assert set(defaults.values_list("defaults", flat=True)) == {1}


def test_the_demos_ledger_is_sound(demo: Company, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_ledger")
    assert capsys.readouterr().out == (
        "demo: 16 credits, 4 passes, 59 entries, 21 invoices, 33 payments, 3 credit notes: sound\n"
    )


def test_a_month_that_began_long_ago_turns_on_the_day() -> None:
    for day, months, before in (
        ("2026-03-15", 14, "2025-01-15"),
        ("2026-05-31", 2, "2026-03-31"),
        ("2026-05-31", 3, "2026-01-31"),
        ("2024-02-29", 12, "2023-01-29"),
        ("2026-01-30", 1, "2025-12-30"),
    ):
        today = datetime.date.fromisoformat(day)
        anchor = months_before(today, months)
        assert anchor.isoformat() == before
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT billing_date_after(%s, 'P1M', billing_periods_between(%s, 'P1M', %s))",
                [anchor, anchor, today],
            )
            assert cursor.fetchone()[0] == today, day
