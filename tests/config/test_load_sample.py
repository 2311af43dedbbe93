"""`load_sample`: its rows are consistent, plausible, and valid on every surface."""

import datetime
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

from billing.actions import turn_periods
from bookings.actions.booking import price_booking
from bookings.models import Booking
from config.card_numbers import holds_card_number
from config.demo.calendar import CLOSES, OPENS
from config.demo.offers import DATA
from config.demo.subscriptions import period_start
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.actions import expire_holdings, issue_recurring_credits
from credits.proof import check_ledger
from customers.countries import country_code
from customers.phones import read_phone
from tests.callers import call_as
from tests.config.samples import TABLES, ask, kept, load, number
from tests.factories import make_company

CUSTOMERS = 300
LATE = {"late_cancellation_hours": 24, "late_cancellation_keeps": "fee"}
LATE |= {"late_cancellation_fee": 1_000}
LISTS = (
    *("/v1/customers?per_page=100", "/v1/customers?status=deactivated", "/customers"),
    *("/customers?limit=50&archived=false", "/v1/invoices?per_page=100", "/v1/events"),
    *("/v1/bookings?per_page=100", "/v1/plans", "/v1/coupons", "/v1/services"),
)


@pytest.fixture(scope="module")
def companies(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[Company]]:
    """A company in London and one in New York, each with sample customers up to today."""
    with kept(django_db_blocker):
        made = [
            make_company("London", slug="london", **LATE),
            make_company(
                "York", slug="york", currency="USD", country="US", timezone="America/New_York"
            ),
        ]
        for company in made:
            load(company, CUSTOMERS)
        yield made


@pytest.fixture
def london(companies: list[Company]) -> Company:
    return companies[0]


def test_the_ledger_is_sound_and_time_finds_nothing_left_to_do(companies: list[Company]) -> None:
    for company in companies:
        findings, looked_at = check_ledger(company.id)
        assert findings == []
        assert looked_at.pop("credit_notes") == 0, "nothing is taken back of a sample's invoices"
        assert min(looked_at.values()) > 0
        actor = Actor.command(company)
        with acting_for(company.id):
            assert turn_periods(actor=actor) == 0
        assert issue_recurring_credits(company.id, actor=actor) == 0
        assert expire_holdings(company.id, actor=actor) == 0


def test_what_is_cancelled_late_keeps_what_the_companys_rule_says(companies: list[Company]) -> None:
    kept = "SELECT keeps, kept > 0 FROM bookings_latecancellation WHERE company_id = %s"
    london, york = companies
    assert {*ask(kept, london.id)} == {("fee", True), ("fee", False)}
    assert ask(kept, york.id) == [], "York has no rule"
    late = (
        "FROM bookings_booking booking LEFT JOIN bookings_latecancellation late"
        " ON late.booking_id = booking.id JOIN billing_payment payment"
        " ON payment.id = booking.payment_id LEFT JOIN billing_payment refund"
        " ON refund.id = booking.refund_id WHERE booking.company_id = %s"
        " AND booking.cancelled_at >= booking.starts_at - interval '24 hours'"
        " AND payment.status = 'succeeded'"
    )
    odd = " AND coalesce(late.kept, -1) <> payment.amount - coalesce(refund.amount, 0)"
    assert number(f"SELECT count(*) {late}", london.id) > 0
    assert number(f"SELECT count(*) {late}{odd}", london.id) == 0


def test_gifts_of_money_are_goodwill(companies: list[Company]) -> None:
    for company in companies:
        given = (
            "SELECT count(*), count(goodwill.id) FROM credits_credit credit"
            " LEFT JOIN credits_goodwill goodwill ON goodwill.credit_id = credit.id"
            " AND goodwill.amount = credit.amount WHERE credit.entitlement = 'amount'"
            " AND credit.company_id = %s"
        )
        ((credits, goodwill),) = ask(given, company.id)
        assert credits == goodwill > 0


def test_every_key_finds_a_row_of_the_same_company(companies: list[Company]) -> None:
    keys = ask(
        "SELECT conrelid::regclass::text, confrelid::regclass::text,"
        " (SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[2])"
        " FROM pg_constraint WHERE contype = 'f' AND cardinality(conkey) = 2"
    )
    assert len(keys) > 30
    for table, parent, column in keys:
        orphans = (
            f"SELECT count(*) FROM {table} child LEFT JOIN {parent} parent"
            f" ON parent.id = child.{column} AND parent.company_id = child.company_id"
            f" WHERE child.{column} IS NOT NULL AND parent.id IS NULL"
        )
        assert number(orphans) == 0, (table, column)


def test_periods_begin_as_the_database_computes_them(london: Company) -> None:
    for period in {terms["billing_period"] for terms in DATA["plans"]}:
        for anchor in (datetime.date(2024, 1, 31), datetime.date(2024, 2, 29)):
            for count in (0, 1, 5, 23):
                ((computed,),) = ask("SELECT billing_date_after(%s, %s, %s)", anchor, period, count)
                assert period_start(anchor, period, count) == computed, period


