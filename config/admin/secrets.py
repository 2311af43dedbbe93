from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from config.access.actions import mark_of
from config.access.ids import new_id

from .forms import Answers


class Renewal(Answers):
    """A question before a secret is changed: sent again, as by a reload, it changes nothing more.

    `kept_in` is the column that holds what is kept of the secret.
    """

    kept_in: ClassVar[str]
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def begin(self) -> dict[str, Any]:
        return {"seen": mark_of(getattr(self.row, self.kept_in))}


class OneMore(Answers):
    """A question before something is made: the id that it will have keeps it from being two."""

    once = forms.UUIDField(label="", required=False, widget=forms.HiddenInput)

    def begin(self) -> dict[str, Any]:
        return {"once": new_id()}

    def answers(self) -> dict[str, Any]:
        return {"id": self.cleaned_data["once"]}


def shown_once(
    pages: Any,
    request: HttpRequest,
    row: Any,
    text: str,
    values: list[tuple[str, str]],
    *,
    command: str = "",
    guide: str = "",
) -> HttpResponse:
    """Return the page that shows a secret: the answer itself, for it is kept nowhere.

    `command` is what tries it out in a shell, `guide` the address that says how it is used.

    A message or a redirect would leave it in a session, a cookie or an address.
    """
    context = {
        **pages.admin_site.each_context(request),
        "title": str(row),
        "opts": pages.opts,
        "original": row,
        "headline": str(row),
        "text": text,
        "values": values,
        "command": command,
        "guide": guide,
        "back": pages.address_of(row),
    }
    request.current_app = pages.admin_site.name
    return TemplateResponse(request, "admin/shown_once.html", context)
