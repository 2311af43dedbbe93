from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse

from config.browser_policies import mark_secret
from config.tenancy.secrets import mark_of

from .forms import Answers
from .sent_forms import shows_result


class Renewal(Answers):
    """A question before a secret is replaced, refused where somebody replaced it meanwhile.

    `kept_in` is the column that holds what is kept of the secret.
    """

    kept_in: ClassVar[str]
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def begin(self) -> dict[str, Any]:
        return {"seen": mark_of(getattr(self.row, self.kept_in))}


def shown_once(
    pages: Any, request: HttpRequest, row: Any, text: str, values: list[tuple[str, str]], **how: str
) -> HttpResponse:
    """Return the page that shows a secret: the answer itself, for it is kept nowhere.

    A message or a redirect would leave it in a session, a cookie or an address. Of `how` it is
    used, `command` tries it out in a shell and `guide` is the address that explains it.
    """
    back = pages.address_of(row)
    shows_result(request, back)
    context = {"title": str(row), "original": row, "headline": str(row), "back": back}
    context |= {"text": text, "values": values, **how}
    return mark_secret(pages.render_page(request, "admin/shown_once.html", context))
