from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse

from config.browser_policies import mark_secret
from config.tenancy.secrets import mark_of

from .forms import Answers
from .sent_forms import shows_result


class Renewal(Answers):
    """The form that confirms a new secret; it is refused if somebody replaced the secret meanwhile.

    `kept_in` is the column with the hash of the secret.
    """

    kept_in: ClassVar[str]
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def begin(self) -> dict[str, Any]:
        return {"seen": mark_of(getattr(self.row, self.kept_in))}


def shown_once(
    pages: Any, request: HttpRequest, row: Any, text: str, values: list[tuple[str, str]], **how: str
) -> HttpResponse:
    """Return the page that shows a new secret; the secret itself is stored nowhere.

    The response shows it directly: a message or redirect would leave it in a session, a cookie or
    an address. `how` may have `command`, a shell command that uses the secret, and `guide`, the
    address of a page that explains it.
    """
    back = pages.address_of(row)
    shows_result(request, back)
    context = {"title": str(row), "original": row, "headline": str(row), "back": back}
    context |= {"text": text, "values": values, **how}
    return mark_secret(pages.render_page(request, "admin/shown_once.html", context))
