"""Somebody at the till of the studio, over the API."""

from typing import Any

from config.access.models import Company
from customers.models import Customer
from tests.callers import Caller
from tests.factories import (
    AService,
)


class Till:
    """Books a massage for a customer and looks at how it was paid."""

    def __init__(self, caller: Caller, company: Company, customer: Customer) -> None:
        self.caller, self.customer = caller, customer
        self.asked = {
            "customer_id": str(customer.id),
            "service_id": str(AService(company=company).id),
            "scheduled_at": "2099-06-01T09:30Z",
        }

    def book(self, payment: dict[str, Any] | None = None, **more: Any) -> Any:
        paid = {} if payment is None else {"payment": payment}
        return self.caller.post("/v1/bookings", self.asked | paid | more)

    def pay(self, booking: dict[str, Any], **payment: Any) -> Any:
        return self.caller.post(f"/v1/bookings/{booking['id']}/payment", payment)

    def cancel(self, booking: dict[str, Any], **how: Any) -> Any:
        return self.caller.post(f"/v1/bookings/{booking['id']}/cancel", how)

    @property
    def shown(self) -> dict[str, Any]:
        """How the newest appointment was paid."""
        return self.caller.get(f"/customer/{self.customer.id}/appointments").body["data"][0][
            "payment"
        ]

    @property
    def spent(self) -> int:
        stats = self.caller.get(f"/v1/customers/{self.customer.id}").body["stats"]
        return stats["total_spent"]

    @property
    def held(self) -> dict[str, int]:
        balance = self.caller.get(f"/v1/customers/{self.customer.id}/credits/balance").body
        return {name: balance[name] for name in ("amount", "single_use", "visits")}
