"""The names of pages, and the messages after an action."""

import datetime
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from config.times import show_moment

from .tables import page_name


class RowWords:
    """The placeholders of a message: %(name)s is the row, %(plan)s its attribute `plan`."""

    def __init__(self, row: Any) -> None:
        self.row = row

    def __getitem__(self, word: str) -> str:
        value = self.row if word == "name" else getattr(self.row, word)
        return show_moment(value) if isinstance(value, datetime.datetime) else str(value)


def sentence(text: Any, row: Any) -> str:
    """Fill in the placeholders of a message from a row."""
    return str(text) % RowWords(row)


class Named(ModelAdmin):
    """Pages whose names can differ from those of the model, if staff use another word.

    `called` is the singular and the plural, by default those of the model. `adds` is the title of
    the form for a new row and of the link to it. `added_says` and `saved_says` are the messages
    after a row was added or saved; their placeholders are those of `RowWords`.
    """

    called: ClassVar[tuple[Any, Any] | None] = None
    adds: Any = ""
    added_says: Any = gettext_lazy("%(name)s added.")
    saved_says: Any = gettext_lazy("Changes to %(name)s saved.")

    @property
    def singular(self) -> Any:
        return self.called[0] if self.called else self.opts.verbose_name

    @property
    def plural(self) -> Any:
        return self.called[1] if self.called else self.opts.verbose_name_plural

    @property
    def new_title(self) -> str:
        """Return the title of the form for a new row."""
        return str(self.adds or gettext_lazy("New %(name)s") % {"name": self.singular})

    @property
    def list_title(self) -> str:
        return capfirst(str(self.plural))

    def title_of(self, row: Any) -> str:
        """Return the title of a row's page."""
        return str(row)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: Any = None
    ) -> HttpResponse:
        """Add the message that the row was added, and redirect."""
        messages.success(request, sentence(self.added_says, obj))
        return self._after(request, obj) or self.response_post_save_add(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Add the message that the row was saved, and redirect."""
        messages.success(request, sentence(self.saved_says, obj))
        return self._after(request, obj) or self.response_post_save_change(request, obj)

    def _after(self, request: HttpRequest, row: Any) -> HttpResponse | None:
        """Return the redirect of "Save and continue" or "Save and add another", None for "Save"."""
        if "_continue" in request.POST:
            address = reverse(page_name(row, "change"), args=[row.pk])
        elif "_addanother" in request.POST:
            address = reverse(page_name(row, "add"))
        else:
            return None
        kept = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        return HttpResponseRedirect(str(add_preserved_filters(kept, address)))
