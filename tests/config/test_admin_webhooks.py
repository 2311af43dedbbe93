"""Webhooks in the back-office: created, tested, rotated, and their deliveries."""

import datetime
from typing import Any

from django.utils import timezone

from config.changes.event_types import TYPES
from config.changes.models import Change
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from config.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from config.webhooks.secrets import unseal
from tests.backoffice import Browser, errors, fresh, page_of, said
from tests.factories import ADelivery, AWebhook

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


def test_a_webhook_is_made_once_and_its_secret_shown(browser: Browser, studio: Company) -> None:
    assert "Enter a URL" in browser.get(LIST).text
    assert "send it a test event" in browser.get(SENT).text
    refused = browser.send(f"{LIST}add/", url="https://192.168.0.1/hook")
    sentence = "The internet cannot reach this host. Name one with a public address."
    assert errors(refused)["url"] == [sentence]
    form = browser.form(f"{LIST}add/")
    page = browser.get(f"{LIST}add/").text
    assert all(page.count(f'value="{type}"') == 1 for type in TYPES)
    typed = {"url": URL, "types": ["note.created", "customer.created"]}
    fields = form.values | typed
    answer = browser.post(f"{LIST}add/", **fields)
    with acting_for(studio.id):
        one = WebhookEndpoint.objects.get()
    assert (one.url, one.types) == (URL, ["customer.created", "note.created"])
    secret = secret_in(answer)
    assert unseal(one.secret) == secret
    again = browser.post(f"{LIST}add/", **fields)
    assert again.status_code == 302
    for path in (LIST, page_of(one), page_of(one).replace("/change/", "/history/")):
        text = browser.get(path).text
        assert secret not in text
        assert one.secret not in text


def test_it_is_changed_without_touching_what_was_left(browser: Browser, studio: Company) -> None:
    wanted = ["*.archived", "customer.*", "note.created"]
    one: Any = AWebhook(company=studio, types=wanted)
    page = browser.get(page_of(one)).text
    for words in ("Everything archived", "All, also those of later versions", "Note created"):
        assert words in page
    answer = browser.send(page_of(one), description="Warehouse")
    assert answer.status_code == 302, errors(answer)
    changed = fresh(one)
    now = (changed.description, changed.types, changed.url)
    assert now == ("Warehouse", wanted, one.url)
    AWebhook(company=studio, types=["customer.*"])
    assert "Every event of customers" in browser.get(LIST).text
    with acting_for(studio.id):
        latest = Change.objects.of_object(one.pk).latest("id")
    assert latest.after == {"description": "Warehouse"}


def test_a_secret_is_replaced_once_for_each_question(browser: Browser, studio: Company) -> None:
    one: Any = AWebhook(company=studio)
    path = page_of(one).replace("/change/", "/rotate/")
    form = browser.get(path).context["form"]
    sent = {"seen": form["seen"].value(), "overlap_hours": 2}
    secret = secret_in(browser.post(path, **sent))
    rotated = fresh(one)
    assert unseal(rotated.secret) == secret
    assert unseal(rotated.previous_secret) == unseal(one.secret)
    assert "Somebody replaced this secret" in browser.post(path, **sent).text
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
    assert "Enable it first" in said(browser.press(page_of(one), "test"))[0]
    assert 'data-sent-soon="0"' not in browser.get(page_of(sent)).text


def test_messages_are_sent_again_by_one_and_by_day(browser: Browser, studio: Company) -> None:
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
    assert said(none)[-1].startswith("There are no such messages")
    fail()
    before = {**asked, "first": "05/01/2020", "last": "01/01/2020"}
    refused = browser.press(page_of(endpoint), "redeliver", **before)
    assert "ends before it begins" in refused.text
    assert fresh(one).state == "failed"
    listed = browser.get(SENT, state__exact="failed")
    assert listed.context["cl"].result_list


def test_a_page_shows_the_address_as_it_is_written_and_is_read_only_once_archived(
    browser: Browser, studio: Company
) -> None:
    one: Any = AWebhook(company=studio, types=["note.created"])
    for path in (page_of(one), page_of(one).replace("/change/", "/disable/")):
        page = browser.get(path).text
        assert one.url in page
        assert one.url.capitalize() not in page
    sent: Any = ADelivery(company=studio, endpoint=one)
    assert "/history/" in browser.get(page_of(one)).text
    assert "/history/" not in browser.get(page_of(sent)).text, "it has none"
    browser.press(page_of(one), "archive")
    page = browser.get(page_of(one)).text
    assert "nothing is sent, and its secret is deleted" in page
    assert "Note created" in page
    assert "_save" not in page
    assert fresh(one).secret == ""


def test_an_archived_webhook_is_restored_with_a_new_secret(
    browser: Browser, studio: Company
) -> None:
    one: Any = AWebhook(company=studio)
    browser.press(page_of(one), "archive")
    page = browser.get(page_of(one).replace("/change/", "/restore/")).text
    assert "It gets a new secret" in page
    secret = secret_in(browser.press(page_of(one), "restore"))
    restored = fresh(one)
    assert restored.is_enabled
    assert unseal(restored.secret) == secret
    assert "This is not archived." in said(browser.press(page_of(one), "restore"))[-1]
    assert fresh(one).secret == restored.secret
