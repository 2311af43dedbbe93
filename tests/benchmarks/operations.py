"""The operations that are measured on every server, and the ratios that ours has to reach."""

import base64
import json
import statistics
import urllib.parse
from dataclasses import dataclass, field
from uuid import UUID

from config.api.cursors import Cursors, Position
from config.tenancy.scoping import acting_for

from .load import Load, Requests, send
from .scenery import Scene, wait_for_quiet

Rounds = list[dict[str, Load]]


@dataclass
class Operation:
    """An operation that is measured on each server; `goals` are the ratios that ours has to reach.

    `most_p99` is the highest 99th percentile allowed, in milliseconds, for requests sent one after
    the other: with many at once, the benchmark would measure the machine's queue.
    """

    name: str
    asked: dict[str, Requests]
    goals: dict[str, float] = field(default_factory=dict)
    most_p99: float | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    def measure(self, ports: dict[str, int], rounds: int, seconds: float) -> Rounds:
        """Send the requests to all servers in turn, in another order in each round."""
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
        """Return the median, lowest and highest ratio of our rate to another server's."""
        ratios = [one["ours"].rate / one[name].rate for one in told]
        return statistics.median(ratios), min(ratios), max(ratios)


def operations(scene: Scene) -> list[Operation]:
    """Return all operations to measure."""
    people, credited = scene.people[1:], scene.credited
    every = "redeemed=true&expired=true&revoked=true"
    grant = ["grant_type=client_credentials"]
    coupon, receivers = str(scene.coupon), [str(one) for one in scene.receivers]
    issues = [json.dumps({"coupon_id": coupon, "customer_id": one}) for one in receivers]
    creates = [json.dumps({"coupon": coupon, "customer": one}) for one in receivers]
    issue = [f"/customers/customers/{one}/credits" for one in receivers]
    slow = {"plain": 10.0, "fast": 8.0}
    return [
        Operation(
            "list of 100 customers with addresses and stats, by cursor",
            reads(
                scene,
                ours=[f"/v1/customers?limit=100&after={_ours(scene, one)}" for one in people],
                plain=[f"/customers/?cursor={_cursor(one)}" for one in people],
                fast=[f"/customers?after={one}" for one in people],
                bare=[f"/list/{one}" for one in people],
            ),
            {"plain": 12, "bare": 0.5},
        ),
        Operation(
            "one customer, full",
            reads(
                scene,
                ours=[f"/v1/customers/{one}" for one in people],
                plain=[f"/customers/{one}/" for one in people],
                fast=[f"/customers/{one}" for one in people],
                bare=[f"/one/{one}" for one in people],
            ),
            {"plain": 4, "bare": 0.4},
        ),
        Operation("search by name", _searched(scene, scene.names), {"plain": 50}, 20, slow),
        # A last name alone matches thousands of customers.
        Operation("search by last name alone", _searched(scene, scene.last_names), {}, 20, slow),
        Operation(
            "list of 100 credits",
            reads(
                scene,
                ours=[f"/customers/customers/{credited}/credits?per_page=100&{every}"],
                plain=[f"/customers/{credited}/credits/?per_page=100"],
                fast=[f"/customers/{credited}/credits"],
                bare=[f"/credits/{credited}"],
            ),
            {"plain": 10, "bare": 0.5},
        ),
        Operation(
            "issue a credit, against a plain create",
            {
                "ours": Requests(issue, "POST", bearer(scene, "ours"), issues, keyed=True),
                "plain": Requests(["/credits/"], "POST", bearer(scene, "plain"), creates),
            },
            {"plain": 1.5},
        ),
        Operation(
            "token",
            {
                "ours": Requests(["/oauth/token"], "POST", basic(scene.client), grant),
                "plain": Requests(["/o/token/"], "POST", basic(scene.plain_client), grant),
            },
            {"plain": 20},
        ),
    ]


def reads(scene: Scene, **paths: list[str]) -> dict[str, Requests]:
    """Return the GET requests for each server, with that server's token."""
    return {name: Requests(asked, headers=bearer(scene, name)) for name, asked in paths.items()}


def bearer(scene: Scene, server: str) -> dict[str, str]:
    token = scene.tokens.get(server)
    return {"Authorization": f"Bearer {token}"} if token else {}


def basic(client: dict[str, str]) -> dict[str, str]:
    pair = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    return {"Authorization": f"Basic {pair}", "Content-Type": "application/x-www-form-urlencoded"}


def _searched(scene: Scene, names: list[str]) -> dict[str, Requests]:
    quoted = [urllib.parse.quote(one) for one in names]
    paths = {"ours": "/v1/customers", "plain": "/numbered/", "fast": "/search"}
    asked = {name: [f"{path}?search={one}" for one in quoted] for name, path in paths.items()}
    return reads(scene, **asked)


def _ours(scene: Scene, customer: UUID) -> str:
    with acting_for(scene.large.id):
        return Cursors(f"Customers/{scene.large.id}").write(Position(customer))


def _cursor(customer: UUID) -> str:
    return urllib.parse.quote(base64.b64encode(f"p={customer}".encode()).decode())
