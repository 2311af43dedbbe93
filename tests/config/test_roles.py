"""The permissions of the four roles of a company's staff."""

from functools import partial
from typing import Any

import pytest
from django.contrib import admin
from django.db import IntegrityError, transaction

from config.access.models import Membership, Staff
from config.tenancy.companies import Company
from config.tenancy.errors import AboveRoleLimit, NotAllowed
from config.tenancy.permissions import TABLE, Role
from config.tenancy.scoping import acting_for
from credits.actions import issue_credit, revoke_credit, sell_pass
from credits.models import Credit, PassPurchase
from customers.actions import archive_customer, write_note
from customers.models import Customer, Note
from tests.backoffice import Browser, errors
from tests.factories import PASSWORD, ACoupon, ACredit, ACustomer, APass, make_staff

CUSTOMERS = "/admin/customers/customer/"
PERMISSIONS = [
    f"{model.replace('.', f'.{verb}_')}" for model, verbs in TABLE.items() for verb in verbs
]


MEANT: dict[str, dict[str, bool]] = {
    "owner": {"access.view_apikey": True},
    "manager": {"customers.import_customer": True, "access.view_apikey": False},
    "front_desk": {
        "credits.add_credit": True,
        "credits.change_coupon": False,
        "customers.import_customer": True,
        "customers.bulk_customer": False,
        "billing.import_plan": False,
    },
    "read_only": {"customers.view_customer": True, "customers.export_customer": False},
}


def at_work(company: Company, role: str) -> Staff:
    return make_staff(company, email=f"{role}@{company.slug}.example", role=role)


def test_a_role_may_what_the_table_says_a_superuser_all_and_others_nothing(studio: Company) -> None:
    registered = {model._meta.label_lower for model in admin.site._registry}
    assert registered - TABLE.keys() == {"access.company", "access.staff"}, "for superusers alone"
    assert not [one for one in PERMISSIONS if ".delete_" in one]
    for role in Role:
        staff = at_work(studio, role)
        assert not any(staff.has_perm(one) for one in PERMISSIONS)
        staff.role = staff.role_in(studio)
        for one in PERMISSIONS:
            app, _, rest = one.partition(".")
            verb, _, model = rest.partition("_")
            assert staff.has_perm(one) == (role in TABLE[f"{app}.{model}"][verb]), (role, one)
        outside = {"customers.delete_customer": False, "access.add_company": False}
        for permission, may in (outside | MEANT[role]).items():
            assert staff.has_perm(permission) == may, (role, permission)
    root = make_staff(email="root@studio.example", superuser=True)
    assert all(root.has_perm(one) for one in [*PERMISSIONS, "access.add_company"])
    assert root.role_in(studio) == Role.OWNER
    root.is_active = False
    assert not root.has_perm("customers.view_customer")
    assert root.role_in(studio) == ""


def test_a_membership_has_one_of_the_roles_and_an_actor_that_of_now(
    studio: Company, rival: Company, owner: Staff
) -> None:
    for role in ("", "king"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.filter(staff=owner).update(role=role)
    assert owner.actor_in(studio).role == Role.OWNER
    Membership.objects.filter(staff=owner).update(role=Role.READ_ONLY)
    assert owner.actor_in(studio).role == Role.READ_ONLY
    assert owner.actor_in(rival).role == ""


def test_readers_and_outsiders_are_refused_by_the_actions(studio: Company, owner: Staff) -> None:
    credit, product = ACredit(company=studio), APass(company=studio).product
    customer, coupon = credit.customer, credit.coupon
    new = PassPurchase(customer=customer, product=product)
    for role in ("read_only", ""):
        reader = owner.actor_in(studio, role)
        for act in (
            partial(issue_credit, Credit(customer=customer, coupon=coupon)),
            partial(revoke_credit, credit),
            partial(sell_pass, new),
            partial(write_note, Note(customer=customer, content="x")),
            partial(archive_customer, customer),
        ):
            with acting_for(studio.id), pytest.raises(NotAllowed):
                act(actor=reader)


def test_the_database_itself_refuses_a_readers_writes(studio: Company, monkeypatch: Any) -> None:
    """With all other checks off, the transaction of a read-only role still refuses writes."""
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


def test_a_role_holds_from_the_next_request_in_its_company(studio: Company, rival: Company) -> None:
    staff = at_work(studio, "front_desk")
    Membership.objects.create(staff=staff, company=rival, role="read_only")
    browser = Browser(staff, studio)
    assert browser.get(f"{CUSTOMERS}add/").status_code == 200
    browser.switch_to(rival)
    assert browser.get(f"{CUSTOMERS}add/").status_code == 403
    browser.switch_to(studio)
    staff.memberships.update(role=Role.READ_ONLY)
    answer = browser.get(f"{CUSTOMERS}add/")
    assert answer.status_code == 403
    assert "Your role in Studio Nine is “Read-only”. Ask somebody with the role" in answer.text
    staff.memberships.all().delete()
    assert "You do not work in any company" in browser.get(CUSTOMERS).text


@pytest.fixture
def customer(studio: Company) -> Customer:
    return ACustomer(company=studio)


def give(company: Company, customer: Customer, role: str, **terms: Any) -> Credit:
    coupon = ACoupon(company=company, **terms)
    staff = Staff.objects.filter(memberships__role=role).first() or at_work(company, role)
    with acting_for(company.id):
        credit = Credit(customer=customer, coupon=coupon)
        return issue_credit(credit, actor=staff.actor_in(company))


def limit_to(company: Company, limit: int | None) -> None:
    Company.objects.filter(pk=company.pk).update(credit_limit=limit)


def test_front_desk_alone_is_held_to_the_limit(studio: Company, customer: Customer) -> None:
    limit_to(studio, 2_000)
    assert give(studio, customer, "front_desk", amount=2_000).balance == 2_000
    with pytest.raises(AboveRoleLimit) as refused:
        give(studio, customer, "front_desk", amount=2_001)
    assert str(refused.value) == (
        "£20.01 is above the limit of front desk, which is £20.00 to issue a credit. Ask an owner "
        "or a manager to do it."
    )
    assert refused.value.fields == {"coupon_id": str(refused.value)}
    assert refused.value.code == "above_your_limit"
    assert give(studio, customer, "manager", amount=2_001).balance == 2_001
    assert ACredit(company=studio, customer=customer, amount=9_000).balance == 9_000
    Company.objects.filter(pk=studio.pk).update(currency="USD")
    coupon = ACoupon(company=studio, amount=100)
    Company.objects.filter(pk=studio.pk).update(currency="GBP")
    front = Staff.objects.get(memberships__role="front_desk").actor_in(studio)
    with acting_for(studio.id), pytest.raises(AboveRoleLimit):
        issue_credit(Credit(customer=customer, coupon=coupon), actor=front)


def test_a_credit_without_amount_stops_at_a_limit_of_0(studio: Company, customer: Customer) -> None:
    for terms in ({"percentage": 100}, {"offering": "Massage"}):
        limit_to(studio, 1)
        give(studio, customer, "front_desk", **terms)
        limit_to(studio, 0)
        with pytest.raises(AboveRoleLimit, match="Ask an owner or a manager"):
            give(studio, customer, "front_desk", **terms)
        limit_to(studio, None)
        give(studio, customer, "front_desk", **terms)


def test_the_limit_is_shown_before_and_at_the_coupon(studio: Company, customer: Customer) -> None:
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
    limit_to(studio, 0)
    assert "Front desk may not issue a credit here." in browser.get(add).text
