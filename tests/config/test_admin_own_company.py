"""What owners set for themselves: their company, and who works for it."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core import mail
from django.db import connections
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from config.access.actions import change_role, end_membership, invite_again, invite_staff
from config.access.actors import Actor
from config.access.errors import HasComeIn, NotAllowed
from config.access.models import Company, Membership, Staff
from config.access.permissions import Role
from config.access.tasks import send_staff_invitation
from config.errors import Invalid, Refusal
from tests.backoffice import Browser, errors, page_of, said
from tests.factories import PASSWORD, ACoupon, make_staff

STAFF, COMPANY = "/admin/access/membership/", "/admin/access/workplace/"
NEW_PASSWORD = "an even longer passphrase"


def membership(staff: Staff, company: Company) -> Membership:
    return staff.memberships.get(company=company)


def letters() -> list[Any]:
    """Do the work that waits, and return the letters that have left."""
    for job in ProcrastinateJob.objects.filter(task_name="access.send_staff_invitation"):
        send_staff_invitation(**job.args)
    return mail.outbox


def link_in(text: str) -> str:
    found = re.search(r"https?://[^/\s]+(/admin/forgotten/\S+)", text)
    return found[1] if found else ""


# --- The company --------------------------------------------------------------------------------


def test_an_owner_sets_their_company_and_no_other(
    browser: Browser, studio: Company, rival: Company
) -> None:
    path = f"{COMPANY}{studio.pk}/change/"
    assert browser.get(COMPANY)["Location"] == path
    browser.send(path, name="Studio Ten", timezone="Europe/Paris", credit_limit="20.00")
    studio.refresh_from_db()
    assert (studio.name, studio.timezone) == ("Studio Ten", "Europe/Paris")
    assert (studio.credit_limit, studio.slug) == (2_000, "studio")
    browser.send(path, credit_limit="")
    studio.refresh_from_db()
    assert studio.credit_limit is None
    foreign = f"{COMPANY}{rival.pk}/change/"
    for method in (browser.get, browser.post):
        assert method(foreign)["Location"] == COMPANY
    assert browser.get("/admin/access/company/").status_code == 403
    assert browser.post(f"/admin/access/company/{studio.pk}/archive/").status_code == 403


@pytest.mark.parametrize("limit", ["-1", "1e30", "no", "0.001", "\x00"])
def test_a_limit_that_cannot_be_is_refused_at_its_field(
    limit: str, browser: Browser, studio: Company
) -> None:
    answer = browser.send(f"{COMPANY}{studio.pk}/change/", credit_limit=limit)
    assert list(errors(answer)) == ["credit_limit"]


def test_the_currency_can_be_changed_until_there_are_amounts(
    browser: Browser, studio: Company
) -> None:
    path = f"{COMPANY}{studio.pk}/change/"
    browser.send(path, currency="EUR")
    studio.refresh_from_db()
    assert studio.currency == "EUR"
    form = browser.form(path)
    ACoupon(company=studio, amount=100)
    assert "currency" not in browser.form(path).names
    browser.post(path, **form.values | {"currency": "USD"})
    studio.refresh_from_db()
    assert studio.currency == "EUR"


# --- Letting people in --------------------------------------------------------------------------


def test_who_is_invited_chooses_a_password_by_a_link_that_works_once(
    browser: Browser, studio: Company
) -> None:
    answer = browser.send(
        f"{STAFF}add/", email="fay@studio.example", first_name="Fay", role="front_desk"
    )
    fay = Staff.objects.get(email="fay@studio.example")
    assert said(answer) == ["A letter is on its way to fay@studio.example."]
    page = browser.get(answer["Location"]).text
    assert "Invited" in page
    assert "&#x27;invited&#x27;" not in page
    assert answer["Location"] == page_of(membership(fay, studio))
    assert (fay.role_in(studio), fay.has_usable_password()) == ("front_desk", False)
    (letter,) = letters()
    assert letter.to == ["fay@studio.example"]
    assert letter.subject == "You can work in Studio Nine now"
    assert "Your role there is “Front desk”." in letter.body
    link = link_in(letter.body)
    assert link not in str(list(ProcrastinateJob.objects.values_list("args", flat=True)))
    guest = Client(SERVER_NAME="localhost")
    page = guest.get(link)
    assert page.status_code == 302
    assert link.rsplit("/", 2)[1] not in page["Location"]
    assert guest.get(page["Location"]).status_code == 200
    typed = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    assert guest.post(page["Location"], typed)["Location"].startswith("/admin/login/")
    fay.refresh_from_db()
    assert fay.check_password(NEW_PASSWORD)
    assert "new_password1" not in guest.get(link).text


def test_who_works_elsewhere_keeps_their_name_and_password(
    browser: Browser, studio: Company, rival: Company
) -> None:
    rita = make_staff(rival, email="rita@rival.example")
    browser.send(f"{STAFF}add/", email="RITA@rival.example", first_name="Eve", role="manager")
    rita.refresh_from_db()
    assert (rita.first_name, rita.role_in(studio)) == ("Olive", "manager")
    (letter,) = letters()
    assert "Sign in with the password that you have" in letter.body
    assert link_in(letter.body) == ""
    assert rita.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"email": "no"}, "email"),
        ({"email": "a@b.example\x00"}, "email"),
        ({"email": "olive@studio.example"}, "email"),
        ({"role": "king"}, "role"),
        ({"role": ""}, "role"),
        ({"first_name": "x" * 151}, "first_name"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused_and_writes_to_nobody(
    typed: dict[str, str], field: str, browser: Browser
) -> None:
    form = browser.form(f"{STAFF}add/").values
    answer = browser.post(
        f"{STAFF}add/", **form | {"email": "fay@studio.example", "role": "manager"} | typed
    )
    assert list(errors(answer)) == [field]
    assert Staff.objects.count() == 1
    assert letters() == []


def test_a_letter_goes_out_again_until_there_is_a_password(
    browser: Browser, owner: Staff, studio: Company
) -> None:
    actor = Actor.staff(owner, studio)
    row = invite_staff("fay@studio.example", role="manager", actor=actor)
    assert said(browser.press(page_of(row), "invite"))[-1].endswith("a letter is on its way.")
    assert len({link_in(letter.body) for letter in letters()}) >= 1
    assert ProcrastinateJob.objects.filter(task_name="access.send_staff_invitation").count() == 2
    make_staff(studio, email="has@studio.example")
    other = membership(Staff.objects.get(email="has@studio.example"), studio)
    assert f"{other.pk}/invite/" not in browser.get(page_of(other)).text
    with pytest.raises(HasComeIn):
        invite_again(other, actor=actor)


# --- Roles, and leaving -------------------------------------------------------------------------


def test_a_role_is_changed_and_somebody_removed_at_once(browser: Browser, studio: Company) -> None:
    fay = make_staff(studio, email="fay@studio.example", role="front_desk")
    theirs, row = Browser(fay), membership(fay, studio)
    assert theirs.get("/admin/credits/coupon/add/").status_code == 403
    browser.send(page_of(row), role="manager")
    assert theirs.get("/admin/credits/coupon/add/").status_code == 200
    answer = browser.press(page_of(row), "remove")
    assert answer["Location"] == STAFF
    assert said(answer)[-1] == "Olive Owner does not work here any more."
    assert "You do not work in any company yet" in theirs.get("/admin/").text
    assert Staff.objects.filter(pk=fay.pk).exists()


def test_the_last_owner_neither_leaves_nor_is_demoted(
    browser: Browser, owner: Staff, studio: Company
) -> None:
    row = membership(owner, studio)
    closed = make_staff(studio, email="closed@studio.example")
    Staff.objects.filter(pk=closed.pk).update(is_active=False)
    answer = browser.send(page_of(row), role="manager")
    assert answer.text.count("Make somebody else an owner first.") == 1
    browser.press(page_of(row), "remove")
    assert owner.role_in(studio) == Role.OWNER
    make_staff(studio, email="second@studio.example")
    assert browser.press(page_of(row), "remove")["Location"] == "/admin/"
    assert owner.role_in(studio) == ""


@pytest.mark.parametrize("role", ["manager", "front_desk", "read_only"])
def test_only_an_owner_decides_who_works_for_the_company(
    role: str, studio: Company, owner: Staff
) -> None:
    row = membership(owner, studio)
    staff = make_staff(studio, email=f"{role}@studio.example", role=role)
    was_owner = Actor.staff(staff, studio, Role.OWNER)  # the membership has changed meanwhile
    for act in (
        lambda: invite_staff("x@studio.example", role="owner", actor=was_owner),
        lambda: change_role(row, role="read_only", actor=was_owner),
        lambda: end_membership(row, actor=was_owner),
        lambda: invite_again(row, actor=was_owner),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_people_of_another_company_are_out_of_reach(
    browser: Browser, owner: Staff, studio: Company, rival: Company
) -> None:
    rita = make_staff(rival, email="rita@rival.example")
    make_staff(rival, email="second@rival.example")
    row = membership(rita, rival)
    assert "rita@rival.example" not in browser.get(STAFF).text
    for page in (page_of(row), page_of(row).replace("change/", "remove/")):
        for method in (browser.get, browser.post):
            assert method(page)["Location"] == STAFF
    actor = Actor.staff(owner, studio)
    with pytest.raises(Membership.DoesNotExist):
        end_membership(row, actor=actor)
    with pytest.raises(Membership.DoesNotExist):
        change_role(row, role="read_only", actor=actor)
    assert rita.role_in(rival) == Role.OWNER


def test_a_role_that_is_none_is_refused(owner: Staff, studio: Company) -> None:
    with pytest.raises(Invalid):
        change_role(membership(owner, studio), role="king", actor=Actor.staff(owner, studio))


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_of_two_owners_who_demote_one_another_at_once_one_stays(studio: Company) -> None:
    both = [make_staff(studio, email=f"{name}@studio.example") for name in ("one", "two")]
    start = Barrier(2)

    def demote(by: Staff, whom: Staff) -> str:
        actor, row = Actor.staff(by, studio), membership(whom, studio)
        start.wait(20)
        try:
            change_role(row, role=Role.READ_ONLY, actor=actor)
        except Refusal as refusal:
            return refusal.code
        finally:
            connections["default"].close()
        return "done"

    with ThreadPoolExecutor(2) as threads:
        came = sorted(threads.map(demote, both, reversed(both)))
    assert came == ["done", NotAllowed.code]
    assert Membership.objects.filter(company=studio, role=Role.OWNER).count() == 1


def test_the_list_of_staff_takes_a_constant_number_of_statements(
    browser: Browser, studio: Company, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        make_staff(studio, email=f"p{number}@studio.example", role="front_desk")
    with django_assert_max_num_queries(14):
        assert browser.get(STAFF).status_code == 200
