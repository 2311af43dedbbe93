"""The lists of bookings on v1 and their filters (contract, section 2)."""

from bookings.models import Booking, Facilitator
from config.tenancy.actors import Actor
from config.tenancy.archiving import archive_row
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import archive_address, create_zone
from customers.models import Customer, Zone
from tests.callers import Caller
from tests.credits.test_v1_credits import refusal
from tests.customers.test_v1_customers import error
from tests.factories import (
    MORNING,
    ACustomer,
    AFacilitator,
    AnAddress,
    AnAppointment,
    AnEventDate,
    APlace,
)

from .support import HOUR, LONG_AGO, ids


def test_both_kinds_of_booking_are_listed_newest_first(
    integrator: Caller, studio: Company, customer: Customer, facilitator: Facilitator
) -> None:
    date = AnEventDate(company=studio, facilitator=facilitator)
    appointment = AnAppointment(company=studio, customer=customer)
    place = APlace(company=studio, customer=customer, event_date=date, spaces=2)
    other = AnAppointment(company=studio)
    listed = integrator.get(f"/v1/customers/{customer.id}/bookings")
    assert listed.status == 200
    assert listed.body == {
        "data": [
            integrator.get(f"/v1/bookings/{place.id}").body,
            integrator.get(f"/v1/bookings/{appointment.id}").body,
        ],
        "pagination": {"page": 1, "per_page": 25, "total": 2, "total_pages": 1},
    }
    every = [f"bk_{one.id.hex}" for one in (other, place, appointment)]
    assert ids(integrator, "/v1/bookings") == every


def test_a_list_comes_in_pages(integrator: Caller, studio: Company, customer: Customer) -> None:
    made = [f"bk_{AnAppointment(company=studio, customer=customer).id.hex}" for _ in range(3)]
    for path in ("/v1/bookings", f"/v1/customers/{customer.id}/bookings"):
        second = integrator.get(f"{path}?page=2&per_page=2").body
        assert [one["id"] for one in second["data"]] == made[:1]
        pagination = {"page": 2, "per_page": 2, "total": 3, "total_pages": 2}
        assert second["pagination"] == pagination
        beyond = integrator.get(f"{path}?page=9&per_page=2").body
        assert beyond == {"data": [], "pagination": pagination | {"page": 9}}


def test_a_list_filters_by_status(integrator: Caller, studio: Company, customer: Customer) -> None:
    made = {
        status: f"bk_{AnAppointment(company=studio, customer=customer).id.hex}"
        for status in ("confirmed", "in_progress", "completed", "no_show", "cancelled")
    }
    integrator.post(f"/v1/bookings/{made['in_progress']}/start")
    integrator.post(f"/v1/bookings/{made['completed']}/complete")
    integrator.post(f"/v1/bookings/{made['cancelled']}/cancel")
    past = {"scheduled_at": "2020-01-01T09:00"}
    assert integrator.patch(f"/v1/bookings/{made['no_show']}", past).status == 200
    assert integrator.post(f"/v1/bookings/{made['no_show']}/no-show").status == 200
    for path in ("/v1/bookings", f"/v1/customers/{customer.id}/bookings"):
        for status, booking in made.items():
            answer = integrator.get(f"{path}?status={status}").body
            assert [(one["id"], one["status"]) for one in answer["data"]] == [(booking, status)]
            assert answer["pagination"]["total"] == 1
        assert len(ids(integrator, path)) == 5, "without a status every one is listed"


def test_a_booking_is_in_the_zone_of_its_address_or_else_of_its_customer(
    integrator: Caller, studio: Company, customer: Customer, actor: Actor
) -> None:
    west = AnAddress(company=studio, customer=customer, postal_code="W1 1AA")
    east = AnAddress(company=studio, customer=customer, postal_code="e1 6an")
    nowhere = ACustomer(company=studio)
    made = {
        "west": AnAppointment(company=studio, customer=customer, address=west),
        "east": AnAppointment(company=studio, customer=customer, address=east),
        "in the studio": AnAppointment(company=studio, customer=customer),
        "a place": APlace(company=studio, customer=customer),
        "nowhere": AnAppointment(company=studio, customer=nowhere),
    }
    names = {f"bk_{booking.id.hex}": name for name, booking in made.items()}
    with acting_for(studio.id):
        zone = create_zone(Zone(name="East", postal_codes=["E16AN", "E2"]), actor=actor)
    query = f"zone_id=zone_{zone.id.hex}"

    def found(path: str) -> list[str]:
        return [names[one] for one in ids(integrator, path)]

    for path in ("/v1/bookings", f"/v1/customers/{customer.id}/bookings"):
        assert found(f"{path}?{query}") == ["a place", "in the studio", "east"]
        assert found(f"{path}?zone_id={zone.id}&status=cancelled") == []
    assert found(f"/v1/customers/{nowhere.id}/bookings?{query}") == []
    with acting_for(studio.id):
        archive_address(east, actor=actor)
    assert found(f"/v1/bookings?{query}") == [], "an archived address is in no zone"
    with acting_for(studio.id):
        archive_row(zone, actor=actor)
    assert found(f"/v1/bookings?{query}") == []
    assert ids(integrator, f"/v1/bookings?zone_id={customer.id}") == [], "no zone of ours"


