"""Issuing a credit in two steps: which coupon, and then, with what it gives said, whether."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models.money import MOST
from config.access.ids import read_id
from config.access.models import Company
from config.admin.filters import searchable
from config.admin.forms import Reason
from config.admin.money import MoneyField, MoneyForm
from config.money import show_money
from customers.models import Customer

from ..actions import limit_of, refused_by_limit
from ..durations import last_day
from ..errors import AboveYourLimit
from ..models import Coupon
from .columns import gives_until, shown_terms
from .durations import shown_duration

SHOWN_COUPONS = 50


class Chosen(forms.Widget):
    """Shows what was chosen on the page before, and the way back to it."""

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
    """What a coupon gives, and the rest of what is asked; `told` is what the person was told."""

    told_at = {"coupon_id": "coupon", "customer_id": "customer"}
    field_order = ("coupon",)

    revenue = MoneyField(
        label=gettext_lazy("Paid for it"),
        required=False,
        most=MOST,
        help_text=gettext_lazy("What the company was paid for the credit. Empty for a gift."),
    )
    reason = Reason()
    actor: Any = None
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
            sent: Any = self.data.copy()  # type: ignore[attr-defined]
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
        """Return the coupon that was chosen, None for none that the company has."""
        key = read_id("", self._typed("coupon"))
        queryset: Any = self.fields["coupon"].queryset  # type: ignore[attr-defined]
        return queryset.filter(pk=key).first() if key else None

    def _typed(self, name: str) -> str:
        """Return the id in a field, as it was sent or as the page begins; "" for what is none."""
        given = self.data.get(self.add_prefix(name)) if self.is_bound else self.initial.get(name)
        return str(given) if read_id("", str(given or "")) else ""


def promise_of(coupon: Coupon) -> str:
    """Return what a coupon would give if it were issued now."""
    return gives_until(coupon, last_day(timezone.localdate(), coupon.valid_for))


def limit_told(coupon: Coupon | None, actor: Any) -> str:
    """Return how much somebody may give, or that a coupon is more; "" for who has no limit."""
    company = limit_of(actor)
    if company is None:
        return ""
    refusal = refused_by_limit(coupon, actor=actor, company=company) if coupon else None
    if refusal or not company.credit_limit:
        return str(refusal or AboveYourLimit.message)
    limit = show_money(company.credit_limit, company.currency)
    return _("You may give up to %(limit)s in one credit.") % {"limit": limit}


class Issues:
    """Pages of credits: a new one begins with its coupon."""

    def get_form(
        self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)  # type: ignore[misc]
        form.actor = request.actor
        return form

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if request.method != "POST" and not self._coupons(request, request.GET.get("coupon", "")):
            return self._choose(request)
        return super().add_view(request, form_url, extra_context)  # type: ignore[misc]

    def _coupons(self, request: Any, typed: str) -> bool:
        key = read_id("", typed)
        coupons = Coupon.objects.visible_to(request.actor).live()
        return key is not None and coupons.filter(pk=key).exists()

    def _choose(self, request: Any) -> HttpResponse:
        """Show coupons with what each gives, those that were made last first."""
        pages: Any = self
        if not pages.has_add_permission(request):
            raise PermissionDenied
        words = searchable(request.GET.get("q", ""))
        coupons = Coupon.objects.visible_to(request.actor).live()
        if words:
            coupons = coupons.filter(Q(name__icontains=words) | Q(code__iexact=words))
        found = list(coupons.newest_first()[: SHOWN_COUPONS + 1])
        key = read_id("", request.GET.get("customer", ""))
        people = Customer.objects.visible_to(request.actor).defer("search_words")
        customer = people.filter(pk=key).first() if key else None
        held_back = limit_of(request.actor)
        context = {
            **pages.admin_site.each_context(request),
            "title": _("Issue a credit"),
            "opts": pages.opts,
            "customer": customer,
            "rows": [_row(one, request.actor, held_back) for one in found[:SHOWN_COUPONS]],
            "limit": limit_told(None, request.actor),
            "more": len(found) > SHOWN_COUPONS,
            "words": words,
            "may_add_coupon": request.user.has_perm("credits.add_coupon"),
        }
        request.current_app = pages.admin_site.name
        return TemplateResponse(request, "admin/credits/credit/choose.html", context)


def _row(coupon: Coupon, actor: Any, held_back: Company | None) -> tuple[Any, ...]:
    """Return a coupon as it is chosen, and whether it is above the limit of who chooses."""
    above = held_back and refused_by_limit(coupon, actor=actor, company=held_back)
    return coupon, shown_terms(coupon), shown_duration(coupon.valid_for), bool(above)
