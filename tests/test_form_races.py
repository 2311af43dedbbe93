"""A form about money takes effect once, even if it is sent many times at once (threat 62).

The forms in ADDING have only a token as their guard: without tokens, each takes effect several
times. The forms in ENDING do something that is possible only once, which their actions enforce too.
"""

import datetime
from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

import pytest
import requests

from tests.backoffice import Form
from tests.shop import Shop, numbers

pytestmark = pytest.mark.long

AT_ONCE = 8
REASON = {"reason": "A cold room"}
PLAN = {"name": "Gold", "price": 4_500, "billing_period": "P1M"}
PART = {"amount": "3.00", **REASON}


class Case(NamedTuple):
    """A form: its URL, its values, and the table, column and key that find the rows it adds."""

    address: str
    typed: dict[str, str]
    table: str
    column: str
    key: str
    # The form's id on the page, if it is not derived from the model.
    form: str = ""


class Till:
    """The owner of a shop, signed in to its back-office."""

    def __init__(self, shop: Shop) -> None:
        self.shop, email = shop, f"olive{next(numbers)}@shop.example"
        made = shop.server.run("create_staff", email, "--company", "shop", "--role", "owner")
        self.session = requests.Session()
        login = f"{shop.server.url}/admin/login/?next=/admin/"
        self.session.get(login, timeout=60)
        fields = {"username": email, "password": made["password"]}
        fields["csrfmiddlewaretoken"] = self.session.cookies["csrftoken"]
        answer = self.session.post(login, data=fields, headers={"Referer": login}, timeout=60)
        assert answer.url == f"{shop.server.url}/admin/"

    def make(self, path: str, **body: Any) -> str:
        """Create an object and return its UUID."""
        return bare(self.shop.make(f"/v1/{path}", body)["id"])

    def customer(self) -> str:
        return bare(self.shop.customer())

    def invoice(self, customer: str) -> str:
        line = {"description": "Oil", "quantity": 1, "unit_price": 10_000}
        return self.make("invoices", customer_id=customer, line_items=[line])

    def payment(self, customer: str) -> str:
        path = f"invoices/{self.invoice(customer)}/payments"
        return self.make(path, amount=10_000, method="card")

    def booking(self, customer: str, **body: Any) -> str:
        at = {"service_id": self.shop.service(), "scheduled_at": "2099-06-01T09:30Z"}
        return self.make("bookings", customer_id=customer, **at, **body)

    def send_at_once(self, case: Case) -> list[int]:
        """Open a form, send it many times at once and then once more; return the statuses."""
        url = f"{self.shop.server.url}{case.address}"
        shown = self.session.get(url, timeout=60)
        assert shown.status_code == 200, shown.url
        form = case.form or f"{case.address.split('/')[3]}_form"
        values = Form(shown.text, form).values | case.typed
        cookies = self.session.cookies.get_dict()

        def send(_turn: int) -> int:
            answer = requests.post(
                url, data=values, cookies=cookies, allow_redirects=False, timeout=60
            )
            return answer.status_code

        return [*self.shop.threads.map(send, range(AT_ONCE)), send(AT_ONCE)]

    def effects(self, case: Case) -> int:
        """Send a form many times at once, and return how many rows it added."""
        before = self.count(case)
        statuses = self.send_at_once(case)
        assert 302 in statuses
        return self.count(case) - before

    def count(self, case: Case) -> int:
        with self.shop.server.owner() as owner:
            rows = f"SELECT count(*) FROM {case.table} WHERE {case.column} = %s"
            return owner.execute(rows, [case.key]).fetchall()[0][0]


def bare(id: str) -> str:
    """Return the UUID in an id."""
    return str(UUID(id.rpartition("_")[2]))


def till_of(customer: str) -> str:
    return f"/admin/customers/customer/{customer}/till/"


def sell(kind: str, path: str, table: str, **terms: Any) -> Callable[[Till], Case]:
    def case(till: Till) -> Case:
        customer, thing = till.customer(), till.make(path, name="Thing", price=900, **terms)
        typed = {"sold": f"{kind}:{thing}", "paid_1": "money:cash"}
        return Case(till_of(customer), typed, table, "customer_id", customer)

    return case


def pay_invoice(till: Till) -> Case:
    customer = till.customer()
    typed = {"owed": f"invoice:{till.invoice(customer)}", "paid_1": "money:cash"}
    part = typed | {"amount_1": "3.00"}
    return Case(till_of(customer), part, "billing_payment", "customer_id", customer)


def pay_invoice_from_its_page(till: Till) -> Case:
    customer = till.customer()
    address = f"/admin/billing/invoice/{till.invoice(customer)}/pay/"
    typed = {"amount": "3.00", "paid_with": "cash"}
    return Case(address, typed, "billing_payment", "customer_id", customer)


def pay_booking(till: Till) -> Case:
    customer = till.customer()
    typed = {"owed": f"booking:{till.booking(customer)}", "paid_1": "money:cash"}
    part = typed | {"amount_1": "3.00"}
    return Case(till_of(customer), part, "billing_payment", "customer_id", customer)


