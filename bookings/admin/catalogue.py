"""The pages of services and facilitators."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy

from billing.admin.prices import gross_column, tax_column
from config.admin.buttons import archiving
from config.admin.columns import column
from config.admin.filters import ArchivedFilter
from config.admin.money import MoneyField
from config.admin.pages import CompanyAdmin
from config.admin.taxes import TaxedForm
from config.tenancy.money_fields import MOST

from ..actions import change_facilitator, change_service, create_facilitator, create_service
from ..models import Facilitator, Service
from .fields import MinutesField


class NamedAdmin(CompanyAdmin):
    """The base of the pages of services and facilitators."""

    ordering = ("name", "id")
    list_filter = (ArchivedFilter,)
    search_fields: tuple[str, ...] = ("name",)
    search_help_text: Any = gettext_lazy("Name")


class ServiceForm(TaxedForm):
    duration = MinutesField()
    price = MoneyField(label=gettext_lazy("Price"), most=MOST, initial=0)


@admin.register(Service)
class ServiceAdmin(NamedAdmin):
    icon = "spa"
    added_says = gettext_lazy("Service %(name)s added.")
    saved_says = gettext_lazy("Service %(name)s saved.")
    form = ServiceForm
    creates = staticmethod(create_service)
    changes = staticmethod(change_service)
    buttons = archiving(
        gettext_lazy("It can no longer be booked. Existing appointments stay. You can restore it.")
    )
    list_display = ("name", "minutes", "shown_price", "shown_rate", "life", "created_on")
    fields = ("name", "description", "duration", "price", "tax_rate", "tax_behavior")
    shown = ("name", "description", "minutes", "shown_price", "shown_rate")

    shown_price = gross_column()

    def describe(self, row: Service) -> str:
        return f"{row} · {row.duration} min · {self.shown_price(row)}"

    minutes = column(gettext_lazy("minutes"), lambda row: row.duration, ordering="duration")
    shown_rate = tax_column()


@admin.register(Facilitator)
class FacilitatorAdmin(NamedAdmin):
    icon = "person_apron"
    added_says = gettext_lazy("Facilitator %(name)s added.")
    saved_says = gettext_lazy("Facilitator %(name)s saved.")
    creates = staticmethod(create_facilitator)
    changes = staticmethod(change_facilitator)
    buttons = archiving(
        gettext_lazy(
            "Nobody can be booked with them any more. Existing bookings stay. You can restore them."
        )
    )
    list_display = ("name", "email", "life", "created_on")
    search_fields = ("name", "email")
    search_help_text = gettext_lazy("Name or e-mail")
    fields = ("name", "email")
