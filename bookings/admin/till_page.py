"""The page of the till for a customer."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from billing.admin.customer_sections import sums_of
from billing.errors import MoreThanOwed
from billing.models import Invoice
from config.admin.filters import searchable
from config.admin.forms import add_refusal
from config.admin.pages import Pages
from config.errors import Refusal
from customers.models import Customer

from ..actions.till import take_sale
from .till import TillForm
from .till_items import hold_products

# The permissions that the till needs.
PERMISSIONS = ("credits.add_passpurchase", "billing.add_invoice")


class HasTill(Pages):
    """Adds the page that sells to a customer and takes the money."""

    def get_urls(self) -> list[Any]:
        return [self.page_at("<str:object_id>/till/", self.till_view, "till"), *super().get_urls()]

    def till_links(self, request: Any, customer: Customer) -> list[dict[str, Any]]:
        """Return the link to the till, for staff who may use it."""
        if not _may_sell(request):
            return []
        path = self.address_of(customer, "till")
        return [{"icon": "point_of_sale", "title": _("Till"), "path": path}]

    def till_view(self, request: Any, object_id: str) -> HttpResponse:
        """Show the till, search products, or record a sale."""
        if not _may_sell(request):
            raise PermissionDenied
        is_sent = request.method == "POST" and "search" not in request.POST
        customer = self.get_object(request, unquote(object_id))
        if customer is not None and is_sent:
            # Lock the customer and the products, so that prices do not change after the comparison.
            self.hold(customer)
            hold_products(request.POST.getlist("sold"), request.actor)
            customer = self.get_object(request, unquote(object_id))
        if customer is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        form = _form(request, customer, is_sent=is_sent)
        if is_sent and form.is_valid():
            try:
                said = _record(form)
            except MoreThanOwed as refusal:
                form.explain_excess(refusal)
            except Refusal as refusal:
                add_refusal(form, refusal)
            else:
                messages.success(request, said)
                return HttpResponseRedirect(self.address_of(customer))
        return self._till(request, customer, form)

    def _till(self, request: HttpRequest, customer: Customer, form: TillForm) -> HttpResponse:
        context = {
            "title": _("Till: %(customer)s") % {"customer": customer},
            "original": customer,
            "form": form,
            "media": self.media + form.media,
            "back": self.address_of(customer),
        }
        return self.render_page(request, "admin/bookings/till.html", context)


def _form(request: Any, customer: Customer, *, is_sent: bool) -> TillForm:
    """Return the form: bound if it was sent, else with the values typed so far."""
    typed = request.POST if request.method == "POST" else request.GET
    return TillForm(
        customer,
        request.actor,
        words=searchable(typed.get("q", "")),
        ticked=[*typed.getlist("sold"), *typed.getlist("owed")],
        data=typed if is_sent else None,
        initial=request.POST.dict() or {"begins_on": request.GET.get("begins_on", "")},
    )


def _may_sell(request: Any) -> bool:
    """Return whether the user may use the till."""
    return all(request.user.has_perm(one) for one in PERMISSIONS)


def _record(form: TillForm) -> str:
    """Record the sale, and return a sentence about it and the amount left to pay."""
    sale, means = form.sale(), form.means()
    names = ", ".join(item.name for item in form.chosen)
    keeps = form.cleaned_data["keep_excess"]
    invoices = take_sale(sale, means=means, keep_excess_as_credit=keeps, actor=form.actor)
    rows = Invoice.objects.visible_to(form.actor).filter(pk__in=[one.pk for one in invoices])
    left = [one for one in rows.with_amounts() if vars(one)["balance"]]
    if not left:
        return _("%(things)s: paid.") % {"things": names}
    return _("%(things)s: %(left)s to pay.") % {"things": names, "left": sums_of(left)}
