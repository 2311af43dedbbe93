"""Buttons: actions on a row other than editing, such as archive, restore, pause and suspend."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from config.errors import Refusal
from config.tenancy.archiving import archive_row, restore_row
from config.tenancy.authors import because

from .form_mixins import KeepsUnseen
from .forms import Answers, ManyAnswers
from .sentences import sentence

RESTORING = gettext_lazy("It can be used and changed again.")


@dataclass(frozen=True, kw_only=True)
class Button:
    """An action on the page of a row, which asks for confirmation, and on a list for many rows.

    `act`: the action, called as `act(row, actor=…)` with the form's answers as more arguments.
    `is_available`: whether to offer the button for a row; it is no rule, the action checks itself.
    `done`: a participle for the report, "archived". `confirm_text`: explains what will happen.
    `many`, `one`: whether the button is on the list, and on the page of a row.
    `form`, `many_form`: ask for more input, for one row or for many.
    `check`: raises the refusal for a row, if `act` cannot be tried without answers.
    `permission`: is needed instead of "change" for one row, and in addition to "bulk" for many.
    `ends`: the button is also offered for rows of archived customers.
    `notes`: returns a note on each of many rows, by primary key, for the confirmation page.
    `rehearses`: try `act` and roll it back before the page asks, to show a refusal at once.
    `asks`, `says`: the question before and the sentence after, with the words of `RowWords`.
    """

    name: str
    label: Any
    done: Any
    act: Callable[..., Any]
    icon: str
    confirm_text: Any = ""
    is_available: Callable[[Any], bool] = lambda row: True
    danger: bool = False
    many: bool = True
    one: bool = True
    form: Callable[..., Answers] | None = None
    many_form: Callable[..., ManyAnswers] | None = None
    check: Callable[..., Any] | None = None
    permission: str = ""
    ends: bool = False
    rehearses: bool = False
    notes: Callable[..., dict[Any, str]] | None = None
    says: Any = ""
    asks: Any = ""

    @property
    def compares(self) -> bool:
        """Whether its form compares the values that the user saw with the current ones."""
        return isinstance(self.form, type) and issubclass(self.form, KeepsUnseen)

    def is_offered(self, row: Any) -> bool:
        """Whether to offer the button for a row as it is now."""
        customer = getattr(row, "customer", None)
        return self.is_available(row) and (
            self.ends or customer is None or not customer.is_archived
        )

    def question_of(self, row: Any) -> str:
        """Return the title of the page that asks for confirmation."""
        return sentence(self.asks, row) if self.asks else f"{self.label}: {row}"

    def said_of(self, row: Any) -> str:
        """Return the message after the action."""
        return sentence(self.says, row) if self.says else f"{row}: {self.done}."

    def press(self, request: Any, row: Any, answers: dict[str, Any], why: str = "") -> Any:
        """Run the action on a row; raises its refusal.

        `why` is recorded as the reason of all changes that the action makes.
        """
        with transaction.atomic():
            if why:
                because(why)
            return self.act(row, **answers, actor=request.actor)

    def rehearse(self, request: Any, row: Any) -> Refusal | None:
        """Return the refusal that the action would raise now, by trying it on a copy of the row."""
        if not self.rehearses:
            return None
        try:
            with transaction.atomic():
                self.act(copy(row), actor=request.actor)
                transaction.set_rollback(True)
        except Refusal as refusal:
            return refusal
        return None

    def for_list(self) -> Callable[..., Any]:
        """Return the admin action that a list calls with the chosen rows."""

        def choose(pages: Any, request: HttpRequest, rows: Any) -> Any:
            return pages.choose(request, self, rows)

        choose.__name__ = self.name
        choose.short_description = self.label  # type: ignore[attr-defined]
        choose.allowed_permissions = ("bulk",)  # type: ignore[attr-defined]
        return choose


def archive_button(act: Any, confirm_text: Any, **options: Any) -> Button:
    """Return the button that archives a row; `confirm_text` says what archiving means."""
    return Button(
        name="archive",
        label=gettext_lazy("Archive"),
        done=gettext_lazy("archived"),
        confirm_text=confirm_text,
        act=act,
        is_available=lambda row: not row.is_archived,
        icon="archive",
        asks=gettext_lazy("Archive %(name)s?"),
        says=gettext_lazy("%(name)s archived."),
        **options,
    )


def restore_button(act: Any, confirm_text: Any = RESTORING, **options: Any) -> Button:
    """Return the button that restores a row; `confirm_text` says what restoring means."""
    return Button(
        name="restore",
        label=gettext_lazy("Restore"),
        done=gettext_lazy("restored"),
        confirm_text=confirm_text,
        act=act,
        is_available=lambda row: row.is_archived,
        icon="unarchive",
        asks=gettext_lazy("Restore %(name)s?"),
        says=gettext_lazy("%(name)s restored."),
        rehearses="form" not in options,
        **options,
    )


def archiving(
    confirm_text: Any, archive: Any = archive_row, restore: Any = restore_row, **options: Any
) -> tuple[Button, Button]:
    """Return the buttons that archive and restore; `confirm_text` says what archiving means."""
    return archive_button(archive, confirm_text, **options), restore_button(restore, **options)
