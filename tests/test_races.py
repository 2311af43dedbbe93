"""Simultaneous requests over HTTP to a started server with 4 workers (threats 9 to 12, 21).

Each race also runs on a server without its guard, where it has to go wrong: otherwise the test does
not prove that the guard works.
"""

from collections import Counter
from collections.abc import Callable

import pytest
import requests

from tests.shop import AT_ONCE, Shop, numbers

pytestmark = pytest.mark.long

# How often a race is repeated.
TRIES = 8


def is_lost(race: Callable[[], bool]) -> bool:
    """Return whether a race goes wrong in one of several attempts; one may pass by chance."""
    return any(race() for _ in range(TRIES))


def race_for_one_use(shop: Shop, credits: int) -> list[Counter[int]]:
    results = []
    for _ in range(credits):
        customer = shop.customer()
        credit = shop.credit(customer, offering="Massage")
        results.append(shop.at_once(*(shop.redeem(customer, credit) for _ in range(AT_ONCE))))
    return results


def race_for_parts(shop: Shop) -> tuple[Counter[int], int]:
    customer = shop.customer()
    credit = shop.credit(customer, amount=1_000)
    calls = (shop.redeem(customer, credit, amount=30) for _ in range(AT_ONCE))
    statuses = shop.at_once(*calls)
    balance = shop.send("GET", f"/v1/customers/{customer}/credits/balance").json()
    return statuses, balance["amount"]


def test_one_use_is_had_once_by_64_at_the_same_time(shop: Shop) -> None:
    results = race_for_one_use(shop, credits=50)
    assert results == [Counter({409: AT_ONCE - 1, 201: 1})] * 50
    assert shop.is_sound()


def test_without_the_guard_one_use_is_had_by_several(unguarded: Shop) -> None:
    results = race_for_one_use(unguarded, credits=3)
    assert any(statuses[201] > 1 for statuses in results)
    assert not unguarded.is_sound(), "and the proof finds it"


def test_a_balance_is_used_to_what_it_holds_and_no_further(shop: Shop) -> None:
    statuses, left = race_for_parts(shop)
    assert (statuses, left) == (Counter({201: 33, 409: 31}), 10)
    assert shop.is_sound()


def test_without_the_guard_a_balance_is_overspent(unguarded: Shop) -> None:
    assert is_lost(lambda: race_for_parts(unguarded)[0][201] > 33)


def test_refunds_never_come_to_more_than_was_paid(shop: Shop) -> None:
    payment = shop.payment(1_000)
    statuses = shop.at_once(*(shop.refund(payment, 30) for _ in range(AT_ONCE)))
    assert statuses == Counter({201: 33, 409: 31})
    rest = shop.send("POST", f"/v1/payments/{payment}/refunds", {"reason": "The rest"})
    assert rest.json()["amount"] == 10


def test_without_its_guards_more_is_given_back_than_was_paid(unguarded: Shop) -> None:
    def gives_back_too_much() -> bool:
        payment = unguarded.payment(1_000)
        refunds = (unguarded.refund(payment, 30) for _ in range(AT_ONCE))
        return unguarded.at_once(*refunds)[201] > 33

    with (
        unguarded.without_trigger("billing_payment_fits", "billing_payment"),
        unguarded.without_trigger("billing_credit_note_fits", "billing_creditnote"),
    ):
        assert is_lost(gives_back_too_much)


def pay_in_parts(shop: Shop) -> Counter[int]:
    """Pay 30 of 1,000 in 64 simultaneous requests."""
    path = f"/v1/invoices/{shop.invoice(1_000)}/payments"
    part = {"amount": 30, "method": "cash"}
    return shop.at_once(*(lambda: shop.send("POST", path, part) for _ in range(AT_ONCE)))


def test_payments_never_come_to_more_than_the_invoice(shop: Shop) -> None:
    assert pay_in_parts(shop) == Counter({201: 33, 409: 31})


def test_without_its_guards_more_is_paid_than_was_asked_for(unguarded: Shop) -> None:
    with (
        unguarded.without_trigger("billing_payment_fits", "billing_payment"),
        unguarded.without_trigger("billing_payment_adds_up", "billing_payment"),
        unguarded.without_trigger("billing_invoice_adds_up", "billing_invoice"),
    ):
        assert is_lost(lambda: pay_in_parts(unguarded)[201] > 33)


