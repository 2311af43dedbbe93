"""The form that books an appointment and pays for it."""

from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.actions.tax import gross_of
from billing.admin.prices import in_words
from config.admin.moments import MomentField
from config.admin.money import MoneyField, MoneyForm
from config.money import as_written, show_money
from config.tenancy.money_fields import MOST
from config.tenancy.money_permissions import MoneyAction, refused_money_action
from customers.models import Address, Customer

from ..models import Service
from .fields import MinutesField, address_field
from .paying import Paying, ways_to_pay
from .picking import Picked, ShowsPrice


class AppointmentForm(Paying, ShowsPrice, Picked, MoneyForm):
    """Books a service for a customer; empty duration and price default to the service's."""

    refreshed = {
        "by": ("customer", "service"),
        "fields": ("address", "duration", "subtotal", "paid_with", "shown"),
    }

    starts_at = MomentField(label=gettext_lazy("Begins"))
    duration = MinutesField(required=False)
    subtotal = MoneyField(label=gettext_lazy("Price"), required=False, most=MOST)
    address = address_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.priced = self.service
        service: Any = self.fields["service"]
        service.required = service.widget.is_required = True
        customer = self.picked("customer", Customer)
        theirs = Address.objects.visible_to(self.actor).live().filter(customer=customer)
        addresses: Any = self.fields["address"]
        addresses.queryset = theirs.order_by("-is_default", "id") if customer else theirs.none()
        thing = self.service.name if self.service else ""
        ways = ways_to_pay(customer, thing=thing, currency=self.currency_of({}), actor=self.actor)
        self.offer(ways)
        if refusal := refused_money_action(self.actor, MoneyAction.CHANGE_PRICES):
            self.fields["subtotal"].disabled = True
            self.fields["subtotal"].help_text = str(refusal)
        if self.service:
            price = as_written(self.service.price, self.service.currency)
            self.fields["duration"].widget.attrs["placeholder"] = self.service.duration
            self.fields["subtotal"].widget.attrs["placeholder"] = price
            self.fields["subtotal"].help_text = _("Tax: %(tax)s. They pay %(price)s.") % {
                "tax": in_words(self.service),
                "price": show_money(gross_of(self.service), self.service.currency),
            }

    @cached_property
    def service(self) -> Service | None:
        return self.picked("service", Service)

    def currency_of(self, typed: dict[str, Any]) -> str:
        return self.service.currency if self.service else super().currency_of(typed)