def test_bookings_cost_what_the_action_would_ask(companies: list[Company]) -> None:
    discounts = set()
    for company in companies:
        with acting_for(company.id):
            bookings = list(Booking.objects.all())
        for booking in bookings:
            stored = (booking.tax, booking.total)
            price_booking(booking)
            assert (booking.tax, booking.total) == stored
            discounts.add(booking.discount > 0)
    assert discounts == {True, False}


def test_rows_are_made_in_order_of_ids_after_their_customer_before_today(london: Company) -> None:
    ((today,),) = ask(
        "SELECT date_trunc('day', now() AT TIME ZONE timezone) AT TIME ZONE timezone"
        " FROM access_company WHERE id = %s",
        london.id,
    )
    for table in TABLES:
        rows = ask(
            f"SELECT id, created_at FROM {table.name} WHERE company_id = %s ORDER BY id", london.id
        )
        moments = [moment for _, moment in rows]
        assert moments == sorted(moments), table.name
        assert {id.version for id, _ in rows} <= {7}, table.name
        milliseconds = [id.int >> 80 for id, _ in rows]
        assert milliseconds == [int(moment.timestamp() * 1000) for moment in moments], table.name
        assert max(moments, default=today) <= today, table.name
        if "customer_id" in table.columns:
            early = (
                f"SELECT count(*) FROM {table.name} row JOIN customers_customer customer"
                " ON customer.id = row.customer_id WHERE row.created_at < customer.created_at"
            )
            assert number(early) == 0, table.name


def test_invoices_are_numbered_without_a_gap(london: Company) -> None:
    series = "SELECT year, last FROM billing_invoiceseries WHERE company_id = %s"
    for year, last in ask(series, london.id):
        numbers = ask(
            "SELECT number FROM billing_invoice WHERE company_id = %s AND number LIKE %s"
            " ORDER BY number",
            *(london.id, f"INV-{year}-%"),
        )
        assert numbers == [(f"INV-{year}-{count:05}",) for count in range(1, last + 1)]


PAID = (
    "FROM bookings_booking booking JOIN credits_entry entry ON entry.id = booking.entry_id"
    " JOIN {} holding ON holding.id = entry.{}"
)
BY_PASS = PAID.format("credits_passpurchase", "purchase_id")
BY_CREDIT = PAID.format("credits_credit", "credit_id")
SOME = {
    "bookings are paid by passes": BY_PASS,
    "bookings are paid by credits": BY_CREDIT,
    "spaces are taken": "FROM bookings_eventdate WHERE spaces_taken > 0",
    "plans are in the record of changes": "FROM changes_change WHERE table_name = 'billing_plan'",
}
NEVER = {
    "a pass pays for what begins after it ends": (
        f"{BY_PASS} WHERE booking.starts_at >= holding.expires_at"
    ),
    "a credit pays for what begins after it ends": (
        f"{BY_CREDIT} WHERE booking.starts_at >= holding.expires_at"
    ),
    "spaces taken are not those of the bookings": """
        FROM bookings_eventdate date
       WHERE spaces_taken <> (SELECT COALESCE(sum(spaces), 0) FROM bookings_booking
                               WHERE event_date_id = date.id AND cancelled_at IS NULL)
    """,
    "somebody is taken twice at a time": """
        FROM bookings_engagement a JOIN bookings_engagement b
          ON b.facilitator_id = a.facilitator_id AND b.id <> a.id AND b.during && a.during
    """,
    "somebody who is archived comes": (
        "FROM bookings_booking booking JOIN customers_customer customer"
        " ON customer.id = booking.customer_id WHERE customer.archived_at < booking.starts_at"
    ),
    "a customer is in the record of changes": (
        "FROM changes_change WHERE table_name = 'customers_customer'"
    ),
    "a trigger does not stand": "FROM pg_trigger WHERE tgenabled <> 'O'",
    "a constraint does not stand": "FROM pg_constraint WHERE NOT convalidated",
}


def test_rows_are_as_the_software_itself_would_have_made_them(companies: list[Company]) -> None:
    for sentence, rows in NEVER.items():
        assert number(f"SELECT count(*) {rows}") == 0, sentence
    for sentence, rows in SOME.items():
        assert number(f"SELECT count(*) {rows}") > 0, sentence
    engaged = """
        SELECT count(*) FROM (
            SELECT id FROM bookings_booking WHERE facilitator_id IS NOT NULL
               AND cancelled_at IS NULL
            UNION SELECT id FROM bookings_eventdate WHERE cancelled_at IS NULL) AS taken
    """
    assert number("SELECT count(*) FROM bookings_engagement") == number(engaged) > CUSTOMERS