def race_to_upsert(shop: Shop) -> tuple[Counter[int], int]:
    """Upsert one external id in 64 simultaneous requests; return how many customers have it."""
    path = f"/v1/customers?external_id=race-{next(numbers)}"
    body = {"first_name": "Ann", "email": "ann@example.com", "address": {"city": "York"}}
    statuses = shop.at_once(*[lambda: shop.send("PUT", path, body)] * AT_ONCE)
    return statuses, shop.send("GET", path).json()["pagination"]["total"]


def test_of_64_upserts_of_one_external_id_one_creates_and_the_others_change(shop: Shop) -> None:
    for _ in range(TRIES):
        assert race_to_upsert(shop) == (Counter({200: AT_ONCE - 1, 201: 1}), 1)


def test_without_the_guard_an_upsert_is_told_that_the_external_id_is_taken(unguarded: Shop) -> None:
    assert is_lost(lambda: race_to_upsert(unguarded)[0][409] > 0)


def race_of_batches(shop: Shop) -> tuple[Counter[int], int]:
    """Upsert 20 external ids in 16 simultaneous batches, each in another order."""
    word = f"batch-{next(numbers)}"
    items = [
        {"external_id": f"{word}-{at}", "first_name": "Ann", "email": "ann@example.com"}
        for at in range(20)
    ]
    batches = [{"customers": items[at:] + items[:at]} for at in range(16)]
    answers = shop.answers_at_once(
        *(lambda one=one: shop.send("POST", "/v1/customers/batch", one) for one in batches)
    )
    results = [one["status"] for answer in answers for one in answer.json()["results"]]
    made = {one["customer"]["id"] for answer in answers for one in answer.json()["results"]}
    return Counter(results), len(made)


def test_batches_of_the_same_external_ids_make_each_customer_once(shop: Shop) -> None:
    assert race_of_batches(shop) == (Counter({200: 15 * 20, 201: 20}), 20)


def race_of_guarded_creates(shop: Shop) -> Counter[int]:
    """Create the same person in 16 simultaneous requests that refuse likely duplicates."""
    phone = f"+4420794{next(numbers) + 10_000}"
    names = [("Anna", "Kowalczyk"), ("Ana", "Kowalczyk"), ("Kowalczyk", "Anna")]
    bodies = [{"first_name": first, "last_name": last, "phone": phone} for first, last in names]
    guard = {"Refuse-Duplicates": "true"}
    return shop.at_once(
        *(
            lambda body=bodies[at % 3]: shop.send("POST", "/v1/customers", body, headers=guard)
            for at in range(16)
        )
    )


def test_of_guarded_creates_of_one_person_at_once_one_is_done(shop: Shop) -> None:
    assert race_of_guarded_creates(shop) == Counter({409: 15, 201: 1})


def test_without_the_guard_one_person_is_created_several_times(unguarded: Shop) -> None:
    assert is_lost(lambda: race_of_guarded_creates(unguarded)[201] > 1)


def use_and_revoke(shop: Shop) -> tuple[str, str, Counter[int]]:
    """Use and revoke a credit, 32 requests each; return customer, credit and statuses."""
    customer = shop.customer()
    credit = shop.credit(customer, offering="Massage")
    uses = [shop.redeem(customer, credit) for _ in range(32)]
    revocations = [shop.revoke(customer, credit) for _ in range(32)]
    mixed = [call for pair in zip(uses, revocations, strict=True) for call in pair]
    return customer, credit, shop.at_once(*mixed)


def test_of_using_and_revoking_one_wins(shop: Shop) -> None:
    for _ in range(50):
        customer, credit, statuses = use_and_revoke(shop)
        seen = shop.send("GET", f"/customers/customers/{customer}/credits/{credit}").json()["data"]
        if seen["redeemed_at"]:
            assert statuses == Counter({201: 1, 409: 31, 400: 32})
            assert (seen["revoked_at"], seen["times_redeemed"]) == (None, 1)
        else:
            assert statuses == Counter({200: 32, 409: 32})
            assert (seen["revoked_at"] is None, seen["times_redeemed"]) == (False, 0)
    assert shop.is_sound()


def test_without_the_guard_both_win_or_the_server_breaks(unguarded: Shop) -> None:
    def both_win_or_it_breaks() -> bool:
        try:
            *_, statuses = use_and_revoke(unguarded)
        except AssertionError:
            return True
        return statuses[201] > 1 or bool(statuses[201] and statuses[200])

    assert is_lost(both_win_or_it_breaks)


