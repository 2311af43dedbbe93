"""Bulk actions of a list: a page shows the planned results, then a background job runs them."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import ActionLocation
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from config.errors import Refusal
from config.tenancy.ids import new_id, read_id

from .buttons import Button
from .forms import ManyAnswers, add_refusal
from .lists import Lists
from .tables import page_name

MOST_AT_ONCE = 10_000
MOST_NAMED = 100


@dataclass(frozen=True)
class Fate:
    """The planned outcome of a bulk action for one row.

    `why` is the reason why the row will be skipped, "" if it will not; `note` warns staff.
    """

    name: str
    address: str
    why: str
    note: str


class Bulk(Lists):
    """The bulk actions of a list: its buttons with `many`."""

    buttons: tuple[Button, ...]
    permission: Any
    render_page: Any

    def many_urls(self) -> list[Any]:
        return [
            self.page_at(
                f"many/{one.name}/", partial(self.many_view, button=one), f"many_{one.name}"
            )
            for one in self.buttons
            if one.many
        ]

    def has_bulk_permission(self, request: Any) -> bool:
        """Return whether the staff member may run bulk actions."""
        return request.user.has_perm(self.permission("bulk"))

    def may_press(self, request: Any, button: Button) -> bool:
        if not self.has_bulk_permission(request):
            return False
        return not button.permission or request.user.has_perm(button.permission)

    def get_actions(
        self, request: HttpRequest, action_location: ActionLocation = ActionLocation.CHANGE_LIST
    ) -> dict[str, Any]:
        """Offer the buttons that the staff member may press."""
        given = super().get_actions(request, action_location)
        barred = {one.name for one in self.buttons if not self.may_press(request, one)}
        return {name: action for name, action in given.items() if name not in barred}

    def choose(self, request: Any, button: Button, rows: Any) -> HttpResponse:
        """Take the rows that were ticked in the list, and ask for confirmation."""
        keys = [str(key) for key in rows.values_list("pk", flat=True)[: MOST_AT_ONCE + 1]]
        return self._ask_many(request, button, keys)

    def many_view(self, request: Any, button: Button) -> HttpResponse:
        """Ask until the answers are valid, show their effect, and start the job once."""
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
            messages.error(request, _("No rows are selected. Select rows first."))
            return listed
        if len(keys) > MOST_AT_ONCE:
            sentence = _("That is more than %(most)s at once. Narrow the list with filters first.")
            messages.error(request, sentence % {"most": f"{MOST_AT_ONCE:,}"})
            return listed
        form = button.many_form(None, request) if button.many_form else None
        named = self._named(request, keys)
        is_good = bool(once) and (form is None or form.is_valid())
        if is_good and form and (refusal := self._refused(button, named, form.answers(), request)):
            add_refusal(form, refusal)
            is_good = False
        if is_good and "sure" in request.POST:
            return self._start(request, button, keys, form, once)
        notes = button.notes(named, request.actor) if button.notes else {}
        fates = [self._fate(button, row, notes.get(row.pk, ""), request) for row in named]
        context = {
            "title": self._title(button, len(keys)),
            "button": button,
            "fates": fates,
            "fine": sum(not fate.why for fate in fates),
            "more": len(keys) - len(fates),
            "form": None if is_good else form,
            "answers": form if is_good else None,
            "review": form.review(len(keys)) if form and is_good else (),
            "is_last": form is None or is_good or not form.is_reviewed,
            "ids": ",".join(keys),
            "once": once or str(new_id()),
            "action": reverse(page_name(self.opts.model, f"many_{button.name}")),
            "media": self.media + form.media if form else "",
            "back": reverse(page_name(self.opts.model, "changelist")),
        }
        return self.render_page(request, "admin/bulk/ask.html", context)

    def _start(
        self, request: Any, button: Button, keys: list[str], form: ManyAnswers | None, once: str
    ) -> HttpResponse:
        from config.jobs.actions import start_job

        from .job_pages import job_page

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
            permission=self.permission("bulk"),
            once=once[:100],
        )
        return HttpResponseRedirect(job_page(job))

    def _title(self, button: Button, count: int) -> str:
        names = self.singular if count == 1 else self.plural
        return _("%(what)s: %(count)s %(names)s") % {
            "what": button.label,
            "count": f"{count:,}",
            "names": names,
        }

    def _named(self, request: Any, keys: list[str]) -> list[Any]:
        """Return the first MOST_NAMED rows, in the order of the list."""
        few = keys[:MOST_NAMED]
        rows = self.get_queryset(request).filter(pk__in=few)
        return sorted(rows, key=lambda row: few.index(str(row.pk)))

    def _fate(self, button: Button, row: Any, note: str, request: Any) -> Fate:
        """Return the planned outcome for a row; try a button that is not offered, to learn why."""
        act = button.check or button.act
        refusal = None if button.is_offered(row) else _tried(act, row, {}, request)
        address = self.address_of(row)
        return Fate(str(row), address, str(refusal or ""), note)

    def _refused(
        self, button: Button, rows: list[Any], answers: dict[str, Any], request: Any
    ) -> Refusal | None:
        """Return the refusal of these answers for the first row that the button is offered for."""
        fitting = next((row for row in rows if button.is_offered(row)), None)
        return fitting and _tried(button.act, fitting, answers, request)


def _tried(act: Any, row: Any, answers: dict[str, Any], request: Any) -> Refusal | None:
    """Run an action, roll it back, and return its refusal, if any."""
    try:
        with transaction.atomic():
            act(row, **answers, actor=request.actor)
            transaction.set_rollback(True)
    except Refusal as refusal:
        return refusal
    return None
