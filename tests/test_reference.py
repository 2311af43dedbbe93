"""The reference documents every part of the OpenAPI document, on pages without scripts."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from config.docs import reference, site
from config.docs.codes import codes_of, error_codes
from config.docs.openapi import document, objects_by_prefix, operations, resolved
from config.docs.pages import Page
from config.docs.reached import refusals_of
from config.jobs.kinds import KINDS

OPERATIONS = operations()
# The largest size of a page, in bytes, that is practical to print.
LONGEST = 100_000


@pytest.fixture
def reader() -> Client:
    """A client without a session, for a reader of the documentation."""
    return Client(SERVER_NAME="localhost")


def text_at(address: str) -> str:
    return site.all_pages()[address].text


def flat(words: str) -> str:
    """Return a text with single spaces, as descriptions may be indented."""
    return " ".join(words.split())


def fields_within(schema: Any, depth: int) -> Iterator[tuple[str, str]]:
    """Yield the name and description of each field of a schema, down to a depth."""
    part = resolved(schema)
    for one in part.get("allOf", ()):
        yield from fields_within(one, depth)
    if part.get("type") == "array":
        yield from fields_within(part.get("items", {}), depth)
    for name, field in part.get("properties", {}).items():
        yield name, field.get("description", "")
        if depth > 1:
            yield from fields_within(field, depth - 1)


def test_every_operation_is_on_its_page_with_all_that_the_document_says_of_it() -> None:
    index = text_at(reference.INDEX)
    assert len(OPERATIONS) == sum(len(methods) for methods in document()["paths"].values())
    for one in OPERATIONS:
        scope = f" Scope: `{one.scope}`." if one.scope else ""
        assert f"`{one.method} {one.path}` [{one.summary}]({one.address}){scope}\n" in index
        text = flat(text_at(one.address))
        assert one.summary in text
        assert flat(one.text) in text
        assert one.scope in text
        for parameter in one.parameters:
            assert f"**`{parameter['name']}`**" in text, (one.id, parameter["name"])
            assert flat(parameter["description"]) in text, (one.id, parameter["name"])
        for schema in one.bodies.values():
            for name, words in fields_within(schema, 1):
                assert f"**`{name}`**" in text, (one.id, name)
                assert flat(words) in text, (one.id, name)
        for status, answer in one.responses.items():
            assert f"### {status}" in text or f"**{status}**" in text, (one.id, status)
            assert flat(answer["description"]) in text, (one.id, status)
            for name in answer.get("headers", ()):
                assert f"**`{name}`**" in text, (one.id, name)


def test_every_object_has_a_page_with_its_fields() -> None:
    for name, schema in document()["components"]["schemas"].items():
        text = flat(text_at(f"/docs/reference/objects/{name}"))
        assert flat(schema.get("description", "")) in text, name
        for field, words in fields_within(schema, 1):
            assert f"**`{field}`**" in text, (name, field)
            assert flat(words) in text, (name, field)


def test_every_event_has_its_body() -> None:
    for name, methods in document()["webhooks"].items():
        page = site.all_pages()[f"/docs/reference/webhooks/{name.partition('.')[0]}"]
        assert f'id="{reference.anchor(name)}"' in page.body, name
        assert methods["post"]["summary"] in page.text, name
        (content,) = methods["post"]["requestBody"]["content"].values()
        for field, words in fields_within(content["schema"], 1):
            assert f"**`{field}`**" in page.text, (name, field)
            # The events of an object share one body; the heading of each event shows its type.
            is_said = "type" in field or flat(words) in flat(page.text)
            assert is_said, (name, field)


def test_an_id_leads_to_its_object() -> None:
    assert objects_by_prefix()["cust"] == "Customer"
    assert objects_by_prefix()["whe"] in document()["components"]["schemas"]
    text = text_at("/docs/reference/operations/v1_bookings_create")
    assert "**`customer_id`** *id of a [Customer](/docs/reference/objects/Customer)* " in text
    assert "Needs `event_date_id`, or `service_id` and `scheduled_at`." in text


def test_a_field_says_whether_it_is_required_or_may_be_absent() -> None:
    text = text_at("/docs/reference/operations/v1_bookings_create")
    sent, _, answered = text.partition("## Answers")
    assert (
        "**`customer_id`** *id of a [Customer](/docs/reference/objects/Customer)* · required"
        in sent
    )
    assert "may be absent" not in sent
    assert "· required" not in answered
    error = text_at("/docs/reference/objects/ErrorFacts")
    assert "**`param`** *string, 1 or more characters* · may be absent" in error
    assert "· required" in text_at("/docs/reference/objects/NewCoupon")


def test_every_error_code_is_with_an_operation_that_answers_it() -> None:
    found = {code for one in OPERATIONS for codes in codes_of(one).values() for code in codes}
    # Background jobs report these codes for the rows that they refuse.
    of_rows = {one.code for one in refusals_of([*KINDS.values()])}
    # Every operation can fail with an internal error, and a full server can refuse all of them.
    assert found <= error_codes().keys()
    assert error_codes().keys() - found - of_rows <= {"internal_error"}
    for one in OPERATIONS:
        for code in {code for codes in codes_of(one).values() for code in codes}:
            assert f"](/docs/errors/{code})" in text_at(one.address), (one.id, code)


def test_an_operation_names_the_codes_of_its_own_rules_and_no_others() -> None:
    codes = {one.id: codes_of(one) for one in OPERATIONS}
    assert codes["v1_customers_pause"]["409"] == [
        *("answer_erased", "answer_not_kept", "busy", "customer_already_paused"),
        *("customer_archived", "customer_merged", "request_in_flight"),
    ]
    assert "invalid" in codes["v1_zones_create"]["422"]
    assert "unknown_field" in codes["v1_plans_archive"]["400"]
    assert "unknown_field" not in codes["v1_plans_list"]["400"]
    assert "invoice_already_issued" in codes["v1_invoices_issue"]["409"]
    assert "restore_clashes" in codes["v1_customers_restore"]["409"]
    assert "unreadable_file" in codes["v1_imports_create"]["422"]
    assert "external_id_taken" not in str(codes["v1_exports_create"])
    assert codes["v1_customers_read"].keys() == {"400", "401", "403", "404", "405", "429", "503"}


def test_a_page_has_no_script_and_a_policy_that_allows_none(reader: Client) -> None:
    for page in site.all_pages().values():
        assert len(page.body.encode()) < LONGEST, page.address
        assert "<script" not in page.body
        assert ' style="' not in page.body, page.address
    answer = reader.get(OPERATIONS[0].address)
    assert "<script" not in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_an_unknown_page_is_not_found(reader: Client) -> None:
    for path in (
        *("operations/nonsense", "objects/Nonsense", "webhooks/nonsense", "operations/"),
        *("nonsense", "nonsense.md", "operations/nonsense.md", ".md"),
    ):
        assert reader.get(f"/docs/reference/{path}").status_code == 404, path


def found_by(reader: Client, text: str) -> list[str]:
    """Return the URLs that a search finds, best first."""
    answer = reader.get("/docs/reference/", {"q": text})
    assert answer.status_code == 200
    return re.findall(r'<li>\s*<a href="(/docs/[^"]+)"', answer.text)


def test_a_search_finds_by_path_summary_field_description_event_and_code(reader: Client) -> None:
    operation = "/docs/reference/operations/{}".format
    assert found_by(reader, "/v1/bookings/{id}/cancel")[0] == operation("v1_bookings_cancel")
    assert operation("v1_customers_upsert") in found_by(reader, "PUT /v1/customers")
    assert operation("v1_plans_archive") in found_by(reader, "take a plan off the OFFER")
    assert operation("v1_customers_create") in found_by(reader, "send_invitation")
    assert operation("v1_customers_create") in found_by(reader, "number under which pays tax")
    assert "/docs/reference/objects/Customer" in found_by(reader, "merged_into")
    assert "/docs/reference/webhooks/customer" in found_by(reader, "customer.unmerged")
    found = found_by(reader, "possible_duplicate")
    assert "/docs/errors/possible_duplicate" in found
    assert operation("v1_customers_create") in found
    assert operation("v1_plans_archive") not in found
    assert found_by(reader, "no such word anywhere") == []


def test_a_search_shows_what_was_typed_as_text(reader: Client) -> None:
    for text in ("<script>alert(1)</script>", '"><b>', "\0", "*" * 500, "[x](javascript:alert(1))"):
        answer = reader.get("/docs/reference/", {"q": text})
        assert answer.status_code == 200
        assert "<script" not in answer.text
        assert "<b>" not in answer.text
        assert 'href="javascript' not in answer.text
    whole = reader.get("/docs/reference/", {"q": "  "})
    assert OPERATIONS[0].address in whole.text


def test_every_page_is_markdown_too_and_on_the_list(reader: Client) -> None:
    listed = reader.get("/llms.txt")
    assert listed.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = re.findall(r"^- \[.+?\]\((\S+?)\)(?:: .+)?$", listed.text, re.MULTILINE)
    twins = [page.twin for page in site.all_pages().values()]
    assert lines == [f"http://localhost:8000{twin}" for twin in twins]
    assert len(set(twins)) == len(twins)
    for page in site.all_pages().values():
        answer = reader.get(page.twin)
        assert answer.status_code == 200, page.twin
        assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
        assert answer.text == page.text


def test_a_page_names_its_markdown(reader: Client) -> None:
    for page in (*list(site.all_pages().values())[:3], site.all_pages()[reference.INDEX]):
        text = reader.get(page.address).text
        link = f'<link rel="alternate" type="text/markdown" href="{page.twin}">'
        assert link in text
        assert f'<a href="{page.twin}">This page as Markdown</a>' in text


def test_the_pages_of_a_menu_lead_to_one_another() -> None:
    pages: list[Page] = site.menus()["v1 / zones"]
    assert [page.address.rpartition("_")[2] for page in pages] == [
        *("list", "create", "read", "change", "archive", "restore")
    ]
