"""Issue a credit in two steps: choose the coupon, then confirm its terms."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin.filters import searchable
from config.admin.forms import Reason
from config.admin.money import MoneyField, MoneyForm
from config.admin.pages import Pages
from config.durations import end_of_day, last_day
from config.errors import Refusal
from config.money import show_money
from config.tenancy.companies import Company
from config.tenancy.ids import read_id
from config.tenancy.money_fields import MOST
from config.tenancy.money_permissions import MoneyAction, limiting_company, refused_by_limit
from config.times import local_today
from customers.models import Customer

from ..models import Coupon
from .columns import gives_until, shown_terms
from .durations import shown_duration

SHOWN_COUPONS = 50


class Chosen(forms.Widget):
    """A hidden field with the choice of the previous page as text, and a link back to it."""

    text = ""
    back = ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        return format_html(
            '<input type="hidden" name="{}" value="{}" id="id_{}"><p class="leading-relaxed">'
            '<strong class="text-important">{}</strong> '
            '<a href="{}" class="text-link">{}</a></p>',
            *(name, "" if value is None else value, name),
            *(self.text or _("No coupon is chosen."), self.back, _("Choose another coupon")),
        )


class CreditForm(MoneyForm):
    """The form that issues a coupon; `told` has the terms that the form showed."""

    refused_at = {"coupon_id": "coupon", "customer_id": "customer"}
    field_order = ("coupon",)

    revenue = MoneyField(
        label=gettext_lazy("Paid for it"),
        required=False,
        most=MOST,
        help_text=gettext_lazy("What the company was paid for the credit. Empty for a gift."),
    )
    reason = Reason()
    told = forms.CharField(
        label=gettext_lazy("What you were told"), required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "coupon" not in self.fields:
            return
        self.coupon = self._chosen()
        self.promise = promise_of(self.coupon) if self.coupon else ""
        widget = self.fields["coupon"].widget = Chosen()
        widget.text = f"{self.coupon}: {self.promise}" if self.coupon else ""
        widget.back = f"?customer={self._typed('customer')}"
        self.fields["coupon"].help_text = limit_told(self.coupon, self.actor)
        self.initial["told"] = self.promise

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("coupon") and self.cleaned_data.get("told") != self.promise:
            assert isinstance(self.data, QueryDict)
            sent = self.data.copy()
            sent[self.add_prefix("told")] = self.promise
            self.data = sent
            self.add_error(
                "coupon",
                _("Read what this coupon gives now. If that is right, issue the credit again."),
            )

    def currency_of(self, typed: dict[str, Any]) -> str:
        coupon = typed.get("coupon") or getattr(self, "coupon", None)
        return coupon.currency if coupon else super().currency_of(typed)

    def _chosen(self) -> Coupon | None:
        """Return the chosen coupon, None if the company has no such coupon."""
        key = read_id("", self._typed("coupon"))
        field: Any = self.fields["coupon"]
        return field.queryset.filter(pk=key).first() if key else None

    def _typed(self, name: str) -> str:
        """Return the id in a field, from the sent data or the initial values; "" if invalid."""
        given = self.data.get(self.add_prefix(name)) if self.is_bound else self.initial.get(name)
        return str(given) if read_id("", str(given or "")) else ""


def promise_of(coupon: Coupon) -> str:
    """Return the terms of a credit if the coupon were issued now."""
    last = last_day(local_today(), coupon.valid_for)
    end = end_of_day(last, str(timezone.get_current_timezone())) if last else None
    return gives_until(coupon, end)


def limit_told(coupon: Coupon | None, actor: Any) -> str:
    """Return the actor's limit, or the refusal of a coupon above it; "" without a limit."""
    company = limiting_company(actor, MoneyAction.ISSUE_CREDIT)
    if company is None:
        return ""
    if refusal := _above_limit(coupon, company):
        return str(refusal)
    limit = show_money(company.credit_limit or 0, company.currency)
    return _("You may give up to %(limit)s in one credit.") % {"limit": limit}


def _above_limit(coupon: Coupon | None, company: Company) -> Refusal | None:
    """Return the refusal of a coupon above the company's limit; without a coupon, of any amount."""
    amount, currency = (coupon.amount, coupon.currency) if coupon else (None, "")
    return refused_by_limit(company, MoneyAction.ISSUE_CREDIT, amount, currency=currency)


class Issues(Pages):
    """Pages of credits whose form for a new credit begins with the choice of a coupon."""

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method != "POST" and not self._coupons(request, request.GET.get("coupon", "")):
            return self._choose(request)
        return super().add_view(request, form_url, extra_context)

    def _coupons(self, request: Any, typed: str) -> bool:
        key = read_id("", typed)
        coupons = Coupon.objects.visible_to(request.actor).live()
        return key is not None and coupons.filter(pk=key).exists()

    def _choose(self, request: Any) -> HttpResponse:
        """Show coupons with their terms, newest first."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        words = searchable(request.GET.get("q", ""))
        coupons = Coupon.objects.visible_to(request.actor).live()
        if words:
            coupons = coupons.filter(Q(name__icontains=words) | Q(code__iexact=words))
        found = list(coupons.newest_first()[: SHOWN_COUPONS + 1])
        key = read_id("", request.GET.get("customer", ""))
        people = Customer.objects.visible_to(request.actor).defer("search_words")
        customer = people.filter(pk=key).first() if key else None
        held_back = limiting_company(request.actor, MoneyAction.ISSUE_CREDIT)
        context = {
            "title": _which(customer),
            "customer": customer,
            "rows": [_row(one, held_back) for one in found[:SHOWN_COUPONS]],
            "limit": limit_told(None, request.actor),
            "more": len(found) > SHOWN_COUPONS,
            "words": words,
            "may_add_coupon": request.user.has_perm("credits.add_coupon"),
        }
        return self.render_page(request, "admin/credits/credit/choose.html", context)


def _which(customer: Customer | None) -> str:
    if customer is None:
        return _("Which coupon?")
    return _("Which coupon for %(customer)s?") % {"customer": customer}


def _row(coupon: Coupon, held_back: Company | None) -> tuple[Any, ...]:
    """Return the cells of a coupon, and whether it is above the actor's limit."""
    above = held_back and _above_limit(coupon, held_back)
    return coupon, shown_terms(coupon), shown_duration(coupon.valid_for), bool(above)
