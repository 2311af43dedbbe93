"""Coupons and passes list, by id, the services, events or media that they are valid for."""

from typing import Any

import pytest

from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.actions.offerings import Offered, Offerings, choose_offerings
from credits.models import Coupon
from customers.models import Customer
from tests.backoffice import Browser, page_of
from tests.callers import Caller
from tests.factories import ACredit, AMedium, AnEvent, AService
from tests.refusals import refusal

YOGA, FACIAL = Offered("evt_1", "Yoga"), Offered("svc_1", "Facial")
UNKNOWN = f"svc_{32 * '7'}"


@pytest.fixture
def offered(studio: Company) -> dict[str, str]:
    """The ids of a service, an event and a medium of the studio."""
    return {
        "Massage": f"svc_{AService(company=studio, name='Massage').id.hex}",
        "Yoga": f"evt_{AnEvent(company=studio, name='Yoga').id.hex}",
        "Stretching": f"media_{AMedium(company=studio, name='Stretching').id.hex}",
    }


@pytest.mark.parametrize(
    ("names", "ids", "expected"),
    [
        (None, None, Offerings(["Yoga"], ["evt_1"])),
        (["Yoga"], [YOGA], Offerings(["Yoga"], ["evt_1"])),
        (None, [FACIAL], Offerings(["Facial"], ["svc_1"])),
        (None, [YOGA, FACIAL], Offerings(["Yoga", "Facial"], ["evt_1", "svc_1"])),
        (["Sauna", "facial"], [FACIAL], Offerings(["Sauna", "facial"], ["svc_1"])),
        (["Sauna"], None, Offerings(["Sauna"], [])),
        (["Sauna"], [YOGA], Offerings(["Sauna"], [])),
        (["Sauna", "Yoga"], [YOGA], Offerings(["Sauna", "Yoga"], ["evt_1"])),
        (None, [], Offerings(["Yoga"], [])),
        ([], None, Offerings([], [])),
    ],
)
def test_names_and_ids_follow_each_other(
    names: list[str] | None, ids: list[Offered] | None, expected: Offerings
) -> None:
    before = Offerings(["Yoga"], ["evt_1"])
    assert choose_offerings(before, names=names, offered=ids, field="ids") == expected


def test_a_coupon_is_made_and_changed_by_the_id_of_what_it_is_good_for(
    integrator: Caller, offered: dict[str, str]
) -> None:
    for name, id in offered.items():
        made = integrator.post("/v1/coupons", {"name": "One", "offering_id": id.upper()})
        assert made.status == 201, made
        assert (made.body["offering"], made.body["offering_id"]) == (name, id)
        bare = id.partition("_")[2]
        again = integrator.post("/v1/coupons", {"name": "One", "offering_id": bare})
        assert again.body["offering_id"] == id
    path = f"/v1/coupons/{made.body['id']}"
    same = integrator.patch(path, made.body)
    assert same.body == made.body, "it can be sent back whole"

    def change(**body: Any) -> tuple[str | None, str | None]:
        answer = integrator.patch(path, body)
        assert answer.status == 200, answer
        return answer.body["offering"], answer.body["offering_id"]

    assert change(offering_id=offered["Yoga"]) == ("Yoga", offered["Yoga"])
    assert change(offering="Sauna") == ("Sauna", None)
    assert change(offering="massage", offering_id=offered["Massage"]) == (
        "massage",
        offered["Massage"],
    )
    assert change(offering_id=None) == ("massage", None)
    assert change(offering=None, percentage=5) == (None, None)
    assert change(percentage=None, offering_id=offered["Yoga"]) == ("Yoga", offered["Yoga"])


def test_a_renamed_service_is_still_meant(
    integrator: Caller, studio: Company, offered: dict[str, str]
) -> None:
    body = {"name": "One", "offering_id": offered["Massage"]}
    coupon = integrator.post("/v1/coupons", body).body
    integrator.patch(f"/v1/services/{offered['Massage']}", {"name": "Deep massage"})
    shown = integrator.get(f"/v1/coupons/{coupon['id']}").body
    assert shown == coupon
    assert integrator.patch(f"/v1/coupons/{coupon['id']}", shown).body == coupon


