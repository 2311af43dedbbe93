"""Forms of the back-office: they hold no rule, and show what an action refused."""

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

# How much of what a page said is repeated, in characters.
MOST_REPEATED = 500


class PageForm(KeepsUnseen, FreeText, forms.ModelForm):
    """A row's fields. `refused_at` maps the field of a refusal to the field of the form."""

    actor: Any = None
    refused_at: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.remember_what_is_shown()


class Answers(FreeText, forms.Form):
    """The form of a button that asks for more than confirmation; `row` is what it acts on.

    `explains` has sentences on what will happen, where the button cannot know, and `tables` the
    rows that it is about. If it `is_blocked`, they say what stands in the way, and the page has no
    button to press. `filled_in` names the fields that the page's address may fill in.
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
        """Return what the fields hold at first."""
        return {}

    def prepare(self) -> None:
        """Fit the fields to the row."""

    def answers(self) -> dict[str, Any]:
        """Return the answers as the action takes them."""
        return self.cleaned_data

    def why(self) -> str:
        """Return the reason that was given, "" where none is asked for."""
        return self.cleaned_data.get("reason", "")


class Reason(forms.CharField):
    """Why: staff say so whenever money or credit moves, and it is kept with what they did."""

    def __init__(self, **kwargs: Any) -> None:
        defaults = {
            "label": gettext_lazy("Reason"),
            "max_length": 500,
            "help_text": gettext_lazy("Shown in the history."),
            "widget": UnfoldAdminTextInputWidget,
        }
        super().__init__(**defaults | kwargs)


class Explained(Answers):
    """Asks for the reason of what its action has no place for: the record of changes keeps it."""

    reason = Reason()

    def answers(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "reason"}


class ComparesShown(forms.Form):
    """Asks again if what the page said has changed since it was shown; the form carries it."""

    @property
    def now_shown(self) -> str:
        """The facts on one line, as a hidden field of the form carries them."""
        return " ".join(" ".join(map(str, self.facts())).split())

    def facts(self) -> Sequence[Any]:
        """Return what must not have changed when the form is sent."""
        return ()

    def was_shown(self) -> str | None:
        """Return what the page said, None where the form does not say."""
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
    """Asks again if what it explains has changed since the page was shown, and says what it was."""

    def facts(self) -> Sequence[Any]:
        return self.explains


class ManyAnswers(Answers):
    """The form of a button that acts on many rows and asks once; its answers are JSON.

    It is sent once it carries what keeps it from being sent twice. Where it `is_reviewed`, a
    second page says what the answers mean before anything is done.
    """

    is_reviewed: ClassVar[bool] = True

    def __init__(self, row: Any, request: Any) -> None:
        super().__init__(row, request, is_sent=bool(request.POST.get("once")))

    def review(self, count: int) -> Sequence[str]:
        """Return sentences on what the answers mean for so many rows."""
        return ()


def refused(form: type[forms.ModelForm], refusal: Refusal) -> type[forms.ModelForm]:
    """Return the form as one that is not valid, since the action refused what was sent."""

    class Refused(form):  # type: ignore[misc, valid-type]
        def full_clean(self) -> None:
            super().full_clean()
            add_refusal(self, refusal)

    return Refused


def add_refusal(form: Any, refusal: Refusal) -> None:
    """Write a refusal at the fields that it is about, or else above the form."""
    names = getattr(form, "refused_at", {})
    given = {name.rpartition(".")[2]: text for name, text in refusal.fields.items()}
    fields = {names.get(name, name): text for name, text in given.items()}
    placed = {name: text for name, text in fields.items() if name in form.fields}
    for name, text in placed.items():
        form.add_error(name, text)
    if not placed:
        form.add_error(None, str(refusal))


class Picker(AutocompleteSelect):
    """Looks rows up as one types; what is no id at all is left to the field to refuse.

    `known` is the row that is picked, where its form has read it already.
    """

    known: Any = None

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        if self.known and [str(self.known.pk)] == [str(one) for one in value]:
            text = self.choices.field.label_from_instance(self.known)
            none = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
            return [(None, [*none, self.create_option(name, self.known.pk, text, True, 1)], 0)]
        return super().optgroups(name, [one for one in value if read_id("", str(one))], attrs)
