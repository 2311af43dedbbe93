"""`/v1/webhooks`: endpoints, their secrets, and their deliveries."""

import datetime
import ipaddress
import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from config.changes.event_types import TEST, TYPES
from config.changes.models import Change
from config.tenancy.companies import Company
from config.tenancy.ids import read_id
from config.tenancy.scoping import acting_for
from config.webhooks.actions import MOST_ENDPOINTS, deliveries
from config.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from config.webhooks.secrets import unseal
from tests.callers import Answer, Caller
from tests.contract import document
from tests.factories import ACustomer, ADelivery, AWebhook

URL = "https://receiver.example/hook"
LONG_AGO = "2020-01-01T00:00:00Z"


def make(integrator: Caller, **fields: Any) -> Any:
    answer = integrator.post("/v1/webhooks", {"url": URL, **fields})
    assert answer.status == 201, answer
    return answer.body


def kept(company: Company) -> WebhookEndpoint:
    with acting_for(company.id):
        return WebhookEndpoint.objects.get()


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.body["error"]["code"]


def fail(company: Company, **facts: Any) -> None:
    """Mark all messages as failed, as the sender would."""
    with acting_for(company.id):
        failed = {"state": "failed", "attempts": 9, "next_at": None}
        WebhookDelivery.objects.update(**failed | facts)


def test_the_secret_is_shown_once_and_kept_closed(studio: Company, integrator: Caller) -> None:
    body = {"url": URL, "description": "Our warehouse", "types": ["customer.created"]}
    made, again = (integrator.post("/v1/webhooks", body, Idempotency_Key="once") for _ in range(2))
    assert (made.status, code(again)) == (201, (409, "answer_not_kept"))
    shown = made.body
    secret = shown.pop("secret")
    assert secret.startswith("whsec_")
    assert (shown["status"], shown["types"]) == ("enabled", ["customer.created"])
    assert integrator.get(f"/v1/webhooks/{shown['id']}").body == shown
    assert integrator.get("/v1/webhooks").body["data"] == [shown]
    assert secret not in kept(studio).secret
    assert unseal(kept(studio).secret) == secret


REACHABLE = [
    *("https://8.8.8.8:8443/hook?token=a", "https://[2606:4700::1111]/", "https://bücher.example"),
    *(f"https://hooks.example:{port}/x" for port in (80, 443, 1024, 8000, 8443, 65_535)),
]
OTHER_SERVICES = (22, 25, 81, 1023, 2375, 5432, 6379, 9200, 11_211)
UNREACHABLE = [
    *("", " ", "x", "https://", "https:///hook", "receiver.example", "ftp://receiver.example"),
    *("http://receiver.example/hook", "https://me:word@receiver.example", "https://a.example#x"),
    *("https://localhost/hook", "https://box.local", "https://intranet", "https://127.0.0.1"),
    *("https://10.1.2.3", "https://169.254.169.254/meta", "https://2130706433", "https://0x7f.1"),
    *("https://[::1]", "https://[::ffff:10.0.0.1]", "https://[64:ff9b::a9fe:a9fe]"),
    *("https://[2002:a00:1::1]", "https://[fe80::1%25eth0]", "https://[::127.0.0.1]"),
    *("https://receiver.example:x", "https://receiver.example/a b", "https://[::1", "https://x:0"),
    *("https://127.1.", "https://receiver.example/" + "x" * 2000),
]


def test_an_unreachable_address_is_refused(integrator: Caller, settings: Any) -> None:
    for url in UNREACHABLE:
        answer = integrator.post("/v1/webhooks", {"url": url})
        assert answer.status in (400, 422), url
        assert answer.body["error"]["param"] == "url", url
    for port in OTHER_SERVICES:
        answer = integrator.post("/v1/webhooks", {"url": f"https://hooks.example:{port}/x"})
        assert answer.status == 422, port
        assert f"Port {port} cannot be used" in answer.body["error"]["message"]
    settings.PRIVATE_WEBHOOKS = [ipaddress.ip_network("127.0.0.1/32")]
    for url in ("http://127.0.0.2:9000", "ftp://127.0.0.1"):
        assert integrator.post("/v1/webhooks", {"url": url}).status == 422, url
    assert integrator.get("/v1/webhooks").body["data"] == []
    for url in (*REACHABLE, "http://127.0.0.1:9000/hook"):
        assert make(integrator, url=url)["url"] == url


