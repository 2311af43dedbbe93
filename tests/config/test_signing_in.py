"""Into the back-office: password, second factor, and who must have one (threats 29, 30 and 41)."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connections
from django.urls import reverse

from config.access.models import Company, Membership, Staff
from config.access.permissions import Role
from config.access.signing_in.factors import must_have_factor
from config.access.signing_in.forms import use_once
from tests.backoffice import Browser, said
from tests.doors import CODE, CODES, LOGIN, SET_UP, admin_addresses, code_of, set_up, sign_in, visit
from tests.factories import PASSWORD, make_staff

pytestmark = pytest.mark.usefixtures("cheap_passwords")


def forget_step(staff: Staff) -> None:
    """Let the code that an app shows now be used once more."""
    factor = Authenticator.objects.get(user=staff, type="totp")
    factor.data["last_step"] = 0
    factor.save()


@pytest.fixture
def strict(studio: Company) -> Company:
    studio.requires_second_factor = True
    studio.save()
    return studio


def test_without_a_second_factor_the_password_leads_to_the_page_that_was_asked_for(
    owner: Staff,
) -> None:
    client = visit()
    asked = client.get("/admin/customers/")
    assert asked["Location"] == "/admin/login/?next=/admin/customers/"
    answer = sign_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/admin/customers/")
    assert client.get("/admin/customers/").status_code == 200


def test_who_must_have_a_second_factor_is_led_through_it_once_and_asked_ever_after(
    owner: Staff, strict: Company
) -> None:
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


def test_a_recovery_code_lets_in_once(owner: Staff) -> None:
    client = visit()
    sign_in(client)
    _, recovery = set_up(client)
    for expected in (302, 200):
        client = visit()
        sign_in(client)
        assert client.post(CODE, {"code": recovery[0]}).status_code == expected
    assert client.post(CODE, {"code": recovery[1]}).status_code == 302


def test_recovery_codes_are_shown_once_and_can_be_made_again(owner: Staff) -> None:
    client = visit()
    sign_in(client)
    _, old = set_up(client)
    again = client.get(CODES)
    assert old[0] not in again.text
    assert "shown once" in again.text
    answer = client.post("/admin/second-factor/new-recovery-codes/")
    new = client.get(answer["Location"]).context["unused_codes"]
    assert not set(new) & set(old)
    client = visit()
    sign_in(client)
    assert client.post(CODE, {"code": old[0]}).status_code == 200
    assert client.post(CODE, {"code": new[0]}).status_code == 302


def test_no_code_is_taken_twice(owner: Staff) -> None:
    client = visit()
    sign_in(client)
    secret, _ = set_up(client)
    client = visit()
    sign_in(client)
    assert client.post(CODE, {"code": code_of(secret)}).status_code == 200, "used to set it up"
    factor = Authenticator.objects.get(user=owner, type="totp")
    use_once(factor, code_of(secret, ahead=1))
    for ahead in (-1, 0, 1):
        with pytest.raises(ValidationError):
            use_once(factor, code_of(secret, ahead))


@pytest.mark.parametrize("code", ["", "x", "12345678901234567890123", "\x00", "１２３４５６", "☃"])
def test_a_code_that_is_none_is_told_so(code: str, owner: Staff) -> None:
    client = visit()
    sign_in(client)
    set_up(client)
    client = visit()
    sign_in(client)
    answer = client.post(CODE, {"code": code})
    assert answer.status_code == 200
    assert answer.context["form"].errors["code"]


def test_the_second_factor_can_be_removed_where_none_is_required(
    owner: Staff, studio: Company
) -> None:
    client = visit()
    sign_in(client)
    set_up(client)
    studio.requires_second_factor = True
    studio.save()
    answer = client.post("/admin/second-factor/remove/")
    assert "cannot be removed" in answer.text
    assert Authenticator.objects.filter(user=owner).count() == 2
    studio.requires_second_factor = False
    studio.save()
    assert client.post("/admin/second-factor/remove/")["Location"] == "/admin/second-factor/"
    assert not Authenticator.objects.filter(user=owner).exists()
    assert sign_in(visit())["Location"] == "/admin/customers/"
    studio.requires_second_factor = True
    studio.save()
    assert client.get("/admin/customers/")["Location"].startswith(SET_UP)


@pytest.mark.parametrize(
    ("role", "must"),
    [
        (Role.OWNER, True),
        (Role.MANAGER, True),
        (Role.FRONT_DESK, False),
        (Role.READ_ONLY, False),
    ],
)
def test_owners_and_managers_of_any_company_that_requires_it_must(
    role: str, must: bool, strict: Company, rival: Company
) -> None:
    staff = make_staff(rival, email="ann@studio.example")
    assert not must_have_factor(staff)
    Membership.objects.create(staff=staff, company=strict, role=role)
    assert must_have_factor(staff) is must
    browser = Browser(staff, has_shown_factor=False)
    assert browser.get("/admin/").status_code == (302 if must else 200)
    strict.archived_at = strict.created_at
    strict.save()
    assert not must_have_factor(staff)


def test_a_superuser_is_an_owner_of_every_company(strict: Company, rival: Company) -> None:
    assert must_have_factor(make_staff(rival, email="root@rival.example", superuser=True))


# What somebody may open who has given the password alone, to go on or to leave.
OPEN = [
    *("admin:login", "account_login", "admin:logout", "mfa_authenticate"),
    *("account_reauthenticate", "mfa_reauthenticate", "mfa_activate_totp", "mfa_index"),
    *("mfa_view_recovery_codes", "mfa_generate_recovery_codes"),
    *("password_reset", "password_reset_done", "still_here"),
]


def test_the_password_alone_opens_no_page_where_a_second_factor_is_required(
    owner: Staff, strict: Company
) -> None:
    open_ones = {*map(reverse, OPEN), "/admin/second-factor/remove/", "/admin/forgotten/x/x/"}
    shut = sorted({*admin_addresses()} - open_ones)
    assert len(shut) > 150
    browser, nobody = Browser(owner, has_shown_factor=False), visit()
    for address in shut:
        for answer in (browser.get(address), browser.post(address)):
            assert answer.status_code == 302, address
            assert answer["Location"].startswith(SET_UP), address
        assert nobody.get(address)["Location"].startswith(LOGIN), address
    assert Browser(owner).get("/admin/").status_code == 200, "with the factor it opens"


def test_a_session_without_the_factor_is_asked_for_the_one_that_is_there(
    owner: Staff, studio: Company
) -> None:
    client = visit()
    sign_in(client)
    secret, _ = set_up(client)
    studio.requires_second_factor = True
    studio.save()
    forget_step(owner)
    browser = Browser(Staff.objects.get(), has_shown_factor=False)
    way = browser.get("/admin/customers/")["Location"]
    assert way == "/admin/again/code/?next=%2Fadmin%2Fcustomers%2F"
    assert browser.post(way, code="nonsense").status_code == 200
    assert browser.post(way, code=code_of(secret))["Location"] == "/admin/customers/"
    assert browser.get("/admin/customers/").status_code == 200


def test_setting_it_up_signs_out_everywhere_else(owner: Staff) -> None:
    elsewhere, client = visit(), visit()
    sign_in(elsewhere)
    sign_in(client)
    assert elsewhere.get("/admin/").status_code == 200
    set_up(client)
    assert client.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302


def test_changing_it_asks_for_the_password_unless_it_was_just_given(owner: Staff) -> None:
    client = visit()
    sign_in(client)
    client.get("/admin/")
    session = client.session
    session["signed_in_at"] -= 301
    session.save()
    asked = client.get(SET_UP)["Location"]
    assert asked.startswith("/admin/again/?next=")
    assert client.post(asked, {"password": "wrong"}).status_code == 200
    assert client.post(asked, {"password": PASSWORD})["Location"] == SET_UP
    assert client.get(SET_UP).status_code == 200


@pytest.mark.parametrize(
    "following", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil"]
)
def test_nobody_is_led_to_another_site(following: str, owner: Staff) -> None:
    client = visit()
    fields = {"username": owner.email, "password": PASSWORD, "next": following}
    assert client.post(LOGIN, fields)["Location"] == "/admin/"


def test_nothing_of_a_second_factor_can_be_read_from_the_database(owner: Staff) -> None:
    client = visit()
    sign_in(client)
    secret, recovery = set_up(client)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    dumped = ""
    with connections["default"].cursor() as cursor:
        for table in ("mfa_authenticator", "django_session"):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
            dumped += cursor.fetchone()[0]
    assert '"secret"' in dumped.replace('""', '"'), "the search works"
    assert not [one for one in (secret, key, *recovery) if one in dumped]


def test_a_factor_kept_under_another_key_fits_no_code_and_breaks_nothing(
    owner: Staff, settings: Any
) -> None:
    client = visit()
    sign_in(client)
    secret, recovery = set_up(client)
    settings.SECRET_KEY = "another"
    client = visit()
    sign_in(client)
    for code in (code_of(secret, ahead=1), recovery[0], totp.format_hotp_value(0)):
        assert client.post(CODE, {"code": code}).status_code == 200


def test_an_owner_resets_what_a_colleague_lost(owner: Staff, strict: Company) -> None:
    client = visit()
    sign_in(client)
    set_up(client)
    page = f"/admin/access/staff/{owner.pk}/change/"
    root = make_staff(strict, email="root@studio.example", superuser=True)
    browser = Browser(root)
    assert "/factor/" in browser.get(page).text
    assert "Be sure that it is them" in browser.get(page.replace("change", "factor")).text
    told = said(browser.press(page, "factor"))
    assert told == ["Olive Owner: rid of the second factor."]
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
    client = visit()
    sign_in(client, ann.email)
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
