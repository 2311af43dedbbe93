"""A request that is sent twice under one key does its work once (contract, section 6)."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db.models.functions import Now

from config.access.actions import create_api_client, rotate_api_key
from config.access.models import ApiKey, Company, KeptAnswer
from config.access.scopes import SCOPES
from config.access.tasks import clear_answers
from config.access.tenancy import acting_for
from config.changes.models import Change
from customers.models import Customer
from tests.callers import Answer, Caller, call_as
from tests.contract import operations
from tests.factories import ACredit, ACustomer
from tests.shares import undone
from tests.slots import fill, make_rows
from tests.statements import FRAME, recorded
from tests.test_two_companies import body_of

ANN = {"first_name": "Ann", "email": "ann@example.com"}
REPLAYED = "Idempotent-Replayed"
LOOKS = {"/v1/customers/{id}/eligibility"}
KEPT = [
    (path, operation)
    for path, method, operation in operations()
    if method == "POST" and not path.endswith("/token") and path not in LOOKS
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
    assert count(studio) == 1


def test_another_key_or_none_is_another_thing_to_do(integrator: Caller, studio: Company) -> None:
    for headers in ({"Idempotency_Key": new_key()}, {"Idempotency_Key": new_key()}, {}, {}):
        assert integrator.post("/v1/customers", ANN, **headers).status == 201
    assert count(studio) == 4


def test_the_same_said_otherwise_is_the_same(integrator: Caller, studio: Company) -> None:
    key = new_key()
    first = integrator.post("/v1/customers", ANN, Idempotency_Key=key)
    turned = b'{ "email": "ann@example.com",\n "first_name": "\\u0041nn" }'
    assert is_replay(integrator.post("/v1/customers", turned, Idempotency_Key=key), first)
    assert count(studio) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/customers", {**ANN, "first_name": "Anna"}),
        ("/v1/coupons", ANN),
        ("/customers", {"name": "Ann", "email": "ann@example.com"}),
    ],
)
def test_another_request_under_a_key_is_refused(
    integrator: Caller, studio: Company, path: str, body: Any
) -> None:
    key = new_key()
    integrator.post("/v1/customers", ANN, Idempotency_Key=key)
    refused = integrator.post(path, body, Idempotency_Key=key)
    assert refused.status == 422
    assert "Another request was sent under this key" in refused.raw.decode()
    assert count(studio) == 1


def test_every_surface_refuses_in_its_own_words(integrator: Caller, studio: Company) -> None:
    key, credit = new_key(), ACredit(company=studio)
    integrator.post("/v1/customers", ANN, Idempotency_Key=key)
    path = f"/customers/customers/{credit.customer_id}/credits"
    body = {"coupon_id": str(credit.coupon_id), "customer_id": str(credit.customer_id)}
    assert integrator.post("/v1/customers", {}, Idempotency_Key=key).body["error"]["code"] == (
        "idempotency_key_reused"
    )
    accounts = integrator.post("/customers", {}, Idempotency_Key=key).body
    assert accounts["code"] == "idempotency_key_reused"
    assert "Idempotency-Key" in accounts["validation_errors"]
    assert "Idempotency-Key" in integrator.post(path, body, Idempotency_Key=key).body["errors"]


def test_a_decided_refusal_is_kept_and_leaves_no_other_trace(
    integrator: Caller, studio: Company
) -> None:
    customer = ACustomer(company=studio, external_id="taken")
    key, body = new_key(), {"name": "Bob", "external_id": "taken"}
    with acting_for(studio.id):
        before = Change.objects.count()
    first = integrator.post("/customers", body, Idempotency_Key=key)
    assert (first.status, first.body["code"]) == (409, "external_id_taken")
    with acting_for(studio.id):
        assert Change.objects.count() == before
        Customer.objects.filter(pk=customer.pk).update(external_id="free")
    assert is_replay(integrator.post("/customers", body, Idempotency_Key=key), first)
    assert integrator.post("/customers", body, Idempotency_Key=new_key()).status == 201


def test_what_was_not_decided_is_not_kept(integrator: Caller, studio: Company) -> None:
    key = new_key()
    unreadable = integrator.post("/v1/customers", b"{", Idempotency_Key=key)
    unknown = integrator.post("/v1/customers", {"size": 1}, Idempotency_Key=key)
    nowhere = f"/v1/customers/{uuid.uuid4()}/notes"
    assert (unreadable.status, unknown.status) == (400, 400)
    assert integrator.post(nowhere, {"content": "x"}, Idempotency_Key=key).status == 404
    assert call_as(studio, ["users:read"]).post("/v1/customers", ANN).status == 403
    assert count(studio, KeptAnswer) == 0
    assert integrator.post("/v1/customers", ANN, Idempotency_Key=key).status == 201


def test_what_breaks_is_not_kept(
    integrator: Caller, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = new_key()

    def broken(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broke:
        broke.setattr("customers.api.create_customer", broken)
        integrator.client.raise_request_exception = False
        with pytest.raises(AssertionError, match="undocumented 500"):
            integrator.post("/v1/customers", ANN, Idempotency_Key=key)
    assert count(studio, KeptAnswer) == count(studio) == 0
    assert integrator.post("/v1/customers", ANN, Idempotency_Key=key).status == 201


def test_an_invitation_is_sent_once(integrator: Caller, studio: Company) -> None:
    key = new_key()
    for _ in range(3):
        integrator.post("/v1/customers", ANN, Idempotency_Key=key)
    assert count(studio) == 1
    assert len(mail.outbox) <= 1


def test_keys_of_companies_are_independent(
    integrator: Caller, stranger: Caller, studio: Company, rival: Company
) -> None:
    key = new_key()
    ours = integrator.post("/v1/customers", ANN, Idempotency_Key=key)
    theirs = stranger.post("/v1/customers", ANN, Idempotency_Key=key)
    assert (theirs.status, REPLAYED in theirs.headers) == (201, False)
    assert ours.body["id"] != theirs.body["id"]
    assert (count(studio), count(rival)) == (1, 1)


def test_keys_of_two_clients_of_a_company_are_independent(studio: Company) -> None:
    key = new_key()
    for name in ("website", "till"):
        answer = call_as(studio, name=name).post("/v1/customers", ANN, Idempotency_Key=key)
        assert (answer.status, REPLAYED in answer.headers) == (201, False)
    assert count(studio) == 2


def test_a_new_token_is_still_the_same_client(studio: Company) -> None:
    client, secret = create_api_client(studio, name="spa", scopes=SCOPES)
    key, answers = new_key(), []
    for _ in range(2):
        asked = {"client_id": client.client_id, "client_secret": secret}
        token = Caller().post("/token", asked).body["access_token"]
        caller = Caller({"Authorization": f"Bearer {token}"})
        answers.append(caller.post("/v1/customers", ANN, Idempotency_Key=key))
    assert is_replay(answers[1], answers[0])


def test_a_new_api_key_is_still_the_same_integration(studio: Company) -> None:
    key = new_key()
    first = call_as(studio, name="till").post("/v1/customers", ANN, Idempotency_Key=key)
    _, text = rotate_api_key(ApiKey.objects.get(name="till"))
    again = Caller({"X-API-Key": text}).post("/v1/customers", ANN, Idempotency_Key=key)
    assert is_replay(again, first)


@pytest.mark.parametrize("key", ["", "  ", "x" * 256, "caf\xe9", "a\tb", "a\x7fb"])
def test_what_is_no_key_is_refused(integrator: Caller, studio: Company, key: str) -> None:
    answer = integrator.post("/v1/customers", ANN, Idempotency_Key=key)
    assert answer.status == 400
    assert "Idempotency-Key: 1 to 255 printable ASCII characters" in answer.raw.decode()
    assert count(studio) == 0


def test_a_key_may_be_as_long_as_it_says(integrator: Caller) -> None:
    key = "~" * 255
    first = integrator.post("/v1/customers", ANN, Idempotency_Key=key)
    assert is_replay(integrator.post("/v1/customers", ANN, Idempotency_Key=key), first)


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


def test_after_three_days_a_key_is_as_new(integrator: Caller, studio: Company) -> None:
    key = new_key()
    first = integrator.post("/v1/customers", ANN, Idempotency_Key=key)
    age(71, studio)
    assert is_replay(integrator.post("/v1/customers", ANN, Idempotency_Key=key), first)
    age(73, studio)
    anew = integrator.post("/v1/customers", ANN, Idempotency_Key=key)
    assert (anew.status, anew.body["id"] != first.body["id"]) == (201, True)
    assert is_replay(integrator.post("/v1/customers", ANN, Idempotency_Key=key), anew)


def test_old_answers_are_removed_and_young_ones_kept(
    integrator: Caller, stranger: Caller, studio: Company, rival: Company
) -> None:
    for caller in (integrator, stranger):
        caller.post("/v1/customers", ANN, Idempotency_Key="old")
    age(73, studio, rival)
    integrator.post("/v1/customers", ANN, Idempotency_Key="young")
    clear_answers(0)
    with acting_for(studio.id):
        assert [one.key for one in KeptAnswer.objects.all()] == ["young"]
    assert count(rival, KeptAnswer) == 0


def test_an_answer_without_a_key_takes_no_statement_more(
    integrator: Caller, studio: Company
) -> None:
    key = new_key()
    integrator.post("/v1/customers", ANN)
    with_key, without = [], []
    for ran, headers in ((without, {}), (with_key, {"Idempotency_Key": key})):
        with recorded() as statements:
            integrator.post("/v1/customers", ANN, **headers)
        ran += [sql for sql, _ in statements if not sql.startswith(FRAME)]
    assert len(with_key) - len(without) == 2, "one to look back, one to keep the answer"


@pytest.mark.parametrize(("path", "operation"), KEPT, ids=[path for path, _ in KEPT])
def test_every_post_says_so(path: str, operation: dict[str, Any]) -> None:
    assert "Idempotency-Key" in [one["name"] for one in operation["parameters"]]
    answers = operation["responses"]
    assert {"409", "422"} <= answers.keys()
    (good,) = [answers[status] for status in ("200", "201") if status in answers]
    assert REPLAYED in good["headers"]


def test_nothing_else_says_so() -> None:
    others = [operation for _, _, operation in operations() if operation not in dict(KEPT).values()]
    names = {one["name"] for operation in others for one in operation["parameters"]}
    assert "Idempotency-Key" not in names


def test_every_post_does_its_work_once(
    integrator: Caller, studio: Company, subtests: pytest.Subtests
) -> None:
    ids, done = make_rows(studio), 0
    for path, _ in KEPT:
        with subtests.test(path), undone():
            body, key = body_of(path, "POST", ids), new_key()
            first = integrator.post(fill(path, ids), body, Idempotency_Key=key)
            with acting_for(studio.id):
                changes = Change.objects.count()
            again = integrator.post(fill(path, ids), body, Idempotency_Key=key)
            with acting_for(studio.id):
                assert Change.objects.count() == changes
            is_secret = again.status == 409 and again.body["error"]["code"] == "answer_not_kept"
            assert is_replay(again, first) or is_secret or first.status in (400, 404)
            done += first.status < 300
    assert done > len(KEPT) / 2


def test_a_secret_is_never_kept(
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
