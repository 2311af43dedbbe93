"""All URL patterns of the API, the documentation and the back-office."""

from typing import Any

from django.contrib import admin
from django.urls import URLPattern, include, path
from django.views.generic import RedirectView

from billing import api as billing
from bookings.api import bookings, catalogue, sales
from config.api.data_exports import DataExports
from config.api.me import Me
from config.api.request_log import Requests
from config.api.tokens import FormRevocation, FormToken, JsonToken
from config.api.views import read_only
from config.docs import views as docs
from config.server.health import alive, ready
from config.webhooks import api as webhooks
from config.webhooks.feed import api as changes
from credits.api import credits, selling
from customers import api as customers


def route(where: str, resource: Any, **verbs: str) -> URLPattern:
    """Return a URL pattern that maps each HTTP method to an action."""
    return path(where, resource.as_view(verbs))


def _verbs(where: str, resource: Any, *words: str, **named: str) -> list[URLPattern]:
    """Return the URLs of actions on a row; `named` maps an action to another name in its URL."""
    verbs = {word.replace("-", "_"): word for word in words} | named
    return [route(f"{where}/{word}", resource, post=verb) for verb, word in verbs.items()]


def _archivable(where: str, resource: Any, **verbs: str) -> list[URLPattern]:
    """Return the URLs that list, create, read, archive and restore objects."""
    return [
        route(where, resource, get="list", post="create"),
        route(f"{where}/<id>", resource, get="retrieve", **verbs),
        *_verbs(f"{where}/<id>", resource, "archive", "restore"),
    ]


def _catalogue(where: str, resource: Any) -> list[URLPattern]:
    """Return the URLs of `_archivable`, with PATCH to change an object."""
    return _archivable(where, resource, patch="partial_update")


def _uses(where: str, resource: Any) -> list[URLPattern]:
    """Return the URLs that list, create, read and reverse uses of a credit or a pass."""
    return [
        route(where, resource, get="list", post="create"),
        route(f"{where}/<id>", resource, get="retrieve"),
        *_verbs(f"{where}/<id>", resource, "reverse"),
    ]


