"""Sales of several things at once, and the payment and voiding of invoices."""

from typing import Any, cast

from django.http import HttpResponse

from billing import api as billing
from billing.models import Invoice
from config.api.problems import missing_scope
from config.api.resource import Resource
from config.api.surfaces import v1
from config.api.verbs import Verb
from credits.actions import void_sale
from credits.shapes import paying
from customers.api import of_customer

from .. import actions
from ..models import Booking, MediaPurchase
from ..shapes import sales

# The scope that a sale also needs for each kind of product.
_SELLS = {
    "passes": "packages:write",
    "media": "videos:write",
    "subscriptions": "subscription-mandates:write",
}
# The scope that a sale also needs for each kind of debt.
_PAYS = {Booking: "bookings:write", MediaPurchase: "videos:write"}


class Invoices(billing.Invoices):
    """Invoices, newest first."""

    scopes = {**billing.Invoices.scopes, "pay": "payments:write"}
    accepts = {**billing.Invoices.accepts, "pay": paying.InvoicePayment}
    verbs = {
        "pay": Verb(
            actions.pay_invoice,
            "Pay for an invoice in parts and by several means: all of them or none are recorded."
            "\n\nA credit pays only for what begins before the credit ends.",
        ),
        "void": Verb(
            void_sale,
            "Take back what was asked for; refund what was paid of it first.\n\nWhat is left of a "
            "pass that the invoice sold is revoked, and a subscription whose present period it is "
            "for is cancelled.",
        ),
    }


class Sales(Resource):
    """Sales: new purchases and debts of a customer, paid together."""

    surface = v1
    scopes = {"write": "payments:write"}
    queryset = Invoice.objects.newest_first()
    parent = of_customer
    shows = {"*": sales.CompletedSale}
    accepts = {"create": sales.NewSale}

    def create(self, request: Any, customer_id: str) -> HttpResponse:
        """Sell several things to a customer, and take one payment for them and for what is owed.

        All of it is recorded or none. It needs besides the scope of each kind of thing:
        `packages:write` for passes, `videos:write` for media, `subscription-mandates:write` for
        plans, and `bookings:write` for a booking that is owed.
        """
        fields = self.accepted()
        owed = {type(one) for one in fields.get("owed", ())}
        for scope in (
            *(scope for name, scope in _SELLS.items() if fields.get(name)),
            *(scope for model, scope in _PAYS.items() if model in owed),
        ):
            if scope not in self.actor.scopes:
                raise missing_scope(scope)
        sale = cast(sales.NewSale, self._accepting).sale_of(self.parent_object, fields)
        invoices = actions.take_sale(sale, **fields, actor=self.actor)
        return self.show_document(sales.described(sale, invoices, actor=self.actor), status=201)