def test_a_pass_is_good_for_several(integrator: Caller, offered: dict[str, str]) -> None:
    ids = [offered["Yoga"], offered["Massage"]]
    body = {"name": "Ten", "visits": 10, "price": 900, "offering_ids": ids}
    made = integrator.post("/v1/pass-products", body)
    assert made.status == 201, made
    assert (made.body["offerings"], made.body["offering_ids"]) == (["Yoga", "Massage"], ids)
    path = f"/v1/pass-products/{made.body['id']}"
    assert integrator.patch(path, made.body).body == made.body, "it can be sent back whole"
    for change, names, known in (
        ({"offerings": ["Massage", "Sauna"], "offering_ids": ids}, ["Massage", "Sauna"], ids[1:]),
        ({"offerings": ["Sauna"]}, ["Sauna"], []),
        ({"offering_ids": ids[:1]}, ["Yoga"], ids[:1]),
        ({"offering_ids": []}, ["Yoga"], []),
        ({"offerings": []}, [], []),
    ):
        changed = integrator.patch(path, change).body
        assert (changed["offerings"], changed["offering_ids"]) == (names, known), change


def test_eligibility_takes_an_id_in_place_of_a_name(
    integrator: Caller, studio: Company, customer: Customer, offered: dict[str, str]
) -> None:
    ACredit(company=studio, customer=customer, offering="Yoga")
    path = f"/v1/customers/{customer.id}/eligibility"
    by_name = integrator.post(path, {"service": "yoga"})
    by_id = integrator.post(path, {"offering_id": offered["Yoga"]})
    assert (by_id.status, by_id.body) == (200, by_name.body)
    assert by_id.body["covered"] is True
    other = integrator.post(path, {"offering_id": offered["Massage"]})
    assert other.body["covered"] is False


def test_an_id_that_is_not_on_offer_or_of_another_name_is_refused(
    integrator: Caller, stranger: Caller, studio: Company, customer: Customer,
    offered: dict[str, str],
) -> None:  # fmt: skip
    coupons, products = "/v1/coupons", "/v1/pass-products"
    ten = {"name": "Ten", "visits": 10, "price": 900}
    integrator.post(f"/v1/events/{offered['Yoga']}/archive")
    wrong_prefix = offered["Massage"].replace("svc_", "media_")
    for id in (UNKNOWN, offered["Yoga"], wrong_prefix, "Massage"):
        for path, body in (
            (coupons, {"name": "One", "offering_id": id}),
            (f"/v1/customers/{customer.id}/eligibility", {"offering_id": id}),
        ):
            refused = integrator.post(path, body)
            assert refusal(refused) == (422, "invalid", "offering_id"), id
            message = "No such service, event or medium. Check the id."
            assert refused.body["error"]["message"] == f"offering_id: {message}"
        several = integrator.post(products, ten | {"offering_ids": [id]})
        assert refusal(several) == (422, "invalid", "offering_ids.0"), id
    theirs = stranger.post(coupons, {"name": "One", "offering_id": offered["Massage"]})
    assert refusal(theirs) == (422, "invalid", "offering_id")
    for body in ({"name": "One", "offering": "Sauna", "offering_id": offered["Massage"]},):
        refused = integrator.post(coupons, body)
        assert refusal(refused) == (422, "invalid", "offering_id")
        assert "“Massage”" in refused.body["error"]["message"]
    ids = {"offerings": ["Sauna"], "offering_ids": [offered["Massage"]]}
    assert refusal(integrator.post(products, ten | ids)) == (422, "invalid", "offering_ids")


def test_staff_who_type_another_name_leave_no_id_of_the_one_before(
    browser: Browser, studio: Company, integrator: Caller, offered: dict[str, str]
) -> None:
    made = integrator.post("/v1/coupons", {"name": "One", "offering_id": offered["Massage"]}).body
    with acting_for(studio.id):
        path = page_of(Coupon.objects.get())
    browser.send(path, name="Two")
    assert integrator.get(f"/v1/coupons/{made['id']}").body["offering_id"] == offered["Massage"]
    browser.send(path, offering="Sauna")
    shown = integrator.get(f"/v1/coupons/{made['id']}").body
    assert (shown["offering"], shown["offering_id"]) == ("Sauna", None)
