"""A company on a started server, which gets many requests at the same time."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import requests

from config.access.scopes import SCOPES
from config.database.roles import SUPERUSER
from config.tenancy.ids import new_id, read_id
from tests.servers import Server

AT_ONCE = 64
numbers = itertools.count()


class Shop:
    """A company on a started server, with a pool of threads that send requests."""

    def __init__(self, server: Server) -> None:
        self.server = server
        _, key = server.run_all(
            ("create_company", "Shop", "--slug", "shop"),
            ("create_api_key", "--company", "shop", "--name", "k", "--scopes", " ".join(SCOPES)),
        )
        self.headers = {"Authorization": f"Bearer {key['key']}"}
        self.threads = ThreadPoolExecutor(AT_ONCE)
        self.coupons: dict[str, str] = {}

    def send(
        self, method: str, path: str, body: Any = None, key: str = "", headers: Any = None
    ) -> requests.Response:
        headers = self.headers | ({"Idempotency-Key": key} if key else {}) | (headers or {})
        return requests.request(
            method, self.server.url + path, json=body, headers=headers, timeout=60
        )

    def make(self, path: str, body: Any) -> Any:
        answer = self.send("POST", path, body)
        assert answer.status_code == 201, answer.text
        return answer.json().get("data", answer.json())

    def customer(self) -> str:
        body = {"first_name": "Ann", "email": f"ann{next(numbers)}@example.com"}
        return self.make("/v1/customers", body)["id"]

    def credit(self, customer: str, **terms: Any) -> str:
        name = str(terms)
        if name not in self.coupons:
            self.coupons[name] = self.make("/v1/coupons", {"name": "Race", **terms})["id"]
        return self.make(
            f"/customers/customers/{customer}/credits",
            {"coupon_id": self.coupons[name], "customer_id": customer},
        )["id"]

    def at_once(self, *calls: Callable[[], requests.Response]) -> Counter[int]:
        """Send all requests at the same time and count the statuses; no status may be a 5xx."""
        return Counter(answer.status_code for answer in self.answers_at_once(*calls))

    def answers_at_once(self, *calls: Callable[[], requests.Response]) -> list[requests.Response]:
        """Send all requests at the same time and return the responses; no status may be a 5xx."""
        answers = list(self.threads.map(lambda call: call(), calls))
        failed = [one.text for one in answers if one.status_code >= 500]
        assert not failed, f"{failed[0]}\n{self.server.log.read_text()[-3_000:]}"
        return answers

    def redeem(self, customer: str, credit: str, **body: Any) -> Callable[[], requests.Response]:
        path = f"/v1/customers/{customer}/credits/{credit}/redemptions"
        sent = {"reference": f"r{next(numbers)}", **body}
        return lambda: self.send("POST", path, sent)

    def revoke(self, customer: str, credit: str) -> Callable[[], requests.Response]:
        path = f"/customers/customers/{customer}/credits/{credit}"
        return lambda: self.send("DELETE", path)

    def invoice(self, amount: int) -> str:
        lines = [{"description": "Oil", "quantity": 1, "unit_price": amount}]
        body = {"customer_id": self.customer(), "line_items": lines}
        return self.make("/v1/invoices", body)["id"]

    def payment(self, amount: int) -> str:
        """Pay an invoice of `amount` and return the payment's id."""
        path = f"/v1/invoices/{self.invoice(amount)}/payments"
        return self.make(path, {"amount": amount, "method": "cash"})["id"]

    def changes(self) -> int:
        """Count all recorded changes."""
        with self.server.owner() as owner:
            return owner.execute("SELECT count(*) FROM changes_change").fetchall()[0][0]

    def refund(self, payment: str, amount: int) -> Callable[[], requests.Response]:
        body = {"amount": amount, "reason": "Too much"}
        return lambda: self.send("POST", f"/v1/payments/{payment}/refunds", body)

    def is_sound(self) -> bool:
        """Return whether `check_ledger` succeeds."""
        return self.server.try_to("check_ledger", "--company", "shop").returncode == 0

    def customers(self, count: int = AT_ONCE) -> list[str]:
        return list(self.threads.map(lambda _: self.customer(), range(count)))

    def goodwill(self, customer: str) -> str:
        """Insert a request for 10.00 of goodwill, above the limit of front desk."""
        key = new_id()
        with self.server.owner() as owner:
            owner.execute(
                "INSERT INTO credits_goodwill (id, company_id, customer_id, amount, currency,"
                " reason, asked_by, decision, decided_by, decision_reason, updated_at)"
                " SELECT %s, company_id, id, 1000, 'GBP', 'A cold room', 'Noor', '', '', '', now()"
                "   FROM customers_customer WHERE id = %s",
                [key, read_id("cust_", customer)],
            )
            owner.commit()
        return f"gw_{key.hex}"

    def service(self) -> str:
        return self.make(
            "/v1/services", {"name": "Massage", "duration_minutes": 60, "price": 6_000}
        )["id"]

    def facilitator(self) -> str:
        return self.make("/v1/facilitators", {"name": "Kim"})["id"]

    def event_date(self, capacity: int) -> str:
        date = {"starts_at": "2099-06-01T09:30Z", "duration_minutes": 60, "capacity": capacity}
        options = [{"name": "Drop-in", "price": 1_500}]
        event = {"name": "Yoga", "pricing_options": options, "dates": [date]}
        return self.make("/v1/events", event)["dates"][0]["id"]

    def book(self, customer: str, **body: Any) -> Callable[[], requests.Response]:
        return lambda: self.send("POST", "/v1/bookings", {"customer_id": customer, **body})

    def do(self, booking: str, verb: str, body: Any = None) -> Callable[[], requests.Response]:
        return lambda: self.send("POST", f"/v1/bookings/{booking}/{verb}", body)

    def spent(self, customer: str) -> int:
        return self.send("GET", f"/v1/customers/{customer}").json()["stats"]["total_spent"]

    def visits_left(self, customer: str) -> int:
        (one,) = self.send("GET", f"/customer/{customer}/passes").json()["data"]
        return one["credits_remaining"]

    def buy_pass(self, customer: str) -> str:
        """Sell a customer a pass of ten visits."""
        ten = self.make("/v1/pass-products", {"name": "Ten", "visits": 10, "price": 9_000})["id"]
        return self.make(f"/v1/customers/{customer}/passes", {"pass_product_id": ten})["id"]

    @contextmanager
    def without_trigger(self, name: str, table: str = "bookings_booking") -> Iterator[None]:
        """Disable a trigger of the database during the block."""
        with self.server.owner(autocommit=True) as owner:
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
            try:
                yield
            finally:
                owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER {name}")

    @contextmanager
    def quick_deadlocks(self) -> Iterator[None]:
        """Detect deadlocks after 50 ms instead of a second."""
        with self.server.owner(user=SUPERUSER, autocommit=True) as database:
            database.execute("ALTER SYSTEM SET deadlock_timeout = '50ms'")
            database.execute("SELECT pg_reload_conf()")
            try:
                yield
            finally:
                database.execute("ALTER SYSTEM RESET deadlock_timeout")
                database.execute("SELECT pg_reload_conf()")
