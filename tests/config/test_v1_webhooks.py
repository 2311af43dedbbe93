"""`/v1/webhooks`: addresses that events are sent to, their secrets, and what was sent."""

import datetime
import ipaddress
import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from config.access.models import Company
from config.access.tenancy import acting_for
from config.changes.actions import MOST_ENDPOINTS, deliveries
from config.changes.feed import settled
from config.changes.kinds import TEST, TYPES
from config.changes.models import Change, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from config.changes.webhooks.secrets import unseal
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
    """Let every message that there is have failed, as the sender would note it."""
    with acting_for(company.id):
        WebhookDelivery.objects.update(
            **{"state": "failed", "attempts": 9, "next_at": None, **facts}
        )


# --- Endpoints ---


def test_the_secret_is_shown_once_and_kept_closed(studio: Company, integrator: Caller) -> None:
    made = make(integrator, description="Our warehouse", types=["customer.created"])
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert made["status"] == "enabled"
    assert made["types"] == ["customer.created"]
    again = integrator.get(f"/v1/webhooks/{made['id']}")
    assert again.body == made
    assert integrator.get("/v1/webhooks").body["data"] == [made]
    assert secret not in kept(studio).secret
    assert unseal(kept(studio).secret) == secret


def test_a_creation_that_is_sent_twice_makes_one_and_shows_its_secret_once(
    integrator: Caller,
) -> None:
    body, key = {"url": URL}, {"Idempotency_Key": "only once"}
    assert integrator.post("/v1/webhooks", body, **key).status == 201
    assert code(integrator.post("/v1/webhooks", body, **key)) == (409, "answer_not_kept")
    assert len(integrator.get("/v1/webhooks").body["data"]) == 1


@pytest.mark.parametrize(
    "url",
    [
        *("", " ", "x", "https://", "https:///hook", "receiver.example", "ftp://receiver.example"),
        *("http://receiver.example/hook", "https://me:word@receiver.example", "https://a.example#x"),
        *("https://localhost/hook", "https://box.local", "https://intranet", "https://127.0.0.1"),
        *("https://10.1.2.3", "https://169.254.169.254/meta", "https://2130706433", "https://0x7f.1"),
        *("https://[::1]", "https://[::ffff:10.0.0.1]", "https://[64:ff9b::a9fe:a9fe]"),
        *("https://[2002:a00:1::1]", "https://[fe80::1%25eth0]", "https://[::127.0.0.1]", "https://x:0"),
        *("https://receiver.example:x", "https://receiver.example/a b", "https://[::1", "https://127.1."),
        "https://receiver.example/" + "x" * 2000,
    ],
)  # fmt: skip
def test_no_address_is_taken_that_the_internet_cannot_reach(integrator: Caller, url: str) -> None:
    answer = integrator.post("/v1/webhooks", {"url": url})
    assert answer.status in (400, 422), answer
    assert answer.body["error"]["param"] == "url"
    assert integrator.get("/v1/webhooks").body["data"] == []


@pytest.mark.parametrize(
    "url", ["https://8.8.8.8:8443/hook?token=a", "https://[2606:4700::1111]/", "https://bücher.example"]
)  # fmt: skip
def test_a_public_address_is_taken_as_it_is(integrator: Caller, url: str) -> None:
    assert make(integrator, url=url)["url"] == url


def test_one_machine_may_be_told_to_reach_itself(integrator: Caller, settings: Any) -> None:
    settings.PRIVATE_WEBHOOKS = [ipaddress.ip_network("127.0.0.1/32")]
    assert make(integrator, url="http://127.0.0.1:9000/hook")["url"] == "http://127.0.0.1:9000/hook"
    assert integrator.post("/v1/webhooks", {"url": "http://127.0.0.2:9000"}).status == 422
    assert integrator.post("/v1/webhooks", {"url": "ftp://127.0.0.1"}).status == 422


def test_an_event_that_does_not_exist_is_refused(integrator: Caller) -> None:
    answer = integrator.post("/v1/webhooks", {"url": URL, "types": ["customer.eaten"]})
    assert answer.status == 422
    assert make(integrator, types=["user.created", "note.created", "user.created"])["types"] == [
        "note.created",
        "user.created",
    ]


