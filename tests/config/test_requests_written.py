"""A started server writes the log of API requests, and its last entries when it stops."""

import fcntl
import os
import signal
import time
from pathlib import Path

import pytest

from config.requests.recorder import SECONDS_BETWEEN
from tests.servers import started
from tests.shop import AT_ONCE, Shop
from tests.threads import wait_until

ONE_WORKER = ("--no-demo", "--workers", "1")
UNKNOWN = "/v1/customers/cust_00000000000070008000000000000000"


def found(shop: Shop, request_id: str) -> list[tuple[str, int]]:
    """Return the operation and the status of the logged requests with a Request-Id."""
    answer = shop.send("GET", f"/v1/requests?request_id={request_id}").json()
    return [(one["operation"], one["status"]) for one in answer.get("data", [])]


def test_several_workers_write_each_request_once(shop: Shop) -> None:
    key = shop.server.run(
        "create_api_key", "--company", "shop", "--name", "counted", "--scopes", "customers:read"
    )
    headers = {"Authorization": f"Bearer {key['key']}", "Request-Id": "many"}
    statuses = shop.at_once(
        *[lambda: shop.send("GET", UNKNOWN, headers=headers)] * AT_ONCE,
        *[lambda: shop.send("GET", "/v1/customers", headers=headers)] * AT_ONCE,
    )
    assert statuses == {404: AT_ONCE, 200: AT_ONCE}
    with shop.server.owner(autocommit=True) as owner:

        def read(sql: str) -> dict[int, int]:
            return dict(owner.execute(sql, [key["id"]]).fetchall())

        logged = (
            "SELECT status, count(*) FROM requests_apirequest"
            " WHERE credential_id = %s GROUP BY status"
        )
        counted = (
            "SELECT status, sum(count)::int FROM requests_requestcount"
            " WHERE credential_id = %s GROUP BY status"
        )
        wait_until(lambda: sum(read(counted).values()) >= 2 * AT_ONCE, 30)
        assert read(logged) == {404: AT_ONCE}
        assert read(counted) == {404: AT_ONCE, 200: AT_ONCE}


@pytest.mark.long
def test_a_server_that_stops_writes_what_it_has_noted(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with started(data, *ONE_WORKER) as server:
        shop = Shop(server)
        assert shop.send("GET", UNKNOWN, headers={"Request-Id": "last"}).status_code == 404
    with started(data, *ONE_WORKER) as server:
        shop.server = server
        assert found(shop, "last") == [("v1_customers_read", 404)]


@pytest.mark.long
def test_requests_during_an_outage_are_written_when_it_is_over(tmp_path: Path) -> None:
    with started(tmp_path / "data", *ONE_WORKER, REGULARS_THROWAWAY="0") as server:
        shop = Shop(server)
        assert shop.send("GET", UNKNOWN, headers={"Request-Id": "before"}).status_code == 404
        # While this lock is held, no process can restart the database.
        with (server.data / "locks" / "changing").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            postmaster = (server.data / "postgres" / "postmaster.pid").read_text().split()[0]
            os.kill(int(postmaster), signal.SIGQUIT)
            time.sleep(1)
            during = shop.send("GET", UNKNOWN, headers={"Request-Id": "during"})
            assert during.status_code == 503
            time.sleep(2 * SECONDS_BETWEEN)
        wait_until(lambda: found(shop, "during") == [("v1_customers_read", 503)], 60)
        assert found(shop, "before") == [("v1_customers_read", 404)]
