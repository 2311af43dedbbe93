"""What is done for customers, and who does it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from billing.models.money import MOST
from config.admin.buttons import archiving
from config.admin.filters import ArchivedFilter
from config.admin.money import MoneyField, MoneyForm, amount_of
from config.admin.pages import CompanyPages
from customers.actions import archive_row, restore_row

from ..actions import change_facilitator, change_service, create_facilitator, create_service
from ..models import Facilitator, Service
from ..shapes.catalogue import FACILITATOR, SERVICE
from .fields import MinutesField, PercentField, shown_percent


class ServiceForm(MoneyForm):
    duration = MinutesField()
    price = MoneyField(label=gettext_lazy("Price before tax"), most=MOST, initial=0)
    tax_rate = PercentField()


@admin.register(Service)
class ServicePages(CompanyPages):
    icon = "spa"
    known_as = {SERVICE: "pk"}
    ordering = ("name", "id")
    form = ServiceForm
    creates = staticmethod(create_service)
    changes = staticmethod(change_service)
    buttons = archiving(
        archive_row,
        restore_row,
        gettext_lazy(
            "An archived service is not booked any more. Appointments that were made stay, and the "
            "service can be restored."
        ),
    )
    list_display = ("name", "minutes", "shown_price", "shown_rate", "life", "created_on")
    list_filter = (ArchivedFilter,)
    search_fields = ("name",)
    search_help_text = gettext_lazy("Name")
    fields = ("name", "description", "duration", "price", "tax_rate")

    shown_price = amount_of("price", gettext_lazy("price before tax"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Show it as it is read where there is no form to change it in."""
        if obj is None or self.has_change_permission(request, obj):
            return self.fields
        return ("name", "description", "minutes", "shown_price", "shown_rate")

    def describe(self, row: Service) -> str:
        return f"{row} · {row.duration} min · {self.shown_price(row)}"

    @display(description=gettext_lazy("minutes"), ordering="duration")
    def minutes(self, service: Service) -> int:
        return service.duration

    @display(description=gettext_lazy("tax in percent"), ordering="tax_rate")
    def shown_rate(self, service: Service) -> str:
        return shown_percent(service.tax_rate)


@admin.register(Facilitator)
class FacilitatorPages(CompanyPages):
    icon = "person_apron"
    known_as = {FACILITATOR: "pk"}
    ordering = ("name", "id")
    creates = staticmethod(create_facilitator)
    changes = staticmethod(change_facilitator)
    buttons = archiving(
        archive_row,
        restore_row,
        gettext_lazy(
            "Nobody is booked with an archived facilitator any more. What is booked stays as it "
            "is, and the facilitator can be restored."
        ),
    )
    list_display = ("name", "email", "life", "created_on")
    list_filter = (ArchivedFilter,)
    search_fields = ("name", "email")
    search_help_text = gettext_lazy("Name or e-mail")
    fields = ("name", "email")
