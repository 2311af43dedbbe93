"""The end of a credit: how it is given, and that every surface respects it from then on."""

import datetime
import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models import Value
from hypothesis import given
from hypothesis import strategies as st

from config.changes.models import Change
from config.durations import end_of_day
from config.home.cards import credits as credits_card
from config.home.counting import ask
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.days import moment_of
from config.tenancy.errors import NoSuchTime, TimeTwice
from config.tenancy.scoping import acting_for
from credits.actions import expire_holdings
from credits.models import Coupon, Credit, Entry
from customers.models import Customer
from tests.callers import Caller
from tests.factories import ACoupon, ACredit, APass

US = datetime.timedelta(microseconds=1)
MORNING = datetime.datetime(2099, 2, 1, 10, tzinfo=datetime.UTC)
ZONES = [
    *("UTC", "Europe/London", "America/New_York", "America/Santiago", "America/Havana"),
    *("Pacific/Tongatapu", "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Niue"),
    *("Asia/Kolkata", "Asia/Beirut", "Australia/Lord_Howe", "Atlantic/Azores"),
]


@pytest.fixture
def coupon(studio: Company) -> Coupon:
    return ACoupon(company=studio, offering="Facial")


def issue(integrator: Caller, customer: Customer, coupon: Coupon, **end: Any) -> Any:
    body = {"coupon_id": str(coupon.id), "customer_id": str(customer.id), **end}
    return integrator.post(f"/customers/customers/{customer.id}/credits", body)


def test_a_day_means_its_end_in_the_time_zone() -> None:
    for zone, day, moment in (
        ("UTC", "2026-02-28", "2026-02-28T23:59:59"),
        # In summer London is an hour ahead of UTC; summer time begins and ends on these days.
        ("Europe/London", "2026-03-28", "2026-03-28T23:59:59"),
        ("Europe/London", "2026-03-29", "2026-03-29T22:59:59"),
        ("Europe/London", "2026-10-24", "2026-10-24T22:59:59"),
        ("Europe/London", "2026-10-25", "2026-10-25T23:59:59"),
        # The clocks go back from midnight to 23:00 that night, so the end of the day occurs twice.
        ("America/Santiago", "2026-04-04", "2026-04-05T03:59:59"),
        ("Pacific/Tongatapu", "2026-12-31", "2026-12-31T10:59:59"),
        ("Pacific/Kiritimati", "2026-01-01", "2026-01-01T09:59:59"),
        ("Pacific/Niue", "2026-01-01", "2026-01-02T10:59:59"),
    ):
        expected = datetime.datetime.fromisoformat(moment).replace(tzinfo=datetime.UTC)
        assert end_of_day(datetime.date.fromisoformat(day), zone) == expected, (zone, day)


@given(
    zone=st.sampled_from(ZONES),
    day=st.dates(datetime.date(2000, 1, 1), datetime.date(2037, 12, 31)),
)
def test_the_end_of_a_day_is_the_last_time_that_clocks_show(zone: str, day: datetime.date) -> None:
    wall = datetime.datetime.combine(day, datetime.time(23, 59, 59))
    end = end_of_day(day, zone)
    try:
        assert moment_of(wall, zone) == end
    except TimeTwice:
        assert end.astimezone(ZoneInfo(zone)).fold == 1
    except NoSuchTime:
        assert zone == "Pacific/Apia", "it left out 30 December 2011"


def test_the_database_takes_the_same_moment_for_the_end_of_a_day() -> None:
    days = [datetime.date(2024, 1, 1) + datetime.timedelta(number) for number in range(4 * 366)]
    days += [datetime.date(9999, 12, 31), datetime.date(9999, 12, 28)]
    ends = "SELECT credits_end_of_day(day, %s) FROM unnest(%s::date[]) day"
    with connection.cursor() as cursor:
        for zone in ZONES:
            cursor.execute(ends, [zone, days])
            expected = [(end_of_day(day, zone),) for day in days]
            assert cursor.fetchall() == expected, zone


