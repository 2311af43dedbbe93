"""Form fields that several forms share."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy
from unfold import widgets

from customers.models import Address

from ..models.catalogue import LONGEST
from ..models.events import MOST_SPACES


class MinutesField(forms.IntegerField):
    """A duration between one minute and one week."""

    widget = widgets.UnfoldAdminIntegerFieldWidget

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {"label": gettext_lazy("Minutes"), **kwargs}
        super().__init__(min_value=1, max_value=LONGEST, **kwargs)


class SpacesField(forms.IntegerField):
    """A number of spaces."""

    widget = widgets.UnfoldAdminIntegerFieldWidget

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {"label": gettext_lazy("Spaces"), **kwargs}
        super().__init__(min_value=1, max_value=MOST_SPACES, **kwargs)


def notes_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Notes"),
        required=False,
        max_length=2000,
        widget=widgets.UnfoldAdminExpandableTextareaWidget,
    )


def address_field() -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        label=gettext_lazy("At"),
        queryset=Address.objects.none(),
        required=False,
        empty_label=gettext_lazy("Your place"),
        widget=widgets.UnfoldAdminSelectWidget,
    )
