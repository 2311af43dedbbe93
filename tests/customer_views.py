"""Compares what the surfaces of the API show of one customer."""

import datetime
import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

Read = Callable[[str], Any]


def bare(public_id: str) -> str:
    """Return the part of an id that all surfaces share."""
    return re.sub("-", "", public_id)[-32:]


def by_id(rows: list[Any]) -> dict[str, Any]:
    return {bare(row["id"]): row for row in rows}


class Views:
    """One customer as every surface shows them at one moment; `read` returns the body of a path."""

    def __init__(self, read: Read, customer: str) -> None:
        v1, ours = f"/v1/customers/{customer}", f"/customers/{customer}"
        credits = f"/customers/customers/{customer}/credits?per_page=100"

        def m2m(path: str) -> Any:
            return read(f"/customer/{customer}/{path}")["data"]

        self.profile = m2m("profile")
        self.transactions = m2m("bookings?startDate=2000-01-01&pageSize=100")
        self.appointments = m2m("appointments?pageSize=100")
        self.videos = m2m("videos?pageSize=100")
        self.packages = m2m("packages?pageSize=100")
        self.mandates = m2m("subscriptions?pageSize=100")
        # v1
        self.customer = read(v1)
        self.bookings = read(f"{v1}/bookings?per_page=100")["data"]
        self.invoices = read(f"{v1}/invoices")["data"]
        self.passes = read(f"{v1}/passes?per_page=100")["data"]
        self.media = read(f"{v1}/media-purchases?per_page=100")["data"]
        self.balance = read(f"{v1}/credits/balance")
        self.state = read(f"{v1}/state")
        self.of_list = by_id(read(f"/v1/bookings?customer_id={customer}&per_page=100")["data"])
        # Accounts
        self.account = read(ours)
        self.listed = by_id(read("/customers")["data"])[bare(customer)]
        self.methods = read(f"{ours}/payment-methods")["data"]
        # Credits
        self.credits = read(f"{credits}&redeemed=true&expired=true&revoked=true")["data"]
        self.live_credits = read(credits)["data"]

    def agree(self) -> None:
        """Raise AssertionError if two surfaces disagree."""
        self.it_is_one_person()
        self.bookings_are_the_same()
        self.stats_are_what_the_lists_add_up_to()
        self.money_is_the_same()
        self.subscriptions_are_the_same()
        self.credits_and_passes_are_the_same()

    def it_is_one_person(self) -> None:
        views = (self.profile, self.customer, self.account, self.listed)
        assert len({bare(view["id"]) for view in views}) == 1
        assert len({view["email"] for view in views}) == 1
        names = {(self.profile["firstname"], self.profile["lastname"])}
        names.add((self.customer["first_name"], self.customer["last_name"]))
        assert len(names) == 1
        assert self.account.items() <= self.listed.items()
        assert self.account["name"] == " ".join(names.pop())
        assert (self.customer["status"] == "deactivated") is self.account["archived"]
        home = next((one for one in self.customer["addresses"] if one["is_default"]), None)
        if home:
            lives = (self.account["street_address"], self.account["postal_code"])
            assert (home["street"], home["zip"]) == lives

    def bookings_are_the_same(self) -> None:
        assert self.of_list == by_id(self.bookings)
        videos = by_id(self.videos)
        for key, bought in by_id(self.media).items():
            video = videos.pop(key)
            assert (bought["name"], bought["media_id"]) == (
                video["media"]["name"],
                video["media"]["id"],
            )
            assert (bought["status"] == "cancelled") is video["is_cancelled"]
            assert bought["expires_on"] == video["expires_on"]
            assert bought["price"] == video["payment"].get("base100_price", bought["price"])
            assert (bought["payment_status"] == "refunded") is video["is_refunded"]
        assert not videos
        places = [place for bought in self.transactions for place in bought["bookings"]]
        mine = [place for place in places if bare(place["bought_for"]["id"]) == self.key]
        theirs = by_id(mine) | by_id(self.appointments)
        for key, booking in by_id(self.bookings).items():
            # A place that another customer bought is in that customer's purchases.
            if other := theirs.pop(key, None):
                self.booking_is_the_same(booking, other)
        assert not theirs

    def booking_is_the_same(self, booking: Any, other: Any) -> None:
        if other["type"] == "appointment":
            what, when = other["service"], other["service"]
            # M2M has no status for a booking in progress.
            said = booking["status"].replace("in_progress", "confirmed").upper()
            assert other["status"] == said
            assert booking["estimated_duration"] == when["duration_minutes"]
            price = other["payment"].get("base100_price")
        else:
            what, when = other["event"], other["event"]["date"]
            assert other["is_cancelled"] is (booking["status"] == "cancelled")
            assert booking["estimated_duration"] == when["duration"]
            price = other["payment"].get("base100gross_price")
        assert booking["service"]["name"] == what["name"]
        local = moment(booking["scheduled_at"]).astimezone(ZoneInfo(when["tz"]))
        assert local.replace(tzinfo=None).isoformat() == when["datetime"]
        assert price in (None, booking["pricing"]["total"])
        if "status" in other["payment"]:
            is_paid = other["payment"]["status"] == "PAID"
            assert (booking["payment_status"] in ("paid", "refunded", "not_due")) or not is_paid
            assert is_paid or booking["payment_status"] != "paid"
        pricing = booking["pricing"]
        on_top = pricing["tax"] if pricing["tax_behavior"] == "exclusive" else 0
        assert pricing["total"] == pricing["subtotal"] - pricing["discount"] + on_top

    def stats_are_what_the_lists_add_up_to(self) -> None:
        counted = [one for one in self.bookings if one["status"] != "cancelled"]
        now = datetime.datetime.now(datetime.UTC)
        begun = [one["scheduled_at"] for one in counted if moment(one["scheduled_at"]) <= now]
        active = [one for one in self.mandates if one["state"] == "ACTIVE"]
        assert self.customer["stats"] == {
            "total_bookings": len(counted),
            "total_spent": self.spent,
            "currency": self.balance["currency"],
            "last_booking_at": max(begun, default=None),
            "active_subscription": bool(active) and self.customer["status"] != "deactivated",
        }

    def money_is_the_same(self) -> None:
        for invoice in self.invoices:
            taken = [one for one in self.taken if one["invoice_id"] == invoice["id"]]
            paid = sum(one["amount"] for one in taken if one["kind"] == "payment")
            assert invoice["amount_paid"] == paid
            owed = 0 if invoice["status"] in ("draft", "void") else invoice["total"] - paid
            assert invoice["balance"] == owed
            assert (invoice["paid_at"] is not None) is (paid == invoice["total"])
            if invoice["booking_id"]:
                booking = by_id(self.bookings)[bare(invoice["booking_id"])]
                assert booking["pricing"]["total"] == invoice["total"]
        default = [bare(one["id"]) for one in self.methods if one["is_default"]]
        known = self.account["default_payment_method_id"]
        assert default == ([bare(known)] if known else [])

    def subscriptions_are_the_same(self) -> None:
        mandates = by_id(self.mandates)
        for key, one in by_id(self.state["subscriptions"]).items():
            mandate = mandates.pop(key)
            facts = (mandate["state"].lower(), mandate["renewal_date"], mandate["plan"]["name"])
            assert facts == (one["status"], one["renews_on"], one["plan"]["name"])
            shown = self.customer["subscription"]
            if shown and bare(shown["id"]) == key:
                assert facts == (shown["status"], shown["renews_on"], shown["plan"])
        assert not mandates

    def credits_and_passes_are_the_same(self) -> None:
        packages = by_id(self.packages)
        for key, bought in by_id(self.passes).items():
            one = packages.pop(key)
            # M2M has no status for a revoked pass.
            status = bought["status"].replace("revoked", "expired").upper()
            facts = (one["credits_total"], one["credits_remaining"], one["status"])
            assert facts == (bought["visits"], bought["visits_left"], status)
            assert (bought["status"] == "revoked") is (bought["revoked_at"] is not None)
            assert one["expires_on"] == bought["expires_on"]
        assert not packages
        active = [one for one in self.packages if one["status"] == "ACTIVE"]
        assert self.balance["visits"] == sum(one["credits_remaining"] for one in active)
        live = by_id(self.live_credits)
        assert live.items() <= by_id(self.credits).items()
        multi = [one for one in self.live_credits if one["multi_use"]]
        assert self.balance["multi_use"] == len(multi)
        assert self.balance["single_use"] == len(live) - len(multi)
        for one in self.credits:
            assert bare(one["customer_id"]) == self.key
            if one["redeemed_at"] or one["revoked_at"]:
                assert bare(one["id"]) not in live

    # --- Facts on which all surfaces agree ---

    @property
    def key(self) -> str:
        return bare(self.customer["id"])

    @property
    def taken(self) -> list[Any]:
        """Payments and refunds that succeeded."""
        return [one for one in self.state["payments"] if one["status"] == "succeeded"]

    @property
    def spent(self) -> int:
        return sum(one["amount"] * (1 if one["kind"] == "payment" else -1) for one in self.taken)

    @property
    def plan(self) -> str | None:
        """The name of the plan of the active subscription."""
        is_active = self.customer["stats"]["active_subscription"]
        return self.customer["subscription"]["plan"] if is_active else None

    def facts(self) -> dict[str, Any]:
        """Return the facts that the tests compare."""
        stats = self.customer["stats"]
        return {
            "status": self.customer["status"],
            "bookings": stats["total_bookings"],
            "spent": stats["total_spent"],
            "plan": self.plan,
            "visits": self.balance["visits"],
            "credits": self.balance["single_use"],
            "owed": sum(one["balance"] for one in self.invoices),
            "videos": sum(not (one["is_cancelled"] or one["is_expired"]) for one in self.videos),
        }


def moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)
