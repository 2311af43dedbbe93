"""Forms of the back-office: they contain no business rules and show refusals of actions."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from config.errors import Refusal
from config.tenancy.ids import read_id

from .form_mixins import FreeText, KeepsUnseen

# The most characters of the earlier text that an error message repeats.
MOST_REPEATED = 500


class PageForm(KeepsUnseen, FreeText, forms.ModelForm):
    """The form of a row. `refused_at` maps fields of refusals to fields of the form."""

    actor: Any = None
    refused_at: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.remember_what_is_shown()


class Answers(FreeText, forms.Form):
    """The form of a button that needs more than a confirmation; `row` is the row to act on.

    `explains` has sentences on what will happen to this row, and `tables` the affected rows. If the
    form `is_blocked`, they say why, and the page has no submit button. `filled_in` names the fields
    that can be filled in by query parameters.
    """

    refused_at: ClassVar[dict[str, str]] = {}
    explains: Sequence[Any] = ()
    tables: Sequence[dict[str, Any]] = ()
    is_blocked = False
    filled_in: tuple[str, ...] = ()

    def __init__(self, row: Any, request: Any, *, is_sent: bool | None = None) -> None:
        self.row, self.actor = row, request.actor
        given = {name: request.GET[name] for name in self.filled_in if name in request.GET}
        is_sent = request.method == "POST" if is_sent is None else is_sent
        super().__init__(request.POST if is_sent else None, initial=self.begin() | given)
        self.prepare()

    def begin(self) -> dict[str, Any]:
        """Return the initial values of the fields."""
        return {}

    def prepare(self) -> None:
        """Adapt the fields to the row."""

    def answers(self) -> dict[str, Any]:
        """Return the values as arguments of the action."""
        return self.cleaned_data

    def why(self) -> str:
        """Return the given reason, "" if the form has no such field."""
        return self.cleaned_data.get("reason", "")


class Reason(forms.CharField):
    """The reason that staff give for a change of money or credit; the audit log records it."""

    def __init__(self, **kwargs: Any) -> None:
        defaults = {
            "label": gettext_lazy("Reason"),
            "max_length": 500,
            "help_text": gettext_lazy("Shown in the history."),
            "widget": UnfoldAdminTextInputWidget,
        }
        super().__init__(**defaults | kwargs)


class Explained(Answers):
    """A form with a reason that is not passed to the action, only recorded in the audit log."""

    reason = Reason()

    def answers(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "reason"}


class ComparesShown(forms.Form):
    """Ask again if the shown facts have changed since; a hidden field carries them."""

    @property
    def now_shown(self) -> str:
        """The current facts on one line, as the hidden field carries them."""
        return " ".join(" ".join(map(str, self.facts())).split())

    def facts(self) -> Sequence[Any]:
        """Return the facts that must not change before the form is sent."""
        return ()

    def was_shown(self) -> str | None:
        """Return the facts that the page showed, None if the form did not send them."""
        return self.data.get("shown")

    def clean(self) -> None:
        super().clean()
        was = self.was_shown()
        if was is not None and was != self.now_shown:
            text = _(
                "This has changed since the page was shown. The page said: “%(was)s” Read what it "
                "says now, and send it again."
            )
            self.add_error(None, text % {"was": Truncator(was).chars(MOST_REPEATED)})


class Compares(ComparesShown, Answers):
    """Ask again if `explains` has changed since the page was shown."""

    def facts(self) -> Sequence[Any]:
        return self.explains


class ManyAnswers(Answers):
    """The form of a button for many rows, asked once for all; its answers must be valid JSON.

    It counts as sent if the request has the token `once`. If it `is_reviewed`, a second page shows
    what the answers mean before the job starts.
    """

    is_reviewed: ClassVar[bool] = True

    def __init__(self, row: Any, request: Any) -> None:
        super().__init__(row, request, is_sent=bool(request.POST.get("once")))

    def review(self, count: int) -> Sequence[str]:
        """Return sentences on what the answers mean for this number of rows."""
        return ()


def refused(form: type[forms.ModelForm], refusal: Refusal) -> type[forms.ModelForm]:
    """Return a subclass of the form that is invalid because of a refusal of the action."""

    class Refused(form):  # type: ignore[misc, valid-type]
        def full_clean(self) -> None:
            super().full_clean()
            add_refusal(self, refusal)

    return Refused


def add_refusal(form: Any, refusal: Refusal) -> None:
    """Add a refusal as an error to the fields that it names, or else to the form as a whole."""
    names = getattr(form, "refused_at", {})
    given = {name.rpartition(".")[2]: text for name, text in refusal.fields.items()}
    fields = {names.get(name, name): text for name, text in given.items()}
    placed = {name: text for name, text in fields.items() if name in form.fields}
    for name, text in placed.items():
        form.add_error(name, text)
    if not placed:
        form.add_error(None, str(refusal))


class Picker(AutocompleteSelect):
    """An autocomplete select that ignores values which are no ids; the field refuses them.

    `known` is the chosen row, if the form has read it already.
    """

    known: Any = None

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        if self.known and [str(self.known.pk)] == [str(one) for one in value]:
            text = self.choices.field.label_from_instance(self.known)
            none = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
            return [(None, [*none, self.create_option(name, self.known.pk, text, True, 1)], 0)]
        return super().optgroups(name, [one for one in value if read_id("", str(one))], attrs)
