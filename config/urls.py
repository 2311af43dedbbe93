"""Every address there is."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from config.api.docs import Document, browse, error_list, error_page
from config.api.views import FormToken, JsonToken
from config.server.health import alive, ready
from customers import api as customers

urlpatterns = [
    # Getting in
    path("oauth/token", FormToken.as_view()),
    path("token", JsonToken.as_view()),
    # M2M
    path("customer/<id>/profile", customers.Profiles.as_view({"get": "retrieve", "put": "update"})),
    path("customer/<customer_id>/notes", customers.Notes.as_view({"get": "list"})),
    # v1
    path("v1/customers", customers.Customers.as_view({"get": "list", "post": "create"})),
    path(
        "v1/customers/<id>",
        customers.Customers.as_view({"get": "retrieve", "patch": "partial_update"}),
    ),
    path("v1/customers/<customer_id>/addresses", customers.Addresses.as_view({"post": "create"})),
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
    # Around the surfaces
    path("openapi.json", Document.as_view()),
    path("docs/", browse),
    path("docs/errors/", error_list),
    path("docs/errors/<code>", error_page),
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("healthz", alive),
    path("readyz", ready),
    path("admin/", admin.site.urls),
]

handler400 = "config.api.views.unreadable"
handler404 = "config.api.views.nowhere"
handler500 = "config.api.views.broken"
