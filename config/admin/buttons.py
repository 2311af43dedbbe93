"""What staff do to a row besides editing its fields: archive, restore, pause, suspend."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.errors import Refusal

from .forms import Answers

MOST_NAMES = 5


@dataclass(frozen=True)
class Button:
    """An action on one row: on the row's page behind a question, and on a list for many rows.

    `act` is called as `act(row, actor=…)`; `fits` says whether the row's page offers it, which is
    no rule, since the action refuses for itself; `done` is what the row then is, "archived"; `asks`
    explains what will happen. A button that is not for `many` stands on the row's page only. What
    its `form` asks for besides, `act` is given by name.
    """

    name: str
    label: Any
    done: Any
    asks: Any
    act: Callable[..., Any]
    fits: Callable[[Any], bool]
    icon: str
    danger: bool = False
    many: bool = True
    form: Callable[..., Answers] | None = None

    def press(self, request: Any, row: Any, answers: dict[str, Any]) -> Any:
        """Act on a row and note it in its history; raises what the action refuses."""
        with transaction.atomic():
            result = self.act(row, **answers, actor=request.actor)
            note(request, [row], self)
        return result

    def for_list(self) -> Callable[..., None]:
        """Return the function that a list calls for its chosen rows."""

        def press_all(pages: Any, request: HttpRequest, rows: Any) -> None:
            press_each(self, request, rows)

        press_all.__name__ = self.name
        press_all.short_description = self.label  # type: ignore[attr-defined]
        press_all.allowed_permissions = ("act",)  # type: ignore[attr-defined]
        return press_all


def archiving(archive: Any, restore: Any, asks: Any) -> tuple[Button, Button]:
    """Return the buttons that archive and restore; `asks` says what archiving means."""
    return (
        Button(
            name="archive",
            label=gettext_lazy("Archive"),
            done=gettext_lazy("archived"),
            asks=asks,
            act=archive,
            fits=lambda row: not row.is_archived,
            icon="archive",
        ),
        Button(
            name="restore",
            label=gettext_lazy("Restore"),
            done=gettext_lazy("restored"),
            asks=gettext_lazy("Everything comes back as it was."),
            act=restore,
            fits=lambda row: row.is_archived,
            icon="unarchive",
        ),
    )


def note(request: Any, rows: list[Any], button: Button) -> None:
    """Write into the history of rows what was done to them."""
    LogEntry.objects.log_actions(
        request.user.pk, rows, CHANGE, capfirst(str(button.done)) + ".", single_object=False
    )


def press_each(button: Button, request: Any, rows: Any) -> None:
    """Act on rows one by one, each in a savepoint of its own, and report what came of it."""
    done: list[Any] = []
    refused: dict[str, list[str]] = {}
    for row in rows.iterator(chunk_size=500):
        try:
            with transaction.atomic():
                button.act(row, actor=request.actor)
            done.append(row)
        except Refusal as refusal:
            refused.setdefault(str(refusal), []).append(str(row))
    if done:
        note(request, done, button)
    level = messages.WARNING if done else messages.ERROR
    messages.add_message(
        request, level if refused else messages.SUCCESS, report(button, len(done), refused)
    )


def report(button: Button, done: int, refused: dict[str, list[str]]) -> str:
    """Say "7 archived, 1 refused: This customer is archived already (Ana Diaz)."."""
    text = _("%(count)d %(done)s") % {"count": done, "done": button.done}
    if not refused:
        return text + "."
    count = sum(map(len, refused.values()))
    reasons = "; ".join(
        f"{sentence.rstrip('.')} ({_named(names)})" for sentence, names in refused.items()
    )
    return _("%(text)s, %(count)d refused: %(reasons)s.") % {
        "text": text,
        "count": count,
        "reasons": reasons,
    }


def _named(names: list[str]) -> str:
    shown, left = names[:MOST_NAMES], len(names) - MOST_NAMES
    if left <= 0:
        return ", ".join(shown)
    more = ngettext("%(count)d more", "%(count)d more", left) % {"count": left}
    return ", ".join([*shown, more])
