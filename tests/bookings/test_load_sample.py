"""`load_sample`: what it makes is sound, plausible, and answered like everything else."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connections

from billing.actions import turn_periods
from billing.cards import holds_card_number
from bookings.sample.calendar import CLOSES, OPENS
from bookings.sample.tables import TABLES
from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from credits.actions import expire_holdings, issue_recurring_credits
from credits.proof import check_ledger
from customers.countries import country_code
from customers.phones import read_phone
from tests.bookings.samples import ask, kept, load, number
from tests.callers import call_as
from tests.factories import make_company

CUSTOMERS = 300


@pytest.fixture(scope="module")
def companies(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[Company]]:
    """A company in London and one in New York, each with sample customers until today."""
    with kept(django_db_blocker):
        made = [
            make_company("London", slug="london"),
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


def test_the_ledger_is_sound(companies: list[Company]) -> None:
    for company in companies:
        findings, looked_at = check_ledger(company.id)
        assert findings == []
        assert min(looked_at.values()) > 0


def test_every_trigger_and_constraint_stands(companies: list[Company]) -> None:
    assert ask("SELECT tgname FROM pg_trigger WHERE tgenabled <> 'O'") == []
    assert ask("SELECT conname FROM pg_constraint WHERE NOT convalidated") == []


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


def test_every_column_is_written_that_the_database_does_not_fill() -> None:
    models = {model._meta.db_table: model for model in apps.get_models()}
    for table in TABLES:
        columns = {
            field.column
            for field in models[table.name]._meta.concrete_fields
            if not field.generated and field.column != "spaces_taken"
        }
        assert set(table.columns) == columns, table.name


def test_ids_sort_as_rows_were_made(companies: list[Company]) -> None:
    for table in (table.name for table in TABLES):
        rows = ask(f"SELECT id, created_at FROM {table} ORDER BY id")
        moments = [moment for _, moment in rows]
        assert moments == sorted(moments), table
        assert {id.version for id, _ in rows} <= {7}, table
        milliseconds = [id.int >> 80 for id, _ in rows]
        assert milliseconds == [int(moment.timestamp() * 1000) for moment in moments], table


def test_nothing_is_made_before_the_customer_or_after_the_beginning_of_today(
    london: Company,
) -> None:
    today = ask(
        "SELECT date_trunc('day', now() AT TIME ZONE timezone) AT TIME ZONE timezone"
        " FROM access_company WHERE id = %s",
        london.id,
    )[0][0]
    for table in TABLES:
        late = f"SELECT count(*) FROM {table.name} WHERE company_id = %s AND created_at > %s"
        assert number(late, london.id, today) == 0, table.name
        if "customer_id" in table.columns:
            early = (
                f"SELECT count(*) FROM {table.name} row JOIN customers_customer customer"
                " ON customer.id = row.customer_id WHERE row.created_at < customer.created_at"
            )
            assert number(early) == 0, table.name


def test_invoices_are_numbered_without_a_gap(london: Company) -> None:
    for year, last in ask(
        "SELECT year, last FROM billing_invoiceseries WHERE company_id = %s", london.id
    ):
        numbers = ask(
            "SELECT number FROM billing_invoice WHERE company_id = %s AND number LIKE %s"
            " ORDER BY number",
            *(london.id, f"INV-{year}-%"),
        )
        assert [text for (text,) in numbers] == [
            f"INV-{year}-{count:05}" for count in range(1, last + 1)
        ]


def test_spaces_taken_are_those_of_the_bookings(companies: list[Company]) -> None:
    wrong = """
        SELECT count(*) FROM bookings_eventdate date
         WHERE spaces_taken <> (SELECT COALESCE(sum(spaces), 0) FROM bookings_booking
                                 WHERE event_date_id = date.id AND cancelled_at IS NULL)
    """
    assert number(wrong) == 0
    assert number("SELECT sum(spaces_taken) FROM bookings_eventdate") > 0


def test_nobody_is_taken_twice_at_a_time(companies: list[Company]) -> None:
    twice = """
        SELECT count(*) FROM bookings_engagement a JOIN bookings_engagement b
            ON b.facilitator_id = a.facilitator_id AND b.id <> a.id AND b.during && a.during
    """
    assert number(twice) == 0
    engaged = """
        SELECT count(*) FROM (
            SELECT id FROM bookings_booking WHERE facilitator_id IS NOT NULL
               AND cancelled_at IS NULL
            UNION SELECT id FROM bookings_eventdate WHERE cancelled_at IS NULL) AS taken
    """
    assert number("SELECT count(*) FROM bookings_engagement") == number(engaged) > CUSTOMERS


def test_what_begins_does_so_while_it_is_open_on_both_sides_of_clock_changes(
    companies: list[Company],
) -> None:
    for company in companies:
        local = (
            "SELECT DISTINCT starts_at AT TIME ZONE %s, duration, starts_at FROM bookings_booking"
            " WHERE company_id = %s"
        )
        rows = ask(local, company.timezone, company.id)
        minutes = [(at.hour * 60 + at.minute, duration) for at, duration, _ in rows]
        assert all(begins >= OPENS and begins + lasts <= CLOSES for begins, lasts in minutes)
        assert len({at - utc.replace(tzinfo=None) for at, _, utc in rows}) == 2, "two offsets"


def test_there_are_seasons(companies: list[Company]) -> None:
    counts = dict(
        ask("SELECT extract(month FROM starts_at)::int, count(*) FROM bookings_booking GROUP BY 1")
    )
    assert counts[1] > 2 * counts[8] > 0
    local = "starts_at AT TIME ZONE 'Europe/London'"
    ((evenings,),) = ask(
        f"SELECT avg((extract(hour FROM {local}) >= 17)::int) FROM bookings_eventdate"
        f" WHERE extract(isodow FROM {local}) < 6 AND company_id = %s",
        companies[0].id,
    )
    assert evenings == 1, "on weekdays people come to events when they have left work"


def test_the_past_is_settled_and_the_future_is_confirmed(companies: list[Company]) -> None:
    statuses = (
        "SELECT DISTINCT status FROM bookings_booking WHERE starts_at {} CURRENT_TIMESTAMP - {}"
    )
    past = {status for (status,) in ask(statuses.format("<", "interval '2 days'"))}
    future = {status for (status,) in ask(statuses.format(">", "interval '0'"))}
    assert past == {"completed", "no_show", "cancelled"}
    assert "confirmed" in future <= {"confirmed", "cancelled"}


def test_some_come_hundreds_of_times_and_most_a_few(companies: list[Company]) -> None:
    counts = sorted(
        count
        for (count,) in ask(
            "SELECT (SELECT count(*) FROM bookings_booking WHERE customer_id = customer.id)"
            " FROM customers_customer customer"
        )
    )
    assert counts[len(counts) // 2] <= 3
    assert counts[-1] > 30


def test_people_can_be_told_apart_and_nobody_real_is_reached(london: Company) -> None:
    rows = ask(
        "SELECT email, phone, phone_e164, phone_national, (SELECT country FROM customers_address"
        " WHERE customer_id = customer.id AND is_default) FROM customers_customer customer"
        " WHERE company_id = %s",
        london.id,
    )
    for email, phone, e164, national, country in rows:
        assert not email or re.fullmatch(r"[a-z.]+[0-9]+@example\.(com|org|net)", email)
        assert email or phone
        countries = [code for code in (country_code(country or ""), "GB") if code]
        assert (e164, national) == tuple(read_phone(phone, countries))
    assert len({(country_code(country or ""), e164[:3]) for *_, e164, _, country in rows}) > 10


def test_some_are_organisations_archived_or_inactive_and_have_external_ids(
    companies: list[Company],
) -> None:
    shares = ask(
        "SELECT avg((name <> '')::int), avg((archived_at IS NOT NULL)::int),"
        " avg((NOT is_active)::int), avg((external_id <> '')::int) FROM customers_customer"
    )[0]
    for share, low, high in zip(
        shares, (0.01, 0.01, 0.02, 0.15), (0.07, 0.08, 0.12, 0.35), strict=True
    ):
        assert low < share < high
    busy = (
        "SELECT count(*) FROM bookings_booking booking JOIN customers_customer customer"
        " ON customer.id = booking.customer_id WHERE customer.archived_at < booking.starts_at"
    )
    assert number(busy) == 0


def test_no_column_of_billing_holds_a_card_number(companies: list[Company]) -> None:
    columns = ask(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_name LIKE 'billing\\_%%' AND data_type = 'character varying'"
    )
    assert ("billing_paymentmethod", "token") in columns
    for table, column in columns:
        for (text,) in ask(f"SELECT DISTINCT {column} FROM {table}"):
            assert not holds_card_number(text), (table, column, text)


def test_every_zone_covers_somebody(london: Company) -> None:
    zones = ask(
        "SELECT name, (SELECT count(*) FROM customers_address WHERE company_id = zone.company_id"
        " AND postal_key = ANY (zone.postal_keys)) FROM customers_zone zone WHERE company_id = %s",
        london.id,
    )
    assert len(zones) == 10
    assert all(count for _, count in zones), zones


def test_time_finds_nothing_left_to_do(companies: list[Company]) -> None:
    for company in companies:
        actor = Actor.command(company)
        with acting_for(company.id):
            assert turn_periods(actor=actor) == 0
        assert issue_recurring_credits(company.id, actor=actor) == 0
        assert expire_holdings(company.id, actor=actor) == 0


@pytest.mark.parametrize(
    "path",
    [
        "/v1/customers?per_page=100",
        "/v1/customers?status=deactivated",
        "/customers",
        "/customers?limit=50&archived=false",
        "/v1/invoices?per_page=100",
        "/v1/bookings?per_page=100",
        "/v1/plans",
        "/v1/coupons",
        "/v1/services",
        "/v1/events",
    ],
)
def test_lists_answer_for_the_company(london: Company, path: str) -> None:
    answer = call_as(london).get(path)
    assert answer.status == 200
    assert answer.body["data"]


def test_all_that_a_regular_did_is_answered(london: Company) -> None:
    ((regular,),) = ask(
        "SELECT customer_id FROM bookings_booking WHERE company_id = %s"
        " AND customer_id IN (SELECT customer_id FROM credits_passpurchase)"
        " GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
        london.id,
    )
    caller = call_as(london)
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


def test_a_sample_leaves_nothing_in_the_record_of_changes(companies: list[Company]) -> None:
    made = "SELECT count(*) FROM changes_change WHERE table_name = 'customers_customer'"
    assert number(made) == 0
    assert number("SELECT count(*) FROM changes_change WHERE table_name = 'billing_plan'") > 0
