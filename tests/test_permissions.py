"""Every route, with every scope and with none: who gets in, and what the others are told."""

import pytest

from config.access.models import Company
from config.access.scopes import SCOPES
from tests.callers import call_as, nobody
from tests.contract import operations
from tests.shares import shares, undone
from tests.slots import fill, make_rows

# Route, method, the scope that opens it, and what it answers to whoever has just that scope.
TABLE = [
    ("/customer/{id}/profile", "GET", "profile:read", 200),
    ("/customer/{id}/profile", "PUT", "profile:write", 400),
    ("/customer/{customer_id}/notes", "GET", "notes:read", 200),
    ("/customer/{customer_id}/subscription-mandates", "GET", "subscription-mandates:read", 200),
    ("/customer/{customer_id}/subscriptions", "GET", "subscription-mandates:read", 200),
    ("/customer/{customer_id}/bookings", "GET", "bookings:read", 200),
    ("/customer/{customer_id}/booking/{id}", "GET", "bookings:read", 200),
    ("/customer/{customer_id}/appointments", "GET", "appointments:read", 200),
    ("/customer/{customer_id}/videos", "GET", "videos:read", 200),
    ("/customer/{customer_id}/media", "GET", "videos:read", 200),
    ("/v1/customers", "GET", "customers:read", 200),
    ("/v1/customers", "POST", "customers:write", 422),
    ("/v1/customers/{id}", "GET", "customers:read", 200),
    ("/v1/customers/{id}", "PATCH", "customers:write", 200),
    ("/v1/customers/{customer_id}/audit", "GET", "audit:read", 200),
    ("/v1/changes", "GET", "changes:read", 200),
    ("/v1/customers/{customer_id}/addresses", "POST", "customers:write", 201),
    ("/v1/customers/{customer_id}/invoices", "GET", "invoices:read", 200),
    ("/v1/customers/{customer_id}/payment-methods", "POST", "payment-methods:write", 400),
    ("/v1/customers/{customer_id}/payment-methods/{id}", "DELETE", "payment-methods:write", 200),
    (
        *("/v1/customers/{customer_id}/payment-methods/{id}/default", "POST"),
        *("payment-methods:write", 200),
    ),
    ("/v1/customers/{customer_id}/subscriptions", "POST", "subscription-mandates:write", 400),
    *(
        (
            *(f"/v1/customers/{{customer_id}}/subscriptions/{{subscription_id}}/{verb}", "POST"),
            *("subscription-mandates:write", status),
        )
        for verb, status in (("pause", 200), ("resume", 409), ("cancel", 200))
    ),
    ("/v1/plans", "GET", "plans:read", 200),
    ("/v1/plans", "POST", "plans:write", 400),
    ("/v1/plans/{id}", "GET", "plans:read", 200),
    ("/v1/plans/{id}", "PATCH", "plans:write", 200),
    ("/v1/plans/{id}/archive", "POST", "plans:write", 200),
    ("/v1/plans/{id}/restore", "POST", "plans:write", 400),
    ("/v1/invoices", "GET", "invoices:read", 200),
    ("/v1/invoices", "POST", "invoices:write", 400),
    ("/v1/invoices/{id}", "GET", "invoices:read", 200),
    ("/v1/invoices/{id}/issue", "POST", "invoices:write", 409),
    ("/v1/invoices/{id}/void", "POST", "invoices:write", 409),
    ("/v1/invoices/{invoice_id}/payments", "GET", "invoices:read", 200),
    ("/v1/invoices/{invoice_id}/payments", "POST", "payments:write", 400),
    ("/v1/payments/{id}/refunds", "POST", "payments:write", 201),
    ("/customers", "GET", "customers:read", 200),
    ("/customers", "POST", "customers:write", 422),
    ("/customers/{id}", "GET", "customers:read", 200),
    ("/customers/{id}", "PATCH", "customers:write", 200),
    ("/customers/{id}", "DELETE", "customers:write", 200),
    ("/customers/{id}/restore", "POST", "customers:write", 400),
    ("/customers/{customer_id}/payment-methods", "GET", "payment-methods:read", 200),
    (
        *("/customers/{customer_id}/payment-methods/{payment_method_id}", "GET"),
        *("payment-methods:read", 200),
    ),
    ("/customers/{customer_id}/users", "GET", "users:read", 200),
    ("/customers/{customer_id}/users", "POST", "users:write", 422),
    ("/customers/customers/{customer_id}/credits", "POST", "credits:write", 422),
    ("/customers/customers/{customer_id}/credits", "GET", "credits:read", 200),
    ("/customers/customers/{customer_id}/credits/{id}", "GET", "credits:read", 200),
    ("/customers/customers/{customer_id}/credits/{id}", "DELETE", "credits:write", 200),
    ("/customer/{customer_id}/packages", "GET", "packages:read", 200),
    ("/customer/{customer_id}/passes", "GET", "packages:read", 200),
    ("/v1/coupons", "POST", "coupons:write", 400),
    ("/v1/coupons", "GET", "coupons:read", 200),
    ("/v1/coupons/{id}", "PATCH", "coupons:write", 200),
    ("/v1/coupons/{id}", "GET", "coupons:read", 200),
    ("/v1/coupons/{id}/archive", "POST", "coupons:write", 200),
    ("/v1/coupons/{id}/restore", "POST", "coupons:write", 400),
    ("/v1/passes", "POST", "packages:write", 400),
    ("/v1/passes", "GET", "packages:read", 200),
    ("/v1/passes/{id}", "PATCH", "packages:write", 200),
    ("/v1/passes/{id}", "GET", "packages:read", 200),
    ("/v1/passes/{id}/archive", "POST", "packages:write", 200),
    ("/v1/passes/{id}/restore", "POST", "packages:write", 400),
    ("/v1/plans/{plan_id}/credit-rules", "POST", "plans:write", 400),
    ("/v1/plans/{plan_id}/credit-rules", "GET", "plans:read", 200),
    ("/v1/plans/{plan_id}/credit-rules/{id}", "DELETE", "plans:write", 200),
    ("/v1/customers/{id}/credits/balance", "GET", "credits:read", 200),
    ("/v1/customers/{id}/eligibility", "POST", "credits:read", 422),
    ("/v1/customers/{customer_id}/credits/{credit_id}/redemptions", "POST", "credits:write", 400),
    ("/v1/customers/{customer_id}/credits/{credit_id}/redemptions", "GET", "credits:read", 200),
    (
        *("/v1/customers/{customer_id}/credits/{credit_id}/redemptions/{id}/reversal", "POST"),
        *("credits:write", 200),
    ),
    ("/v1/customers/{customer_id}/passes", "POST", "packages:write", 400),
    ("/v1/customers/{customer_id}/passes", "GET", "packages:read", 200),
    ("/v1/customers/{customer_id}/passes/{purchase_id}/uses", "POST", "packages:write", 400),
    ("/v1/customers/{customer_id}/passes/{purchase_id}/uses", "GET", "packages:read", 200),
    (
        *("/v1/customers/{customer_id}/passes/{purchase_id}/uses/{id}/reversal", "POST"),
        *("packages:write", 200),
    ),
    ("/v1/customers/{id}/state", "GET", "customers:read", 200),
    ("/v1/customers/{customer_id}/notes", "POST", "notes:write", 400),
    ("/v1/customers/{customer_id}/bookings", "GET", "bookings:read", 200),
    ("/v1/customers/{customer_id}/media", "GET", "videos:read", 200),
    ("/v1/customers/{customer_id}/media", "POST", "videos:write", 400),
    ("/v1/customers/{customer_id}/media/{id}/cancel", "POST", "videos:write", 200),
    ("/v1/bookings", "GET", "bookings:read", 200),
    ("/v1/bookings", "POST", "bookings:write", 400),
    ("/v1/bookings/{id}", "GET", "bookings:read", 200),
    ("/v1/bookings/{id}", "PATCH", "bookings:write", 200),
    ("/v1/bookings/{id}/cancel", "POST", "bookings:write", 200),
    ("/v1/bookings/{id}/start", "POST", "bookings:write", 200),
    ("/v1/bookings/{id}/complete", "POST", "bookings:write", 200),
    ("/v1/bookings/{id}/no-show", "POST", "bookings:write", 409),
    ("/v1/bookings/{id}/payment", "POST", "bookings:write", 422),
    ("/v1/transactions", "POST", "bookings:write", 400),
    ("/v1/transactions/{id}", "GET", "bookings:read", 200),
    ("/v1/events/{event_id}/pricing-options", "POST", "events:write", 400),
    ("/v1/events/{event_id}/pricing-options/{id}", "DELETE", "events:write", 200),
    ("/v1/events/{event_id}/dates", "GET", "events:read", 200),
    ("/v1/events/{event_id}/dates", "POST", "events:write", 400),
    ("/v1/events/{event_id}/dates/{id}", "GET", "events:read", 200),
    ("/v1/events/{event_id}/dates/{id}", "PATCH", "events:write", 200),
    ("/v1/events/{event_id}/dates/{id}/cancel", "POST", "events:write", 200),
]
TABLE += [
    (f"/v1/webhooks{path}", method, "webhooks:manage", status)
    for path, method, status in (
        ("", "GET", 200),
        ("", "POST", 400),
        ("/{id}", "GET", 200),
        ("/{id}", "PATCH", 200),
        ("/{id}", "DELETE", 200),
        ("/{id}/enable", "POST", 400),
        ("/{id}/disable", "POST", 200),
        ("/{id}/rotate-secret", "POST", 200),
        ("/{endpoint_id}/test", "POST", 200),
        ("/{endpoint_id}/redeliver", "POST", 400),
        ("/{endpoint_id}/deliveries", "GET", 200),
        ("/{endpoint_id}/deliveries/{id}", "GET", 200),
        ("/{endpoint_id}/deliveries/{id}/redeliver", "POST", 200),
    )
]
for where, owner in (
    ("services", "services"),
    ("facilitators", "services"),
    ("zones", "services"),
    ("events", "events"),
    ("media", "videos"),
):
    TABLE += [
        (f"/v1/{where}", "GET", f"{owner}:read", 200),
        (f"/v1/{where}", "POST", f"{owner}:write", 400),
        (f"/v1/{where}/{{id}}", "GET", f"{owner}:read", 200),
        (f"/v1/{where}/{{id}}", "PATCH", f"{owner}:write", 200),
        (f"/v1/{where}/{{id}}/archive", "POST", f"{owner}:write", 200),
        (f"/v1/{where}/{{id}}/restore", "POST", f"{owner}:write", 400),
    ]
OPEN = {("/oauth/token", "POST"), ("/token", "POST")}


def test_the_table_names_every_route() -> None:
    documented = {(path, method) for path, method, _ in operations()}
    assert {(path, method) for path, method, *_ in TABLE} == documented - OPEN


def test_the_document_names_the_scope_of_every_route() -> None:
    documented = {
        (path, method): operation["security"][0]["oauth2"]
        for path, method, operation in operations()
        if (path, method) not in OPEN
    }
    assert documented == {(path, method): [scope] for path, method, scope, _ in TABLE}


@pytest.mark.parametrize("share", shares(TABLE))
def test_a_route_opens_for_its_scope_alone(
    studio: Company, subtests: pytest.Subtests, share: list[tuple[str, str, str, int]]
) -> None:
    rows = make_rows(studio)
    for route, method, scope, status in share:
        with subtests.test(f"{method} {route}"), undone():
            path = fill(route, rows)
            assert nobody()(method, path).status == 401
            every_other = call_as(studio, [one for one in SCOPES if one != scope], "others")
            refused = every_other(method, path)
            assert refused.status == 403
            assert scope in refused.raw.decode()
            assert call_as(studio, [scope], "only")(method, path).status == status