def test_it_is_changed_and_what_is_not_sent_stays(integrator: Caller) -> None:
    made = make(integrator, description="Ours", types=["user.created", "note.created"] * 2)
    assert made["types"] == ["note.created", "user.created"]
    refused = integrator.post("/v1/webhooks", {"url": URL, "types": ["customer.eaten", "*.eaten"]})
    assert code(refused) == (422, "unknown_event_type")
    assert refused.body["error"]["message"].startswith(
        "types: No event type is named “customer.eaten” or “*.eaten”."
    )
    assert make(integrator, types=["*.created", "user.*"])["types"] == ["*.created", "user.*"]
    path = f"/v1/webhooks/{made['id']}"
    answer = integrator.patch(path, {"url": "https://other.example/x"})
    del made["secret"]
    assert answer.body == {**made, "url": "https://other.example/x"}
    assert integrator.patch(path, {"types": []}).body["types"] == []
    assert code(integrator.patch(path, {"url": "https://10.0.0.1"})) == (422, "invalid_webhook_url")


def test_it_begins_behind_what_has_happened_and_again_once_it_is_enabled_again(
    studio: Company, integrator: Caller
) -> None:
    def newest() -> int:
        ACustomer(company=studio)
        with acting_for(studio.id):
            return Change.objects.filter(table_name="customers_customer").latest("id").id

    before = newest()
    path = f"/v1/webhooks/{make(integrator)['id']}"
    assert kept(studio).position >= before
    assert code(integrator.post(f"{path}/enable")) == (409, "webhook_not_disabled")
    off = integrator.post(f"{path}/disable").body
    assert (off["status"], off["disabled_because"]) == ("disabled", "staff")
    assert code(integrator.post(f"{path}/disable")) == (409, "webhook_already_disabled")
    assert code(integrator.post(f"{path}/test")) == (409, "webhook_disabled")
    meanwhile = newest()
    on = integrator.post(f"{path}/enable").body
    assert (on["status"], on["disabled_at"], on["disabled_because"]) == ("enabled", None, None)
    assert kept(studio).position >= meanwhile, "what happened meanwhile is not sent"


def test_an_archived_one_keeps_no_secret_sends_nothing_and_makes_room_for_another(
    studio: Company, integrator: Caller
) -> None:
    made = [make(integrator)["id"] for _ in range(MOST_ENDPOINTS)]
    refused = integrator.post("/v1/webhooks", {"url": URL})
    assert code(refused) == (409, "too_many_webhooks")
    sentence = "A company can have 100 webhooks. Archive one that is not used."
    assert refused.body["error"]["message"] == sentence
    path = f"/v1/webhooks/{made[0]}"
    integrator.post(f"{path}/rotate-secret")
    sent = integrator.post(f"{path}/test").body
    assert integrator.post(f"{path}/archive").body["status"] == "archived"
    with acting_for(studio.id):
        one = WebhookEndpoint.objects.get(archived_at__isnull=False)
    assert (one.secret, one.previous_secret, one.previous_ends_at) == ("", "", None)
    assert integrator.get(f"{path}/deliveries/{sent['id']}").body["status"] == "cancelled"
    again = f"deliveries/{sent['id']}/redeliver"
    for verb in ("enable", "disable", "rotate-secret", "test", again):
        assert code(integrator.post(f"{path}/{verb}")) == (409, "webhook_archived"), verb
    assert code(integrator.post(f"{path}/archive")) == (409, "webhook_archived")
    listed = integrator.get("/v1/webhooks?archived=false&per_page=100").body["data"]
    assert {one["id"] for one in listed} == set(made[1:])
    make(integrator)


