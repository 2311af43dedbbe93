"""Every field refuses dates, times and durations beyond the calendar's limits (threat 52).

The fields and parameters come from the OpenAPI document, so new ones are tested too.
"""

import datetime
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from bookings.models import Media
from config.durations import last_day
from config.tenancy.companies import Company
from config.tenancy.days import moment_of
from config.tenancy.scoping import acting_for
from config.times import FIRST_DAY, LAST_DAY, check_day
from credits.admin.durations import DurationField
from tests import admin_routes
from tests.api_routes import fill, make_rows
from tests.backoffice import Browser, unrendered
from tests.callers import Caller
from tests.contract import query_parameters, reads, resolved, writes
from tests.shares import undone
from tests.test_back_office import form_in
from tests.test_two_companies import UNKNOWN, body_of, with_id

DAYS = ["0001-01-01", "1900-01-01", "1900-12-31", "3000-01-01", "9999-12-31", "-infinity"]
MOMENTS = [
    *(f"{day}T00:00:00Z" for day in DAYS),
    *("0001-01-01T00:00:00+14:00", "0001-01-01T00:00", "9999-12-31T23:59:59-14:00"),
    *("9999-12-31T23:59:59+14:00", "9999-12-31T23:59:59.999999", "infinity"),
]
DURATIONS = ["P9999Y", "P51Y", "P601M", "P2610W", "P18264D", "P99999999999Y", "P0D", "-P1Y", "PT1S"]
GOOD = {"date": "2099-01-31", "date-time": "2099-06-01T09:30:00Z", "duration": "P50Y"}
EDGES = {"date": DAYS + MOMENTS, "date-time": MOMENTS, "duration": DURATIONS}


def kind_of(name: str, schema: dict[str, Any]) -> str:
    """Return the kind of time in a field, or ""."""
    if name.endswith("valid_for"):
        return "duration"
    day, pattern = "[0-9]{4}(-[0-9]{2}){2}", schema.get("pattern", "")
    if pattern == f"^{day}$":
        return "date"
    return "date-time" if day in pattern else schema.get("format", "")


def times(schema: dict[str, Any], name: str = "") -> Iterator[tuple[str, str]]:
    """Yield the dotted name and the kind of each field of a body that holds a time."""
    schema = resolved(schema)
    for inner, part in schema.get("properties", {}).items():
        yield from times(part, f"{name}.{inner}".lstrip("."))
    if schema.get("type") == "array":
        yield from times(schema["items"], f"{name}.0")
    if (kind := kind_of(name, schema)) in EDGES:
        yield name, kind


BODIES = [
    (path, method, name, kind) for path, method, schema in writes() for name, kind in times(schema)
]
QUERIES = [
    (path, name, kind)
    for path, operation in reads()
    for name, schema in query_parameters(operation).items()
    if (kind := kind_of(name, schema)) in EDGES
]


def test_every_kind_of_field_is_tried() -> None:
    assert {kind for *_, kind in BODIES} == set(EDGES)
    assert len(BODIES) >= 20
    assert len(QUERIES) >= 12


def test_every_field_refuses_the_edges(integrator: Caller, studio: Company) -> None:
    ids = make_rows(studio)
    for path, method, name, kind in BODIES:
        field = name.rpartition(".")[2]

        def send(value: str) -> Any:
            body = with_id(body_of(path, method, ids) or {}, name, value)  # noqa: B023
            with undone():
                return integrator(method, fill(path, ids), body)  # noqa: B023

        good = send(GOOD[kind])
        assert good.status != 400, (path, method, name, good)
        for edge in EDGES[kind]:
            answer = send(edge)
            assert answer.status == 422, (path, method, name, edge, answer)
            assert field.encode() in answer.raw, (path, method, name, edge, answer)


def test_no_query_fails_at_the_edges(integrator: Caller, studio: Company) -> None:
    ids = make_rows(studio)
    for path, name, kind in QUERIES:
        address = fill(path, ids)
        good = integrator.get(f"{address}?{urlencode({name: GOOD[kind]})}")
        assert good.status == 200 or name.encode() not in good.raw, (path, name, good)
        for edge in EDGES[kind]:
            answer = integrator.get(f"{address}?{urlencode({name: edge})}")
            assert answer.status in (200, 400), (path, name, edge, answer)