def test_a_list_filters_by_service_facilitator_event_date_and_change(
    integrator: Caller, studio: Company, customer: Customer, facilitator: Facilitator
) -> None:
    date = AnEventDate(company=studio, facilitator=facilitator)
    later = MORNING + HOUR
    massage = AnAppointment(
        company=studio, customer=customer, facilitator=facilitator, starts_at=later
    )
    AnAppointment(company=studio, customer=customer, facilitator=AFacilitator(company=studio))
    place = APlace(company=studio, customer=customer, event_date=date)
    AnAppointment(company=studio, facilitator=facilitator, starts_at=LONG_AGO, cancelled=True)
    own, led = (f"bk_{one.id.hex}" for one in (massage, place))
    path = f"/v1/customers/{customer.id}/bookings"
    shown = integrator.get(f"/v1/bookings/{own}").body
    for query, found in (
        (f"service_id={shown['service_id']}", [own]),
        (f"facilitator_id=fac_{facilitator.id.hex}", [led, own]),
        (f"facilitator_id=fac_{facilitator.id.hex}&status=cancelled", []),
        (f"event_date_id=date_{date.id.hex}", [led]),
        (f"service_id={shown['service_id']}&event_date_id=date_{date.id.hex}", []),
    ):
        assert ids(integrator, f"{path}?{query}") == found, query
        everyones = ids(integrator, f"/v1/bookings?{query}&limit=9")
        assert [one for one in everyones if one in (own, led)] == found, query
    newest = ids(integrator, "/v1/bookings")[0]
    before = integrator.get(f"/v1/bookings/{newest}").body["updated_at"]
    integrator.patch(f"/v1/bookings/{own}", {"notes": "Knock."})
    assert ids(integrator, f"/v1/bookings?updated_after={before}") == [own]


def test_all_bookings_also_page_between_cursors(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    made = [f"bk_{AnAppointment(company=studio, customer=customer).id.hex}" for _ in range(3)]
    first = integrator.get("/v1/bookings?limit=2").body
    assert [one["id"] for one in first["data"]] == [made[2], made[1]]
    assert (first["has_next_page"], first["has_previous_page"]) == (True, False)
    rest = integrator.get(f"/v1/bookings?limit=2&after={first['end_cursor']}").body
    assert [one["id"] for one in rest["data"]] == [made[0]]
    assert (rest["has_next_page"], rest["has_previous_page"]) == (False, True)
    other = integrator.get(f"/v1/customers/{customer.id}/bookings?limit=2")
    assert refusal(other) == (400, "unknown_parameter", "limit"), "the documented pages alone"


def test_filters_narrow_together(integrator: Caller, studio: Company, customer: Customer) -> None:
    AnAppointment(company=studio, customer=customer, cancelled=True)
    wanted = AnAppointment(company=studio, customer=customer)
    AnAppointment(company=studio)
    query = "status=confirmed&date_from=2099-06-01&date_to=2099-06-01"
    path = f"/v1/bookings?customer_id=cust_{customer.id.hex}&{query}&per_page=1"
    answer = integrator.get(path).body
    assert [one["id"] for one in answer["data"]] == [f"bk_{wanted.id.hex}"]
    assert answer["pagination"]["total"] == 1
    assert ids(integrator, f"/v1/bookings?customer_id={customer.id}&date_from=2099-06-02") == []


def test_the_customer_of_the_query_is_the_one_of_the_path(
    integrator: Caller, studio: Company, customer: Customer, booking: Booking
) -> None:
    path = f"/v1/customers/{customer.id}/bookings?customer_id="
    for same in (customer.id, customer.id.hex, f"cust_{customer.id.hex}"):
        assert ids(integrator, f"{path}{same}") == [f"bk_{booking.id.hex}"]
    other = integrator.get(f"{path}{ACustomer(company=studio).id}")
    message = "customer_id: Must be the customer of the path."
    assert other.status == 400
    assert other.body == error("invalid_request", "invalid_parameter", message, "customer_id")
    assert refusal(integrator.get(f"{path}nonsense")) == (400, "invalid_parameter", "customer_id")
    assert integrator.get(f"/v1/customers/{booking.id}/bookings").status == 404
    assert ids(integrator, f"/v1/customers/{ACustomer(company=studio).id}/bookings") == []


def test_a_query_that_cannot_be_is_a_400(integrator: Caller, customer: Customer) -> None:
    for path in ("/v1/bookings", f"/v1/customers/{customer.id}/bookings"):
        for query in (
            *("per_page=101", "per_page=0", "page=0", "page=-1", "page=x"),
            *("status=CONFIRMED", "status=paid", "status=confirmed,cancelled", "status=%00"),
            *("date_from=soon", "date_from=%00", "date_to=2099-02-30", "date_to=2099-01-01T00:00Z"),
            *("zone_id=nonsense", "zone_id=%00", "zone_id=%20", f"zone_id=%0bzone_{'0' * 32}"),
            *("zone=x", "status=confirmed&status=cancelled", "status=%20", "date_from=%20"),
        ):
            param = query.partition("=")[0]
            code = "unknown_parameter" if param == "zone" else "invalid_parameter"
            assert refusal(integrator.get(f"{path}?{query}")) == (400, code, param), (path, query)


def test_the_first_and_the_last_day_are_days(integrator: Caller, booking: Booking) -> None:
    for query, found in (
        *(("date_from=0001-01-01", 1), ("date_to=0001-01-01", 0)),
        *(("date_from=9999-12-31", 0), ("date_to=9999-12-31", 1)),
    ):
        assert len(ids(integrator, f"/v1/bookings?{query}")) == found, query
