"""Sign-in to the back-office: password and second factor (threats 29, 30 and 41)."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.db import connections
from django.test import Client
from django.urls import reverse

from config.access.models import AttemptCount, Membership, Staff
from config.access.signing_in.factors import must_have_factor
from config.access.signing_in.forms import use_once
from config.tenancy.companies import Company
from config.tenancy.permissions import Role
from tests.backoffice import Browser, said
from tests.doors import (
    CODE,
    CODES,
    LOGIN,
    SET_UP,
    admin_addresses,
    code_of,
    enrol,
    set_up,
    sign_in,
    visit,
)  # fmt: skip
from tests.factories import PASSWORD, make_staff

pytestmark = pytest.mark.usefixtures("cheap_passwords")


def signed_in(email: str = "olive@studio.example") -> Client:
    """Return a browser after the password, before the second factor."""
    client = visit()
    sign_in(client, email)
    return client


def require(company: Company, *, is_required: bool = True) -> None:
    company.requires_second_factor = is_required
    company.save()


@pytest.fixture
def strict(studio: Company) -> Company:
    require(studio)
    return studio


def test_without_a_second_factor_the_password_leads_to_the_page_asked_for(owner: Staff) -> None:
    client = visit()
    asked = client.get("/admin/customers/")
    assert asked["Location"] == "/admin/login/?next=/admin/customers/"
    answer = sign_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/customers/")
    assert client.get("/admin/customers/").status_code == 200
    for elsewhere in ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil"]:
        fields = {"username": owner.email, "password": PASSWORD, "next": elsewhere}
        assert visit().post(LOGIN, fields)["Location"] == "/admin/", elsewhere


def test_a_required_factor_is_set_up_once_then_asked_for(owner: Staff, strict: Company) -> None:
    client = visit()
    sign_in(client)
    led = client.get("/admin/customers/")
    assert led["Location"] == f"{SET_UP}?next=%2Fadmin%2Fcustomers%2F"
    page = client.get(led["Location"])
    assert "<svg" in page.text
    assert page.context["form"].secret == client.get(SET_UP).context["form"].secret
    secret, recovery = set_up(client)
    assert len(recovery) == 10
    assert client.get("/admin/customers/").status_code == 200

    again = visit()
    assert sign_in(again)["Location"] == CODE
    assert again.get("/admin/customers/")["Location"].startswith(LOGIN)
    assert again.post(CODE, {"code": "000000"}).status_code == 200
    answer = again.post(CODE, {"code": code_of(secret, ahead=1)})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/customers/")
    assert again.get("/admin/customers/").status_code == 200


def test_a_recovery_code_lets_in_once_until_others_are_made(owner: Staff) -> None:
    client = visit()
    sign_in(client)
    _, old = set_up(client)
    for code, expected in ((old[0], 302), (old[0], 200), (old[1], 302)):
        assert signed_in().post(CODE, {"code": code}).status_code == expected
    again = client.get(CODES)
    assert old[0] not in again.text
    assert "shown once" in again.text
    answer = client.post("/admin/second-factor/new-recovery-codes/")
    new = client.get(answer["Location"]).context["unused_codes"]
    assert not set(new) & set(old)
    for code, expected in ((old[2], 200), (new[0], 302)):
        assert signed_in().post(CODE, {"code": code}).status_code == expected


def test_no_code_is_taken_twice_and_one_that_is_none_is_told_so(owner: Staff) -> None:
    secret, _ = enrol()
    client = signed_in()
    for code in ("", "x", "12345678901234567890123", "\x00", "１２３４５６", "☃"):
        answer = client.post(CODE, {"code": code})
        assert answer.status_code == 200, code
        assert answer.context["form"].errors["code"], code
        AttemptCount.objects.all().delete()
    assert client.post(CODE, {"code": code_of(secret)}).status_code == 200, "used to set it up"
    factor = Authenticator.objects.get(user=owner, type="totp")
    assert use_once(factor, code_of(secret, ahead=1))
    for ahead in (-1, 0, 1):
        assert not use_once(factor, code_of(secret, ahead))


def test_the_second_factor_can_be_removed_unless_required(owner: Staff, studio: Company) -> None:
    client = signed_in()
    set_up(client)
    require(studio)
    answer = client.post("/admin/second-factor/remove/")
    assert "cannot be removed" in answer.text
    assert Authenticator.objects.filter(user=owner).count() == 2
    require(studio, is_required=False)
    assert client.post("/admin/second-factor/remove/")["Location"] == "/admin/second-factor/"
    assert not Authenticator.objects.filter(user=owner).exists()
    assert sign_in(visit())["Location"] == "/admin/customers/"
    require(studio)
    assert client.get("/admin/customers/")["Location"].startswith(SET_UP)


def test_superusers_owners_and_managers_must_if_required(strict: Company, rival: Company) -> None:
    assert must_have_factor(make_staff(rival, email="root@rival.example", superuser=True))
    everyone = [make_staff(rival, email=f"{role}@studio.example") for role in Role]
    for role, staff in zip(Role, everyone, strict=True):
        must = role in (Role.OWNER, Role.MANAGER)
        assert not must_have_factor(staff), role
        Membership.objects.create(staff=staff, company=strict, role=role)
        assert must_have_factor(staff) is must, role
        browser = Browser(staff, has_shown_factor=False)
        assert browser.get("/admin/").status_code == (302 if must else 200), role
    strict.archived_at = strict.created_at
    strict.save()
    assert not any(must_have_factor(staff) for staff in everyone)


# The pages that are open after the password alone, to continue or to sign out.
OPEN = [
    *("admin:login", "account_login", "admin:logout", "mfa_authenticate"),
    *("account_reauthenticate", "mfa_reauthenticate", "mfa_activate_totp", "mfa_index"),
    *("mfa_view_recovery_codes", "mfa_generate_recovery_codes"),
    *("password_reset", "password_reset_done", "still_here"),
]


def test_the_password_alone_opens_nothing_where_two_are_due(owner: Staff, strict: Company) -> None:
    links = {"/admin/forgotten/x/x/", "/admin/invitation/x/x/"}
    open_ones = {*map(reverse, OPEN), "/admin/second-factor/remove/", *links}
    shut = sorted({*admin_addresses()} - open_ones)
    assert len(shut) > 150
    browser, nobody = Browser(owner, has_shown_factor=False), visit()
    for address in shut:
        for answer in (browser.get(address), browser.post(address)):
            assert answer.status_code == 302, address
            assert answer["Location"].startswith(SET_UP), address
        assert nobody.get(address)["Location"].startswith(LOGIN), address
    assert Browser(owner).get("/admin/").status_code == 200, "with the factor it opens"


def test_a_session_without_the_factor_is_asked_for_it(owner: Staff, studio: Company) -> None:
    secret, _ = enrol()
    require(studio)
    factor = Authenticator.objects.get(user=owner, type="totp")
    factor.data["last_step"] = 0
    factor.save()
    browser = Browser(Staff.objects.get(), has_shown_factor=False)
    way = browser.get("/admin/customers/")["Location"]
    assert way == "/admin/again/code/?next=%2Fadmin%2Fcustomers%2F"
    assert browser.post(way, code="nonsense").status_code == 200
    assert browser.post(way, code=code_of(secret))["Location"] == "/admin/customers/"
    assert browser.get("/admin/customers/").status_code == 200


def test_changing_it_asks_for_the_password_again_and_signs_out_elsewhere(owner: Staff) -> None:
    elsewhere, client = signed_in(), signed_in()
    for one in (elsewhere, client):
        assert one.get("/admin/").status_code == 200
    session = client.session
    session["signed_in_at"] -= 301
    session.save()
    asked = client.get(SET_UP)["Location"]
    assert asked.startswith("/admin/again/?next=")
    assert client.post(asked, {"password": "wrong"}).status_code == 200
    assert client.post(asked, {"password": PASSWORD})["Location"] == SET_UP
    set_up(client)
    assert client.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302


def test_nothing_of_a_second_factor_can_be_read_from_the_database_nor_opens_with_another_key(
    owner: Staff, settings: Any
) -> None:
    client = signed_in()
    secret, recovery = set_up(client)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    dumped = ""
    with connections["default"].cursor() as cursor:
        for table in ("mfa_authenticator", "django_session"):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
            dumped += cursor.fetchone()[0]
    assert '"secret"' in dumped.replace('""', '"'), "the search works"
    assert not [one for one in (secret, key, *recovery) if one in dumped]
    settings.SECRET_KEY = "another"
    client = signed_in()
    for code in (code_of(secret, ahead=1), recovery[0], totp.format_hotp_value(0)):
        assert client.post(CODE, {"code": code}).status_code == 200


def test_an_owner_resets_what_a_colleague_lost(owner: Staff, strict: Company) -> None:
    client = signed_in()
    set_up(client)
    page = f"/admin/access/staff/{owner.pk}/change/"
    root = make_staff(strict, email="root@studio.example", superuser=True)
    browser = Browser(root)
    assert "/factor/" in browser.get(page).text
    assert "Make sure that they are the one" in browser.get(page.replace("change", "factor")).text
    told = said(browser.press(page, "factor"))
    assert told == ["Second factor of Olive Owner reset."]
    assert client.get("/admin/").status_code == 302, "signed out"
    client = visit()
    assert sign_in(client)["Location"] == "/admin/customers/"
    assert client.get("/admin/customers/")["Location"].startswith(SET_UP)
    assert "no second factor" in said(browser.press(page, "factor"))[-1]
    own = f"/admin/access/staff/{root.pk}/change/"
    assert "your own second factor" in said(browser.press(own, "factor"))[-1]


def test_an_owner_who_is_no_superuser_resets_it_for_who_works_here_alone(
    owner: Staff, strict: Company, rival: Company
) -> None:
    ann = make_staff(strict, email="ann@studio.example", role=Role.FRONT_DESK)
    client = signed_in(ann.email)
    set_up(client)
    membership = ann.memberships.get()
    page = f"/admin/access/membership/{membership.pk}/change/"
    browser = Browser(owner)
    assert "/factor/" in browser.get(page).text
    elsewhere = Membership.objects.create(staff=ann, company=rival, role=Role.OWNER)
    assert "work for another company too" in said(browser.press(page, "factor"))[-1]
    assert Authenticator.objects.filter(user=ann).exists()
    elsewhere.delete()
    browser.press(page, "factor")
    assert not Authenticator.objects.filter(user=ann).exists()
    assert client.get("/admin/").status_code == 302, "signed out"
    desk = Browser(make_staff(strict, email="desk@studio.example", role=Role.FRONT_DESK))
    assert desk.press(page, "factor").status_code == 403
