"""The rate limits of API clients, API keys and companies, and their recent use."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.formats import number_format
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from config.admin.buttons import Button
from config.admin.form_mixins import KeepsUnseen
from config.admin.forms import Answers
from config.tenancy.companies import MOST_PER_MINUTE, Company

from ..actions import limit_credential
from ..limits import came_lately


class _Number(int):
    """A number that is formatted in the reader's locale when the text is rendered."""

    def __str__(self) -> str:
        return number_format(int(self), use_l10n=True, force_grouping=True)

    def __format__(self, spec: str) -> str:
        return str(self)


def _limit_field(help_text: Any, count: int) -> forms.IntegerField:
    """Return a form field for a rate limit; its help text names the default limit, `count`."""
    return forms.IntegerField(
        label=gettext_lazy("Requests a minute"),
        required=False,
        min_value=1,
        max_value=MOST_PER_MINUTE,
        help_text=format_lazy(help_text, count=_Number(count)),
        widget=UnfoldAdminIntegerFieldWidget,
    )


def credential_field() -> forms.IntegerField:
    text = gettext_lazy("Requests above this are refused. Empty: the default, {count}.")
    return _limit_field(text, settings.CLIENT_LIMIT)


def company_field() -> forms.IntegerField:
    text = gettext_lazy(
        "For all API clients and keys of the company together. Empty: the default, {count}."
    )
    return _limit_field(text, settings.COMPANY_LIMIT)


def allowance(row: Any) -> str:
    """Return the rate limit of a client, key or company, and its requests of the last minute."""
    default = settings.COMPANY_LIMIT if isinstance(row, Company) else settings.CLIENT_LIMIT
    numbers = {
        "limit": _Number(row.requests_per_minute or default),
        "came": _Number(came_lately(row.pk)),
    }
    if row.requests_per_minute:
        return _("%(limit)s requests a minute; %(came)s in the last minute") % numbers
    return _("%(limit)s requests a minute (the default); %(came)s in the last minute") % numbers


class LimitAnswers(KeepsUnseen, Answers):
    """The form that changes the rate limit of a client or key."""

    requests_per_minute = credential_field()

    def prepare(self) -> None:
        self.remember_what_is_shown()

    def begin(self) -> dict[str, Any]:
        return {"requests_per_minute": self.row.requests_per_minute}


LIMIT = Button(
    name="limit",
    label=gettext_lazy("Limit"),
    done=gettext_lazy("given this limit"),
    asks=gettext_lazy("Change the limit of %(name)s"),
    says=gettext_lazy("Limit of %(name)s saved."),
    confirm_text=gettext_lazy("The limit applies from the next request."),
    act=limit_credential,
    is_available=lambda row: getattr(row, "revoked_at", None) is None,
    icon="speed",
    many=False,
    form=LimitAnswers,
)