def test_there_are_as_many_as_there_can_be(studio: Company, integrator: Caller) -> None:
    for _ in range(MOST_ENDPOINTS):
        last = AWebhook(company=studio)
    assert code(integrator.post("/v1/webhooks", {"url": URL})) == (409, "too_many_webhooks")
    assert integrator.delete(f"/v1/webhooks/{last.id}").status == 200
    make(integrator)


def test_a_webhook_begins_behind_what_has_happened(studio: Company, integrator: Caller) -> None:
    ACustomer(company=studio)
    with acting_for(studio.id):
        before = settled(studio.id)
    make(integrator)
    assert kept(studio).position == before


def test_it_is_changed_and_what_is_not_sent_stays(integrator: Caller) -> None:
    made = make(integrator, description="Ours", types=["note.created"])
    path = f"/v1/webhooks/{made['id']}"
    answer = integrator.patch(path, {"url": "https://other.example/x"})
    assert answer.body == {
        **{name: value for name, value in made.items() if name != "secret"},
        "url": "https://other.example/x",
    }
    assert integrator.patch(path, {"types": []}).body["types"] == []
    assert code(integrator.patch(path, {"url": "https://10.0.0.1"})) == (422, "invalid_webhook_url")


def test_it_is_disabled_and_enabled(studio: Company, integrator: Caller) -> None:
    path = f"/v1/webhooks/{make(integrator)['id']}"
    assert code(integrator.post(f"{path}/enable")) == (400, "webhook_not_disabled")
    off = integrator.post(f"{path}/disable").body
    assert (off["status"], off["disabled_because"]) == ("disabled", "staff")
    assert code(integrator.post(f"{path}/disable")) == (400, "webhook_already_disabled")
    assert code(integrator.post(f"{path}/test")) == (409, "webhook_disabled")
    ACustomer(company=studio)
    on = integrator.post(f"{path}/enable").body
    assert (on["status"], on["disabled_at"], on["disabled_because"]) == ("enabled", None, None)
    with acting_for(studio.id):
        newest = Change.objects.filter(table_name="customers_customer").latest("id").id
    assert kept(studio).position >= newest, "what happened meanwhile is not sent"


def test_an_archived_one_keeps_no_secret_and_sends_nothing(
    studio: Company, integrator: Caller
) -> None:
    path = f"/v1/webhooks/{make(integrator)['id']}"
    integrator.post(f"{path}/rotate-secret")
    sent = integrator.post(f"{path}/test").body
    assert integrator.delete(path).body["status"] == "archived"
    one = kept(studio)
    assert (one.secret, one.previous_secret, one.previous_ends_at) == ("", "", None)
    assert integrator.get(f"{path}/deliveries/{sent['id']}").body["state"] == "cancelled"
    for verb in ("enable", "disable", "rotate-secret", "test"):
        assert code(integrator.post(f"{path}/{verb}")) == (409, "webhook_archived"), verb
    again = integrator.post(f"{path}/deliveries/{sent['id']}/redeliver")
    assert code(again) == (409, "webhook_archived")
    assert code(integrator.delete(path)) == (409, "webhook_archived")
    assert integrator.get("/v1/webhooks?archived=false").body["data"] == []


# --- Secrets ---


def test_both_secrets_are_kept_while_one_replaces_the_other(
    studio: Company, integrator: Caller
) -> None:
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
    assert third["previous_secret_until"] is None
    assert kept(studio).previous_secret == ""
    for hours in (-1, 169):
        assert integrator.post(f"{path}/rotate-secret", {"overlap_hours": hours}).status == 422


# --- What is sent ---


