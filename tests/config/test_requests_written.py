"""A started server writes the log of API requests by itself, and its last part when it stops."""

from pathlib import Path

from tests.servers import started
from tests.shop import Shop
from tests.threads import wait_until

ONE_WORKER = ("--no-demo", "--workers", "1")
UNKNOWN = "/v1/customers/cust_00000000000070008000000000000000"


def found(shop: Shop, request_id: str) -> list[tuple[str, int]]:
    answer = shop.send("GET", f"/v1/requests?request_id={request_id}")
    return [(one["operation"], one["status"]) for one in answer.json()["data"]]


def test_a_server_writes_within_seconds(shop: Shop) -> None:
    assert shop.send("GET", UNKNOWN, headers={"Request-Id": "soon"}).status_code == 404
    wait_until(lambda: found(shop, "soon") == [("v1_customers_read", 404)], 30)
    with shop.server.owner() as owner:
        sql = "SELECT sum(count) FROM requests_requestcount WHERE operation = 'v1_requests_list'"
        # The reads that waited for it are counted.
        wait_until(lambda: owner.execute(sql).fetchall()[0][0], 30)


def test_a_server_that_stops_writes_what_it_has_noted(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with started(data, *ONE_WORKER) as server:
        shop = Shop(server)
        assert shop.send("GET", UNKNOWN, headers={"Request-Id": "last"}).status_code == 404
    with started(data, *ONE_WORKER) as server:
        shop.server = server
        assert found(shop, "last") == [("v1_customers_read", 404)]
