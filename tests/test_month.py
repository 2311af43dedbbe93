"""A month in a studio over HTTP, against a started server.

After every step the test reads the customers on each surface, and all surfaces must agree.
"""

import datetime
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from config.access.scopes import SCOPES

from .customer_views import Views, bare
from .servers import ROOT, Server, started
from .threads import wait_until

pytestmark = pytest.mark.long

# Let a month pass: move all dates back by a month, with the rights of the database's owner.
A_MONTH = """
UPDATE bookings_eventdate SET starts_at = starts_at - interval '1 month';
UPDATE bookings_booking SET starts_at = starts_at - interval '1 month' WHERE kind = 'appointment';
UPDATE bookings_mediapurchase SET expires_on = (expires_on - interval '1 month')::date;
UPDATE billing_subscription
   SET anchor_date = (anchor_date - interval '1 month')::date,
       created_at = created_at - interval '1 month';
UPDATE credits_creditrule SET created_at = created_at - interval '2 months';
UPDATE credits_credit
   SET period_start = (period_start - interval '1 month')::date,
       expires_at = (expires_at AT TIME ZONE 'Europe/London' - interval '1 month')
                    AT TIME ZONE 'Europe/London';
"""
# Periodic tasks of the background worker, each with a query that is true once it is done.
WORK = {
    "billing.turn_subscriptions": """
        SELECT NOT EXISTS (SELECT FROM billing_subscription
                            WHERE renewal_date <= regulars_today(company_id))""",
    "credits.issue_recurring": """
        SELECT NOT EXISTS (SELECT FROM billing_subscription subscription WHERE NOT EXISTS (
                           SELECT FROM credits_credit credit
                            WHERE credit.subscription_id = subscription.id
                              AND (credit.expires_at AT TIME ZONE 'Europe/London')::date
                                  = subscription.renewal_date - 1))""",
    "credits.expire": """
        SELECT NOT EXISTS (SELECT FROM credits_credit WHERE expired_at IS NULL
                            AND expires_at < clock_timestamp())""",
}


class Studio:
    """A studio on a started server, and the facts that every surface must show of its customers."""

    def __init__(self, server: Server) -> None:
        self.server = server
        server.run("create_company", "Studio Nine", "--slug", "nine")
        key = server.run(
            "create_api_key", "--company", "nine", "--name", "Till", "--scopes", " ".join(SCOPES)
        )
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {key['key']}"
        self.known: dict[str, dict[str, Any]] = {}

    def send(self, method: str, path: str, body: Any = None) -> requests.Response:
        return self.session.request(method, self.server.url + path, json=body, timeout=60)

    def read(self, path: str) -> Any:
        answer = self.send("GET", path)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        return answer.json()

    def do(self, path: str, body: Any = None, method: str = "POST") -> Any:
        """Send a request that must succeed, and return its body."""
        answer = self.send(method, path, body)
        assert answer.status_code in (200, 201), f"{path}: {answer.text}"
        return answer.json()

    def sign_up(self, first_name: str, **more: Any) -> str:
        email = f"{first_name.casefold()}@example.com"
        body = {"first_name": first_name, "last_name": "Lee", "email": email, **more}
        customer = self.do("/v1/customers", body)["id"]
        nothing = dict.fromkeys(("bookings", "spent", "visits", "credits", "owed", "videos"), 0)
        self.known[customer] = {"status": "active", "plan": None, **nothing}
        return customer

    def now(self, customer: str, **changed: Any) -> Views:
        """Update the expected facts of a customer, and check all customers on all surfaces."""
        self.known[customer].update(changed)
        for one, facts in self.known.items():
            views = Views(self.read, one)
            views.agree()
            assert views.facts() == facts
        return Views(self.read, customer)

    def work(self) -> None:
        """Start each periodic task, and wait until the background worker has done it."""
        for task, is_done in WORK.items():
            subprocess.run(
                [sys.executable, "manage.py", "procrastinate", "defer", task, '{"timestamp": 0}'],
                cwd=ROOT, env=self.server.environment, capture_output=True, check=False,
            )  # fmt: skip
            wait_until(lambda is_done=is_done: self.ask_owner(is_done), 120)

    def let_a_month_pass(self) -> None:
        with self.server.owner() as owner:
            owner.execute(A_MONTH)
        self.work()

    def ask_owner(self, question: str) -> Any:
        with self.server.owner() as owner:
            return owner.execute(question).fetchone()[0]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    data = tmp_path_factory.mktemp("month") / "data"
    with started(data, "--no-demo", "--workers", "1") as server:
        yield Studio(server)


