"""The M2M surface of customers: profiles and notes (contract, section 1)."""

from config.tenancy.companies import Company
from customers.models import Customer
from tests.callers import Caller, call_as, nobody
from tests.factories import ACustomer, ANote
from tests.refusals import GRANT_IT, NO_CREDENTIAL

NOWHERE = "00000000-0000-7000-8000-000000000000"


def test_a_profile_is_answered_in_full(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(
        company=studio, first_name="Zoë", last_name="Ng", email="Zoe@b.example", phone="07 mobile"
    )
    answer = integrator.get(f"/customer/{customer.id}/profile")
    assert answer.status == 200
    assert answer.body == {
        "data": {
            "id": f"cust_{customer.id.hex}",
            "type": "customer",
            "firstname": "Zoë",
            "lastname": "Ng",
            "email": "Zoe@b.example",
            "mobile": "07 mobile",
        }
    }
    acme = ACustomer(company=studio, first_name="", last_name="", email="", name="Acme")
    lacking = integrator.get(f"/customer/{acme.id}/profile").body["data"]
    assert {lacking[name] for name in ("firstname", "lastname", "email", "mobile")} == {""}


def test_a_replaced_profile_keeps_a_mobile_left_out(integrator: Caller, studio: Company) -> None:
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


def test_a_wrong_profile_is_a_400_in_one_sentence(integrator: Caller, customer: Customer) -> None:
    path = f"/customer/{customer.id}/profile"
    before = integrator.get(path).body
    profile = {"firstname": "Ann", "lastname": "Lee", "email": "ann@b.example"}
    for body, message in (
        (profile | {"firstname": None}, "firstname: Must not be null. Send text."),
        (profile | {"lastname": ""}, "lastname: Must not be blank. Send text."),
        (
            profile | {"email": "nonsense"},
            "email: Must be an e-mail address such as ann@example.com; got “nonsense”.",
        ),
        (profile | {"password": "secret"}, "password: Passwords are not kept here."),
        (profile | {"avatar": "data:"}, "avatar: Pictures are not kept here."),
        (profile | {"mobil": "1"}, "mobil: There is no such field. Did you mean mobile?"),
        (
            {"firstname": 5, "mobil": "1", "password": "x"},
            "mobil: There is no such field. Did you mean mobile? password: Passwords are not kept "
            "here. lastname: Send this field: it is required. email: Send this field: it is "
            "required. firstname: Must be text; got “5”.",
        ),
    ):
        answer = integrator.put(path, body)
        assert (answer.status, answer.body) == (400, {"message": message})
    assert integrator.get(path).body == before


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


def test_no_notes_are_told_from_no_customer(integrator: Caller, customer: Customer) -> None:
    path = f"/customer/{customer.id}/notes"
    empty = {"data": [], "total": 0, "page": 0, "pageSize": 30}
    assert integrator.get(path).body == empty
    answer = integrator.get(f"/customer/{NOWHERE}/notes")
    assert (answer.status, answer.body) == (404, {"message": "No such customer. Check the id."})
    for query in ("page=-1", "pageSize=0", "pageSize=101", "pagesize=3"):
        answer = integrator.get(f"{path}?{query}")
        assert answer.status == 400, query
        assert query.partition("=")[0] in answer.body["message"]


def test_m2m_words_its_other_refusals_in_one_sentence(studio: Company) -> None:
    path = f"/customer/{ACustomer(company=studio).id}/profile"
    gone = f"/customer/{ACustomer(company=studio, archived=True).id}/profile"
    reader = call_as(studio, ["notes:read"], "reader")
    writer = call_as(studio, ["profile:write"], "writer")
    profile = {"firstname": "A", "lastname": "B", "email": "a@b.example"}
    archived = "This customer is archived and cannot be changed. Restore the customer first."
    for answer, status, message in (
        (nobody().get(path), 401, NO_CREDENTIAL),
        (reader.get(path), 403, f"This needs the scope profile:read. {GRANT_IT}"),
        (writer.put("/customer/nonsense/profile", {}), 404, "No such customer. Check the id."),
        (writer.delete(path), 405, "This path does not take DELETE. Send GET, HEAD, PUT."),
        (writer.put(gone, profile), 409, archived),
    ):
        assert (answer.status, answer.body) == (status, {"message": message})
