"""Tax included in or added to prices: the action and the database compute exactly the same tax."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from babel.numbers import get_currency_precision
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Value
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.actions import create_invoice, create_plan, issue_invoice
from billing.actions.tax import gross, group_taxes, on_top, spread, tax_on
from billing.errors import InvalidInvoice, InvalidPlan
from billing.models import Invoice, InvoiceLine, Plan
from billing.models.taxes import TaxOn, gross_price
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.ids import new_id
from config.tenancy.money_fields import MOST
from config.tenancy.scoping import acting_for
from config.tenancy.tax_fields import TaxBehavior
from customers.models import Customer

INCLUSIVE, EXCLUSIVE = TaxBehavior.INCLUSIVE, TaxBehavior.EXCLUSIVE

# Amounts in the minor unit of currencies with 0, 2 and 3 decimals: yen, cents and fils.
MONEY = st.builds(
    lambda currency, whole, part: whole * 10 ** get_currency_precision(currency) + part,
    st.sampled_from(["JPY", "GBP", "KWD"]),
    st.integers(0, 1_000_000),
    st.integers(0, 999),
) | st.sampled_from([0, 1, 2, MOST])
RATES = st.integers(0, 1_000_000).map(lambda parts: Decimal(parts).scaleb(-4)) | st.sampled_from(
    [Decimal(rate) for rate in ("0", "5", "5.5", "8.875", "20", "21", "25", "100")]
)
BEHAVIORS = st.sampled_from([INCLUSIVE.value, EXCLUSIVE.value])


def half_up(amount: Fraction) -> int:
    return int((amount + Fraction(1, 2)) // 1)


@settings(deadline=None)
@given(amount=MONEY, rate=RATES)
def test_tax_is_what_rounding_half_up_by_exact_fractions_gives(amount: int, rate: Decimal) -> None:
    share = Fraction(rate) / 100
    assert tax_on(amount, rate, EXCLUSIVE) == half_up(amount * share)
    assert tax_on(amount, rate, INCLUSIVE) == amount - half_up(amount / (1 + share))
    assert gross(amount, rate, INCLUSIVE) == amount


@settings(deadline=None)
@given(net=MONEY, rate=RATES)
def test_the_tax_in_a_gross_price_is_the_tax_that_was_put_on_it(net: int, rate: Decimal) -> None:
    whole = gross(net, rate, EXCLUSIVE)
    assert tax_on(whole, rate, INCLUSIVE) == tax_on(net, rate, EXCLUSIVE)


@settings(deadline=None)
@given(rows=st.lists(st.tuples(MONEY, RATES, BEHAVIORS), min_size=1, max_size=40))
def test_the_database_computes_the_same_tax(rows: list[tuple[int, Decimal, str]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT billing_tax_on(amount, rate, behavior) FROM unnest(%s::bigint[], %s::numeric[],"
            " %s::text[]) WITH ORDINALITY AS one(amount, rate, behavior, place) ORDER BY place",
            [list(column) for column in zip(*rows, strict=True)],
        )
        assert [tax for (tax,) in cursor.fetchall()] == [tax_on(*row) for row in rows]


@settings(deadline=None)
@given(sums=st.dictionaries(st.integers(0, 9), MONEY, max_size=8), part=st.fractions(0, 1))
def test_a_discount_is_spread_whole_and_in_proportion(sums: dict[int, int], part: Any) -> None:
    whole = sum(sums.values())
    discount = int(whole * part)
    shares = spread(discount, sums)
    assert sum(shares.values()) == discount
    for key, share in shares.items():
        assert 0 <= share <= sums[key]
        assert abs(share * whole - discount * sums[key]) < max(whole, 1), "the exact share, rounded"
    again = spread(discount, dict(sorted(sums.items())))
    assert spread(discount, dict(sorted(sums.items()))) == again


@settings(deadline=None)
@given(
    lines=st.lists(st.tuples(RATES, BEHAVIORS, MONEY), min_size=1, max_size=6),
    part=st.fractions(0, 1),
)
def test_taxes_come_to_the_sums_of_the_lines(
    lines: list[tuple[Decimal, str, int]], part: Any
) -> None:
    subtotal = sum(amount for *_, amount in lines)
    discount = int(subtotal * part)
    taxes = group_taxes((((rate, how), amount) for rate, how, amount in lines), discount=discount)
    assert sum(one["amount"] for one in taxes) == subtotal - discount
    assert {(one["tax_rate"], one["tax_behavior"]) for one in taxes} == {
        (float(rate), how) for rate, how, _ in lines
    }
    total = subtotal - discount + on_top(taxes)
    assert total == sum(
        gross(one["amount"], Decimal(str(one["tax_rate"])), one["tax_behavior"]) for one in taxes
    )


# --- Invoices of several rates ---


def line(price: int, rate: Any, behavior: str = INCLUSIVE) -> InvoiceLine:
    return InvoiceLine(description="x", unit_price=price, tax_rate=rate, tax_behavior=behavior)


def invoice_of(
    customer: Customer, lines: Sequence[InvoiceLine], actor: Actor, **fields: Any
) -> Any:
    return create_invoice(Invoice(customer=customer, **fields), lines=lines, actor=actor)


def test_tax_is_computed_once_for_each_rate_after_its_share_of_the_discount(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    with acting_for(studio.id):
        lines = [line(1_200, 20), line(1_200, 20), line(1_050, 5), line(1_000, 20, EXCLUSIVE)]
        invoice = invoice_of(customer, lines, actor, discount=445)
        connection.check_constraints()
        invoice.refresh_from_db()
    assert (invoice.subtotal, invoice.discount) == (4_450, 445)
    assert invoice.taxes == [
        {"tax_rate": 5, "tax_behavior": "inclusive", "amount": 945, "tax": 45},
        {"tax_rate": 20, "tax_behavior": "exclusive", "amount": 900, "tax": 180},
        {"tax_rate": 20, "tax_behavior": "inclusive", "amount": 2_160, "tax": 360},
    ]
    assert (invoice.tax, invoice.total) == (585, 4_450 - 445 + 180)


def test_a_line_without_a_tax_has_the_invoices_and_that_the_companys(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    Company.objects.filter(pk=studio.pk).update(tax_behavior=INCLUSIVE, tax_rate=20)
    with acting_for(studio.id):
        lines = [InvoiceLine(description="x", unit_price=120), line(100, 0, EXCLUSIVE)]
        invoice = invoice_of(customer, lines, actor)
        assert [one.tax_behavior for one in lines] == [INCLUSIVE, EXCLUSIVE]
        assert (invoice.tax_rate, invoice.tax, invoice.total) == (20, 20, 220)
        free = InvoiceLine(description="x", unit_price=120)
        plain = invoice_of(customer, [free], actor, tax_rate=0)
        assert (free.tax_rate, plain.tax, plain.total) == (0, 0, 120)


def test_an_invoice_refuses_a_tax_that_is_none(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    with acting_for(studio.id):
        for wrong, field in (
            (line(1, 101), "line_items.0.tax_rate"),
            (line(1, 5, "perhaps"), "line_items.0.tax_behavior"),
        ):
            with pytest.raises(InvalidInvoice) as refusal:
                invoice_of(customer, [wrong], actor)
            assert list(refusal.value.fields) == [field]


def test_the_database_refuses_taxes_that_disagree(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    good = [
        {"tax_rate": 5.0, "tax_behavior": "inclusive", "amount": 945, "tax": 45},
        {"tax_rate": 20.0, "tax_behavior": "exclusive", "amount": 900, "tax": 180},
    ]
    other = [good[0] | {"amount": 946}, good[1] | {"amount": 899}]
    doubled = [good[0] | {"amount": 0, "tax": 0}, *good]
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"taxes": [good[0] | {"tax": 46}, good[1] | {"tax": 179}]}, "invoice_tax"),
        ({"taxes": [good[0]]}, "invoice_tax"),
        ({"taxes": []}, "invoice_tax"),
        ({"taxes": doubled}, "invoice_tax"),
        ({"total": 1_845}, "invoice_total"),
        ({"taxes": [good[0] | {"tax_behavior": "other"}, good[1]]}, "invoice_tax"),
        # Each tax is valid in itself, but does not match the lines.
        ({"taxes": other}, "not those of the lines"),
        ({"taxes": [good[0] | {"tax_rate": 5.01}, good[1]]}, "not those of the lines"),
        ({"taxes": [good[0] | {"amount": 925, "tax": 44}, good[1] | {"amount": 920, "tax": 184}]
          , "tax": 228, "total": 2_029}, "not those of the lines"),
    ]  # fmt: skip

    def write(**change: Any) -> None:
        fields = {"tax": 225, "total": 2_025, "taxes": good, **change}
        invoice = Invoice(
            company_id=studio.id, customer=customer, currency="GBP", tax_rate=5,
            tax_behavior="inclusive", subtotal=2_050, discount=205, **fields,
        )  # fmt: skip
        invoice.save(force_insert=True)
        for place, one in enumerate([line(1_050, 5), line(1_000, 20, EXCLUSIVE)]):
            one.company_id, one.invoice, one.position = studio.id, invoice, place
            one.total = one.unit_price
            one.save(force_insert=True)
        connection.check_constraints()

    with acting_for(studio.id):
        write()
        for change, constraint in wrong:
            with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
                write(**change)


def test_a_plan_has_the_companys_tax_and_refuses_another_word(
    studio: Company, actor: Actor
) -> None:
    Company.objects.filter(pk=studio.pk).update(tax_behavior=EXCLUSIVE, tax_rate="8.875")
    with acting_for(studio.id):
        plan = create_plan(Plan(name="Gold", price=1_000, billing_period="P1M"), actor=actor)
        assert (plan.tax_rate, plan.tax_behavior) == (Decimal("8.875"), EXCLUSIVE)
        paid = Plan.objects.annotate(paid=gross_price()).values_list("paid", flat=True)
        assert list(paid) == [1_089]
        own = Plan(name="Own", price=1, billing_period="P1M", tax_rate=0, tax_behavior="perhaps")
        with pytest.raises(InvalidPlan) as refusal:
            create_plan(own, actor=actor)
        assert list(refusal.value.fields) == ["tax_behavior"]
        assert Plan.objects.filter(
            price=F("price") + TaxOn(Value(0), F("tax_rate"), F("tax_behavior"))
        ).exists()


def test_the_previous_release_writes_invoices_of_one_rate_on_top(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    """During an upgrade both releases run; the previous one does not know the new column."""
    with acting_for(studio.id):
        new, facts = new_id(), [studio.id, customer.id]
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO billing_invoice (id, company_id, customer_id, number, external_id,"
                " currency, subtotal, discount, discount_description, tax_rate, tax, total)"
                " VALUES (%s, %s, %s, '', '', 'GBP', 300, 50, '', 8.875, 22, 272)",
                [new, *facts],
            )
            cursor.execute(
                "INSERT INTO billing_invoiceline (id, company_id, invoice_id, position,"
                " description, quantity, unit_price, total)"
                " VALUES (%s, %s, %s, 0, 'x', 3, 100, 300)",
                [new_id(), studio.id, new],
            )
        connection.check_constraints()
        invoice = Invoice.objects.get(pk=new)
        assert invoice.taxes == [
            {"tax_rate": 8.875, "tax_behavior": "exclusive", "amount": 250, "tax": 22}
        ]
        (one,) = invoice.lines.all()
        assert (one.tax_rate, one.tax_behavior) == (Decimal("8.875"), EXCLUSIVE)
        issued = issue_invoice(invoice, actor=actor)
        assert issued.total == 272