urlpatterns = [
    # The most requested URLs come first, because patterns are matched in this order.
    route("v1/customers", customers.Customers, get="list", post="create", put="upsert"),
    route("v1/customers/batch", customers.Customers, post="batch"),
    route("v1/customers/<id>", customers.Customers, get="retrieve", patch="partial_update"),
    # Authentication
    path("oauth/token", FormToken.as_view()),
    path("oauth/revoke", FormRevocation.as_view()),
    path("token", JsonToken.as_view()),
    # M2M
    route("customer/<id>/profile", customers.Profiles, get="retrieve", put="update"),
    route("customer/<customer_id>/notes", customers.Notes, get="list"),
    route("customer/<customer_id>/subscription-mandates", billing.Mandates, get="list"),
    route("customer/<customer_id>/subscriptions", billing.Mandates, get="list"),
    route("customer/<customer_id>/bookings", bookings.CustomerTransactions, get="list"),
    route("customer/<customer_id>/booking/<id>", bookings.Places, get="retrieve"),
    route("customer/<customer_id>/appointments", bookings.Appointments, get="list"),
    route("customer/<customer_id>/videos", bookings.Videos, get="list"),
    route("customer/<customer_id>/media", bookings.Videos, get="list"),
    # v1
    *_verbs("v1/customers/<id>", customers.Customers, "archive", "restore", "pause", "resume"),
    route("v1/duplicates", customers.Duplicates, get="list"),
    route("v1/duplicates/<id>", customers.Duplicates, get="retrieve"),
    *_verbs("v1/duplicates/<id>", customers.Duplicates, "dismiss", "reopen"),
    route("v1/customers/<customer_id>/merge", customers.Merges, post="merge"),
    route("v1/customers/<customer_id>/merges", customers.Merges, get="list"),
    route("v1/customers/<customer_id>/merges/<id>", customers.Merges, get="retrieve"),
    *_verbs("v1/customers/<customer_id>/merges/<id>", customers.Merges, "undo"),
    *_catalogue("v1/customers/<customer_id>/addresses", customers.Addresses),
    *_catalogue("v1/customers/<customer_id>/contact-points", customers.ContactPoints),
    *_catalogue("v1/customers/<customer_id>/users", customers.CustomerUsers),
    route("v1/customers/<id>/export", customers.PersonExports, get="retrieve"),
    route("v1/customers/<customer_id>/erasures", customers.Erasures, get="list", post="create"),
    route("v1/customers/<customer_id>/erasures/<id>", customers.Erasures, get="retrieve"),
    *_verbs("v1/customers/<customer_id>/erasures/<id>", customers.Erasures, "cancel"),
    route("v1/customers/<id>/balance", customers.Balances, get="balance"),
    route("v1/customers/<customer_id>/invoices", billing.CustomerInvoices, get="list"),
    route(
        "v1/customers/<customer_id>/payment-methods",
        billing.PaymentMethods,
        get="list",
        post="create",
    ),
    route(
        "v1/customers/<customer_id>/payment-methods/<id>", billing.PaymentMethods, get="retrieve"
    ),
    *_verbs(
        "v1/customers/<customer_id>/payment-methods/<id>",
        billing.PaymentMethods,
        *("default", "archive", "restore"),
    ),
    route(
        "v1/customers/<customer_id>/subscriptions", selling.Subscriptions, get="list", post="create"
    ),
    route(
        "v1/customers/<customer_id>/subscriptions/<subscription_id>",
        selling.Subscriptions,
        get="retrieve",
    ),
    *_verbs(
        "v1/customers/<customer_id>/subscriptions/<subscription_id>",
        selling.Subscriptions,
        *("pause", "resume", "suspend", "reinstate", "cancel"),
    ),
    *_catalogue("v1/plans", billing.Plans),
    route("v1/invoices", sales.Invoices, get="list", post="create"),
    route("v1/invoices/<id>", sales.Invoices, get="retrieve"),
    *_verbs("v1/invoices/<id>", sales.Invoices, "issue", "pay", "void", "reduce", "write-off"),
    route("v1/invoices/<invoice_id>/credit-notes", billing.InvoiceCreditNotes, get="list"),
    route("v1/credit-notes", billing.CreditNotes, get="list"),
    route("v1/credit-notes/<id>", billing.CreditNotes, get="retrieve"),
    route("v1/invoices/<invoice_id>/payments", billing.InvoicePayments, get="list", post="create"),
    route("v1/payments", billing.Payments, get="list"),
    route("v1/payments/<id>", billing.Payments, get="retrieve"),
    route("v1/payments/<id>/refunds", selling.Refunds, post="create"),
    # Accounts
    route("customers", customers.Accounts, get="list", post="create"),
    route(
        "customers/<id>",
        customers.Accounts,
        get="retrieve",
        patch="partial_update",
        delete="destroy",
    ),
    route("customers/<id>/restore", customers.Accounts, post="restore"),
    route("customers/<customer_id>/users", customers.Users, get="list", post="create"),
    route("customers/<customer_id>/payment-methods", billing.AccountPaymentMethods, get="list"),
    route(
        "customers/<customer_id>/payment-methods/<payment_method_id>",
        billing.AccountPaymentMethods,
        get="retrieve",
    ),
    # Credits
    route("customers/customers/<customer_id>/credits", credits.Credits, get="list", post="create"),
    route(
        "customers/customers/<customer_id>/credits/<id>",
        credits.Credits,
        get="retrieve",
        delete="destroy",
    ),
    # Credits and passes on M2M and v1
    route("customer/<customer_id>/packages", credits.Packages, get="list"),
    route("customer/<customer_id>/passes", credits.Packages, get="list"),
    *_catalogue("v1/coupons", credits.Coupons),
    *_catalogue("v1/pass-products", credits.PassProducts),
    *_archivable("v1/plans/<plan_id>/credit-rules", credits.CreditRules),
    route("v1/customers/<id>/credits/balance", credits.Holdings, get="balance"),
    route("v1/customers/<id>/eligibility", credits.Holdings, post="eligibility"),
    route("v1/customers/<customer_id>/credits", credits.CustomerCredits, get="list", post="create"),
    route("v1/customers/<customer_id>/credits/<id>", credits.CustomerCredits, get="retrieve"),
    *_verbs("v1/customers/<customer_id>/credits/<id>", credits.CustomerCredits, "revoke"),
    *_uses("v1/customers/<customer_id>/credits/<credit_id>/redemptions", credits.Redemptions),
    route(
        "v1/customers/<customer_id>/goodwill", credits.CustomerGoodwill, get="list", post="create"
    ),
    route("v1/goodwill", credits.AllGoodwill, get="list"),
    route("v1/goodwill/<id>", credits.AllGoodwill, get="retrieve"),
    *_verbs("v1/goodwill/<id>", credits.AllGoodwill, "approve", "refuse"),
    route("v1/customers/<customer_id>/passes", credits.Passes, get="list", post="create"),
    route("v1/customers/<customer_id>/passes/<pass_id>", credits.Passes, get="retrieve"),
    *_verbs("v1/customers/<customer_id>/passes/<pass_id>", credits.Passes, "revoke"),
    *_uses("v1/customers/<customer_id>/passes/<pass_id>/uses", credits.PassUses),
    # Bookings, what can be booked, and media on v1
    route("v1/customers/<id>/state", customers.States, get="retrieve"),
    route("v1/imports", customers.Imports, get="list", post="create"),
    route("v1/imports/<id>", customers.Imports, get="retrieve"),
    *_verbs("v1/imports/<id>", customers.Imports, "cancel"),
    route("v1/imports/<import_id>/refused-rows", customers.RefusedRows, get="list"),
    route("v1/imports/<id>/refused-file", customers.RefusedFiles, get="retrieve"),
    route("v1/exports", customers.Exports, get="list", post="create"),
    route("v1/exports/<id>", customers.Exports, get="retrieve"),
    *_verbs("v1/exports/<id>", customers.Exports, "cancel"),
    route("v1/exports/<id>/file", customers.ExportFiles, get="retrieve"),
    route("v1/customers/<customer_id>/notes", customers.CustomerNotes, get="list", post="create"),
    route("v1/customers/<customer_id>/notes/<id>", customers.CustomerNotes, get="retrieve"),
    route("v1/customers/<customer_id>/bookings", bookings.CustomerBookings, get="list"),
    route(
        "v1/customers/<customer_id>/media-purchases",
        bookings.MediaPurchases,
        get="list",
        post="create",
    ),
    route(
        "v1/customers/<customer_id>/media-purchases/<id>", bookings.MediaPurchases, get="retrieve"
    ),
    route(
        "v1/customers/<customer_id>/media-purchases/<id>/cancel",
        bookings.MediaPurchases,
        post="cancel",
    ),
    route(
        "v1/customers/<customer_id>/media-purchases/<id>/payments",
        bookings.MediaPurchases,
        post="pay",
    ),
    route("v1/customers/<customer_id>/sales", sales.Sales, post="create"),
    route("v1/bookings", bookings.Bookings, get="list", post="create"),
    route("v1/bookings/<id>", bookings.Bookings, get="retrieve", patch="partial_update"),
    *_verbs(
        "v1/bookings/<id>",
        bookings.Bookings,
        *("cancel", "start", "complete", "check-in", "no-show", "reopen"),
        pay="payments",
    ),
    route("v1/bookings/<id>/cancellation", bookings.Cancellations, get="retrieve"),
    route("v1/transactions", bookings.Transactions, get="list", post="create"),
    route("v1/transactions/<id>", bookings.Transactions, get="retrieve"),
    *_archivable("v1/events/<event_id>/pricing-options", catalogue.PricingOptions),
    route("v1/events/<event_id>/dates", catalogue.EventDates, get="list", post="create"),
    route(
        "v1/events/<event_id>/dates/<id>",
        catalogue.EventDates,
        get="retrieve",
        patch="partial_update",
    ),
    route("v1/events/<event_id>/dates/<id>/cancel", catalogue.EventDates, post="cancel"),
    *_catalogue("v1/services", catalogue.Services),
    *_catalogue("v1/facilitators", catalogue.Facilitators),
    *_catalogue("v1/events", catalogue.Events),
    *_catalogue("v1/media", catalogue.Media),
    *_catalogue("v1/zones", customers.Zones),
    # The caller, changes, requests and webhooks
    route("v1/me", Me, get="retrieve"),
    route("v1/changes", changes.Changes, get="list"),
    route("v1/requests", Requests, get="list"),
    route("v1/data-exports", DataExports, get="list"),
    route("v1/customers/<customer_id>/audit", customers.CustomerAudit, get="list"),
    route("v1/webhooks", webhooks.Webhooks, get="list", post="create"),
    route("v1/webhooks/<id>", webhooks.Webhooks, get="retrieve", patch="partial_update"),
    *_verbs("v1/webhooks/<id>", webhooks.Webhooks, "enable", "disable", "rotate-secret"),
    *_verbs("v1/webhooks/<id>", webhooks.Webhooks, "archive", "restore"),
    *_verbs(
        "v1/webhooks/<webhook_id>", webhooks.WebhookDeliveries, "test", redeliver_range="redeliver"
    ),
    route("v1/webhooks/<webhook_id>/deliveries", webhooks.WebhookDeliveries, get="list"),
    route("v1/webhooks/<webhook_id>/deliveries/<id>", webhooks.WebhookDeliveries, get="retrieve"),
    *_verbs("v1/webhooks/<webhook_id>/deliveries/<id>", webhooks.WebhookDeliveries, "redeliver"),
    # Documentation, health checks and the back-office
    path("openapi.json", read_only(docs.openapi_document)),
    path("llms.txt", read_only(docs.llms)),
    path("docs.md", read_only(docs.page)),
    path("docs/", read_only(docs.page)),
    path("docs/<path:where>", read_only(docs.page)),
    path("", read_only(RedirectView.as_view(pattern_name="admin:index"))),
    path("healthz", read_only(alive)),
    path("readyz", read_only(ready)),
    path("admin/", include("config.access.signing_in.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "config.api.views.handler400"
handler404 = "config.api.views.handler404"
handler500 = "config.api.views.handler500"
