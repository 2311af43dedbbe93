"""A phone is stored as typed, shown as E.164 on v1, and unchanged when a client sends it back."""

from config.changes.models import Change
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.callers import Caller
from tests.factories import ACustomer
from tests.refusals import whole_refusal

SHOWN = {
    "+1 212 555 0177 x12": "+12125550177;ext=12",
    "+1 (212) 555-0177 ext. 12": "+12125550177;ext=12",
    "020 7946 0123 #7": "+442079460123;ext=7",
    "+442079460123;ext=7": "+442079460123;ext=7",
    "+44 (0)20 7946 0123": "+442079460123",
    "020 7946 0123": "+442079460123",
    "+39 06 698 12345 x1": "+390669812345;ext=1",
    "555-0177 x12": "555-0177 x12",
    "ask at the desk": "ask at the desk",
}


def stored(customer: Customer) -> Customer:
    with acting_for(customer.company_id):
        customer.refresh_from_db()
    return customer


def changes(company: Company) -> int:
    with acting_for(company.id):
        return Change.objects.filter(table_name="customers_customer").count()


def test_a_phone_is_shown_as_e164_and_stays_as_typed(integrator: Caller, studio: Company) -> None:
    for typed, shown in SHOWN.items():
        customer = ACustomer(company=studio, phone=typed)
        read = integrator.get(f"/v1/customers/{customer.id}").body
        assert read["phone"] == shown
        before = changes(studio)
        answer = integrator.patch(f"/v1/customers/{customer.id}", {"phone": read["phone"]})
        assert (answer.status, answer.body["phone"]) == (200, shown)
        assert stored(customer).phone == typed
        assert changes(studio) == before


def test_another_number_or_extension_replaces_a_phone(integrator: Caller, studio: Company) -> None:
    for phone in (
        *("+12125550177", "+12125550177;ext=13", "+12125550178;ext=12", "(212) 555-0177"),
        *("", None),
    ):
        customer = ACustomer(company=studio, phone="+1 212 555 0177 x12")
        integrator.patch(f"/v1/customers/{customer.id}", {"phone": phone})
        assert stored(customer).phone == (phone or "")


def test_a_new_phone_has_a_digit(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio, phone="ask at the desk")
    path = f"/v1/customers/{customer.id}"
    ann = {"first_name": "Ann", "last_name": "Ng", "email": "a@x.example", "phone": "not a phone"}
    sentence = "Give a phone number such as +44 20 7946 0018; got “not a phone”."
    refused = (422, "not_a_phone", sentence, "phone")
    for answer in (
        integrator.post("/v1/customers", ann),
        integrator.put("/v1/customers?external_id=m-1", ann),
        integrator.patch(path, {"phone": "not a phone"}),
    ):
        assert whole_refusal(answer) == refused
    (result,) = integrator.post("/v1/customers/batch", {"customers": [ann]}).body["results"]
    assert (result["status"], result["error"]["code"]) == (422, "not_a_phone")
    profile = {"firstname": "Ann", "lastname": "Ng", "email": "a@x.example"}
    on_m2m = integrator.put(f"/customer/{customer.id}/profile", profile | {"mobile": "none"})
    none = {"message": sentence.replace("not a phone", "none")}
    assert (on_m2m.status, on_m2m.body) == (400, none)
    assert stored(customer).phone == "ask at the desk"
    # A note in place of a number is unchanged when it is sent back with other changes.
    changed = {"phone": "ask at the desk", "name": "Ng"}
    assert integrator.patch(path, changed).body["phone"] == "ask at the desk"
    assert integrator.patch(f"/customers/{customer.id}", {"country": "GB"}).status == 200
    for phone in ("1", "٠٢٠ ٧٩٤٦", "+44 20 7946 0018"):
        assert integrator.patch(path, {"phone": phone}).status == 200, phone


def test_other_surfaces_write_a_phone_as_it_is_sent(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio, phone="020 7946 0123")
    profile = {"firstname": "Ann", "lastname": "Ng", "email": "a@x.example"}
    for phone in ("+44 20 7946 0123", "0207 946 0123"):
        integrator.put(f"/customer/{customer.id}/profile", profile | {"mobile": phone})
        assert stored(customer).phone == phone
        shown = integrator.get(f"/customer/{customer.id}/profile").body["data"]["mobile"]
        assert shown == phone
