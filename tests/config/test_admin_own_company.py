"""The settings of owners: their company and its staff."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core import mail
from django.db import connections
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from config.access import actions
from config.access.errors import HasComeIn
from config.access.invitations import password_link
from config.access.models import Membership, Staff
from config.access.signing_in.actions import mail_password_link
from config.access.tasks import send_staff_invitation
from config.errors import Invalid, Refusal
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.errors import NotAllowed
from config.tenancy.permissions import Role
from tests.backoffice import Browser, errors, page_of, said
from tests.factories import PASSWORD, ACoupon, make_staff

STAFF, COMPANY = "/admin/access/membership/", "/admin/access/workplace/"
NEW_PASSWORD = "an even longer passphrase"


def membership(staff: Staff, company: Company) -> Membership:
    return staff.memberships.get(company=company)


def letters() -> list[Any]:
    """Send the invitations that are queued, and return the e-mails sent."""
    for job in ProcrastinateJob.objects.filter(task_name="access.send_staff_invitation"):
        send_staff_invitation(**job.args)
    return mail.outbox


def link_in(text: str) -> str:
    found = re.search(r"https?://[^/\s]+(/admin/invitation/\S+)", text)
    return found[1] if found else ""


# --- The company --------------------------------------------------------------------------------


def test_an_owner_sets_their_own_company(browser: Browser, studio: Company, rival: Company) -> None:
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


def test_a_limit_that_cannot_be_is_refused_at_its_field(browser: Browser, studio: Company) -> None:
    for limit in ("-1", "1e30", "no", "0.001", "\x00"):
        answer = browser.send(f"{COMPANY}{studio.pk}/change/", credit_limit=limit)
        assert list(errors(answer)) == ["credit_limit"], limit


def test_the_currency_changes_until_there_are_amounts(browser: Browser, studio: Company) -> None:
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


# --- Invitations --------------------------------------------------------------------------------


def test_who_is_invited_chooses_a_password_once(browser: Browser, studio: Company) -> None:
    typed = {"email": "fay@studio.example", "first_name": "Fay", "role": "front_desk"}
    answer = browser.send(f"{STAFF}add/", **typed)
    fay = Staff.objects.get(email="fay@studio.example")
    assert said(answer) == ["Invitation sent to fay@studio.example."]
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


def test_who_is_known_keeps_a_password(browser: Browser, studio: Company, rival: Company) -> None:
    rita = make_staff(rival, email="rita@rival.example")
    browser.send(f"{STAFF}add/", email="RITA@rival.example", first_name="Eve", role="manager")
    rita.refresh_from_db()
    assert (rita.first_name, rita.role_in(studio)) == ("Olive", "manager")
    assert rita.check_password(PASSWORD)
    (letter,) = letters()
    assert "Sign in with the password that you have" in letter.body
    assert link_in(letter.body) == ""


def test_an_invitation_that_cannot_be_is_refused_and_writes_to_nobody(browser: Browser) -> None:
    form = browser.form(f"{STAFF}add/").values
    form |= {"email": "fay@studio.example", "role": "manager"}
    for field, typed in (
        ("email", "no"),
        ("email", "a@b.example\x00"),
        ("email", "olive@studio.example"),
        ("role", "king"),
        ("role", ""),
        ("first_name", "x" * 151),
    ):
        answer = browser.post(f"{STAFF}add/", **form | {field: typed})
        assert list(errors(answer)) == [field], typed
    assert Staff.objects.count() == 1
    assert letters() == []


def invitation(email: str, role: str) -> Membership:
    return Membership(staff=Staff(email=email), role=role)


def test_a_letter_is_sent_until_they_come(browser: Browser, owner: Staff, studio: Company) -> None:
    actor = owner.actor_in(studio)
    row = actions.invite_staff(invitation("fay@studio.example", "manager"), actor=actor)
    assert said(browser.press(page_of(row), "invite"))[-1].startswith("Invitation sent to")
    assert [letter.to for letter in letters()].count(["fay@studio.example"]) == 2
    other = membership(make_staff(studio, email="has@studio.example"), studio)
    assert f"{other.pk}/invite/" not in browser.get(page_of(other)).text
    with pytest.raises(HasComeIn):
        actions.invite_again(other, actor=actor)


def invited(
    owner: Staff, studio: Company, email: str = "fay@studio.example"
) -> tuple[Membership, str]:
    """Invite a new staff member; return the membership and the link in the e-mail."""
    row = actions.invite_staff(invitation(email, "manager"), actor=owner.actor_in(studio))
    return row, link_in(letters()[-1].body)


def opens(link: str) -> bool:
    """Whether a link leads to the form for a password, not to the page for an invalid link."""
    page = Client(SERVER_NAME="localhost").get(link, follow=True)
    assert page.status_code == 200
    assert ("new_password1" in page.text) != ("This link no longer works" in page.text)
    return "new_password1" in page.text


def remove_and_invite(row: Membership, actor: Actor) -> None:
    actions.end_membership(row, actor=actor)
    actions.invite_staff(invitation(row.staff.email, "front_desk"), actor=actor)


def close_account(row: Membership, actor: Actor) -> None:
    Staff.objects.filter(pk=row.staff_id).update(is_active=False)


def close_company(row: Membership, actor: Actor) -> None:
    actions.archive_company(row.company, actor=actor)


def test_the_link_of_an_invitation_ends_with_it(owner: Staff, studio: Company) -> None:
    for end in (actions.end_membership, remove_and_invite, close_account, close_company):
        row, link = invited(owner, studio, f"{end.__name__}@studio.example")
        assert opens(link), end
        end(row, actor=owner.actor_in(studio))
        assert not opens(link), end


def test_the_newest_letter_has_the_link_that_opens(owner: Staff, studio: Company) -> None:
    row, first = invited(owner, studio)
    assert opens(first)
    actions.invite_again(row, actor=owner.actor_in(studio))
    link, guest = link_in(letters()[-1].body), Client(SERVER_NAME="localhost")
    assert (opens(link), opens(first)) == (True, False)
    form = guest.get(link)["Location"]
    actions.end_membership(row, actor=owner.actor_in(studio))
    typed = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    ended = guest.post(form, typed).text
    assert "This link no longer works" in ended, "it ended while the form was open"
    row.staff.refresh_from_db()
    assert not row.staff.has_usable_password()


def test_an_invitation_opens_one_company(owner: Staff, studio: Company, rival: Company) -> None:
    row, link = invited(owner, studio)
    other = Membership.objects.create(staff=row.staff, company=rival, role="manager")
    assert not opens(link.replace(row.pk.hex, other.pk.hex))
    actions.end_membership(row, actor=owner.actor_in(studio))
    assert not opens(link), "although they work for the other company"


def test_a_password_link_ends_when_one_works_nowhere(owner: Staff, studio: Company) -> None:
    for end in (actions.end_membership, close_account, close_company):
        fay = make_staff(studio, email=f"{end.__name__}@studio.example")
        link = password_link(fay).removeprefix("http://localhost:8000")
        assert opens(link), end
        end(membership(fay, studio), actor=owner.actor_in(studio))
        assert not opens(link), end
        mail_password_link(fay.email)
        assert mail.outbox == []


# --- Roles, and removals ------------------------------------------------------------------------


def test_a_role_is_changed_and_somebody_removed_at_once(browser: Browser, studio: Company) -> None:
    fay = make_staff(studio, email="fay@studio.example", role="front_desk")
    theirs, row = Browser(fay), membership(fay, studio)
    assert theirs.get("/admin/credits/coupon/add/").status_code == 403
    browser.send(page_of(row), role="manager")
    assert theirs.get("/admin/credits/coupon/add/").status_code == 200
    answer = browser.press(page_of(row), "remove")
    assert answer["Location"] == STAFF
    assert said(answer)[-1] == "Olive Owner no longer works here."
    assert "You do not work in any company yet" in theirs.get("/admin/").text
    assert Staff.objects.filter(pk=fay.pk).exists()


def test_the_last_owner_stays_an_owner(browser: Browser, owner: Staff, studio: Company) -> None:
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


def test_only_an_owner_decides_who_works_for_the_company(studio: Company, owner: Staff) -> None:
    row = membership(owner, studio)
    for role in ("manager", "front_desk", "read_only"):
        staff = make_staff(studio, email=f"{role}@studio.example", role=role)
        was_owner = staff.actor_in(studio, Role.OWNER)  # an outdated actor, as the role has changed
        with pytest.raises(NotAllowed):
            actions.invite_staff(invitation("x@studio.example", "owner"), actor=was_owner)
        with pytest.raises(NotAllowed):
            actions.change_role(row, role="read_only", actor=was_owner)
        for act in (actions.end_membership, actions.invite_again):
            with pytest.raises(NotAllowed):
                act(row, actor=was_owner)
    with pytest.raises(Invalid):
        actions.change_role(row, role="king", actor=owner.actor_in(studio))


def test_people_of_another_company_are_out_of_reach(
    browser: Browser, owner: Staff, studio: Company, rival: Company
) -> None:
    rita, second = (make_staff(rival, email=f"{name}@rival.example") for name in ("rita", "second"))
    row, actor = membership(rita, rival), owner.actor_in(studio)
    assert "rita@rival.example" not in browser.get(STAFF).text
    assert browser.press(page_of(row), "remove")["Location"] == STAFF
    with pytest.raises(Membership.DoesNotExist):
        actions.end_membership(row, actor=actor)
    with pytest.raises(Membership.DoesNotExist):
        actions.change_role(row, role="read_only", actor=actor)
    assert rita.role_in(rival) == second.role_in(rival) == Role.OWNER


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_of_two_owners_who_demote_one_another_at_once_one_stays(studio: Company) -> None:
    both = [make_staff(studio, email=f"{name}@studio.example") for name in ("one", "two")]
    start = Barrier(2)

    def demote(by: Staff, whom: Staff) -> str:
        actor, row = by.actor_in(studio), membership(whom, studio)
        start.wait(20)
        try:
            actions.change_role(row, role=Role.READ_ONLY, actor=actor)
        except Refusal as refusal:
            return refusal.code
        finally:
            connections["default"].close()
        return "done"

    with ThreadPoolExecutor(2) as threads:
        came = sorted(threads.map(demote, both, reversed(both)))
    assert came == ["done", NotAllowed.code]
    assert Membership.objects.filter(company=studio, role=Role.OWNER).count() == 1