def test_bookings_begin_in_opening_hours_across_clock_changes(companies: list[Company]) -> None:
    for company in companies:
        rows = ask(
            "SELECT DISTINCT starts_at AT TIME ZONE %s, duration, starts_at FROM bookings_booking"
            " WHERE company_id = %s",
            *(company.timezone, company.id),
        )
        minutes = [(at.hour * 60 + at.minute, duration) for at, duration, _ in rows]
        assert all(begins >= OPENS and begins + lasts <= CLOSES for begins, lasts in minutes)
        assert len({at - utc.replace(tzinfo=None) for at, _, utc in rows}) == 2, "two offsets"


def test_there_are_seasons_evenings_regulars_and_a_settled_past(companies: list[Company]) -> None:
    counts = dict(
        ask("SELECT extract(month FROM starts_at)::int, count(*) FROM bookings_booking GROUP BY 1")
    )
    assert counts[1] > 2 * counts[8] > 0
    local = "starts_at AT TIME ZONE 'Europe/London'"
    evenings = (
        f"SELECT avg((extract(hour FROM {local}) >= 17)::int) FROM bookings_eventdate"
        f" WHERE extract(isodow FROM {local}) < 6 AND company_id = %s"
    )
    assert number(evenings, companies[0].id) == 1, "on weekdays people come after work"
    visits = (
        "SELECT (SELECT count(*) FROM bookings_booking WHERE customer_id = customer.id)"
        " FROM customers_customer customer ORDER BY 1"
    )
    each = [count for (count,) in ask(visits)]
    assert each[len(each) // 2] <= 3
    assert each[-1] > 30
    statuses = "SELECT DISTINCT status FROM bookings_booking WHERE starts_at"
    past = {status for (status,) in ask(f"{statuses} < CURRENT_TIMESTAMP - interval '2 days'")}
    future = {status for (status,) in ask(f"{statuses} > CURRENT_TIMESTAMP")}
    assert past == {"completed", "no_show", "cancelled"}
    assert "confirmed" in future <= {"confirmed", "cancelled"}


def test_people_can_be_told_apart_and_nobody_real_is_reached(london: Company) -> None:
    rows = ask(
        "SELECT email, phone, phone_e164, phone_national, COALESCE((SELECT country"
        " FROM customers_address WHERE customer_id = customer.id AND is_default), '')"
        " FROM customers_customer customer WHERE company_id = %s",
        london.id,
    )
    for email, phone, e164, national, country in rows:
        assert not email or re.fullmatch(r"[a-z.]+[0-9]+@example\.(com|org|net)", email)
        assert email or phone
        countries = [code for code in (country_code(country), "GB") if code]
        assert (e164, national) == tuple(read_phone(phone, countries))
    assert len({(country_code(country), e164[:3]) for *_, e164, _, country in rows}) > 10
    for (what, share), (low, high) in {
        ("organisations", "name <> ''"): (0.01, 0.07),
        ("archived", "archived_at IS NOT NULL"): (0.01, 0.08),
        ("inactive", "NOT is_active"): (0.02, 0.12),
        ("of another system", "external_id <> ''"): (0.15, 0.35),
    }.items():
        assert low < number(f"SELECT avg(({share})::int) FROM customers_customer") < high, what
    zones = ask(
        "SELECT name, (SELECT count(*) FROM customers_address WHERE company_id = zone.company_id"
        " AND postal_key = ANY (zone.postal_keys)) FROM customers_zone zone WHERE company_id = %s",
        london.id,
    )
    assert len(zones) == 10
    assert all(count for _, count in zones), zones


def test_no_column_of_billing_holds_a_card_number(companies: list[Company]) -> None:
    columns = ask(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_name LIKE 'billing\\_%%' AND data_type = 'character varying'"
    )
    assert ("billing_paymentmethod", "token") in columns
    for table, column in columns:
        for (text,) in ask(f"SELECT DISTINCT {column} FROM {table}"):
            assert not holds_card_number(text), (table, column, text)


def test_lists_and_all_that_a_regular_did_are_answered(london: Company) -> None:
    caller = call_as(london)
    for path in LISTS:
        answer = caller.get(path)
        assert answer.status == 200, path
        assert answer.body["data"], path
    ((regular,),) = ask(
        "SELECT customer_id FROM bookings_booking WHERE company_id = %s"
        " AND customer_id IN (SELECT customer_id FROM credits_passpurchase)"
        " GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
        london.id,
    )
    stats = caller.get(f"/v1/customers/{regular}").body["stats"]
    assert stats["total_bookings"] > 10
    assert stats["total_spent"] > 0
    for path in (
        *(f"/customer/{regular}/bookings?pageSize=100", f"/customer/{regular}/packages"),
        *(f"/customer/{regular}/appointments", f"/v1/customers/{regular}/bookings"),
        f"/customers/customers/{regular}/credits?expired=true&redeemed=true",
    ):
        assert caller.get(path).status == 200, path


def test_another_company_sees_none_of_them(companies: list[Company], studio: Company) -> None:
    assert call_as(studio).get("/v1/customers").body["data"] == []
    with connections["default"].cursor() as cursor, acting_for(studio.id):
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table.name}")
            assert cursor.fetchone() == (0,), table.name