def test_one_use_is_given_back_once(shop: Shop) -> None:
    customer = shop.customer()
    credit = shop.credit(customer, amount=100)
    path = f"/v1/customers/{customer}/credits/{credit}/redemptions"
    use = shop.make(path, {"reference": "a", "amount": 60})
    give_back = f"{path}/{use['id']}/reverse"
    calls = [lambda: shop.send("POST", give_back)] * AT_ONCE
    assert shop.at_once(*calls) == Counter({409: AT_ONCE - 1, 200: 1})
    balance = shop.send("GET", f"/v1/customers/{customer}/credits/balance").json()
    assert balance["amount"] == 100
    assert shop.is_sound()


def race_for_time(shop: Shop) -> list[requests.Response]:
    """Book overlapping appointments with one facilitator for 64 customers at once."""
    who = {"service_id": shop.service(), "facilitator_id": shop.facilitator()}
    times = [f"2099-06-01T09:{minute:02}Z" for minute in range(30, 60)]
    calls = [
        shop.book(customer, scheduled_at=times[turn % len(times)], **who)
        for turn, customer in enumerate(shop.customers())
    ]
    return shop.answers_at_once(*calls)


def race_for_two(shop: Shop) -> Counter[str]:
    """Create 64 events with two simultaneous facilitators, half of them in reverse order."""
    two = [shop.facilitator() for _ in range(2)]
    time = {"starts_at": "2099-06-01T09:30Z", "duration_minutes": 60, "capacity": 10}

    def event(turn: int) -> Callable[[], requests.Response]:
        dates = [{**time, "facilitator_id": two[turn % 2]}]
        dates.append({**time, "facilitator_id": two[1 - turn % 2]})
        options = [{"name": "Drop-in", "price": 1_500}]
        body = {"name": "Duet", "pricing_options": options, "dates": dates}
        return lambda: shop.send("POST", "/v1/events", body)

    answers = shop.answers_at_once(*map(event, range(AT_ONCE)))
    return Counter(answer.json().get("error", {}).get("code", "") for answer in answers)


def race_for_space(shop: Shop) -> tuple[Counter[int], str]:
    """Book a date with 10 spaces for 64 customers at once; return the statuses and the date."""
    date = shop.event_date(capacity=10)
    calls = [shop.book(customer, event_date_id=date) for customer in shop.customers()]
    return shop.at_once(*calls), date


def race_for_visits(shop: Shop) -> tuple[Counter[int], int]:
    """Book 64 places with one pass of 10 visits; return the statuses and the visits left."""
    date, customer = shop.event_date(capacity=AT_ONCE), shop.customer()
    bought = shop.buy_pass(customer)
    call = shop.book(customer, event_date_id=date, payment={"pass_id": bought})
    return shop.at_once(*[call] * AT_ONCE), shop.visits_left(customer)


def race_to_pay(shop: Shop) -> tuple[Counter[int], int]:
    """Pay 64 times for one appointment of 60.00; return statuses and the customer's spending."""
    customer = shop.customer()
    made = shop.book(customer, service_id=shop.service(), scheduled_at="2099-06-01T09:30Z")
    pay = shop.do(made().json()["id"], "payments", {"method": "cash"})
    return shop.at_once(*[pay] * AT_ONCE), shop.spent(customer)


def race_to_cancel(shop: Shop) -> tuple[Counter[int], int, int]:
    """Cancel two paid places 64 times each; return statuses, visits left and the spending."""
    date, customer = shop.event_date(capacity=2), shop.customer()
    bought = shop.buy_pass(customer)
    statuses: Counter[int] = Counter()
    for means in ({"pass_id": bought}, {"method": "cash"}):
        place = shop.book(customer, event_date_id=date, payment=means)().json()["id"]
        statuses += shop.at_once(*[shop.do(place, "cancel")] * AT_ONCE)
    return statuses, shop.visits_left(customer), shop.spent(customer)


def test_of_64_overlapping_appointments_one_is_made(shop: Shop) -> None:
    answers = race_for_time(shop)
    statuses = Counter(answer.status_code for answer in answers)
    assert statuses == Counter({409: AT_ONCE - 1, 201: 1})
    codes = {answer.json()["error"]["code"] for answer in answers if answer.status_code == 409}
    assert codes == {"facilitator_busy"}, "none of them died of a deadlock"


