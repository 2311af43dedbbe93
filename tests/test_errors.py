"""An error reports all faults of a request at once, on every surface."""

from typing import Any

from config.docs.codes import error_codes
from config.tenancy.companies import Company
from customers.models import Customer
from tests.callers import Caller
from tests.factories import ACoupon, APlan
from tests.refusals import UNKNOWN_FIELD as FIELD
from tests.refusals import whole_error

NOWHERE = "00000000-0000-7000-8000-000000000000"
PARAMETER = "There is no such parameter. Remove it; /docs/reference/ lists the parameters."
CARD = "This contains a card number, which is never stored here. Leave it out."
EMAIL = "Must be an e-mail address such as ann@example.com; got “ann”."

type Fault = tuple[str, str, str]


def bookings() -> tuple[dict[str, Any], list[Fault]]:
    """Return a body with unknown, missing and invalid fields and a card number, and its faults."""
    body = {
        "service_id": NOWHERE, "estimated_duration": 0, "colour": "red",
        "notes": "4111 1111 1111 1111", "payment": {"method": "cheque", "sum": 1},
        "discount": "5",
    }  # fmt: skip
    methods = "card, cash, bank_transfer, direct_debit, other"
    money = "a whole number from 0 to 1,000,000,000,000, in the smallest unit of the currency"
    return body, [
        ("draft", "unknown_parameter", PARAMETER),
        ("colour", "unknown_field", FIELD),
        ("payment.sum", "unknown_field", FIELD),
        ("customer_id", "missing_field", "Send this field: it is required."),
        ("scheduled_at", "missing_field", "Send service_id and scheduled_at, or event_date_id."),
        ("payment.method", "invalid", f"Must be one of {methods}; got “cheque”."),
        ("service_id", "invalid", "No such service. Check the id."),
        ("estimated_duration", "invalid", "Must be a whole number from 1 to 10,080; got “0”."),
        ("discount", "invalid", f"Must be {money}; got “5”."),
        ("notes", "card_number", CARD),
    ]


