"""What is asked of every server, and how much faster than each ours is to be."""

import base64
import json
import statistics
import urllib.parse
from dataclasses import dataclass, field
from uuid import UUID

from config.access.tenancy import acting_for
from config.api.cursors import Cursors

from .load import Load, Requests, send
from .scenery import Scene, wait_for_quiet

Rounds = list[dict[str, Load]]


@dataclass
class Operation:
    """One thing that is asked of each server; `goals` are the ratios that ours is to reach.

    `most_p99` is how many milliseconds 99 of 100 answers of ours are to stay below, where one is
    asked for after another: among many at once it is the machine's queue that is measured.
    """

    name: str
    asked: dict[str, Requests]
    goals: dict[str, float] = field(default_factory=dict)
    most_p99: float | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    def measure(self, ports: dict[str, int], rounds: int, seconds: float) -> Rounds:
        """Ask all servers in turn, round by round, each time in another order."""
        names = list(self.asked)
        for name in names:
            send(ports[name], self.asked[name], 1)
        told: Rounds = []
        for number in range(rounds):
            turn = names[number % len(names) :] + names[: number % len(names)]
            took = {name: self.seconds.get(name, seconds) for name in turn}
            told.append({})
            for name in turn:
                wait_for_quiet()
                told[-1][name] = send(ports[name], self.asked[name], took[name])
            wait_for_quiet()
            if self.most_p99 is not None:
                alone = send(ports["ours"], self.asked["ours"], seconds, connections=1)
                told[-1]["ours"] = told[-1]["ours"]._replace(p99=alone.p99)
        return told

    def ratio(self, told: Rounds, name: str) -> tuple[float, float, float]:
        """Return the median, the least and the most of ours against another."""
        ratios = [one["ours"].rate / one[name].rate for one in told]
        return statistics.median(ratios), min(ratios), max(ratios)


def operations(scene: Scene) -> list[Operation]:
    """Return everything that is measured by requests."""
    as_us, as_plain, as_fast = (
        {"Authorization": f"Bearer {scene.tokens[name]}"} for name in ("ours", "plain", "fast")
    )
    people = scene.people[1:]
    credited = scene.credited
    every = "redeemed=true&expired=true&revoked=true"
    basic = {
        name: {"Authorization": f"Basic {_basic(client)}", "Content-Type": FORM}
        for name, client in (("ours", scene.client), ("plain", scene.plain_client))
    }
    grant = "grant_type=client_credentials"
    coupon, receivers = str(scene.coupon), [str(one) for one in scene.receivers]
    issues = [json.dumps({"coupon_id": coupon, "customer_id": one}) for one in receivers]
    creates = [json.dumps({"coupon": coupon, "customer": one}) for one in receivers]
    return [
        Operation(
            "list of 100 customers with addresses and stats, by cursor",
            {
                "ours": Requests(
                    [f"/v1/customers?limit=100&after={_ours(scene, one)}" for one in people],
                    headers=as_us,
                ),
                "plain": Requests(
                    [f"/customers/?cursor={_cursor(one)}" for one in people], headers=as_plain
                ),
                "fast": Requests([f"/customers?after={one}" for one in people], headers=as_fast),
                "bare": Requests([f"/list/{one}" for one in people]),
            },
            {"plain": 12, "bare": 0.5},
        ),
        Operation(
            "one customer, full",
            {
                "ours": Requests([f"/v1/customers/{one}" for one in people], headers=as_us),
                "plain": Requests([f"/customers/{one}/" for one in people], headers=as_plain),
                "fast": Requests([f"/customers/{one}" for one in people], headers=as_fast),
                "bare": Requests([f"/one/{one}" for one in people]),
            },
            {"plain": 4, "bare": 0.4},
        ),
        Operation(
            "search by name",
            _searched(scene.names, as_us, as_plain, as_fast),
            {"plain": 50},
            most_p99=20,
            seconds={"plain": 10, "fast": 8},
        ),
        Operation(
            "search by last name alone, thousands of matches",
            _searched(scene.last_names, as_us, as_plain, as_fast),
            seconds={"plain": 10, "fast": 8},
        ),
        Operation(
            "list of 100 credits",
            {
                "ours": Requests(
                    [f"/customers/customers/{credited}/credits?per_page=100&{every}"],
                    headers=as_us,
                ),
                "plain": Requests(
                    [f"/customers/{credited}/credits/?per_page=100"], headers=as_plain
                ),
                "fast": Requests([f"/customers/{credited}/credits"], headers=as_fast),
                "bare": Requests([f"/credits/{credited}"]),
            },
            {"plain": 10, "bare": 0.5},
        ),
        Operation(
            "issue a credit, against a plain create",
            {
                "ours": Requests(
                    [f"/customers/customers/{one}/credits" for one in receivers],
                    "POST",
                    as_us,
                    issues,
                    keyed=True,
                ),
                "plain": Requests(["/credits/"], "POST", as_plain, creates),
            },
            {"plain": 1.5},
        ),
        Operation(
            "token",
            {
                "ours": Requests(["/oauth/token"], "POST", basic["ours"], [grant]),
                "plain": Requests(["/o/token/"], "POST", basic["plain"], [grant]),
            },
            {"plain": 20},
        ),
    ]


def _searched(names: list[str], *heads: dict[str, str]) -> dict[str, Requests]:
    quoted = [urllib.parse.quote(one) for one in names]
    paths = {
        "ours": "/v1/customers?search=",
        "plain": "/numbered/?search=",
        "fast": "/search?search=",
    }
    return {
        server: Requests([path + one for one in quoted], headers=head)
        for (server, path), head in zip(paths.items(), heads, strict=True)
    }


FORM = "application/x-www-form-urlencoded"


def _basic(client: dict[str, str]) -> str:
    return base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()


def _ours(scene: Scene, customer: UUID) -> str:
    with acting_for(scene.large.id):
        return Cursors(f"Customers/{scene.large.id}").write(customer)


def _cursor(customer: UUID) -> str:
    return urllib.parse.quote(base64.b64encode(f"p={customer}".encode()).decode())
