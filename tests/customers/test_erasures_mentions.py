"""An erasure removes mentions of the erased person, and of nobody else, from other texts."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from config.access.models import Staff
from config.jobs.models import Job, JobRefusal
from config.requests.models import ApiRequest
from config.tenancy.answers import KeptAnswer
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from config.webhooks.actions import fan_out
from config.webhooks.bodies import write_bodies
from config.webhooks.models import WebhookDelivery
from customers.imports.starting import CHECK
from customers.models import Customer
from customers.privacy.holding import words_of
from tests.backoffice import Browser, fresh
from tests.callers import Caller
from tests.factories import AContactPoint, ACustomer, ANote, AWebhook
from tests.jobs import a_job
from tests.personal import erase

ID = "0199c1f2a4b87d3e9c5a7b1f0e2d4c68"


def mentions(body: str, *words: str) -> bool:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT customers_mentions(%s, %s, %s)", [body, [ID], [*words]])
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ('{"email":"Ana@Example.com"}', "ana@example.com"),
        ("Write to ana@example.com.", "ana@example.com"),
        ('{"note":"Hers:\\nana@example.com\\n"}', "ana@example.com"),
        ("The id “crm-77” is taken.", "crm-77"),
        ('{"external_id": "10001"}', "10001"),
        ('{"mobile":{"phone_e164":"+442079460018"}}', "+442079460018"),
        ("10001", "10001"),
        (f'{{"id":"cust_{ID}"}}', "nothing"),
        ("a (b* c", "a (b* c"),
    ],
)
def test_a_whole_word_is_a_mention(body: str, word: str) -> None:
    assert mentions(body, word)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("mariana@example.com", "ana@example.com"),
        ("x.ana@example.com", "ana@example.com"),
        ("ana@example.com.au", "ana@example.com"),
        ("crm-770 and xcrm-77", "crm-77"),
        ('{"amount":10001}', "10001"),
        ('{"number":"10001"}', "10001"),
        ('{"id":"cust_0199c100010087d3e9c5a7b1f0e2d4c6"}', "10001"),
        ("Line 10001 is wrong.", "10001"),
        ("aXbXc", "a.b.c"),
    ],
)
def test_a_part_of_something_else_is_none(body: str, word: str) -> None:
    assert not mentions(body, word)


@pytest.fixture
def person(studio: Company) -> Customer:
    """A customer whose values are common words and numbers, which other rows hold too."""
    customer = ACustomer(
        company=studio, first_name="Ana", last_name="Kowalczyk", email="ana@example.com",
        phone="10001", external_id="10001", tax_id="10001",
    )  # fmt: skip
    AContactPoint(company=studio, customer=customer, kind="phone", value="10002", label="phone")
    return customer


def test_words_of_a_person_are_theirs_alone(studio: Company, person: Customer) -> None:
    names = {"first_name": "Bob", "last_name": "Kowalczyk", "email": "Ana@example.com"}
    other = ACustomer(company=studio, **names)
    AContactPoint(company=studio, customer=other, kind="phone", value="+44 20 7946 0018")
    AContactPoint(company=studio, customer=person, value="hers@example.com")
    with acting_for(studio.id):
        Customer.objects.filter(pk=person.pk).update(phone_e164="+442079460018")
        words = words_of([person.pk])
    assert words.strong == ["10001", "10002", "hers@example.com"], "the others are of both"
    full = ["ana kowalczyk", "kowalczyk ana"]
    assert words.weak == sorted([*words.strong, *full]), "nor is the last name"


def test_other_people_keep_messages_answers_and_requests(
    studio: Company, person: Customer, integrator: Caller
) -> None:
    AWebhook(company=studio, types=[])
    body = {"first_name": "Bea", "email": "mariana@example.com", "tax_id": "10001 B"}
    made = integrator.post("/v1/customers", body, idempotency_key="hers")
    path = f"/v1/customers/{made.body['id']}/notes"
    note = {"content": "Owes 10001, see ana@example.com"}
    said = integrator.post(path, note, idempotency_key="note")
    with acting_for(studio.id):
        while fan_out(write_bodies):
            pass
        ApiRequest.objects.create(
            company=studio, request_id="1000100010001", method="POST", path=f"/v1/x/{ID}10001",
            status=201, milliseconds=1, credential_kind="key", credential_id=studio.pk,
        )  # fmt: skip
        before = _bodies(made.body["id"])
    erasure = erase(studio, person)
    with acting_for(studio.id):
        assert _bodies(made.body["id"]) == before
        assert ApiRequest.objects.filter(request_id="1000100010001").exists()
    assert integrator.post("/v1/customers", body, idempotency_key="hers").body == made.body
    # The answer has the person's e-mail address, so it may be about the person.
    again = integrator.post(path, note, idempotency_key="note")
    assert said.status == 201
    assert (again.status, again.body["error"]["code"]) == (409, "answer_erased")
    assert "Do not send the request again" in again.body["error"]["message"]
    assert erasure.report["mentions"]["kept_answers"] == 1


def _bodies(customer: str) -> list[str]:
    rows = WebhookDelivery.objects.filter(body__contains=customer).order_by("id")
    return list(rows.values_list("body", flat=True))


def test_reports_of_work_about_others_stay(studio: Company, person: Customer) -> None:
    job = a_job(studio, "Import of phone.csv")
    others = ("This phone is no number.", "Paid by visa: Ana Smith.", "Line 10001.")
    hers = ("That of Ana Kowalczyk.", "ana@example.com is no name.")
    with acting_for(studio.id):
        Job.objects.filter(pk=job.pk).update(
            state=Job.DONE, parameters={"name": "phone.csv", "query": "Ana"}
        )
        for number, why in enumerate((*others, *hers)):
            JobRefusal.objects.create(company=studio, job=job, number=number, what="Line", why=why)
    erase(studio, person)
    with acting_for(studio.id):
        assert {*JobRefusal.objects.values_list("why", flat=True)} == {*others}
    job = fresh(job)
    assert (job.title, job.parameters["query"]) == ("Import of phone.csv", "Ana")


def test_a_form_that_was_sent_before_says_nothing_of_the_erased(
    studio: Company, person: Customer, owner: Staff, browser: Browser
) -> None:
    with acting_for(studio.id):
        KeptAnswer.objects.create(
            company=studio, caller=f"staff {owner.pk}", key=str(UUID(ID)), status=302,
            headers={"Location": "/admin/"}, body=f"Ana Kowalczyk, {person.email}",
        )  # fmt: skip
    erase(studio, person)
    page = browser.client.post("/admin/customers/customer/import/", {"_form": ID}, follow=True)
    assert "This form was sent before, so nothing was done again." in page.text
    assert "again. erased" not in page.text


def test_a_check_that_was_emptied_cannot_be_imported(
    studio: Company, person: Customer, browser: Browser
) -> None:
    job = a_job(studio, "Check of people.csv")
    pages = [f"/admin/customers/customer/import/{job.pk}/{name}/" for name in ("run", "overwrite")]
    facts: dict[str, Any] = {"file": ID, "fields": {}, "name": "people.csv", "overwrite": False}
    with acting_for(studio.id):
        Job.objects.filter(pk=job.pk).update(
            kind=CHECK, state=Job.DONE, parameters=facts, result={"created": 1},
            permission="customers.import_customer", kept={"fates": [{"who": "Ana Kowalczyk"}]},
        )  # fmt: skip
    shown = f"/admin/jobs/job/{job.pk}/change/"
    assert "Import: 1 new" in browser.get(shown).text
    erase(studio, person)
    assert "Import: 1 new" not in browser.get(shown).text
    for page in pages:
        browser.client.post(page)
    with acting_for(studio.id):
        assert Job.objects.count() == 1, "no other was started"


def test_the_feed_shows_other_objects_of_the_person_without_what_was_erased(
    studio: Company, person: Customer, integrator: Caller
) -> None:
    ANote(company=studio, customer=person, content="Sings.")
    erase(studio, person)
    feed = integrator.get("/v1/changes").body["data"]
    shown = {one["object_type"]: one["data"]["object"] for one in feed if one["data"]}
    assert shown["customer"] is None
    assert shown["note"]["content"] == ""