def test_an_end_is_read_as_a_moment(integrator: Caller, customer: Customer, coupon: Coupon) -> None:
    for sent, moment in (
        ("2099-02-01T10:00:00Z", "2099-02-01T10:00:00.000000Z"),
        ("2099-02-01t10:00:00.25z", "2099-02-01T10:00:00.250000Z"),
        ("2099-02-01T10:00:00+02:00", "2099-02-01T08:00:00.000000Z"),
        ("2099-02-01 10:00:00-0130", "2099-02-01T11:30:00.000000Z"),
        # A time without an offset is local time, which is an hour ahead of UTC in summer.
        ("2099-02-01 10:00:00", "2099-02-01T10:00:00.000000Z"),
        ("2099-07-01 10:00:00", "2099-07-01T09:00:00.000000Z"),
        ("2099-07-01T10:00", "2099-07-01T09:00:00.000000Z"),
        ("2099-07-01", "2099-07-01T22:59:59.000000Z"),
        ("2999-12-31", "2999-12-31T23:59:59.000000Z"),
    ):
        for name in ("expiry_date", "expires_at"):
            answer = issue(integrator, customer, coupon, **{name: sent})
            assert answer.status == 201, (name, sent)
            credit = answer.body["data"]
            assert (credit["expiry_date"], credit["expires_at"]) == (moment, moment), (name, sent)


def test_an_end_that_cannot_be_is_refused_at_its_field(
    integrator: Caller, customer: Customer, coupon: Coupon
) -> None:
    unreadable = (
        "Must be a date-time such as 2026-01-31T09:30:00Z or 2026-01-31T09:30, or a date such as "
        "2026-01-31; got “{}”."
    )
    far = "{} is too far away: give a day from 1901-01-01 to 2999-12-31."
    skipped = "The clocks skip this time on that day. Choose an earlier or a later one."
    twice = "The clocks show this time twice on that day. Say which, with an offset such as Z."
    past = "This moment is in the past. Send a later one, or none."
    just_now = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=3)
    for sent, sentence in (
        *((garbage, unreadable) for garbage in ("tomorrow", "2099-02-31", "2099-02-30T10:00:00Z")),
        *((garbage, unreadable) for garbage in ("2099-02-01T25:00", "2099-02-01T10", "01/02/2099")),
        *((garbage, unreadable) for garbage in (20990201, 4e9, True, [], {}, "2099-02-01T10:00 Z")),
        ("9999-12-31", far.format("9999-12-31")),
        ("9999-12-31T23:59:59-12:00", far.format("9999-12-31")),
        ("0001-01-01", far.format("0001-01-01")),
        ("0001-01-01T00:00:00+14:00", far.format("0001-01-01")),
        ("1901-01-01T00:00:00+14:00", far.format("1900-12-31")),
        ("2999-12-31T23:59:59-12:00", far.format("3000-01-01")),
        *((over, past) for over in ("1901-01-01T00:00:00Z", "2020-01-01", just_now.isoformat())),
        ("2099-03-29T01:30:00", skipped),
        ("2099-10-25 01:30:00", twice),
    ):
        given = sent if isinstance(sent, str) else json.dumps(sent)
        for name in ("expiry_date", "expires_at"):
            answer = issue(integrator, customer, coupon, **{name: sent})
            assert answer.status == 422, (name, sent)
            assert answer.body["errors"] == {name: [sentence.format(given)]}, (name, sent)
    with acting_for(customer.company_id):
        assert not Credit.objects.exists()
    soon = (just_now + datetime.timedelta(minutes=1)).isoformat()
    assert issue(integrator, customer, coupon, expiry_date=soon).status == 201


def test_two_names_of_an_end_agree(integrator: Caller, customer: Customer, coupon: Coupon) -> None:
    same = {"expiry_date": "2099-07-01 10:00:00", "expires_at": "2099-07-01T09:00:00Z"}
    assert issue(integrator, customer, coupon, **same).status == 201
    absent = {"expiry_date": "2099-07-01", "expires_at": None}
    assert issue(integrator, customer, coupon, **absent).body["data"]["expires_at"]
    assert issue(integrator, customer, coupon, expiry_date=None).body["data"]["expires_at"] is None
    answer = issue(integrator, customer, coupon, **same | {"expires_at": "2099-07-01T10:00:00Z"})
    assert answer.status == 422
    assert answer.body["errors"] == {
        "expires_at": ["Must be the same moment as expiry_date: send one of the two."]
    }


def test_a_pass_ends_with_a_day(integrator: Caller, customer: Customer) -> None:
    product = integrator.post(
        "/v1/pass-products", {"name": "Five", "visits": 5, "price": 4_000}
    ).body
    path = f"/v1/customers/{customer.id}/passes"
    sent = {"pass_product_id": product["id"], "expires_on": "2099-07-01"}
    bought = integrator.post(path, sent).body
    ends = ("2099-07-01", "2099-07-01T22:59:59.000000Z")
    assert (bought["expires_on"], bought["expires_at"]) == ends
    (shown,) = integrator.get(f"/customer/{customer.id}/packages").body["data"]
    assert shown["expires_on"] == "2099-07-01"
    for moment in ("2099-07-01T10:00:00Z", "2099-02-30", "9999-12-31"):
        assert integrator.post(path, sent | {"expires_on": moment}).status == 422, moment


