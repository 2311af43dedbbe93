"""Companies and staff in the back-office, which superusers manage."""

import pytest

from config.access.models import Staff
from config.tenancy.companies import Company
from tests.backoffice import Browser, errors, page_of, said, shown_once, staff_changes
from tests.factories import PASSWORD, make_company, make_staff

COMPANIES, STAFF = "/admin/access/company/", "/admin/access/staff/"


@pytest.fixture
def root(studio: Company) -> Staff:
    return make_staff(studio, email="root@studio.example", superuser=True)


@pytest.fixture
def browser(root: Staff, studio: Company) -> Browser:
    return Browser(root, studio)


def test_a_new_staff_members_password_is_shown_once(browser: Browser, studio: Company) -> None:
    answer = browser.send(f"{STAFF}add/", email="new@studio.example", company=str(studio.pk))
    staff = Staff.objects.get(email="new@studio.example")
    shown = shown_once(answer)
    assert staff.check_password(shown["password"])
    assert (list(staff.companies.all()), staff.is_superuser) == ([studio], False)
    assert shown["password"] not in browser.get(page_of(staff)).text
    assert staff.pk in {change.object_id for change in staff_changes()}


def test_who_works_elsewhere_joins_once(browser: Browser, owner: Staff, rival: Company) -> None:
    answer = browser.send(f"{STAFF}add/", email="OLIVE@studio.example", company=str(rival.pk))
    assert answer["Location"] == STAFF
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)
    assert set(owner.companies.values_list("slug", flat=True)) == {"studio", "rival"}
    before = len(staff_changes())
    answer = browser.send(f"{STAFF}add/", email=owner.email, company=str(rival.pk))
    assert answer.text.count("olive@studio.example works for Rival Spa already.") == 1
    assert len(staff_changes()) == before


def test_staff_are_changed_and_moved(browser: Browser, owner: Staff, rival: Company) -> None:
    browser.send(page_of(owner), first_name="Olivia", workplaces=[str(rival.pk)])
    owner.refresh_from_db()
    assert (owner.first_name, list(owner.companies.all())) == ("Olivia", [rival])
    browser.send(page_of(owner), is_active=[])
    owner.refresh_from_db()
    assert not owner.is_active
    assert list(owner.companies.all()) == [rival]


def test_nobody_takes_away_a_way_in(browser: Browser, root: Staff, owner: Staff) -> None:
    for switch in ("is_active", "is_superuser"):
        answer = browser.send(page_of(root), **{switch: []})
        assert answer.text.count("You cannot take away your own way in.") == 1, switch
        root.refresh_from_db()
        assert root.is_active
        assert root.is_superuser
    answer = browser.send(page_of(owner), email="ROOT@studio.example")
    assert "Someone already signs in with this e-mail address." in answer.text
    assert staff_changes() == []


def test_a_new_password_is_shown_once_and_ends_sessions(browser: Browser, owner: Staff) -> None:
    theirs = Browser(owner)
    assert theirs.get("/admin/").status_code == 200
    shown = shown_once(browser.press(page_of(owner), "password"))
    owner.refresh_from_db()
    assert not owner.check_password(PASSWORD)
    assert owner.check_password(shown["password"])
    assert theirs.get("/admin/").status_code == 302


def test_a_company_is_made_changed_archived_and_restored(browser: Browser) -> None:
    browser.send(f"{COMPANIES}add/", name="Third Place", slug="third", timezone="Europe/Paris")
    third = Company.objects.get(slug="third")
    assert third.timezone == "Europe/Paris"
    browser.send(page_of(third), name="Third Place Ltd", country="fr")
    third.refresh_from_db()
    assert (third.name, third.country, third.slug) == ("Third Place Ltd", "FR", "third")
    browser.press(page_of(third), "archive")
    third.refresh_from_db()
    assert third.is_archived
    assert said(browser.press(page_of(third), "archive"))[-1] == "This company is archived already."
    assert 'name="slug"' not in browser.get(page_of(third)).text
    assert said(browser.press(page_of(third), "restore"))[-1] == f"{third} restored."


def test_a_company_is_refused_at_a_field(browser: Browser, studio: Company, rival: Company) -> None:
    for field, typed in (("country", "G1"), ("slug", "rival"), ("timezone", "X")):
        answer = browser.send(page_of(studio), **{field: typed})
        assert list(errors(answer)) == [field]
    assert staff_changes() == []


def test_a_superuser_enters_a_company_that_is_not_listed_from_its_page(browser: Browser) -> None:
    for number in range(35):
        last = make_company(f"Company {number:02}")
    page = browser.get("/admin/").text
    assert "Company 29" in page
    assert "Company 30" not in page
    assert COMPANIES in page
    assert "Work in this company" in browser.get(page_of(last)).text
    assert browser.switch_to(last).status_code == 302
    assert "Work in this company" not in browser.get(page_of(last)).text