def test_a_month_in_a_studio(studio: Studio) -> None:
    do = studio.do

    # The studio's services, events, plans and passes.
    service = {"name": "Massage", "duration_minutes": 60, "price": 6_000, "tax_rate": "20"}
    massage = do("/v1/services", service | {"tax_behavior": "exclusive"})["id"]
    kim = do("/v1/facilitators", {"name": "Kim"})["id"]
    date = {"starts_at": f"{in_days(10)}T18:00", "duration_minutes": 75, "capacity": 4}
    options = [{"name": "Drop-in", "price": 1_500}]
    event = {"name": "Yoga", "pricing_options": options, "dates": [{**date, "facilitator_id": kim}]}
    yoga = do("/v1/events", event)
    class_date = yoga["dates"][0]["id"]
    stretch = do("/v1/media", {"name": "Stretch", "price": 900, "valid_for": "P14D"})["id"]
    gold = do("/v1/plans", {"name": "Gold", "price": 5_000, "billing_period": "P1M"})["id"]
    a_massage = do("/v1/coupons", {"name": "A massage a month", "offering": "Massage"})["id"]
    do(f"/v1/plans/{gold}/credit-rules", {"coupon_id": a_massage, "every": "billing_cycle"})
    ten_visits = do("/v1/pass-products", {"name": "Ten visits", "visits": 10, "price": 12_000})[
        "id"
    ]

    # Ann and her friend Bob sign up.
    ann = studio.sign_up("Ann", address={"street": "1 High Street", "zip": "E1 6AN"})
    bob = studio.sign_up("Bob")
    studio.now(ann)
    here = f"/v1/customers/{ann}"
    card = {"type": "card", "token": "tok_1", "brand": "visa", "last4": "4242"}
    card_id = do(f"{here}/payment-methods", {**card, "is_default": True})["id"]
    studio.now(ann)

    # Ann subscribes and gets this month's credit.
    do(f"{here}/subscriptions", {"plan_id": gold})
    studio.work()
    views = studio.now(ann, plan="Gold", credits=1)
    (credit,) = views.live_credits

    # Ann buys a pass on an invoice, pays the invoice in cash, and books Yoga for two with the pass.
    pass_id = do(f"{here}/passes", {"pass_product_id": ten_visits})["id"]
    views = studio.now(ann, visits=10, owed=12_000)
    (invoice,) = views.invoices
    do(f"/v1/invoices/{invoice['id']}/payments", {"amount": 12_000, "method": "cash"})
    studio.now(ann, owed=0, spent=12_000)
    book = {"customer_id": ann, "event_date_id": class_date}
    yoga_place = do("/v1/bookings", {**book, "spaces": 2, "payment": {"pass_id": pass_id}})
    views = studio.now(ann, bookings=1, visits=8)
    (transaction,) = views.transactions
    (shown,) = transaction["bookings"]
    assert shown["payment"] == {"method": "PASS", "currency": "CR", "credits_used": 2}
    assert (shown["spaces"], shown["is_refunded"]) == (2, False)

    # Ann pays for a place of Bob's: it is Bob's booking, but Ann's spending.
    paid_by_card = {"payment_method_id": card_id}
    treat = {"customer_id": ann, "places": [{"event_date_id": class_date, "bought_for_id": bob}]}
    do("/v1/transactions", {**treat, "payment": paid_by_card})
    studio.known[bob]["bookings"] = 1
    studio.now(ann, spent=13_500)

    # One space is left, so a booking for two is refused.
    full = studio.send("POST", "/v1/bookings", {**book, "spaces": 2})
    assert (full.status_code, full.json()["error"]["code"]) == (409, "event_full")

    # Ann books a massage with her credit and cancels it; the credit is returned.
    visit = {"customer_id": ann, "service_id": massage, "facilitator_id": kim}

    def book_massage(days: int, **means: Any) -> str:
        at = f"{in_days(days)}T10:00"
        return do("/v1/bookings", {**visit, "scheduled_at": at, "payment": means})["id"]

    first = book_massage(3, credit_id=credit["id"])
    views = studio.now(ann, bookings=2, credits=0)
    by_credit = {"method": "PASS", "currency": "CR", "credits_used": 1, "status": "PAID"}
    assert views.appointments[0]["payment"] == by_credit
    do(f"/v1/bookings/{first}/cancel", {"reason": "Ill"})
    views = studio.now(ann, bookings=1, credits=1)
    assert views.appointments[0]["status"] == "CANCELLED"

    # Ann pays for another massage by card and cancels it; the payment is refunded.
    second = book_massage(4, **paid_by_card)
    studio.now(ann, bookings=2, spent=20_700)
    do(f"/v1/bookings/{second}/cancel")
    views = studio.now(ann, bookings=1, spent=13_500)
    assert [one["kind"] for one in views.taken] == ["refund", *["payment"] * 3]

    # Ann keeps the third massage. It is invoiced and paid in two parts.
    third = book_massage(5, invoice=True)
    views = studio.now(ann, bookings=2, owed=7_200)
    (invoice,) = [one for one in views.invoices if one["status"] != "paid"]
    assert bare(invoice["booking_id"]) == bare(third)
    assert views.appointments[0]["payment"]["status"] == "PENDING"
    pay = f"/v1/invoices/{invoice['id']}/payments"
    do(pay, {"amount": 2_200, "method": "cash"})
    studio.now(ann, spent=15_700, owed=5_000)
    do(pay, {"amount": 5_000, **paid_by_card})
    views = studio.now(ann, spent=20_700, owed=0)
    assert {one["status"] for one in views.invoices} == {"paid"}
    assert views.appointments[0]["payment"]["status"] == "PAID"

    # Ann buys a video.
    do(f"{here}/media-purchases", {"media_id": stretch, "payment": paid_by_card})
    studio.now(ann, spent=21_600, videos=1)

    # Yoga is moved to an hour later, and every surface shows the new time.
    path = f"/v1/events/{yoga['id']}/dates/{class_date}"
    do(path, {"starts_at": f"{in_days(10)}T19:00"}, "PATCH")
    views = studio.now(ann)
    moved = views.transactions[-1]["bookings"][0]["event"]["date"]
    assert moved["datetime"] == f"{in_days(10)}T19:00:00"

    # After a month the video and the month's credit have expired, but the subscription was renewed
    # and issued another credit.
    studio.let_a_month_pass()
    views = studio.now(ann, videos=0)
    assert views.customer["subscription"]["renews_on"] > in_days(20)
    assert (len(views.credits), len(views.live_credits)) == (2, 1)
    assert credit["id"] not in {one["id"] for one in views.live_credits}
    (video,) = views.videos
    assert (video["is_expired"], video["is_cancelled"]) == (True, False)

    # Ann came to the massage and to Yoga; Bob was absent.
    do(f"/v1/bookings/{third}/start")
    studio.now(ann)
    do(f"/v1/bookings/{third}/complete")
    do(f"/v1/bookings/{yoga_place['id']}/complete")
    (bobs,) = studio.read(f"/v1/customers/{bob}/bookings")["data"]
    do(f"/v1/bookings/{bobs['id']}/no-show")
    views = studio.now(ann)
    last = views.of_list[bare(yoga_place["id"])]["scheduled_at"]
    assert views.customer["stats"]["last_booking_at"] == last, "Yoga came after the massage"

    # Ann is archived by mistake: all data can still be read, but not changed.
    kept = studio.read(f"{here}/state")
    do(f"/customers/{ann}", method="DELETE")
    studio.now(ann, status="deactivated", plan=None)
    profile = {"firstname": "Ann", "lastname": "Lee", "email": "ann@example.com"}
    late = {**visit, "scheduled_at": f"{in_days(6)}T10:00"}
    for method, there, body in (
        ("POST", "/v1/bookings", late),
        ("POST", "/v1/transactions", treat),
        ("POST", f"{here}/media-purchases", {"media_id": stretch}),
        ("PUT", f"/customer/{ann}/profile", profile),
        ("PATCH", f"/customers/{ann}", {"name": "Ann Lee"}),
    ):
        refused = studio.send(method, there, body)
        assert refused.status_code == 409, f"{method} {there}: {refused.text}"
    studio.now(ann)

    # Ann is restored, and all data is as before.
    do(f"/customers/{ann}/restore")
    studio.now(ann, status="active", plan="Gold")
    restored = studio.read(f"{here}/state")
    for state in (kept, restored):
        del state["customer"]["updated_at"]
    assert restored == kept
    do("/v1/bookings", late)
    studio.now(ann, bookings=3)


def in_days(count: int) -> str:
    """Return the date in `count` days."""
    today = datetime.datetime.now(datetime.UTC).date()
    return (today + datetime.timedelta(days=count)).isoformat()