def test_the_record_of_changes_tells_the_moment(studio: Company) -> None:
    credit = ACredit(company=studio, expires_at=MORNING)
    with acting_for(studio.id):
        (issued,) = Change.objects.of_object(credit.pk)
    assert datetime.datetime.fromisoformat(issued.after["expires_at"]) == MORNING
    assert "expiry_date" not in issued.after


def test_it_has_ended_at_the_very_moment(studio: Company) -> None:
    credit, bought = ACredit(company=studio, expires_at=MORNING), APass(company=studio)
    with acting_for(studio.id):
        type(bought).objects.filter(pk=bought.pk).update(expires_at=MORNING)
        for one in (credit, bought):
            rows = type(one).objects.filter(pk=one.pk)
            for after, over in ((-US, False), (datetime.timedelta(), True), (US, True)):
                now = rows.with_refusal(1, now=Value(MORNING + after)).get().refusal
                begins = rows.with_refusal(1, begins_at=MORNING + after).get().refusal
                expected = ("expired", "ends_too_soon") if over else (None, None)
                assert (now, begins) == expected, (type(one), after)


def test_before_the_sweep_it_is_live_nowhere(
    integrator: Caller, studio: Company, customer: Customer, actor: Actor
) -> None:
    many = ACredit(company=studio, customer=customer, multi_use=True)
    money = ACredit(company=studio, customer=customer, amount=1_000)
    base = f"/customers/customers/{customer.id}/credits"

    def use(reference: str) -> list[int]:
        return [
            integrator.post(
                f"/v1/customers/{customer.id}/credits/{one.id}/redemptions",
                {"reference": reference, **amount},
            ).status
            for one, amount in ((many, {}), (money, {"amount": 1}))
        ]

    def end(when: str) -> None:
        with acting_for(studio.id), connection.cursor() as cursor:
            cursor.execute(f"UPDATE credits_credit SET expires_at = clock_timestamp() {when}")

    def views() -> dict[str, Any]:
        balance = integrator.get(f"/v1/customers/{customer.id}/credits/balance").body
        asked = {"service": "Massage", "amount": 500}
        forecast = integrator.post(f"/v1/customers/{customer.id}/eligibility", asked).body
        with acting_for(studio.id):
            card = credits_card(actor, studio, datetime.datetime.now(datetime.UTC).date())
            card.read(ask(studio, credits=card.query)["credits"])
        return {
            "listed": len(integrator.get(base).body["data"]),
            "with_expired": len(integrator.get(f"{base}?expired=true").body["data"]),
            "balance": (balance["amount"], balance["multi_use"]),
            "parts": len(forecast["parts"]),
            "refused": {one["code"] for one in forecast["others"]},
            "home": [card.counts[name].number().rows for name in ("held", "expiring")],
        }

    end("+ interval '1 minute'")
    assert use("a") == [201, 201]
    live = {"listed": 2, "with_expired": 2, "balance": (999, 1), "parts": 1, "home": [2, 2]}
    assert views() == live | {"refused": {"not_needed"}}
    # The credit ends after the test's transaction began, so the transaction time is too early.
    end("")
    assert use("b") == [409, 409]
    over = {"listed": 0, "with_expired": 2, "balance": (0, 0), "parts": 0, "home": [0, 0]}
    assert views() == over | {"refused": {"expired"}}
    with acting_for(studio.id):
        assert not Entry.objects.filter(kind=Entry.EXPIRE).exists()
        assert expire_holdings(studio.id, actor=actor) == 2
        assert expire_holdings(studio.id, actor=actor) == 0
    assert integrator.delete(f"{base}/{money.id}").status == 400


def test_the_forecast_knows_what_ends_before_the_service_begins(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    ACredit(company=studio, customer=customer, name="ends", expires_at=MORNING)
    ACredit(company=studio, customer=customer, name="lasts", amount=500)
    path = f"/v1/customers/{customer.id}/eligibility"
    for begins_at, pays, refused in (
        ("2099-02-01T09:59:59.999999Z", ["ends"], [("lasts", "not_needed")]),
        ("2099-02-01T10:00:00Z", ["lasts"], [("ends", "ends_too_soon")]),
        ("2099-02-01 10:00", ["lasts"], [("ends", "ends_too_soon")]),
    ):
        asked = {"service": "Massage", "amount": 500, "begins_at": begins_at}
        forecast = integrator.post(path, asked).body
        assert [part["name"] for part in forecast["parts"]] == pays, begins_at
        assert [(one["name"], one["code"]) for one in forecast["others"]] == refused
