"""The M2M surface of customers: profiles and notes (contract, section 1)."""

from typing import Any

import pytest

from config.access.models import Company
from tests.callers import Caller, call_as, nobody
from tests.factories import ACustomer, ANote

NOWHERE = "00000000-0000-7000-8000-000000000000"


def test_a_profile_is_answered_in_full(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(
        company=studio, first_name="Zoë", last_name="Ng", email="Zoe@b.example", phone="07 mobile"
    )
    answer = integrator.get(f"/customer/{customer.id}/profile")
    assert (answer.status, answer.body) == (
        200,
        {
            "data": {
                "id": f"cust_{customer.id.hex}",
                "type": "customer",
                "firstname": "Zoë",
                "lastname": "Ng",
                "email": "Zoe@b.example",
                "mobile": "07 mobile",
            }
        },
    )


def test_what_a_profile_lacks_is_empty_text(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio, first_name="", last_name="", email="", name="Acme")
    profile = integrator.get(f"/customer/{customer.id}/profile").body["data"]
    assert {profile[name] for name in ("firstname", "lastname", "email", "mobile")} == {""}


def test_replacing_a_profile_keeps_a_mobile_that_is_left_out(
    integrator: Caller, studio: Company
) -> None:
    customer = ACustomer(company=studio, phone="020 7946 0000")
    path = f"/customer/{customer.id}/profile"
    profile = {"firstname": "Ann", "lastname": "Lee", "email": "ann@b.example"}
    answer = integrator.put(path, profile)
    assert (answer.status, answer.body) == (200, {"message": "Profile updated successfully"})
    after = integrator.get(path).body["data"]
    assert {name: after[name] for name in profile} == profile
    assert after["mobile"] == "020 7946 0000"
    integrator.put(path, profile | {"mobile": ""})
    assert integrator.get(path).body["data"]["mobile"] == ""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"firstname": None}, "firstname: This field may not be null."),
        ({"lastname": ""}, "lastname: This field may not be blank."),
        ({"email": "nonsense"}, "email: Enter a valid email address."),
        ({"password": "secret"}, "password: Passwords are not kept here."),
        ({"avatar": "data:"}, "avatar: Pictures are not kept here."),
        ({"type": "customer"}, "type: There is no such field."),
    ],
)
def test_a_profile_that_is_not_right_is_a_400_in_one_sentence(
    integrator: Caller, studio: Company, change: dict[str, Any], message: str
) -> None:
    customer = ACustomer(company=studio)
    before = integrator.get(f"/customer/{customer.id}/profile").body
    profile = {"firstname": "Ann", "lastname": "Lee", "email": "ann@b.example"} | change
    answer = integrator.put(f"/customer/{customer.id}/profile", profile)
    assert (answer.status, answer.body) == (400, {"message": message})
    assert integrator.get(f"/customer/{customer.id}/profile").body == before


def test_a_profile_needs_its_three_fields(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio)
    answer = integrator.put(f"/customer/{customer.id}/profile", {"firstname": "Ann"})
    assert (answer.status, answer.body) == (400, {"message": "lastname: This field is required."})


def test_the_profile_of_an_archived_customer_is_read_only(
    integrator: Caller, studio: Company
) -> None:
    customer = ACustomer(company=studio, archived=True)
    path = f"/customer/{customer.id}/profile"
    assert integrator.get(path).status == 200
    answer = integrator.put(path, {"firstname": "A", "lastname": "B", "email": "a@b.example"})
    assert (answer.status, answer.body) == (
        409,
        {"message": "This customer is archived and cannot be changed. Restore the customer first."},
    )


def test_notes_come_newest_first_in_pages_from_zero(integrator: Caller, studio: Company) -> None:
    customer, other = ACustomer(company=studio), ACustomer(company=studio)
    notes = [ANote(company=studio, customer=customer, content=f"note {n}") for n in range(3)]
    ANote(company=studio, customer=other, content="somebody else's")
    path = f"/customer/{customer.id}/notes"
    answer = integrator.get(f"{path}?page=0&pageSize=2")
    newest = answer.body["data"][0]
    assert newest == {
        "id": f"note_{notes[2].id.hex}",
        "type": "note",
        "content": "note 2",
        "created_by": "manage.py",
        "created_at": newest["created_at"],
        "updated_at": newest["updated_at"],
    }
    assert [one["content"] for one in answer.body["data"]] == ["note 2", "note 1"]
    assert {name: answer.body[name] for name in ("total", "page", "pageSize")} == {
        "total": 3,
        "page": 0,
        "pageSize": 2,
    }
    second = integrator.get(f"{path}?page=1&pageSize=2").body
    assert [one["content"] for one in second["data"]] == ["note 0"]
    assert integrator.get(f"/customer/{other.id}/notes").body["pageSize"] == 30


def test_a_customer_without_notes_is_told_from_no_customer(
    integrator: Caller, studio: Company
) -> None:
    customer = ACustomer(company=studio)
    assert integrator.get(f"/customer/{customer.id}/notes").body == {
        "data": [],
        "total": 0,
        "page": 0,
        "pageSize": 30,
    }
    answer = integrator.get(f"/customer/{NOWHERE}/notes")
    assert (answer.status, answer.body) == (404, {"message": "There is nothing here."})


@pytest.mark.parametrize("query", ["page=-1", "pageSize=0", "pageSize=101", "per_page=3"])
def test_pages_of_notes_have_bounds(integrator: Caller, studio: Company, query: str) -> None:
    customer = ACustomer(company=studio)
    answer = integrator.get(f"/customer/{customer.id}/notes?{query}")
    assert answer.status == 400
    assert query.partition("=")[0] in answer.body["message"]


def test_m2m_words_its_other_refusals_in_one_sentence(studio: Company) -> None:
    customer = ACustomer(company=studio)
    path = f"/customer/{customer.id}/profile"
    without = nobody().get(path)
    assert (without.status, without.body) == (
        401,
        {"message": "Send a valid access token or API key."},
    )
    reader = call_as(studio, ["notes:read"], "reader")
    refused = reader.get(path)
    assert (refused.status, refused.body) == (
        403,
        {"message": "This needs the scope profile:read."},
    )
    owner = call_as(studio, ["profile:write"], "writer")
    missing = owner.put("/customer/nonsense/profile", {})
    assert (missing.status, missing.body) == (404, {"message": "There is nothing here."})
    method = owner.delete(path)
    assert (method.status, method.body) == (
        405,
        {"message": "This address does not take this method."},
    )