def test_v1_tells_all_that_is_wrong_with_a_body_and_its_query(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    path = f"/v1/customers/{customer.id}"
    shown = integrator.get(path).body
    plan = f"/v1/plans/{APlan(company=studio).id}/archive"
    booking, faults = bookings()
    wrong: list[Fault] = [
        ("first_name", "invalid", "Must be text; got “5”."),
        ("email", "invalid", EMAIL),
        ("preferences", "invalid", "Must be an object; got “[1]”."),
    ]
    fixed: list[Fault] = [
        (name, "read_only_field", f"Is “{shown[name]}” and never changes; got “x”.")
        for name in ("id", "created_at")
    ]
    lines: list[Fault] = [
        ("customer_id", "missing_field", "Send this field: it is required."),
        ("line_items.0.unit_price", "missing_field", "Send this field: it is required."),
        ("line_items.0.description", "invalid", "Must not be blank. Send text."),
        ("line_items.1", "invalid", "Must be an object; got “x”."),
        (
            "tax_rate",
            *(
                "invalid",
                "Must be a number from 0 to 100 with up to four decimal places; got “101”.",
            ),
        ),
        ("due_on", "invalid", "Must be a date such as 2026-01-31; got “soon”."),
    ]
    bad = {"first_name": 5, "email": "ann", "preferences": [1]}
    items = {"line_items": [{"description": ""}, "x"], "tax_rate": 101, "due_on": "soon"}
    for method, where, body, status, expected in (
        ("POST", "/v1/bookings?draft=1", booking, 400, faults),
        ("PATCH", path, bad, 422, wrong),
        ("PATCH", path, bad | {"id": "x", "created_at": "x"}, 400, fixed + wrong),
        ("POST", "/v1/invoices", items, 400, lines),
        (
            *("POST", f"{plan}?force=1", {"why": "x"}, 400),
            [("force", "unknown_parameter", PARAMETER), ("why", "unknown_field", FIELD)],
        ),
    ):
        answer = integrator(method, where, body)
        assert (answer.status, answer.body) == (status, whole_error(*expected)), where


def test_rules_about_several_fields_are_told_together(integrator: Caller) -> None:
    answer = integrator.post("/v1/customers", {})
    missing = "Give a first name, a last name or the name of an organisation."
    whole = whole_error(
        ("first_name", "name_missing", missing),
        ("email", "unreachable", "Give an e-mail address or a phone number."),
    )
    whole["error"]["message"] = missing
    assert (answer.status, answer.body) == (422, whole)


def test_v1_tells_all_that_is_wrong_with_a_query(integrator: Caller) -> None:
    invalid = "invalid_parameter"
    for query, faults in (
        (
            "colour=1&status=asleep&status=active&per_page=101&page=x&has_subscription=maybe"
            f"&zone_id=x&created_after=soon&search={'a' * 201}",
            [
                ("colour", "unknown_parameter", PARAMETER),
                ("status", invalid, "Given more than once. Send it once."),
                ("search", invalid, "Must have at most 200 characters; got 201."),
                ("created_after", invalid, "Must be a date-time such as 2026-01-31T09:30:00Z; "
                "got “soon”."),
                ("has_subscription", invalid, "Must be true or false; got “maybe”."),
                ("zone_id", invalid, "Must be an id as an answer shows it; got “x”."),
                ("page", invalid, "Must be a whole number from 1 to 10,000,000; got “x”."),
                ("per_page", invalid, "Must be a whole number from 1 to 100; got “101”."),
            ],
        ),
        (
            "status=asleep&limit=0&after=x",
            [
                ("status", invalid, "Must be one of active, inactive, deactivated; got “asleep”."),
                ("limit", invalid, "Must be a whole number from 1 to 1,000; got “0”."),
                ("after", invalid, "Must be a cursor that this list returned; got “x”."),
            ],
        ),
    ):  # fmt: skip
        answer = integrator.get(f"/v1/customers?{query}")
        assert (answer.status, answer.body) == (400, whole_error(*faults)), query


def test_accounts_and_credits_tell_all_that_is_wrong_in_their_own_body(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    account = integrator.post("/customers", {"email": "ann", "ein": 5, "nmae": "Acme"})
    typed = "There is no such field. Did you mean name?"
    assert (account.status, account.body) == (
        400,
        {
            "code": "unknown_field",
            "message": f"nmae: {typed}",
            "validation_errors": {"nmae": typed, "ein": "Must be text; got “5”.", "email": EMAIL},
        },
    )
    path = f"/customers/customers/{customer.id}/credits"
    body = {"coupon_id": str(ACoupon(company=studio).id), "membership_id": 5, "expiry_date": "soon"}
    credit = integrator.post(path, body)
    forms = "2026-01-31T09:30:00Z or 2026-01-31T09:30, or a date such as 2026-01-31"
    errors = {
        "customer_id": ["Send this field: it is required."],
        "membership_id": ["No such subscription. Check the id."],
        "expiry_date": [f"Must be a date-time such as {forms}; got “soon”."],
    }
    assert (credit.status, credit.body) == (
        422,
        {"message": "customer_id: Send this field: it is required.", "errors": errors},
    )
    unread = integrator.get(f"{path}?redeemed=maybe&per_page=x")
    assert (unread.status, unread.body) == (
        400,
        {
            "message": "redeemed: Must be true or false; got “maybe”. per_page: Must be a whole "
            "number from 1 to 10,000,000; got “x”."
        },
    )


def test_a_card_number_is_told_back_masked_even_where_it_is_cut(integrator: Caller) -> None:
    for given in ("4111111111111111", f"{'a ' * 16}4111111111111111"):
        answer = integrator.get(f"/v1/customers?status={given}")
        assert "411" not in answer.raw.decode(), given


def test_a_long_list_of_faults_is_cut(integrator: Caller) -> None:
    body = {"name": "North", "postal_codes": [5] * 1_000}
    errors = integrator.post("/v1/zones", body).body["error"]["errors"]
    assert [entry["param"] for entry in errors] == [f"postal_codes.{at}" for at in range(100)]


def test_a_404_says_which_kind_of_object_there_is_not(
    integrator: Caller, customer: Customer
) -> None:
    path = f"/v1/customers/{customer.id}"
    for where, noun in (
        (f"/v1/customers/{NOWHERE}", "customer"),
        (f"/v1/customers/{NOWHERE}/media-purchases", "customer"),
        (f"/v1/invoices/{NOWHERE}", "invoice"),
        (f"{path}/passes/{NOWHERE}/uses", "pass"),
        (f"/v1/events/nonsense/dates/{NOWHERE}", "event date"),
    ):
        answer = integrator.get(where)
        message = f"No such {noun}. Check the id."
        assert (answer.status, answer.body["error"]["message"]) == (404, message), where


def test_the_error_pages_are_those_of_codes_that_the_api_can_answer() -> None:
    codes = error_codes().keys()
    answered = {"facilitator_busy", "customer_archived", "no_such_time", "not_a_duration"}
    answered |= {"card_number", "invalid_webhook_url", "not_enough", "unknown_field"}
    assert answered <= codes
    of_staff = {"slug_taken", "last_owner", "staff_email_taken", "not_allowed", "too_many_keys"}
    assert codes.isdisjoint(of_staff | {"above_your_limit", "refused", "conflict"})
