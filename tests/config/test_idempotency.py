"""A request that is sent twice with one key has its effect once (contract, section 6)."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from config.access.actions import rotate_api_key
from config.access.models import ApiKey
from config.access.scopes import SCOPES
from config.access.tasks import clear_answers
from config.changes.models import Change
from config.tenancy.actors import Actor
from config.tenancy.answers import KeptAnswer
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.api_routes import fill, make_rows
from tests.callers import Answer, Caller, call_as
from tests.contract import operations
from tests.factories import ACredit, ACustomer, make_api_client
from tests.shares import undone
from tests.statements import FRAME, recorded
from tests.test_two_companies import body_of

ANN = {"first_name": "Ann", "email": "ann@example.com"}
REPLAYED = "Idempotent-Replayed"
KEPT = [
    (path, operation)
    for path, method, operation in operations()
    if method == "POST" and operation["security"] and not path.endswith("/eligibility")
]


def new_key() -> str:
    return str(uuid.uuid4())


def count(company: Company, model: Any = Customer) -> int:
    with acting_for(company.id):
        return model.objects.filter(company=company).count()


def is_replay(answer: Answer, first: Answer) -> bool:
    same = (answer.status, answer.raw) == (first.status, first.raw)
    return same and answer.headers.get(REPLAYED) == "true" and REPLAYED not in first.headers


def test_the_second_time_the_first_answer_comes_back(integrator: Caller, studio: Company) -> None:
    key = new_key()
    first = integrator.post("/v1/customers", ANN, Idempotency_Key=key)
    again = integrator.post("/v1/customers", ANN, Idempotency_Key=key)
    assert first.status == 201
    assert is_replay(again, first)
    assert again.headers["Request-Id"] != first.headers["Request-Id"]
    turned = b'{ "email": "ann@example.com",\n "first_name": "\\u0041nn" }'
    same = integrator.post("/v1/customers", turned, Idempotency_Key=key)
    assert is_replay(same, first), "the same said otherwise"
    assert count(studio) == 1
    for headers in ({"Idempotency_Key": new_key()}, {"Idempotency_Key": new_key()}, {}, {}):
        assert integrator.post("/v1/customers", ANN, **headers).status == 201
    assert count(studio) == 5, "another key or none is another thing to do"


def test_another_request_under_a_key_is_refused(integrator: Caller, studio: Company) -> None:
    key, credit = new_key(), ACredit(company=studio)
    integrator.post("/v1/customers", ANN, Idempotency_Key=key)
    issue = {"coupon_id": str(credit.coupon_id), "customer_id": str(credit.customer_id)}
    refused = [
        integrator.post(path, body, Idempotency_Key=key)
        for path, body in (
            ("/v1/customers", {**ANN, "first_name": "Anna"}),
            ("/v1/coupons", ANN),
            ("/customers", {"name": "Ann", "email": ANN["email"]}),
            (f"/customers/customers/{credit.customer_id}/credits", issue),
        )
    ]
    for one in refused:
        assert one.status == 422, one
        assert "Another request was sent under this key" in one.raw.decode()
    changed, elsewhere, accounts, credits = (one.body for one in refused)
    code = "idempotency_key_reused"
    assert changed["error"]["code"] == elsewhere["error"]["code"] == accounts["code"] == code
    assert "Idempotency-Key" in accounts["validation_errors"]
    assert "Idempotency-Key" in credits["errors"]
    assert count(studio) == 2


def test_a_decided_refusal_is_kept_without_a_trace(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio, external_id="taken")
    key, body = new_key(), {"name": "Bob", "external_id": "taken"}
    before = count(studio, Change)
    first = integrator.post("/customers", body, Idempotency_Key=key)
    assert (first.status, first.body["code"]) == (409, "external_id_taken")
    assert count(studio, Change) == before
    with acting_for(studio.id):
        Customer.objects.filter(pk=customer.pk).update(external_id="free")
    assert is_replay(integrator.post("/customers", body, Idempotency_Key=key), first)
    assert integrator.post("/customers", body, Idempotency_Key=new_key()).status == 201


def test_what_was_not_decided_or_breaks_is_not_kept(
    integrator: Caller, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError

    key = new_key()
    unreadable = integrator.post("/v1/customers", b"{", Idempotency_Key=key)
    unknown = integrator.post("/v1/customers", {"size": 1}, Idempotency_Key=key)
    nowhere = f"/v1/customers/{uuid.uuid4()}/notes"
    assert (unreadable.status, unknown.status) == (400, 400)
    assert integrator.post(nowhere, {"content": "x"}, Idempotency_Key=key).status == 404
    assert call_as(studio, ["users:read"]).post("/v1/customers", ANN).status == 403
    with monkeypatch.context() as broke:
        broke.setattr("customers.actions.create_customer", broken)
        integrator.client.raise_request_exception = False
        with pytest.raises(AssertionError, match="undocumented 500"):
            integrator.post("/v1/customers", ANN, Idempotency_Key=key)
    assert count(studio, KeptAnswer) == count(studio) == 0
    assert integrator.post("/v1/customers", ANN, Idempotency_Key=key).status == 201


def test_keys_of_companies_and_of_their_clients_are_independent(
    integrator: Caller, stranger: Caller, studio: Company, rival: Company
) -> None:
    key, ids = new_key(), set()
    for caller in (integrator, stranger, call_as(studio, name="website")):
        answer = caller.post("/v1/customers", ANN, Idempotency_Key=key)
        assert (answer.status, REPLAYED in answer.headers) == (201, False)
        ids.add(answer.body["id"])
    assert (len(ids), count(studio), count(rival)) == (3, 2, 1)


def test_a_new_token_or_a_new_api_key_is_still_the_same_client(studio: Company) -> None:
    client, secret = make_api_client(studio, name="spa", scopes=SCOPES)
    key, answers = new_key(), []
    for _ in range(2):
        asked = {"client_id": client.client_id, "client_secret": secret}
        token = Caller().post("/token", asked).body["access_token"]
        caller = Caller({"Authorization": f"Bearer {token}"})
        answers.append(caller.post("/v1/customers", ANN, Idempotency_Key=key))
    assert is_replay(answers[1], answers[0])
    first = call_as(studio, name="till").post("/v1/customers", ANN, Idempotency_Key=key)
    _, text = rotate_api_key(ApiKey.objects.get(name="till"), actor=Actor.command(studio))
    again = Caller({"X-API-Key": text}).post("/v1/customers", ANN, Idempotency_Key=key)
    assert is_replay(again, first)


def test_a_key_is_of_up_to_255_characters(integrator: Caller, studio: Company) -> None:
    for key in ("", "  ", "x" * 256, "caf\xe9", "a\tb", "a\x7fb"):
        answer = integrator.post("/v1/customers", ANN, Idempotency_Key=key)
        assert answer.status == 400, key
        assert "Idempotency-Key: Must be 1 to 255 printable ASCII characters" in answer.raw.decode()
    assert count(studio) == 0
    first, again = (
        integrator.post("/v1/customers", ANN, Idempotency_Key="~" * 255) for _ in range(2)
    )
    assert is_replay(again, first)


def test_what_changes_nothing_by_itself_heeds_no_key(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio)
    key, path = new_key(), f"/v1/customers/{customer.pk}"
    integrator.post("/v1/customers", ANN, Idempotency_Key=key)
    for call in (
        lambda: integrator.get(path, Idempotency_Key=key),
        lambda: integrator.patch(path, {"first_name": "Zoe"}, Idempotency_Key=key),
        lambda: integrator.post(f"{path}/eligibility", {"amount": 5}, Idempotency_Key=key),
    ):
        answer = call()
        assert (answer.status, REPLAYED in answer.headers) == (200, False)


def age(hours: int, *companies: Company) -> None:
    for company in companies:
        with acting_for(company.id):
            KeptAnswer.objects.update(created_at=Now() - timedelta(hours=hours))


def test_after_three_days_a_key_is_as_new_and_its_answer_removed(
    integrator: Caller, stranger: Caller, studio: Company, rival: Company
) -> None:
    stranger.post("/v1/customers", ANN, Idempotency_Key="old")
    first = integrator.post("/v1/customers", ANN, Idempotency_Key="key")
    integrator.post("/v1/customers", ANN, Idempotency_Key="old")
    age(71, studio)
    assert is_replay(integrator.post("/v1/customers", ANN, Idempotency_Key="key"), first)
    age(73, studio, rival)
    anew = integrator.post("/v1/customers", ANN, Idempotency_Key="key")
    assert (anew.status, anew.body["id"] != first.body["id"]) == (201, True)
    assert is_replay(integrator.post("/v1/customers", ANN, Idempotency_Key="key"), anew)
    clear_answers(0)
    with acting_for(studio.id):
        assert [one.key for one in KeptAnswer.objects.all()] == ["key"]
    assert count(rival, KeptAnswer) == 0


def test_a_key_takes_two_statements(integrator: Caller, studio: Company) -> None:
    key = new_key()
    integrator.post("/v1/customers", ANN)
    with_key, without = [], []
    for ran, headers in ((without, {}), (with_key, {"Idempotency_Key": key})):
        with recorded() as statements:
            integrator.post("/v1/customers", ANN, **headers)
        ran += [sql for sql, _ in statements if not sql.startswith(FRAME)]
    assert len(with_key) - len(without) == 2, "one to look back, one to keep the answer"


def test_every_post_and_nothing_else_says_so() -> None:
    for path, operation in KEPT:
        assert "Idempotency-Key" in [one["name"] for one in operation["parameters"]], path
        answers = operation["responses"]
        assert {"409", "422"} <= answers.keys(), path
        (good,) = [answers[status] for status in ("200", "201", "202") if status in answers]
        assert REPLAYED in good["headers"], path
    others = [operation for _, _, operation in operations() if operation not in dict(KEPT).values()]
    names = {one["name"] for operation in others for one in operation["parameters"]}
    assert "Idempotency-Key" not in names


def test_a_post_works_once(integrator: Caller, studio: Company, subtests: pytest.Subtests) -> None:
    ids, done = make_rows(studio), 0
    for path, _ in KEPT:
        with subtests.test(path), undone():
            body, key = body_of(path, "POST", ids), new_key()
            first = integrator.post(fill(path, ids), body, Idempotency_Key=key)
            changes = count(studio, Change)
            again = integrator.post(fill(path, ids), body, Idempotency_Key=key)
            assert count(studio, Change) == changes
            is_secret = again.status == 409 and again.body["error"]["code"] == "answer_not_kept"
            assert is_replay(again, first) or is_secret or first.status in (400, 404)
            done += first.status < 300
    assert done > len(KEPT) / 2


def test_a_secret_is_not_kept(
    integrator: Caller, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("customers.api.Customers.shows_secret", ("create",))
    key = new_key()
    assert integrator.post("/v1/customers", ANN, Idempotency_Key=key).status == 201
    again = integrator.post("/v1/customers", ANN, Idempotency_Key=key)
    assert (again.status, again.body["error"]["code"]) == (409, "answer_not_kept")
    with acting_for(studio.id):
        assert KeptAnswer.objects.get().body == ""
    assert count(studio) == 1
