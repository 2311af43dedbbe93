"""What the four roles of a company's staff may do."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import IntegrityError, transaction

from config.access.actors import Actor
from config.access.errors import NotAllowed
from config.access.models import Company, Membership, Staff
from config.access.permissions import TABLE, Role
from config.access.tenancy import acting_for
from credits.actions import issue_credit, revoke_credit, sell_pass
from credits.errors import AboveYourLimit
from credits.models import Credit, PassPurchase
from customers.actions import archive_customer, write_note
from customers.models import Customer, Note
from tests.backoffice import Browser, errors
from tests.factories import PASSWORD, ACoupon, ACredit, ACustomer, APass, make_staff

CUSTOMERS = "/admin/customers/customer/"
PERMISSIONS = [
    f"{model.replace('.', f'.{verb}_')}" for model, verbs in TABLE.items() for verb in verbs
]


def at_work(company: Company, role: str) -> Staff:
    return make_staff(company, email=f"{role}@{company.slug}.example", role=role)


def test_every_model_of_the_back_office_stands_in_the_table_or_is_for_superusers() -> None:
    registered = {model._meta.label_lower for model in admin.site._registry}
    assert registered - TABLE.keys() == {"access.company", "access.staff"}


def test_no_role_may_delete_anything() -> None:
    assert not [one for one in PERMISSIONS if ".delete_" in one]


@pytest.mark.parametrize("role", Role)
def test_a_role_may_what_the_table_says_and_nothing_outside_of_its_company(
    role: str, studio: Company
) -> None:
    staff = at_work(studio, role)
    assert not any(staff.has_perm(one) for one in PERMISSIONS)
    staff.role = staff.role_in(studio)
    for one in PERMISSIONS:
        app, _, rest = one.partition(".")
        verb, _, model = rest.partition("_")
        assert staff.has_perm(one) == (role in TABLE[f"{app}.{model}"][verb]), one
    assert not staff.has_perm("customers.delete_customer")
    assert not staff.has_perm("access.add_company")


@pytest.mark.parametrize(
    ("role", "permission", "may"),
    [
        ("manager", "customers.import_customer", True),
        ("manager", "access.view_apikey", False),
        ("front_desk", "credits.add_credit", True),
        ("front_desk", "credits.change_coupon", False),
        ("front_desk", "customers.import_customer", True),
        ("front_desk", "customers.bulk_customer", False),
        ("front_desk", "billing.import_plan", False),
        ("read_only", "customers.view_customer", True),
        ("read_only", "customers.export_customer", False),
    ],
)
def test_what_the_table_is_meant_to_say(
    role: str, permission: str, may: bool, studio: Company
) -> None:
    staff = at_work(studio, role)
    staff.role = staff.role_in(studio)
    assert staff.has_perm(permission) == may


def test_a_superuser_may_everything_and_who_may_not_sign_in_nothing(studio: Company) -> None:
    root = make_staff(email="root@studio.example", superuser=True)
    assert all(root.has_perm(one) for one in [*PERMISSIONS, "access.add_company"])
    assert root.role_in(studio) == Role.OWNER
    root.is_active = False
    assert not root.has_perm("customers.view_customer")
    assert root.role_in(studio) == ""


def test_a_membership_has_one_of_the_roles(studio: Company, owner: Staff) -> None:
    for role in ("", "king"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.filter(staff=owner).update(role=role)


# --- The role of whoever acts -------------------------------------------------------------------


def test_an_actor_has_the_role_that_the_membership_has_now(
    studio: Company, rival: Company, owner: Staff
) -> None:
    assert Actor.staff(owner, studio).role == Role.OWNER
    Membership.objects.filter(staff=owner).update(role=Role.READ_ONLY)
    assert Actor.staff(owner, studio).role == Role.READ_ONLY
    assert Actor.staff(owner, rival).role == ""


@pytest.mark.parametrize("role", ["read_only", ""])
def test_who_may_only_look_is_refused_by_the_actions_themselves(
    role: str, studio: Company, owner: Staff
) -> None:
    credit = ACredit(company=studio)
    bought = APass(company=studio)
    reader = Actor.staff(owner, studio, role)
    customer, coupon, product = credit.customer, credit.coupon, bought.product
    new = PassPurchase(customer=customer, product=product)
    with acting_for(studio.id):
        for act in (
            lambda: issue_credit(Credit(customer=customer, coupon=coupon), actor=reader),
            lambda: revoke_credit(credit, actor=reader),
            lambda: sell_pass(new, actor=reader),
            lambda: write_note(Note(customer=customer, content="x"), actor=reader),
            lambda: archive_customer(customer, actor=reader),
        ):
            with pytest.raises(NotAllowed):
                act()


# --- The door -----------------------------------------------------------------------------------


def test_the_database_itself_refuses_what_a_reader_would_write(
    studio: Company, monkeypatch: Any
) -> None:
    """With every other guard off, the transaction of a reader takes no writes."""
    browser = Browser(at_work(studio, "read_only"))
    monkeypatch.setattr(Staff, "has_perm", lambda *args: True)
    answer = browser.send(f"{CUSTOMERS}add/", first_name="Ana", last_name="Diaz")
    assert answer.status_code == 403
    with acting_for(studio.id):
        assert not Customer.objects.exists()
    monkeypatch.setattr("config.admin.site.may_change", lambda role: True)
    assert browser.send(f"{CUSTOMERS}add/", first_name="Ana", last_name="D").status_code == 302


def test_a_reader_can_still_change_their_password_and_sign_out(studio: Company) -> None:
    browser = Browser(at_work(studio, "read_only"))
    new = "an even longer passphrase"
    fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert browser.post("/admin/password_change/", **fields).status_code == 302
    assert "You are logged out" in browser.post("/admin/logout/").text


def test_another_role_holds_from_the_very_next_request(studio: Company) -> None:
    staff = at_work(studio, "front_desk")
    browser = Browser(staff)
    assert browser.get(f"{CUSTOMERS}add/").status_code == 200
    staff.memberships.update(role=Role.READ_ONLY)
    answer = browser.get(f"{CUSTOMERS}add/")
    assert answer.status_code == 403
    assert "Your role in Studio Nine is “Read-only”. Ask one whose role is" in answer.text
    staff.memberships.all().delete()
    assert "You do not work in any company" in browser.get(CUSTOMERS).text


def test_each_company_has_its_own_role_for_somebody(studio: Company, rival: Company) -> None:
    staff = make_staff(studio, email="both@studio.example", role="front_desk")
    Membership.objects.create(staff=staff, company=rival, role="read_only")
    browser = Browser(staff, studio)
    assert browser.get(f"{CUSTOMERS}add/").status_code == 200
    browser.switch_to(rival)
    assert browser.get(f"{CUSTOMERS}add/").status_code == 403


# --- The limit of front desk --------------------------------------------------------------------


@pytest.fixture
def customer(studio: Company) -> Customer:
    return ACustomer(company=studio)


def give(company: Company, customer: Customer, role: str, **terms: Any) -> Credit:
    coupon = ACoupon(company=company, **terms)
    staff = Staff.objects.filter(memberships__role=role).first() or at_work(company, role)
    with acting_for(company.id):
        credit = Credit(customer=customer, coupon=coupon)
        return issue_credit(credit, actor=Actor.staff(staff, company))


def limit_to(company: Company, limit: int | None) -> None:
    Company.objects.filter(pk=company.pk).update(credit_limit=limit)


def test_front_desk_issues_up_to_the_limit_and_others_beyond(
    studio: Company, customer: Customer
) -> None:
    limit_to(studio, 2_000)
    assert give(studio, customer, "front_desk", amount=2_000).balance == 2_000
    with pytest.raises(AboveYourLimit) as refused:
        give(studio, customer, "front_desk", amount=2_001)
    assert str(refused.value) == (
        "£20.01 is above the limit of front desk, which is £20.00 for one credit. "
        "Ask an owner or a manager to issue it."
    )
    assert give(studio, customer, "manager", amount=2_001).balance == 2_001
    assert ACredit(company=studio, customer=customer, amount=9_000).balance == 9_000


@pytest.mark.parametrize("terms", [{"percentage": 100}, {"offering": "Massage"}])
def test_what_has_no_amount_is_held_back_by_a_limit_of_nothing_alone(
    terms: dict[str, Any], studio: Company, customer: Customer
) -> None:
    limit_to(studio, 1)
    give(studio, customer, "front_desk", **terms)
    limit_to(studio, 0)
    with pytest.raises(AboveYourLimit, match="Ask an owner or a manager"):
        give(studio, customer, "front_desk", **terms)
    limit_to(studio, None)
    give(studio, customer, "front_desk", **terms, name="Another")


def test_an_amount_in_another_currency_is_above_every_limit(
    studio: Company, customer: Customer
) -> None:
    limit_to(studio, 5_000)
    Company.objects.filter(pk=studio.pk).update(currency="USD")
    coupon = ACoupon(company=studio, amount=100)
    Company.objects.filter(pk=studio.pk).update(currency="GBP")
    front = Actor.staff(at_work(studio, "front_desk"), studio)
    with acting_for(studio.id), pytest.raises(AboveYourLimit):
        issue_credit(Credit(customer=customer, coupon=coupon), actor=front)


def test_the_limit_is_said_before_and_told_at_the_coupon(
    studio: Company, customer: Customer
) -> None:
    limit_to(studio, 500)
    coupon, small = ACoupon(company=studio, amount=2_000), ACoupon(company=studio, amount=100)
    browser, add = Browser(at_work(studio, "front_desk")), "/admin/credits/credit/add/"
    choosing = browser.get(add)
    assert "You may give up to £5.00 in one credit." in choosing.text
    assert {row[0]: row[-1] for row in choosing.context["rows"]} == {coupon: True, small: False}
    chosen = f"{add}?coupon={coupon.pk}&customer={customer.pk}"
    assert "is above the limit of front desk, which is £5.00" in browser.get(chosen).text
    answer = browser.send(chosen, reason="A late class")
    assert "is above the limit of front desk" in errors(answer)["coupon"][0]
    with acting_for(studio.id):
        assert not Credit.objects.exists()
    assert "You may give up to" not in Browser(at_work(studio, "manager")).get(add).text


def test_front_desk_reads_that_it_issues_no_credits_where_the_limit_is_nothing(
    studio: Company,
) -> None:
    limit_to(studio, 0)
    page = Browser(at_work(studio, "front_desk")).get("/admin/credits/credit/add/").text
    assert "Front desk does not issue credits here." in page
