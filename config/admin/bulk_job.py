"""The job of a bulk action: each row in a savepoint, and a report of all rows."""

from collections.abc import Iterator
from itertools import batched
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin.buttons import Button
from config.errors import Refusal
from config.jobs.kinds import job_kind
from config.jobs.models import JobRefusal
from config.jobs.work import Work
from config.spreadsheets import BYTE_ORDER_MARK, csv_line, guard
from config.tenancy.authors import because

ROWS_IN_A_STEP = 25
LINES_AT_ONCE = 500
MOST_NAMED = 100


@job_kind(
    "bulk",
    label=gettext_lazy("Many rows at once"),
    counts={"done": gettext_lazy("done"), "refused": gettext_lazy("refused")},
    resumes=True,
    template="admin/bulk/report.html",
)
def press_for_many(work: Work) -> dict[str, int]:
    """Run the action of a button on the chosen rows, in the order of the list."""
    pages, button, request = _asked(work)
    keys: list[str] = work.parameters["ids"]
    work.total = len(keys)
    for some in batched(keys[work.done :], ROWS_IN_A_STEP):
        with work.step():
            done = list(_pressed(work, pages, button, request, some))
            named = work.kept.setdefault("named", [])
            named += [[str(row), pages.address_of(row)] for row in done]
            del named[MOST_NAMED:]
            work.done += len(some)
    _write_report(work, pages, button, request)
    return {"done": work.done - work.refused, "refused": work.refused}


def _asked(work: Work) -> tuple[Any, Button, Any]:
    """Return the ModelAdmin, its button, and a request by the user who started the job."""
    pages: Any = admin.site.get_model_admin(apps.get_model(work.parameters["model"]))
    (button,) = (one for one in pages.buttons if one.name == work.parameters["button"])
    request: Any = HttpRequest()
    request.actor, request.user, request.company = work.actor, work.job.staff, work.company
    return pages, button, request


def _pressed(
    work: Work, pages: Any, button: Button, request: Any, keys: tuple[str, ...]
) -> Iterator[Any]:
    """Run the action on some rows; yield those that it succeeded for."""
    if reason := work.parameters["answers"].get("reason"):
        because(reason)
    rows = _rows(pages, request, keys)
    for key in keys:
        if key not in rows:
            work.refuse(key, _("This row no longer exists."))
            continue
        row = rows[key]
        try:
            with transaction.atomic():
                button.act(row, **work.parameters["answers"], actor=work.actor)
        except Refusal as refusal:
            work.refuse(str(row), str(refusal), pages.address_of(row))
        else:
            yield row


def _write_report(work: Work, pages: Any, button: Button, request: Any) -> None:
    """Write the result of each row into a CSV file."""
    with work.writing(_("report") + ".csv", "text/csv; charset=utf-8") as out:
        head = (pages.singular, _("what came of it"), _("why"))
        out.write(BYTE_ORDER_MARK + csv_line([str(capfirst(one)) for one in head]))
        for keys in batched(work.parameters["ids"], LINES_AT_ONCE):
            with work.reading():
                rows = _rows(pages, request, keys)
                refusals = JobRefusal.objects.visible_to(work.actor).filter(job=work.job)
                ways = [pages.address_of(row) for row in rows.values()]
                known = refusals.filter(address__in=ways).values_list("address", "why")
                why = dict(known)
                lines = [(str(row), why.get(pages.address_of(row), "")) for row in rows.values()]
            for name, reason in lines:
                came = _("refused") if reason else str(button.done)
                out.write(csv_line([guard(name), came, guard(reason)]))


def _rows(pages: Any, request: Any, keys: tuple[str, ...]) -> dict[str, Any]:
    return {str(row.pk): row for row in pages.get_queryset(request).filter(pk__in=keys)}