def test_a_restored_one_has_a_new_secret_and_is_sent_what_happens_from_then_on(
    studio: Company, integrator: Caller
) -> None:
    made = [make(integrator) for _ in range(MOST_ENDPOINTS)]
    path = f"/v1/webhooks/{made[0]['id']}"
    integrator.post(f"{path}/disable")
    integrator.post(f"{path}/archive")
    ACustomer(company=studio)
    other = make(integrator)["id"]
    assert code(integrator.post(f"{path}/restore")) == (409, "too_many_webhooks")
    integrator.post(f"/v1/webhooks/{other}/archive")
    with acting_for(studio.id):
        meanwhile = Change.objects.latest("id").id
    restored = integrator.post(f"{path}/restore").body
    assert restored["status"] == "disabled", "as it was"
    assert integrator.post(f"{path}/enable").body["status"] == "enabled"
    with acting_for(studio.id):
        one = WebhookEndpoint.objects.get(pk=read_id("whe_", made[0]["id"]))
    assert unseal(one.secret) == restored["secret"] != made[0]["secret"]
    assert one.position >= meanwhile
    assert integrator.get("/v1/changes?types=webhook.restored").body["data"]
    assert code(integrator.post(f"{path}/restore")) == (409, "not_archived")


def test_both_secrets_are_kept_while_one_rotates(studio: Company, integrator: Caller) -> None:
    first = make(integrator)
    path = f"/v1/webhooks/{first['id']}"
    second = integrator.post(f"{path}/rotate-secret", {"overlap_hours": 2}).body
    assert second["secret"] != first["secret"]
    one = kept(studio)
    assert unseal(one.secret) == second["secret"]
    assert unseal(one.previous_secret) == first["secret"]
    assert one.previous_ends_at is not None
    left = one.previous_ends_at - datetime.datetime.now(datetime.UTC)
    assert datetime.timedelta(hours=1.9) < left <= datetime.timedelta(hours=2)
    third = integrator.post(f"{path}/rotate-secret", {"overlap_hours": 0}).body
    assert third["previous_secret_expires_at"] is None
    assert kept(studio).previous_secret == ""
    for hours in (-1, 169):
        assert integrator.post(f"{path}/rotate-secret", {"overlap_hours": hours}).status == 422


def test_a_test_event_waits_to_be_sent(studio: Company, integrator: Caller) -> None:
    made = make(integrator)
    sent = integrator.post(f"/v1/webhooks/{made['id']}/test").body
    assert (sent["type"], sent["status"], sent["attempts"]) == (TEST, "pending", 0)
    assert sent["message_id"] == sent["id"].replace("whd_", "msg_")
    path = f"/v1/webhooks/{made['id']}/deliveries/{sent['id']}"
    read = integrator.get(path).body
    body = json.loads(read.pop("body"))
    assert read == {**sent, "log": []}
    assert body["data"] == {"webhook_id": made["id"]}
    schemas = {
        type: entry["post"]["requestBody"]["content"]["application/json"]["schema"]
        for type, entry in document()["webhooks"].items()
    }
    assert schemas.keys() == {*TYPES, TEST}
    for type in TYPES:
        assert schemas[type]["allOf"][1]["properties"]["type"]["const"] == type
    Draft202012Validator(schemas[TEST]).validate(body)
    with acting_for(studio.id):
        WebhookAttempt.objects.create(
            company_id=studio.id, delivery=WebhookDelivery.objects.get(), milliseconds=12,
            began_at=datetime.datetime.now(datetime.UTC), error="The connection was refused.",
        )  # fmt: skip
    (attempt,) = integrator.get(path).body["log"]
    assert (attempt["http_status"], attempt["error"]) == (None, "The connection was refused.")


