"""What the demo company shows of plans, invoices, credits and passes (issue 3, point 5)."""

import datetime
import re
from collections import Counter

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, Q

from billing.models import Invoice, Payment, PaymentMethod, Plan, Subscription
from config.access.actors import Actor
from config.access.days import local_day
from config.access.models import Company
from config.server.demo_money import months_before
from credits.actions import issue_recurring_credits
from credits.models import Coupon, Credit, CreditRule, Entry, PassPurchase
from customers.models import Customer


def test_members_have_recurring_credits_at_once(demo: Company) -> None:
    granted = Credit.objects.filter(rule__isnull=False)
    members = {str(credit.customer) for credit in granted.select_related("customer")}
    assert members == {"Zoë Abara", "Oliver Whitcombe", "Priya Raman", "Grace Adeyemi"}
    assert {credit.offering for credit in granted} == {"Massage"}
    assert CreditRule.objects.count() == 2
    assert granted.filter(redeemed_at__isnull=False).count() == 2
    kept = granted.get(expiry_date__isnull=True)
    assert str(kept.customer) == "Grace Adeyemi", "the yearly plan lets its massages roll over"


def test_the_worker_finds_nothing_left_to_grant_in_the_demo(demo: Company) -> None:
    assert issue_recurring_credits(demo.id, actor=Actor.command(demo)) == 0


def test_the_demo_has_a_goodwill_gesture_partly_used(demo: Company) -> None:
    coupon = Coupon.objects.get(name="Goodwill")
    assert (coupon.amount, coupon.currency) == (1_000, "GBP")
    credits = Credit.objects.filter(coupon=coupon)
    assert sorted(credits.values_list("balance", flat=True)) == [0, 0, 0, 350]
    reasons = Entry.objects.filter(credit__in=credits, kind=Entry.ISSUE)
    assert all(reasons.values_list("reason", flat=True))


def test_the_demo_has_every_sort_of_coupon(demo: Company) -> None:
    sorts = Coupon.objects.values_list("entitlement", "multi_use")
    assert set(sorts) == {
        ("amount", False),
        ("percentage", False),
        ("offering", False),
        ("offering", True),
    }
    assert Credit.objects.get(multi_use=True, times_redeemed=3).balance == 1


def test_the_demos_ledger_has_every_kind_of_entry_that_today_allows(demo: Company) -> None:
    kinds = set(Entry.objects.values_list("kind", flat=True))
    assert kinds == {Entry.ISSUE, Entry.REDEEM, Entry.REVOKE, Entry.REVERSE}
    assert Entry.objects.get(kind=Entry.REVOKE).reason == "Given twice by mistake."


def test_passes_are_half_used_and_one_is_used_up(demo: Company) -> None:
    tens = PassPurchase.objects.filter(visits=10)
    assert sorted(tens.values_list("balance", flat=True)) == [0, 5, 5]
    assert tens.filter(redeemed_at__isnull=False).count() == 1


def test_the_demo_has_invoices_of_every_standing(demo: Company) -> None:
    standings = Counter(Invoice.objects.with_standing().values_list("standing", flat=True))
    assert standings == {"paid": 7, "pending": 5, "overdue": 2, "draft": 1, "void": 1}
    partly = Invoice.objects.with_amounts().filter(amount_paid__gt=0, balance__gt=0)
    assert [str(one.customer) for one in partly] == ["Castle & Vale LLP"]


def test_the_demos_invoices_are_numbered_as_they_were_issued(demo: Company) -> None:
    issued = Invoice.objects.filter(issued_at__isnull=False).order_by("issued_at", "id")
    numbers = list(issued.values_list("number", flat=True))
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == 15


def test_the_demo_was_paid_in_different_ways_and_gave_money_back(demo: Company) -> None:
    ways = set(Payment.objects.taken().values_list("method", flat=True))
    assert ways == {"card", "cash", "bank_transfer", "direct_debit", "other"}
    assert Payment.objects.given_back().get(reference="Workshop called off").amount == 5_400
    now = datetime.datetime.now(datetime.UTC)
    assert not Payment.objects.filter(taken_at__gt=now).exists()


def test_the_demo_has_plans_and_subscriptions_that_began_months_ago(demo: Company) -> None:
    assert set(Plan.objects.values_list("billing_period", flat=True)) == {"P1M", "P1Y"}
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
    assert "demo: 13 credits, 4 passes, 56 entries: sound" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        ("2026-03-15", 14, "2025-01-15"),
        ("2026-05-31", 2, "2026-03-31"),
        ("2026-05-31", 3, "2026-01-31"),
        ("2024-02-29", 12, "2023-01-29"),
        ("2026-01-30", 1, "2025-12-30"),
    ],
)
def test_a_month_that_began_long_ago_turns_on_the_day(day: str, months: int, before: str) -> None:
    today = datetime.date.fromisoformat(day)
    anchor = months_before(today, months)
    assert anchor.isoformat() == before
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT billing_date_after(%s, 'P1M', billing_periods_between(%s, 'P1M', %s))",
            [anchor, anchor, today],
        )
        assert cursor.fetchone()[0] == today
