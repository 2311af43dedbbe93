"""Webhooks in the back-office: made, tried out, replaced, and what was sent looked through."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from config.access.models import Company
from config.access.permissions import Role
from config.access.tenancy import acting_for
from config.changes.kinds import TYPES
from config.changes.models import Change, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from config.changes.webhooks.secrets import unseal
from tests.backoffice import Browser, fresh, page_of, said
from tests.factories import ADelivery, AWebhook, make_staff

LIST = "/admin/changes/webhookendpoint/"
SENT = "/admin/changes/webhookdelivery/"
URL = "https://receiver.example/hook"


def secret_in(answer: Any) -> str:
    ((_label, secret),) = answer.context["values"]
    assert secret.startswith("whsec_")
    assert answer.text.count(secret) == 1
    assert "no-store" in answer["Cache-Control"]
    assert "/docs/guide/webhooks" in answer.text
    return str(secret)


def test_empty_lists_say_how_to_begin(browser: Browser, studio: Company) -> None:
    assert "Name an address" in browser.get(LIST).text
    assert "send it a test event" in browser.get(SENT).text


def test_a_webhook_is_made_once_and_its_secret_shown_once(
    browser: Browser, studio: Company
) -> None:
    form = browser.form(f"{LIST}add/")
    page = browser.get(f"{LIST}add/").text
    assert all(page.count(f'value="{type}"') == 1 for type in TYPES)
    fields = form.values | {"url": URL, "types": ["note.created", "customer.created"]}
    answer = browser.post(f"{LIST}add/", **fields)
    with acting_for(studio.id):
        one = WebhookEndpoint.objects.get()
    assert (one.url, one.types) == (URL, ["customer.created", "note.created"])
    secret = secret_in(answer)
    assert unseal(one.secret) == secret
    again = browser.post(f"{LIST}add/", **fields)
    assert "This was made already" in again.text
    for path in (LIST, page_of(one), page_of(one).replace("/change/", "/history/")):
        text = browser.get(path).text
        assert secret not in text
        assert one.secret not in text


def test_an_address_that_cannot_be_reached_is_told_at_its_field(
    browser: Browser, studio: Company
) -> None:
    answer = browser.send(f"{LIST}add/", url="https://192.168.0.1/hook")
    assert answer.context["adminform"].form.errors["url"] == [
        "The internet cannot reach this host: name one with a public address."
    ]
    with acting_for(studio.id):
        assert not WebhookEndpoint.objects.exists()


def test_it_is_changed_without_touching_what_was_left(browser: Browser, studio: Company) -> None:
    one: Any = AWebhook(company=studio, types=["note.created"])
    answer = browser.send(page_of(one), description="Warehouse")
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    changed = fresh(one)
    assert (changed.description, changed.types, changed.url) == (
        "Warehouse",
        ["note.created"],
        one.url,
    )
    with acting_for(studio.id):
        latest = Change.objects.of_object(one.pk).latest("id")
    assert latest.after == {"description": "Warehouse"}


def test_a_secret_is_replaced_once_for_each_time_it_is_asked(
    browser: Browser, studio: Company
) -> None:
    one: Any = AWebhook(company=studio)
    path = page_of(one).replace("/change/", "/rotate/")
    form = browser.get(path).context["form"]
    sent = {"seen": form["seen"].value(), "overlap_hours": 2}
    secret = secret_in(browser.post(path, **sent))
    rotated = fresh(one)
    assert unseal(rotated.secret) == secret
    assert unseal(rotated.previous_secret) == unseal(one.secret)
    assert "was made already" in browser.post(path, **sent).text
    assert fresh(one).secret == rotated.secret
    refused = browser.post(path, seen="", overlap_hours=500)
    assert refused.context["form"].errors["overlap_hours"]


def test_a_test_event_leads_to_what_comes_back(browser: Browser, studio: Company) -> None:
    one: Any = AWebhook(company=studio)
    answer = browser.press(page_of(one), "test")
    with acting_for(studio.id):
        sent = WebhookDelivery.objects.get()
        WebhookAttempt.objects.create(
            company_id=studio.id, delivery=sent, began_at=timezone.now(), milliseconds=42,
            status=503, answer="<b>Down</b>",
        )  # fmt: skip
    assert answer["Location"] == page_of(sent)
    page = browser.get(page_of(sent)).text
    assert 'data-sent-soon="0"' in page, "it is watched"
    for word in ("test.ping", sent.message_id, "42 ms", "503", "&lt;b&gt;Down&lt;/b&gt;"):
        assert word in page, word
    assert "Test event" in browser.get(page_of(one)).text
    browser.press(page_of(one), "disable")
    assert "Disable</" not in browser.get(page_of(one)).text
    browser.press(page_of(one), "test")
    assert "enable it, then send" in said(browser.press(page_of(one), "test"))[0]
    assert 'data-sent-soon="0"' not in browser.get(page_of(sent)).text


def test_messages_are_sent_again_one_by_one_and_by_their_days(
    browser: Browser, studio: Company
) -> None:
    endpoint: Any = AWebhook(company=studio)
    one, other = (ADelivery(company=studio, endpoint=endpoint) for _ in range(2))

    def fail() -> None:
        with acting_for(studio.id):
            WebhookDelivery.objects.update(state="failed", next_at=None)

    fail()
    assert browser.press(page_of(one), "redeliver").status_code == 302
    assert [fresh(each).state for each in (one, other)] == ["pending", "failed"]
    fail()
    today = datetime.date.today()
    asked = {"state": "failed", "first": f"{today:%d/%m/%Y}", "last": ""}
    answer = browser.press(page_of(endpoint), "redeliver", **asked)
    assert said(answer)[-1] == "2 messages are sent again."
    assert answer["Location"] == f"{SENT}?endpoint__id__exact={endpoint.pk}"
    assert browser.get(answer["Location"]).text.count("Test event") >= 2
    none = browser.press(page_of(endpoint), "redeliver", **asked)
    assert said(none)[-1].startswith("There are none of those days")
    fail()
    before = {**asked, "first": "05/01/2020", "last": "01/01/2020"}
    refused = browser.press(page_of(endpoint), "redeliver", **before)
    assert "ends before it begins" in refused.text
    assert fresh(one).state == "failed"
    listed = browser.get(SENT, state__exact="failed")
    assert listed.context["cl"].result_list


def test_an_archived_one_is_read_only_and_says_so(browser: Browser, studio: Company) -> None:
    one: Any = AWebhook(company=studio, types=["note.created"])
    browser.press(page_of(one), "archive")
    page = browser.get(page_of(one)).text
    assert "nothing is sent any more" in page
    assert "Note created" in page
    assert "_save" not in page
    assert fresh(one).secret == ""


@pytest.mark.parametrize(
    ("role", "sees", "adds"),
    [
        (Role.OWNER, 200, 200),
        (Role.MANAGER, 200, 200),
        (Role.FRONT_DESK, 403, 403),
        (Role.READ_ONLY, 200, 403),
    ],
)
def test_owners_and_managers_keep_webhooks(
    studio: Company, role: Role, sees: int, adds: int
) -> None:
    browser = Browser(make_staff(studio, email="some@studio.example", role=role))
    assert browser.get(LIST).status_code == browser.get(SENT).status_code == sees
    assert browser.get(f"{LIST}add/").status_code == adds


def test_an_address_is_shown_as_it_is_written(browser: Browser, studio: Company) -> None:
    one: Any = AWebhook(company=studio)
    for path in (page_of(one), page_of(one).replace("/change/", "/disable/")):
        page = browser.get(path).text
        assert one.url in page
        assert one.url.capitalize() not in page


def test_only_what_has_a_history_leads_to_it(browser: Browser, studio: Company) -> None:
    one: Any = AWebhook(company=studio)
    sent: Any = ADelivery(company=studio, endpoint=one)
    assert "/history/" in browser.get(page_of(one)).text
    assert "/history/" not in browser.get(page_of(sent)).text
