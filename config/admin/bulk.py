"""Doing something to many rows of a list: what will happen is shown first, then it is done."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import ActionLocation
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from config.access.ids import new_id, read_id
from config.errors import Refusal

from .buttons import Button
from .forms import ManyAnswers, tell
from .tables import page_name

MOST_AT_ONCE = 10_000
MOST_NAMED = 100


@dataclass(frozen=True)
class Fate:
    """What will come of one row: nothing, for a reason, or what the button does."""

    name: str
    address: str
    why: str


class Undone(Exception):
    """Raised where something was only tried."""


class Bulk:
    """The buttons that a list has for many rows."""

    admin_site: Any
    opts: Any
    buttons: tuple[Button, ...]

    def many_urls(self) -> list[Any]:
        return [
            path(
                f"many/{button.name}/",
                self.admin_site.admin_view(partial(self.many_view, button=button)),
                name=self._many_name(button),
            )
            for button in self.buttons
            if button.many
        ]

    def _many_name(self, button: Button) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_many_{button.name}"

    @property
    def _permission(self) -> str:
        return f"{self.opts.app_label}.bulk_{self.opts.model_name}"

    def has_bulk_permission(self, request: Any) -> bool:
        """Whether somebody may press buttons for many rows at once."""
        return request.user.has_perm(self._permission)

    def may_press(self, request: Any, button: Button) -> bool:
        if not self.has_bulk_permission(request):
            return False
        return not button.permission or request.user.has_perm(button.permission)

    def get_actions(
        self, request: HttpRequest, action_location: ActionLocation = ActionLocation.CHANGE_LIST
    ) -> dict[str, Any]:
        """Offer the buttons that somebody may press."""
        given = super().get_actions(request, action_location)  # type: ignore[misc]
        barred = {one.name for one in self.buttons if not self.may_press(request, one)}
        return {name: action for name, action in given.items() if name not in barred}

    def choose(self, request: Any, button: Button, rows: Any) -> HttpResponse:
        """Take what was chosen in the list, and ask whether it is meant."""
        keys = [str(key) for key in rows.values_list("pk", flat=True)[: MOST_AT_ONCE + 1]]
        return self._ask_many(request, button, keys)

    def many_view(self, request: Any, button: Button) -> HttpResponse:
        """Ask again until the answers are good, say what they mean, and have it done, once."""
        if not self.may_press(request, button):
            raise PermissionDenied
        given = request.POST.get("ids", "").split(",")
        keys = [str(key) for key in (read_id("", one) for one in given) if key]
        if request.method != "POST":
            return HttpResponseRedirect(reverse(page_name(self.opts.model, "changelist")))
        return self._ask_many(request, button, keys, once=request.POST.get("once", ""))

    def _ask_many(
        self, request: Any, button: Button, keys: list[str], once: str = ""
    ) -> HttpResponse:
        listed = HttpResponseRedirect(reverse(page_name(self.opts.model, "changelist")))
        if not keys:
            messages.error(request, _("Nothing is chosen. Tick the rows that you mean first."))
            return listed
        if len(keys) > MOST_AT_ONCE:
            sentence = _("That is more than %(most)s at once. Narrow the list with filters first.")
            messages.error(request, sentence % {"most": f"{MOST_AT_ONCE:,}"})
            return listed
        form = button.many_form(None, request) if button.many_form else None
        named = self._named(request, keys)
        is_good = bool(once) and (form is None or form.is_valid())
        if is_good and form and (refusal := self._refused(button, named, form.answers(), request)):
            tell(form, refusal)
            is_good = False
        if is_good and "sure" in request.POST:
            return self._start(request, button, keys, form, once)
        fates = [self._fate(button, row, request) for row in named]
        return self._show_many(request, button, keys, fates, form, is_good, once)

    def _start(
        self, request: Any, button: Button, keys: list[str], form: ManyAnswers | None, once: str
    ) -> HttpResponse:
        from config.jobs.actions import start_job
        from config.jobs.admin import job_page

        job = start_job(
            "bulk",
            {
                "model": self.opts.label,
                "button": button.name,
                "ids": keys,
                "answers": form.answers() if form else {},
            },
            actor=request.actor,
            title=self._title(button, len(keys)),
            permission=self._permission,
            once=once[:100],
        )
        return HttpResponseRedirect(job_page(job))

    def _show_many(
        self,
        request: Any,
        button: Button,
        keys: list[str],
        fates: list[Fate],
        form: ManyAnswers | None,
        is_good: bool,
        once: str,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": self._title(button, len(keys)),
            "opts": self.opts,
            "button": button,
            "fates": fates,
            "fine": sum(not fate.why for fate in fates),
            "more": len(keys) - len(fates),
            "form": None if is_good else form,
            "answers": form if is_good else None,
            "review": form.review(len(keys)) if form and is_good else (),
            "is_last": form is None or is_good,
            "ids": ",".join(keys),
            "once": once or str(new_id()),
            "action": reverse(f"{self.admin_site.name}:{self._many_name(button)}"),
            "media": self.media + form.media if form else "",  # type: ignore[attr-defined]
            "back": reverse(page_name(self.opts.model, "changelist")),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/bulk/ask.html", context)

    def _title(self, button: Button, count: int) -> str:
        names = self.opts.verbose_name if count == 1 else self.opts.verbose_name_plural
        return _("%(what)s: %(count)s %(names)s") % {
            "what": button.label,
            "count": f"{count:,}",
            "names": names,
        }

    def _named(self, request: Any, keys: list[str]) -> list[Any]:
        """Return the first rows, in the order in which they were listed."""
        few = keys[:MOST_NAMED]
        rows = self.get_queryset(request).filter(pk__in=few)  # type: ignore[attr-defined]
        return sorted(rows, key=lambda row: few.index(str(row.pk)))

    def _fate(self, button: Button, row: Any, request: Any) -> Fate:
        """Return what will come of a row; where it does not fit, try it to learn why."""
        refusal = None if button.fits(row) else _tried(button.check or button.act, row, {}, request)
        address = self.address_of(row)  # type: ignore[attr-defined]
        return Fate(str(row), address, str(refusal or ""))

    def _refused(
        self, button: Button, rows: list[Any], answers: dict[str, Any], request: Any
    ) -> Refusal | None:
        """Return why not even the first row that fits could be done with these answers."""
        fitting = next((row for row in rows if button.fits(row)), None)
        return fitting and _tried(button.act, fitting, answers, request)


def _tried(act: Any, row: Any, answers: dict[str, Any], request: Any) -> Refusal | None:
    """Return what an action would refuse, and leave everything as it was."""
    try:
        with transaction.atomic():
            act(row, **answers, actor=request.actor)
            raise Undone
    except Refusal as refusal:
        return refusal
    except Undone:
        return None
