"""`check_ledger` and `credit_liability` distinguish a sound ledger from a broken one."""

import datetime
import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from config.durations import end_of_day
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.days import local_day
from config.tenancy.scoping import acting_for
from credits.actions import (
    expire_holdings,
    redeem_credit,
    reverse_redemption,
    revoke_credit,
    use_pass,
)
from credits.models import Credit, PassPurchase
from credits.proof import check_ledger, credit_liability
from tests.factories import ACoupon, ACredit, ACustomer, AGoodwill, APass, act
from tests.shares import undone


@pytest.fixture
def holdings(studio: Company, actor: Actor) -> dict[str, Any]:
    """One credit or pass in every state."""
    customer = ACustomer(company=studio)
    made: dict[str, Any] = {
        name: ACredit(company=studio, customer=customer, **terms)
        for name, terms in {
            "fresh": {"amount": 700},
            "part": {"amount": 1_000},
            "used": {},
            "back": {},
            "many": {"multi_use": True},
            "revoked": {"amount": 50},
            "expired": {"amount": 60},
        }.items()
    }
    made["pass"] = APass(company=studio, customer=customer)
    with acting_for(studio.id):
        redeem_credit(made["part"], amount=400, reference="a", actor=actor)
        redeem_credit(made["used"], reference="a", actor=actor)
        reverse_redemption(redeem_credit(made["back"], reference="a", actor=actor), actor=actor)
        redeem_credit(made["many"], reference="a", actor=actor)
        revoke_credit(made["revoked"], actor=actor)
        use_pass(made["pass"], visits=3, reference="a", actor=actor)
        Credit.objects.filter(pk=made["expired"].pk).update(expires_at="2020-01-01T00:00:00Z")
    expire_holdings(studio.id, actor=actor)
    return made


def break_credit(credit: Credit, change: str) -> None:
    """Write without an action."""
    with acting_for(credit.company_id), connection.cursor() as cursor:
        cursor.execute(f"UPDATE credits_credit SET {change} WHERE id = %s", [credit.pk])


def rules(company: Company) -> set[str]:
    return {finding.rule for finding in check_ledger(company.id)[0]}


def test_a_sound_ledger_has_no_findings(studio: Company, holdings: dict[str, Any]) -> None:
    findings, looked_at = check_ledger(studio.id)
    assert findings == []
    money = {"invoices": 0, "payments": 0, "credit_notes": 0}
    assert looked_at == {"credits": 7, "passes": 1, "entries": 16, **money}


def test_every_break_is_found(studio: Company, rival: Company, holdings: dict[str, Any]) -> None:
    for name, change, rule in (
        ("fresh", "revoked_at = now(), balance = 0", "it is revoked"),
        ("fresh", "expired_at = now(), balance = 0", "it is expired"),
        ("fresh", "redeemed_at = now(), balance = 0", "its balance is not the sum of its entries"),
        ("used", "redeemed_at = NULL", "it is used up"),
        ("part", "times_redeemed = 2", "its uses are not those of its entries"),
        ("part", "amount = 2000", "it was not issued with what its terms say"),
        ("revoked", "revoked_at = NULL", "it is revoked"),
    ):
        with undone():
            break_credit(holdings[name], change)
            assert any(found.startswith(rule) for found in rules(studio)), change
    assert rules(studio) == rules(rival) == set()
    with acting_for(studio.id):
        bought = PassPurchase.objects.get(pk=holdings["pass"].pk)
        bought.pk = None
        bought.id = PassPurchase._meta.get_field("id").get_default()
        bought.save(force_insert=True)
    assert "it was not issued exactly once" in rules(studio)


def test_a_credit_that_is_not_the_goodwill_it_was_given_as_is_found(studio: Company) -> None:
    customer, other = ACustomer(company=studio), ACustomer(company=studio)
    goodwill = AGoodwill(company=studio, customer=customer, given=True)
    assert rules(studio) == set()
    for change in ("amount = 1499", f"customer_id = '{other.pk}'"):
        with undone():
            with acting_for(studio.id), connection.cursor() as cursor:
                cursor.execute(f"UPDATE credits_goodwill SET {change} WHERE id = %s", [goodwill.pk])
            assert rules(studio) == {"it is not what was given as goodwill, or to whom"}


def test_a_drifted_balance_is_found_and_the_verb_exits_with_its_id(
    studio: Company, rival: Company, holdings: dict[str, Any]
) -> None:
    out = io.StringIO()
    call_command("check_ledger", json=True, stdout=out)
    assert json.loads(out.getvalue()) == {"sound": True, "findings": []}
    break_credit(holdings["fresh"], "balance = 699")
    findings, _ = check_ledger(studio.id)
    assert [(one.kind, one.id, one.rule) for one in findings] == [
        ("credit", holdings["fresh"].id, "its balance is not the sum of its entries")
    ]
    assert rules(rival) == set()
    with pytest.raises(CommandError, match=str(holdings["fresh"].id)):
        call_command("check_ledger", company="studio", stdout=io.StringIO())


def test_liability_is_what_is_outstanding_at_a_days_end(studio: Company, actor: Actor) -> None:
    coupon = ACoupon(company=studio, name="Gift", amount=500)
    customer = ACustomer(company=studio)
    first, second = (ACredit(company=studio, customer=customer, coupon=coupon) for _ in range(2))
    single = ACredit(company=studio, customer=customer, name="Massage")
    act(studio, redeem_credit, first, amount=200, reference="a")
    today = local_day(studio.id)
    rows = credit_liability(studio.id, today)
    assert [(row["coupon"], row["credits"], row["amount"]) for row in rows] == [
        ("Gift", 2, 800),
        ("Massage", 1, 0),
    ]
    assert credit_liability(studio.id, today - datetime.timedelta(days=1)) == []
    with acting_for(studio.id):
        revoke_credit(second, actor=actor)
        tomorrow = today + datetime.timedelta(days=1)
        end = end_of_day(tomorrow, studio.timezone)
        Credit.objects.filter(pk=single.pk).update(expires_at=end)
    assert [row["amount"] for row in credit_liability(studio.id, today)] == [300, 0]
    # The credit ends on that day, so nothing is left of it at the end of the day.
    assert [row["coupon"] for row in credit_liability(studio.id, tomorrow)] == ["Gift"]
    out = io.StringIO()
    call_command("credit_liability", company="studio", as_of=today, json=True, stdout=out)
    assert json.loads(out.getvalue())["amount"] == 300
