"""All compared and stored times come from one clock, the database's.

The servers are started with clocks that are hours ahead of the database's clock or behind it.
"""

import datetime
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from allauth.mfa.totp.internal import auth as totp
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection, models
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from oauth2_provider.models import get_access_token_model

from config.access.invitations import LINK_TOKENS
from config.access.models import ApiClient, Staff
from config.access.oauth import issue_token, remove_expired_tokens
from config.access.signing_in.sessions import SIGNED_IN_AT, SessionStore
from config.server import readiness
from config.tenancy import archiving
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.models import UpdatedAt
from config.tenancy.scoping import acting_for
from config.times import database_now
from credits.actions import archive_coupon
from credits.models import Coupon
from customers.actions import archive_customer, update_customer
from tests.api_routes import every_row, fill
from tests.backoffice import Browser, fresh
from tests.callers import Caller
from tests.contract import reads
from tests.doors import CODE, SET_UP, sign_in, visit
from tests.factories import ACoupon, ACustomer, make_api_client
from tests.servers import Server, started
from tests.shop import Shop

HOURS = datetime.timedelta(hours=2)


def shift(patch: pytest.MonkeyPatch, ahead: datetime.timedelta) -> None:
    """Set this process's clock ahead of the database's clock; a negative `ahead` sets it behind."""
    now, seconds = timezone.now, time.time
    patch.setattr(timezone, "now", lambda: now() + ahead)
    patch.setattr(time, "time", lambda: seconds() + ahead.total_seconds())


@pytest.fixture(params=[HOURS, -HOURS], ids=["ahead", "behind"])
def shifted_by(request: pytest.FixtureRequest) -> datetime.timedelta:
    return request.param


@pytest.fixture
def shifted(monkeypatch: pytest.MonkeyPatch, shifted_by: datetime.timedelta) -> None:
    shift(monkeypatch, shifted_by)


def seconds_off(moment: datetime.datetime) -> float:
    """Return the seconds between a time and the database's current time."""
    return abs((moment - database_now()).total_seconds())


@pytest.mark.usefixtures("shifted")
def test_a_row_is_never_updated_before_it_was_created(studio: Company, actor: Actor) -> None:
    customer, coupon = fresh(ACustomer(company=studio)), ACoupon(company=studio)
    assert customer.updated_at == customer.created_at
    with acting_for(studio.id):
        customer = update_customer(customer, changes={"first_name": "Zoë"}, actor=actor)
        assert customer.updated_at > customer.created_at
        archive_coupon(coupon, actor=actor)
        archive_customer(customer, actor=actor)
    for row in (fresh(customer), fresh(coupon)):
        assert row.archived_at
        assert row.created_at < row.archived_at <= row.updated_at
        assert seconds_off(row.updated_at) < 60


def has_updated_at(model: type[models.Model]) -> bool:
    return any(isinstance(field, UpdatedAt) for field in model._meta.fields)


@pytest.mark.usefixtures("shifted")
def test_no_row_of_any_kind_is_updated_before_it_was_created(studio: Company) -> None:
    rows = [row for row in every_row(studio, "Studio").values() if has_updated_at(type(row))]
    wanted = {one for one in apps.get_models() if has_updated_at(one)} - {ApiClient}
    assert {type(row) for row in rows} == wanted
    for row in rows:
        made = fresh(row)
        assert made.created_at <= made.updated_at, row
        with acting_for(studio.id):
            made.save(update_fields=["updated_at"])
        changed = fresh(row)
        assert made.created_at < changed.updated_at, row
        assert seconds_off(changed.updated_at) < 60, row


