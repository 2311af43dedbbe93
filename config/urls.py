"""Every address there is."""

from typing import Any

from django.contrib import admin
from django.urls import URLPattern, include, path
from django.views.generic import RedirectView

from billing import api as billing
from bookings.api import bookings, catalogue
from config.api.views import FormToken, JsonToken
from config.changes import api as changes
from config.changes.webhooks import api as webhooks
from config.docs import views as docs
from config.server.health import alive, ready
from credits import api as credits
from customers import api as customers


def _catalogue(where: str, resource: Any) -> list[URLPattern]:
    """Return the addresses of what is listed, made, changed, archived and restored."""
    return [
        path(where, resource.as_view({"get": "list", "post": "create"})),
        path(f"{where}/<id>", resource.as_view({"get": "retrieve", "patch": "partial_update"})),
        path(f"{where}/<id>/archive", resource.as_view({"post": "archive"})),
        path(f"{where}/<id>/restore", resource.as_view({"post": "restore"})),
    ]


urlpatterns = [
    # What integrators ask for all day stands first: addresses are tried in this order.
    path("v1/customers", customers.Customers.as_view({"get": "list", "post": "create"})),
    path(
        "v1/customers/<id>",
        customers.Customers.as_view({"get": "retrieve", "patch": "partial_update"}),
    ),
    # Getting in
    path("oauth/token", FormToken.as_view()),
    path("token", JsonToken.as_view()),
    # M2M
    path("customer/<id>/profile", customers.Profiles.as_view({"get": "retrieve", "put": "update"})),
    path("customer/<customer_id>/notes", customers.Notes.as_view({"get": "list"})),
    path("customer/<customer_id>/subscription-mandates", billing.Mandates.as_view({"get": "list"})),
    path("customer/<customer_id>/subscriptions", billing.Mandates.as_view({"get": "list"})),
    path("customer/<customer_id>/bookings", bookings.CustomerTransactions.as_view({"get": "list"})),
    path("customer/<customer_id>/booking/<id>", bookings.Places.as_view({"get": "retrieve"})),
    path("customer/<customer_id>/appointments", bookings.Appointments.as_view({"get": "list"})),
    path("customer/<customer_id>/videos", bookings.Videos.as_view({"get": "list"})),
    path("customer/<customer_id>/media", bookings.Videos.as_view({"get": "list"})),
    # v1
    path("v1/customers/<customer_id>/addresses", customers.Addresses.as_view({"post": "create"})),
    path("v1/customers/<customer_id>/invoices", billing.CustomerInvoices.as_view({"get": "list"})),
    path(
        "v1/customers/<customer_id>/payment-methods",
        billing.PaymentMethods.as_view({"post": "create"}),
    ),
    path(
        "v1/customers/<customer_id>/payment-methods/<id>",
        billing.PaymentMethods.as_view({"delete": "destroy"}),
    ),
    path(
        "v1/customers/<customer_id>/payment-methods/<id>/default",
        billing.PaymentMethods.as_view({"post": "default"}),
    ),
    path(
        "v1/customers/<customer_id>/subscriptions",
        billing.Subscriptions.as_view({"post": "create"}),
    ),
    *(
        path(
            f"v1/customers/<customer_id>/subscriptions/<subscription_id>/{verb}",
            billing.Subscriptions.as_view({"post": verb}),
        )
        for verb in ("pause", "resume", "cancel")
    ),
    *_catalogue("v1/plans", billing.Plans),
    path("v1/invoices", billing.Invoices.as_view({"get": "list", "post": "create"})),
    path("v1/invoices/<id>", billing.Invoices.as_view({"get": "retrieve"})),
    path("v1/invoices/<id>/issue", billing.Invoices.as_view({"post": "issue"})),
    path("v1/invoices/<id>/void", billing.Invoices.as_view({"post": "void"})),
    path(
        "v1/invoices/<invoice_id>/payments",
        billing.Payments.as_view({"get": "list", "post": "create"}),
    ),
    path("v1/payments/<id>/refunds", billing.Refunds.as_view({"post": "create"})),
    # Accounts
    path("customers", customers.Accounts.as_view({"get": "list", "post": "create"})),
    path(
        "customers/<id>",
        customers.Accounts.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
        ),
    ),
    path("customers/<id>/restore", customers.Accounts.as_view({"post": "restore"})),
    path(
        "customers/<customer_id>/users",
        customers.Users.as_view({"get": "list", "post": "create"}),
    ),
    path(
        "customers/<customer_id>/payment-methods",
        billing.AccountPaymentMethods.as_view({"get": "list"}),
    ),
    path(
        "customers/<customer_id>/payment-methods/<payment_method_id>",
        billing.AccountPaymentMethods.as_view({"get": "retrieve"}),
    ),
    # Credits
    path(
        "customers/customers/<customer_id>/credits",
        credits.Credits.as_view({"get": "list", "post": "create"}),
    ),
    path(
        "customers/customers/<customer_id>/credits/<id>",
        credits.Credits.as_view({"get": "retrieve", "delete": "destroy"}),
    ),
    # Credits and passes on M2M and v1
    path("customer/<customer_id>/packages", credits.Passes.as_view({"get": "list"})),
    path("customer/<customer_id>/passes", credits.Passes.as_view({"get": "list"})),
    *_catalogue("v1/coupons", credits.Coupons),
    *_catalogue("v1/passes", credits.PassProducts),
    path(
        "v1/plans/<plan_id>/credit-rules",
        credits.Grants.as_view({"get": "list", "post": "create"}),
    ),
    path("v1/plans/<plan_id>/credit-rules/<id>", credits.Grants.as_view({"delete": "destroy"})),
    path("v1/customers/<id>/credits/balance", credits.Holdings.as_view({"get": "balance"})),
    path("v1/customers/<id>/eligibility", credits.Holdings.as_view({"post": "forecast"})),
    path(
        "v1/customers/<customer_id>/credits/<credit_id>/redemptions",
        credits.Redemptions.as_view({"get": "list", "post": "create"}),
    ),
    path(
        "v1/customers/<customer_id>/credits/<credit_id>/redemptions/<id>/reversal",
        credits.Redemptions.as_view({"post": "reverse"}),
    ),
    path(
        "v1/customers/<customer_id>/passes",
        credits.PassPurchases.as_view({"get": "list", "post": "create"}),
    ),
    path(
        "v1/customers/<customer_id>/passes/<purchase_id>/uses",
        credits.PassUses.as_view({"get": "list", "post": "create"}),
    ),
    path(
        "v1/customers/<customer_id>/passes/<purchase_id>/uses/<id>/reversal",
        credits.PassUses.as_view({"post": "reverse"}),
    ),
    # Bookings, what can be booked, and media on v1
    path("v1/customers/<id>/state", customers.States.as_view({"get": "retrieve"})),
    path("v1/customers/<customer_id>/notes", customers.CustomerNotes.as_view({"post": "create"})),
    path(
        "v1/customers/<customer_id>/bookings",
        bookings.CustomerBookings.as_view({"get": "list"}),
    ),
    path(
        "v1/customers/<customer_id>/media",
        bookings.MediaPurchases.as_view({"get": "list", "post": "create"}),
    ),
    path(
        "v1/customers/<customer_id>/media/<id>/cancel",
        bookings.MediaPurchases.as_view({"post": "cancel"}),
    ),
    path("v1/bookings", bookings.Bookings.as_view({"get": "list", "post": "create"})),
    path(
        "v1/bookings/<id>",
        bookings.Bookings.as_view({"get": "retrieve", "patch": "partial_update"}),
    ),
    *(
        path(f"v1/bookings/<id>/{word}", bookings.Bookings.as_view({"post": verb}))
        for word, verb in (
            ("cancel", "cancel"),
            ("start", "start"),
            ("complete", "complete"),
            ("no-show", "miss"),
            ("payment", "pay"),
        )
    ),
    path("v1/transactions", bookings.Transactions.as_view({"post": "create"})),
    path("v1/transactions/<id>", bookings.Transactions.as_view({"get": "retrieve"})),
    path(
        "v1/events/<event_id>/pricing-options",
        catalogue.PricingOptions.as_view({"post": "create"}),
    ),
    path(
        "v1/events/<event_id>/pricing-options/<id>",
        catalogue.PricingOptions.as_view({"delete": "destroy"}),
    ),
    path(
        "v1/events/<event_id>/dates",
        catalogue.EventDates.as_view({"get": "list", "post": "create"}),
    ),
    path(
        "v1/events/<event_id>/dates/<id>",
        catalogue.EventDates.as_view({"get": "retrieve", "patch": "partial_update"}),
    ),
    path(
        "v1/events/<event_id>/dates/<id>/cancel",
        catalogue.EventDates.as_view({"post": "cancel"}),
    ),
    *_catalogue("v1/services", catalogue.Services),
    *_catalogue("v1/facilitators", catalogue.Facilitators),
    *_catalogue("v1/events", catalogue.Events),
    *_catalogue("v1/media", catalogue.Catalogue),
    *_catalogue("v1/zones", customers.Zones),
    # What happened
    path("v1/changes", changes.Changes.as_view({"get": "list"})),
    path("v1/customers/<customer_id>/audit", changes.CustomerAudit.as_view({"get": "list"})),
    path("v1/webhooks", webhooks.Webhooks.as_view({"get": "list", "post": "create"})),
    path(
        "v1/webhooks/<id>",
        webhooks.Webhooks.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
        ),
    ),
    *(
        path(f"v1/webhooks/<id>/{word}", webhooks.Webhooks.as_view({"post": verb}))
        for word, verb in (
            ("enable", "enable"),
            ("disable", "disable"),
            ("rotate-secret", "rotate_secret"),
        )
    ),
    path("v1/webhooks/<endpoint_id>/test", webhooks.WebhookDeliveries.as_view({"post": "test"})),
    path(
        "v1/webhooks/<endpoint_id>/redeliver",
        webhooks.WebhookDeliveries.as_view({"post": "redeliver_range"}),
    ),
    path(
        "v1/webhooks/<endpoint_id>/deliveries",
        webhooks.WebhookDeliveries.as_view({"get": "list"}),
    ),
    path(
        "v1/webhooks/<endpoint_id>/deliveries/<id>",
        webhooks.WebhookDeliveries.as_view({"get": "retrieve"}),
    ),
    path(
        "v1/webhooks/<endpoint_id>/deliveries/<id>/redeliver",
        webhooks.WebhookDeliveries.as_view({"post": "redeliver"}),
    ),
    # Around the surfaces
    path("openapi.json", docs.Document.as_view()),
    path("docs/", docs.front),
    path("docs/guide/<slug>", docs.guide_page),
    path("docs/reference/", docs.reference),
    path("docs/errors/", docs.error_list),
    path("docs/errors/<code>", docs.error_page),
    path("docs/changelog/", docs.changelog),
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("healthz", alive),
    path("readyz", ready),
    path("admin/", include("config.access.signing_in.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "config.api.views.unreadable"
handler404 = "config.api.views.nowhere"
handler500 = "config.api.views.broken"