def test_a_test_event_waits_to_be_sent(studio: Company, integrator: Caller) -> None:
    made = make(integrator)
    sent = integrator.post(f"/v1/webhooks/{made['id']}/test").body
    assert (sent["type"], sent["state"], sent["attempts"]) == (TEST, "pending", 0)
    assert sent["message_id"] == sent["id"].replace("whd_", "msg_")
    read = integrator.get(f"/v1/webhooks/{made['id']}/deliveries/{sent['id']}").body
    body = json.loads(read.pop("body"))
    assert read == {**sent, "log": []}
    assert body["data"] == {"webhook_endpoint_id": made["id"]}
    described = document()["webhooks"][TEST]["post"]["requestBody"]["content"]["application/json"]
    Draft202012Validator(described["schema"]).validate(body)
    with acting_for(studio.id):
        WebhookAttempt.objects.create(
            company_id=studio.id, delivery=WebhookDelivery.objects.get(), milliseconds=12,
            began_at=datetime.datetime.now(datetime.UTC), error="The connection was refused.",
        )  # fmt: skip
    (attempt,) = integrator.get(f"/v1/webhooks/{made['id']}/deliveries/{sent['id']}").body["log"]
    assert attempt["status"] is None
    assert attempt["error"] == "The connection was refused."


def test_what_was_sent_is_listed_newest_first_and_narrowed(
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
    assert listed() == both
    assert listed("state=delivered") == both[1:]
    assert listed("type=test.ping") == both
    assert listed("type=customer.created") == []
    assert listed(f"created_after={LONG_AGO}") == both
    assert listed(f"created_before={LONG_AGO}") == []
    first = integrator.get(f"{path}?limit=1").body
    assert listed(f"limit=1&after={first['end_cursor']}") == both[1:]


def test_a_message_is_sent_again_to_the_letter(studio: Company, integrator: Caller) -> None:
    one = ADelivery(company=studio)
    fail(studio)
    path = f"/v1/webhooks/{one.endpoint_id}/deliveries/{one.id}"
    before = integrator.get(path).body
    again = integrator.post(f"{path}/redeliver").body
    assert (again["state"], again["attempts"]) == ("pending", 0)
    assert again["next_at"] is not None
    after = integrator.get(path).body
    assert [after[name] for name in ("message_id", "body", "type")] == [
        before[name] for name in ("message_id", "body", "type")
    ]


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
        return integrator.post(path, {"since": LONG_AGO, **asked}).body

    assert ask(until="2020-01-02T00:00:00Z") == {"redelivered": 0, "has_more": False}
    assert ask(state="delivered") == {"redelivered": 0, "has_more": False}
    assert ask() == {"redelivered": 2, "has_more": True}
    assert ask() == {"redelivered": 1, "has_more": False}
    assert ask() == {"redelivered": 0, "has_more": False}
    with acting_for(studio.id):
        left = WebhookDelivery.objects.filter(state="failed").values_list("pk", flat=True)
        assert list(left) == [other.pk], "those of another webhook stay"
    backwards = integrator.post(path, {"since": LONG_AGO, "until": "2019-01-01T00:00:00Z"})
    assert code(backwards) == (422, "invalid_range")


# --- What is told of it ---


def test_every_event_type_is_described(integrator: Caller) -> None:
    described = document()["webhooks"]
    assert set(described) == {*TYPES, TEST}
    for type, entry in described.items():
        schema = entry["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert schema["properties"]["type"]["const"] == type


def test_the_feed_tells_of_webhooks_but_not_where_they_go(
    studio: Company, integrator: Caller
) -> None:
    made = make(integrator)
    integrator.patch(f"/v1/webhooks/{made['id']}", {"url": "https://other.example/secret-path"})
    integrator.post(f"/v1/webhooks/{made['id']}/rotate-secret")
    integrator.post(f"/v1/webhooks/{made['id']}/disable")
    fed = integrator.get("/v1/changes")
    told = [one for one in fed.body["data"] if one["object"]["id"] == made["id"]]
    assert [one["type"] for one in told] == [
        "webhook_endpoint.created",
        *("webhook_endpoint.updated",) * 2,
        "webhook_endpoint.disabled",
    ]
    for word in ("receiver.example", "secret-path", "whsec_", kept(studio).secret):
        assert word not in fed.raw.decode()
