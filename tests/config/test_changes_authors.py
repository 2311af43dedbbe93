"""A change names its author, credential, request and reason (threat 38)."""

import uuid
from typing import Any
from urllib.parse import quote

from django.core.management import call_command

from config.access.models import ApiKey
from config.changes.models import Change
from config.tenancy.authors import Author, because
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.backoffice import Browser, page_of
from tests.callers import Caller
from tests.changes import recorded
from tests.factories import ACustomer, AUser


def test_an_api_key_is_named_with_its_reason(studio: Company, integrator: Caller) -> None:
    ann = {"first_name": "Ann", "email": "ann@x.example"}
    told = {"Request_Id": "req-7", "X_Reason": quote("Asked by phone, café", safe=" ")}
    with recorded(studio) as changes:
        assert integrator.post("/v1/customers", ann, **told).status == 201
    [change] = changes
    assert (change.actor_kind, change.actor_name) == ("key", "tests")
    assert change.credential_id == ApiKey.objects.get(company=studio).id
    assert (change.request_id, change.reason) == ("req-7", "Asked by phone, café")


def test_staff_are_named_with_their_request(studio: Company, browser: Browser, owner: Any) -> None:
    user = AUser(company=studio, customer=ACustomer(company=studio))
    with recorded(studio) as changes:
        answer = browser.send(page_of(user), first_name="Corrected")
    [change] = changes
    author = (change.actor_kind, change.actor_name, change.credential_id)
    assert author == ("staff", "Olive Owner", owner.id)
    assert change.request_id == answer["Request-Id"] != ""


def test_a_command_is_named_by_its_verb(studio: Company) -> None:
    with recorded(studio) as changes:
        call_command("create_api_key", company="studio", name="Till", scopes="*")
    (change,) = changes
    assert (change.actor_kind, change.actor_name) == ("command", "manage.py create_api_key")


def test_a_company_and_its_staff_are_recorded_for_it(studio: Company, owner: Any) -> None:
    with acting_for(studio.id):
        found = dict(Change.objects.values_list("table_name", "object_id"))
    assert found["access_company"] == studio.id
    assert found["access_membership"] == owner.memberships.get().id


def test_a_reason_holds_from_when_it_is_given_and_ends_with_the_work(studio: Company) -> None:
    customer = ACustomer(company=studio)
    me = Author("staff", "Ida", uuid.uuid4(), "r-1")
    with recorded(studio) as changes, acting_for(studio.id, author=me):
        Customer.objects.filter(id=customer.id).update(last_name="A")
        because("Misspelt")
        with acting_for(studio.id):
            Customer.objects.filter(id=customer.id).update(last_name="B")
    with recorded(studio) as later, acting_for(studio.id):
        Customer.objects.filter(id=customer.id).update(last_name="C")
    assert [(one.actor_name, one.request_id, one.reason) for one in changes + later] == [
        ("Ida", "r-1", ""), ("Ida", "r-1", "Misspelt"), ("manage.py", "", "")
    ]  # fmt: skip


def test_a_reason_that_is_no_text_is_refused(studio: Company, integrator: Caller) -> None:
    ann = {"first_name": "Ann", "email": "ann@x.example"}
    with recorded(studio) as changes:
        for reason in ("", "x" * 501, "line%0Afeed", "\xff\xfe", "%FF", "%00"):
            answer = integrator.post("/v1/customers", ann, X_Reason=reason)
            assert (answer.status, "X-Reason" in str(answer.body)) == (400, True), reason
    assert changes == []