def test_what_was_sent_is_listed_newest_first_narrowed_and_sent_again_to_the_letter(
    studio: Company, integrator: Caller
) -> None:
    endpoint = AWebhook(company=studio)
    ADelivery(company=studio)
    old, new = (ADelivery(company=studio, endpoint=endpoint) for _ in range(2))
    with acting_for(studio.id):
        WebhookDelivery.objects.filter(pk=old.pk).update(state="delivered", next_at=None)
    path = f"/v1/webhooks/{endpoint.id}/deliveries"

    def listed(query: str = "") -> list[str]:
        return [one["id"] for one in integrator.get(f"{path}?{query}").body["data"]]

    both = [f"whd_{one.id.hex}" for one in (new, old)]
    first = integrator.get(f"{path}?limit=1").body
    for query, found in (
        *(("", both), ("status=delivered", both[1:]), ("type=test.ping", both)),
        *(("type=customer.created", []), (f"created_after={LONG_AGO}", both)),
        *((f"created_before={LONG_AGO}", []), (f"limit=1&after={first['end_cursor']}", both[1:])),
    ):
        assert listed(query) == found, query
    fail(studio)
    before = integrator.get(f"{path}/{both[0]}").body
    again = integrator.post(f"{path}/{both[0]}/redeliver").body
    assert (again["status"], again["attempts"]) == ("pending", 0)
    assert again["next_at"] is not None
    after = integrator.get(f"{path}/{both[0]}").body
    for name in ("message_id", "body", "type"):
        assert after[name] == before[name]


def test_a_range_is_sent_again_a_bounded_number_at_once(
    studio: Company, integrator: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "MOST_AT_ONCE", 2)
    endpoint = AWebhook(company=studio)
    for _ in range(3):
        ADelivery(company=studio, endpoint=endpoint)
    other = ADelivery(company=studio)
    fail(studio)
    path = f"/v1/webhooks/{endpoint.id}/redeliver"

    def ask(**asked: Any) -> Any:
        return integrator.post(path, {"created_after": LONG_AGO, **asked}).body

    assert ask(created_before="2020-01-02T00:00:00Z") == {"redelivered": 0, "has_more": False}
    assert ask(status="delivered") == {"redelivered": 0, "has_more": False}
    assert ask() == {"redelivered": 2, "has_more": True}
    assert ask() == {"redelivered": 1, "has_more": False}
    assert ask() == {"redelivered": 0, "has_more": False}
    with acting_for(studio.id):
        left = WebhookDelivery.objects.filter(state="failed").values_list("pk", flat=True)
        assert list(left) == [other.pk], "those of another webhook stay"
    period = {"created_after": LONG_AGO, "created_before": "2019-01-01T00:00:00Z"}
    backwards = integrator.post(path, period)
    assert code(backwards) == (422, "invalid_range")
    assert backwards.body["error"]["param"] == "created_before"


def test_the_feed_tells_of_webhooks_without_their_url(studio: Company, integrator: Caller) -> None:
    made = make(integrator)
    integrator.patch(f"/v1/webhooks/{made['id']}", {"url": "https://other.example/secret-path"})
    integrator.post(f"/v1/webhooks/{made['id']}/rotate-secret")
    integrator.post(f"/v1/webhooks/{made['id']}/disable")
    with acting_for(studio.id):
        WebhookEndpoint.objects.update(last_delivered_at=datetime.datetime.now(datetime.UTC))
    fed = integrator.get("/v1/changes")
    told = [one for one in fed.body["data"] if one["object_id"] == made["id"]]
    assert [one["type"] for one in told] == [
        "webhook.created",
        "webhook.updated",
        "webhook.disabled",
    ]
    assert told[0]["data"]["object"]["last_delivered_at"] is not None
    assert "last_delivered_at" not in told[0]["data"]["changes"], "no change records this column"
    for word in ("receiver.example", "secret-path", "whsec_", kept(studio).secret):
        assert word not in fed.raw.decode()
