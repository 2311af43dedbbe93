"""What staff do to a row besides editing its fields: archive, restore, pause, suspend."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from config.changes.context import because

from .forms import Answers, ManyAnswers


@dataclass(frozen=True)
class Button:
    """An action on one row: on the row's page behind a question, and on a list for many rows.

    `act` is called as `act(row, actor=…)`; `fits` says whether the row's page offers it, which is
    no rule, since the action refuses for itself; `done` is what the row then is, "archived"; `asks`
    explains what will happen. A button that is not for `many` stands on the row's page only, one
    that is not for `one` on the list only. What its `form` or, for many rows, its `many_form` asks
    for besides, `act` is given by name. `check` raises what keeps the act from a row, where the act
    itself cannot be tried without answers; `permission` is what one must be allowed: for one row
    instead of changing it, for many besides acting on many.
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
    one: bool = True
    form: Callable[..., Answers] | None = None
    many_form: Callable[..., ManyAnswers] | None = None
    check: Callable[..., Any] | None = None
    permission: str = ""

    def press(self, request: Any, row: Any, answers: dict[str, Any], why: str = "") -> Any:
        """Act on a row; raises what the action refuses.

        `why` is kept with every change that comes of it.
        """
        with transaction.atomic():
            if why:
                because(why)
            return self.act(row, **answers, actor=request.actor)

    def for_list(self) -> Callable[..., Any]:
        """Return the function that a list calls for its chosen rows."""

        def choose(pages: Any, request: HttpRequest, rows: Any) -> Any:
            return pages.choose(request, self, rows)

        choose.__name__ = self.name
        choose.short_description = self.label  # type: ignore[attr-defined]
        choose.allowed_permissions = ("bulk",)  # type: ignore[attr-defined]
        return choose


def archiving(archive: Any, restore: Any, asks: Any, permission: str = "") -> tuple[Button, Button]:
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
            permission=permission,
        ),
        Button(
            name="restore",
            label=gettext_lazy("Restore"),
            done=gettext_lazy("restored"),
            asks=gettext_lazy("Everything comes back as it was."),
            act=restore,
            fits=lambda row: row.is_archived,
            icon="unarchive",
            permission=permission,
        ),
    )
