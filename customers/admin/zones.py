from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminExpandableTextareaWidget

from config.admin.buttons import archiving
from config.admin.columns import column
from config.admin.filters import ArchivedFilter
from config.admin.forms import PageForm
from config.admin.pages import CompanyAdmin

from ..actions import change_zone, create_zone
from ..models import Zone


class ZoneForm(PageForm):
    """A zone; its postal codes are typed one per line."""

    postal_codes = forms.CharField(
        label=gettext_lazy("Postal codes"),
        required=False,
        help_text=gettext_lazy("One on each line, or with commas between them."),
        widget=UnfoldAdminExpandableTextareaWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["postal_codes"] = "\n".join(self.instance.postal_codes)

    def clean_postal_codes(self) -> list[str]:
        codes = self.cleaned_data["postal_codes"].replace(",", "\n").splitlines()
        return [code for code in codes if code.strip()]


@admin.register(Zone)
class ZoneAdmin(CompanyAdmin):
    icon = "map"
    added_says = gettext_lazy("Zone %(name)s added.")
    saved_says = gettext_lazy("Zone %(name)s saved.")
    form = ZoneForm
    creates = staticmethod(create_zone)
    changes = staticmethod(change_zone)
    buttons = archiving(gettext_lazy("You can restore it."))
    list_display = ("name", "codes", "life", "created_on")
    list_filter = (ArchivedFilter,)
    search_fields = ("name",)
    fields = ("name", "postal_codes")

    codes = column(
        gettext_lazy("postal codes"),
        lambda row: ", ".join(row.postal_codes[:8]) + (" …" if len(row.postal_codes) > 8 else ""),
    )