def test_a_field_of_djangos_would_be_updated_before_it_was_created(
    studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: Django's own field uses the clock of the process."""
    shift(monkeypatch, -HOURS)
    monkeypatch.setattr(UpdatedAt, "pre_save", models.DateTimeField.pre_save)
    customer = fresh(ACustomer(company=studio))
    assert customer.updated_at < customer.created_at


def times_in(body: Any) -> Iterator[tuple[str, str]]:
    """Yield the creation time and update time of each object in a response that has both."""
    if isinstance(body, dict):
        if {"created_at", "updated_at"} <= body.keys():
            yield body["created_at"], body["updated_at"]
        body = list(body.values())
    for part in body if isinstance(body, list) else ():
        yield from times_in(part)


def test_old_rows_of_every_kind_were_updated_when_they_were_created(
    studio: Company, integrator: Caller
) -> None:
    by_name = every_row(studio, "Studio")
    rows = [row for row in by_name.values() if has_updated_at(type(row))]
    before = F("created_at") - datetime.timedelta(milliseconds=3)
    with acting_for(studio.id):
        for row in rows:
            type(row).objects.filter(pk=row.pk).update(updated_at=before)
    ids = {kind: str(row.pk) for kind, row in by_name.items()}
    shown = set[str]()
    for path, _ in reads():
        answer = integrator.get(fill(path, ids))
        for created_at, updated_at in times_in(answer.body if answer.is_json else None):
            assert updated_at >= created_at, path
            shown.add(path)
    assert len(shown) >= 20, shown


@pytest.mark.usefixtures("shifted")
def test_tokens_sessions_and_links_end_by_the_databases_clock(
    studio: Company, owner: Staff, browser: Browser
) -> None:
    client, secret = make_api_client(studio, name="Till", scopes=["notes:read"])
    form = {"grant_type": "client_credentials", "client_id": client.client_id}
    status, answer = issue_token({**form, "client_secret": secret}, "")
    assert (status, answer["expires_in"]) == (200, 3600)
    ends = get_access_token_model().objects.get().expires
    assert seconds_off(ends - datetime.timedelta(seconds=3600)) < 60
    assert remove_expired_tokens() == 0
    assert browser.get("/admin/").status_code == 200
    session = Session.objects.get()
    assert seconds_off(session.expire_date - datetime.timedelta(hours=8)) < 60
    noted = SessionStore(browser.client.cookies["sessionid"].value).load()
    assert abs(noted[SIGNED_IN_AT] - database_now().timestamp()) < 60
    token = LINK_TOKENS.make_token(owner)
    assert LINK_TOKENS.check_token(owner, token)


@pytest.mark.usefixtures("owner")
def test_a_sign_in_with_a_code_goes_by_the_databases_clock(
    monkeypatch: pytest.MonkeyPatch, shifted_by: datetime.timedelta
) -> None:
    now = list(totp.yield_hotp_counters_from_time())[1]
    shift(monkeypatch, shifted_by)
    client = visit()
    sign_in(client)
    secret = client.get(SET_UP).context["form"].secret

    def code(step: int) -> str:
        return totp.format_hotp_value(totp.hotp_value(secret, step))

    assert client.post(SET_UP, {"code": code(now)}).status_code == 302
    client = visit()
    sign_in(client)
    assert client.post(CODE, {"code": code(now + 1)}).status_code == 302
    assert client.get("/admin/customers/").status_code == 200
    last_login = Staff.objects.get().last_login
    assert last_login
    assert seconds_off(last_login) < 60


@pytest.mark.usefixtures("shifted")
def test_an_api_client_is_created_and_updated_by_the_databases_clock(studio: Company) -> None:
    client = fresh(make_api_client(studio, name="Till", scopes=["notes:read"])[0])
    assert client.updated == client.created
    assert seconds_off(client.created) < 60


def test_readyz_says_how_far_the_clocks_are_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    for seconds, way in ((7200, "ahead of"), (-7200, "behind"), (7, "ahead of")):
        with monkeypatch.context() as patch:
            shift(patch, datetime.timedelta(seconds=seconds))
            said = f" seconds {way} the database's; at most 5 are allowed."
            assert said in readiness.differing_clock(), seconds
    shift(monkeypatch, datetime.timedelta(seconds=3))
    assert readiness.differing_clock() == "", "a few seconds are allowed for"


def test_a_slow_answer_is_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """The query takes seven seconds on our clock; the database's time is in the middle."""
    begun, seconds = time.time(), iter([-3.5, 3.5])
    monkeypatch.setattr(readiness.time, "time", lambda: begun + next(seconds))
    assert readiness.differing_clock() == ""


def wait_for_archiving(coupon: Coupon, actor: Actor) -> tuple[Coupon, datetime.datetime]:
    """Archive a coupon that another transaction locks; return it, and the time of the unlock."""
    thread = threading.Thread(target=archive_elsewhere, args=(coupon, actor))
    with acting_for(coupon.company_id):
        Coupon.objects.select_for_update(no_key=True).get(pk=coupon.pk)
        thread.start()
        time.sleep(0.5)
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            held_until = cursor.fetchone()[0]
    thread.join()
    return fresh(coupon), held_until


def archive_elsewhere(coupon: Coupon, actor: Actor) -> None:
    try:
        with acting_for(coupon.company_id):
            archive_coupon(coupon, actor=actor)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_archived_at_is_taken_after_the_lock_is_had(studio: Company, actor: Actor) -> None:
    coupon, held_until = wait_for_archiving(ACoupon(company=studio), actor)
    assert coupon.archived_at
    assert coupon.archived_at >= held_until


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("without", ["clock", "lock"])
def test_archived_at_would_be_before_otherwise(
    studio: Company, actor: Actor, without: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative controls: the time of the statement's start, and no lock before the time."""
    if without == "clock":
        monkeypatch.setattr(archiving, "Clock", Now)
    else:
        monkeypatch.setattr(archiving, "locked", lambda rows: rows)
    coupon, held_until = wait_for_archiving(ACoupon(company=studio), actor)
    assert coupon.archived_at
    assert coupon.archived_at < held_until


@pytest.fixture(params=[7200, -7200])
def elsewhere(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    """A started server whose clock is hours ahead of the database's clock or behind it."""
    options = ("--no-demo", "--workers", "1")
    ahead = {"settings": "tests.other_clock", "CLOCK_AHEAD": str(request.param)}
    with started(tmp_path / "data", *options, path="/healthz", **ahead) as it:
        yield it


@pytest.mark.long
def test_a_server_with_another_clock_goes_by_the_databases(elsewhere: Server) -> None:
    ready = requests.get(f"{elsewhere.url}/readyz", timeout=10)
    assert ready.status_code == 503
    assert "The clock of this server is 7,2" in ready.json()["reason"]
    shop = Shop(elsewhere)
    client = elsewhere.run(
        "create_api_client", "--company", "shop", "--name", "Till", "--scopes", "customers:read"
    )
    form = {"grant_type": "client_credentials"}
    credentials = (client["client_id"], client["client_secret"])
    token = requests.post(f"{elsewhere.url}/oauth/token", form, auth=credentials, timeout=10).json()
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    assert requests.get(f"{elsewhere.url}/v1/customers", headers=headers, timeout=10).ok
    with elsewhere.owner() as database:
        (left,) = database.execute(
            "SELECT extract(epoch FROM expires - now()) FROM oauth2_provider_accesstoken"
        ).fetchone()  # type: ignore[misc]
    assert 3540 < left <= 3600

    customer = shop.customer()
    shop.send("PATCH", f"/v1/customers/{customer}", {"first_name": "Zoë"})
    shown = shop.send("GET", f"/v1/customers/{customer}").json()
    assert shown["created_at"] < shown["updated_at"]
    real = datetime.datetime.now(datetime.UTC)
    assert abs(datetime.datetime.fromisoformat(shown["updated_at"]) - real).total_seconds() < 60

    service = shop.service()
    for minutes, status in ((30, 409), (-30, 200)):
        begins = (real + datetime.timedelta(minutes=minutes)).isoformat()
        booking = {"customer_id": customer, "service_id": service, "scheduled_at": begins}
        made = shop.make("/v1/bookings", booking)["id"]
        assert shop.do(made, "no-show")().status_code == status