def pay_booking_from_its_page(till: Till) -> Case:
    customer = till.customer()
    address = f"/admin/bookings/booking/{till.booking(customer)}/pay/"
    typed = {"paid_with": "money:cash"}
    return Case(address, typed, "billing_payment", "customer_id", customer)


def refund(till: Till) -> Case:
    payment = till.payment(till.customer())
    address = f"/admin/billing/payment/{payment}/refund/"
    return Case(address, PART, "billing_payment", "refunds_id", payment)


def give_goodwill(till: Till) -> Case:
    customer = till.customer()
    address = f"/admin/credits/goodwill/add/?customer={customer}"
    return Case(address, PART, "credits_credit", "customer_id", customer)


def approve_goodwill(till: Till) -> Case:
    customer = till.shop.customer()
    address = f"/admin/credits/goodwill/{bare(till.shop.goodwill(customer))}/approve/"
    return Case(address, {}, "credits_credit", "customer_id", bare(customer))


def reduce(how: str) -> Callable[[Till], Case]:
    def case(till: Till) -> Case:
        invoice = till.invoice(till.customer())
        address = f"/admin/billing/invoice/{invoice}/{how}/"
        return Case(address, PART, "billing_creditnote", "invoice_id", invoice)

    return case


def void(till: Till) -> Case:
    invoice = till.invoice(till.customer())
    address = f"/admin/billing/invoice/{invoice}/void/"
    return Case(address, REASON, "changes_change", "object_id", invoice)


def cancel(till: Till) -> Case:
    """Cancel a paid booking, so that a payment is refunded."""
    customer = till.customer()
    booking = till.booking(customer, payment={"method": "cash"})
    address = f"/admin/bookings/booking/{booking}/cancel/"
    return Case(address, REASON, "billing_payment", "customer_id", customer)


def cancel_medium(till: Till) -> Case:
    customer, media = till.customer(), till.make("media", name="Stretch", price=900)
    path = f"customers/{customer}/media-purchases"
    bought = till.make(path, media_id=media, payment={"method": "cash"})
    address = f"/admin/bookings/mediapurchase/{bought}/cancel/"
    return Case(address, REASON, "billing_payment", "customer_id", customer)


def pause(till: Till) -> Case:
    customer, plan = till.customer(), till.make("plans", **PLAN)
    subscription = till.make(f"customers/{customer}/subscriptions", plan_id=plan)
    address = f"/admin/billing/subscription/{subscription}/pause/"
    return Case(
        address, {"weeks": "6", "reason": "Away"}, "changes_change", "object_id", subscription
    )


def book_classes(till: Till) -> Case:
    customer, now = till.customer(), datetime.datetime.now(datetime.UTC)
    event = {"name": "Yoga", "pricing_options": [{"name": "Drop-in", "price": 1_500}]}
    starts_at = (now + datetime.timedelta(hours=1)).isoformat(timespec="seconds")
    date = {"starts_at": starts_at, "duration_minutes": 60, "capacity": 50}
    made = till.shop.make("/v1/events", {**event, "dates": [date]})
    key = UUID(bare(made["dates"][0]["id"])).hex
    typed = {"dates": key, f"paid_{key}": "money:cash"}
    address = f"/admin/bookings/booking/classes/?customer={customer}"
    return Case(address, typed, "bookings_booking", "customer_id", customer, "classes_form")


# Forms that take effect each time they are sent, if they have no token.
ADDING: dict[str, Callable[[Till], Case]] = {
    "sell a pass": sell("pass", "pass-products", "credits_passpurchase", visits=10),
    "book a class": book_classes,
    "sell a medium": sell("media", "media", "bookings_mediapurchase"),
    "pay an invoice from its page": pay_invoice_from_its_page,
    "refund a part": refund,
    "give goodwill": give_goodwill,
    "reduce an invoice": reduce("reduce"),
    "write a part off": reduce("write-off"),
}
# Forms whose second submission is refused: by the action, or by the till because its sum changed.
ENDING: dict[str, Callable[[Till], Case]] = {
    "pay an invoice in part": pay_invoice,
    "sell a plan": sell("plan", "plans", "billing_subscription", billing_period="P1M"),
    "pay a booking in part": pay_booking,
    "pay a booking from its page": pay_booking_from_its_page,
    "approve goodwill": approve_goodwill,
    "void": void,
    "cancel a booking": cancel,
    "cancel a medium": cancel_medium,
    "pause": pause,
}


@pytest.fixture(scope="module")
def till(shop: Shop) -> Till:
    return Till(shop)


@pytest.fixture(scope="module")
def till_without_tokens(unguarded: Shop) -> Till:
    return Till(unguarded)


@pytest.mark.parametrize("name", [*ADDING, *ENDING])
def test_a_form_that_is_sent_many_times_takes_effect_once(till: Till, name: str) -> None:
    assert till.effects((ADDING | ENDING)[name](till)) == 1


@pytest.mark.parametrize("name", ADDING)
def test_without_its_token_it_takes_effect_several_times(
    till_without_tokens: Till, name: str
) -> None:
    assert till_without_tokens.effects(ADDING[name](till_without_tokens)) > 1