def test_a_day_outside_says_what_is_taken() -> None:
    for inside, days in ((FIRST_DAY, -1), (LAST_DAY, 1)):
        check_day(inside)
        outside = inside + datetime.timedelta(days=days)
        with pytest.raises(ValidationError, match=f"{outside} .* from 1901-01-01 to 2999-12-31"):
            check_day(outside)


def test_a_moment_outside_in_utc_says_what_is_taken() -> None:
    for day, hour, offset in ((LAST_DAY, 23, -12), (FIRST_DAY, 0, 14)):
        zone = datetime.timezone(datetime.timedelta(hours=offset))
        moment = datetime.datetime.combine(day, datetime.time(hour), zone)
        with pytest.raises(ValidationError, match="from 1901-01-01 to 2999-12-31"):
            check_day(moment)
        check_day(moment.replace(tzinfo=datetime.UTC))
        check_day(moment.replace(tzinfo=None))


def test_a_time_of_a_companys_clocks_is_outside_when_it_is_in_utc() -> None:
    wall = datetime.datetime(2999, 12, 31, 23, 59)
    with pytest.raises(ValidationError, match=r"3000-01-01 .* from 1901-01-01 to 2999-12-31"):
        moment_of(wall, "America/Mexico_City")
    assert moment_of(wall, "Europe/London").date() == LAST_DAY


def test_a_duration_from_before_they_were_bounded_ends_within_the_calendar() -> None:
    for valid_for in ("P9999Y", "P9999M", "P9999W", "P9999D", "P2000Y"):
        end = last_day(datetime.date(2026, 11, 29), valid_for)
        assert end and end <= LAST_DAY, valid_for  # noqa: PT018


FILLED = {"name": "A film", "amount": "5", "price": "5", "visits": "5"}


def times_of(form: Any) -> Iterator[tuple[str, str]]:
    """Yield the name and the kind of each field of a form that holds a time."""
    for name, field in form.fields.items() if form is not None else ():
        if isinstance(field, (forms.DateField, forms.SplitDateTimeField)) or name == "birthday":
            yield name, "date"
        elif isinstance(field, DurationField):
            yield name, "duration"


def test_every_form_refuses_the_edges(browser: Browser, studio: Company) -> None:
    """The forms and fields come from the URL table and from the pages."""
    ids, tried = admin_routes.ids_of(studio, admin_routes.make_rows(studio), "Own"), set[str]()
    for route in admin_routes.ROUTES:
        if not route.has_form or route.model_or_none in admin_routes.ABOVE:
            continue
        address, sent = route.fill(ids), admin_routes.sent_for(studio)
        if route.path == "admin/credits/credit/add/":
            address += f"?coupon={ids['credits.coupon']}"
        if "/many/" in address:
            sent |= {"ids": ids[route.model], "once": UNKNOWN}
        shown = browser.post(address, **sent | {"sure": ""}) if "/many/" in address else None
        for name, kind in times_of(form_in(shown or browser.get(address))):
            tried.add(f"{route.path} {name}")
            for edge in DAYS if kind == "date" else ["51"]:
                parts = {name: edge, f"{name}_0": edge, f"{name}_1": "09:30"}
                if kind == "duration":
                    # A duration is refused together with the row: the other fields must be valid.
                    parts = {**FILLED, f"{name}_0": edge, f"{name}_1": "Y"}
                with undone(), unrendered():
                    answer = browser.post(address, **sent | parts)
                assert answer.status_code == 200, (address, name, edge)
                form = answer.context_data.get("adminform")
                faults = form.form.errors if form else answer.context_data["form"].errors
                assert name in faults, (address, name, edge)
    assert len(tried) >= 25, sorted(tried)


def test_a_form_refuses_a_duration_of_more_than_50_years(browser: Browser, studio: Company) -> None:
    fields = {"name": "A film", "price": "5", "valid_for_0": "51", "valid_for_1": "Y"}
    answer = browser.post("/admin/bookings/media/add/", **fields)
    assert "“P51Y” is not a duration of at most 50 years." in answer.text
    with acting_for(studio.id):
        assert not Media.objects.exists()


def test_commands_refuse_the_edges(studio: Company) -> None:
    with pytest.raises(CommandError, match="from 1901-01-01 to 2999-12-31"):
        call_command("credit_liability", "--company", studio.slug, "--as-of", "9999-12-31")