def test_without_its_lock_the_database_still_makes_one(unguarded: Shop) -> None:
    with unguarded.quick_deadlocks():
        answers = race_for_time(unguarded)
    assert Counter(answer.status_code for answer in answers) == Counter({409: AT_ONCE - 1, 201: 1})


def test_of_64_events_that_two_would_lead_one_is_made(shop: Shop) -> None:
    assert race_for_two(shop) == Counter({"facilitator_busy": AT_ONCE - 1, "": 1})


def test_without_the_lock_a_deadlock_is_a_conflict_and_one_is_made(unguarded: Shop) -> None:
    deadlocks = 0
    for _ in range(TRIES):
        with unguarded.quick_deadlocks():
            codes = race_for_two(unguarded)
        assert (codes[""], codes["facilitator_busy"] + codes["busy"]) == (1, AT_ONCE - 1)
        deadlocks += codes["busy"]
        if deadlocks:
            break
    assert deadlocks, "the negative control: the lock is there against these"


def test_without_the_guards_a_facilitator_is_booked_twice(unguarded: Shop) -> None:
    with unguarded.without_trigger("bookings_engaged"):
        assert is_lost(
            lambda: sum(answer.status_code == 201 for answer in race_for_time(unguarded)) > 1
        )


def test_of_64_places_at_a_date_with_10_left_10_are_had(shop: Shop) -> None:
    statuses, date = race_for_space(shop)
    assert statuses == Counter({409: AT_ONCE - 10, 201: 10})
    (last,) = shop.customers(1)
    assert shop.book(last, event_date_id=date)().json()["error"]["code"] == "event_full"


def test_without_its_lock_the_database_still_sells_10(unguarded: Shop) -> None:
    assert race_for_space(unguarded)[0] == Counter({409: AT_ONCE - 10, 201: 10})


def test_without_the_guards_a_date_is_oversold(unguarded: Shop) -> None:
    with unguarded.without_trigger("bookings_spaces"):
        assert is_lost(lambda: race_for_space(unguarded)[0][201] > 10)


def test_of_64_moves_and_bookings_to_one_time_one_is_made(shop: Shop) -> None:
    who = {"service_id": shop.service(), "facilitator_id": shop.facilitator()}
    times = [f"2099-07-{day:02}T{hour:02}:30Z" for day in range(1, 17) for hour in (9, 12)]
    booked = zip(shop.customers(32), times, strict=True)
    made = shop.answers_at_once(
        *(shop.book(customer, scheduled_at=time, **who) for customer, time in booked)
    )
    paths = [f"/v1/bookings/{one.json()['id']}" for one in made]
    there = {"scheduled_at": "2099-06-01T09:30Z"}
    moves = [lambda path=path: shop.send("PATCH", path, there) for path in paths]
    books = [shop.book(customer, **there, **who) for customer in shop.customers(32)]
    mixed = [call for pair in zip(moves, books, strict=True) for call in pair]
    statuses = shop.at_once(*mixed)
    assert (statuses[200] + statuses[201], statuses[409]) == (1, AT_ONCE - 1)


def test_64_places_take_ten_visits_of_a_pass_and_no_more(shop: Shop) -> None:
    assert race_for_visits(shop) == (Counter({409: AT_ONCE - 10, 201: 10}), 0)
    assert shop.is_sound()


def test_without_the_guards_a_pass_is_used_for_more_than_it_has(unguarded: Shop) -> None:
    # The trigger that counts spaces would make the requests wait for each other.
    with unguarded.without_trigger("bookings_spaces"):
        assert is_lost(lambda: race_for_visits(unguarded)[0][201] > 10)


def test_a_booking_is_paid_once_however_often_at_the_same_time(shop: Shop) -> None:
    assert race_to_pay(shop) == (Counter({409: AT_ONCE - 1, 200: 1}), 6_000)


def test_without_the_guards_a_booking_is_paid_several_times(unguarded: Shop) -> None:
    def is_paid_twice() -> bool:
        statuses, spent = race_to_pay(unguarded)
        assert spent == statuses[200] * 6_000
        return statuses[200] > 1

    assert is_lost(is_paid_twice)


def test_what_is_cancelled_at_the_same_time_is_given_back_once(shop: Shop) -> None:
    assert race_to_cancel(shop) == (Counter({409: 2 * (AT_ONCE - 1), 200: 2}), 10, 0)
    assert shop.is_sound()


def test_without_the_guards_several_cancel_the_same(unguarded: Shop) -> None:
    assert is_lost(lambda: race_to_cancel(unguarded)[0][200] > 2)
