"""Refusals: the exceptions that actions raise when a rule forbids what was asked.

A refusal has a public `code`, one sentence for the person who asked, and a kind. Each API surface
turns the kind into a status (config.api.errors); the admin and commands show the sentence.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Refusal(Exception):
    """The base class of all refusals.

    A subclass declares its `code`, `class Expired(Conflict, code="expired")`: it is public, and
    names the page that `doc_url` opens. `message` is the default sentence. `field` names the field
    of the domain that the refusal is about, if it is always the same one; `fields` maps each field
    to its own sentence. `details` are facts for a program, which v1 shows beside the message.
    """

    code: ClassVar[str] = "refused"
    message: ClassVar["StrOrPromise"] = _("This cannot be done.")
    advice: ClassVar[str] = "Read the message: it names what to change."
    field: ClassVar[str] = ""
    # Only staff can cause it, although the API calls the action that raises it.
    is_for_staff: ClassVar[bool] = False

    def __init_subclass__(cls, *, code: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.code = code or cls.code

    def __init__(
        self,
        message: "StrOrPromise | None" = None,
        *,
        field: str = "",
        fields: "Mapping[str, StrOrPromise] | None" = None,
        details: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        # Translated here, in the language of the person who asked.
        self.text = str(message or self.message)
        if fields is None:
            name = field or self.field
            fields = {name: self.text} if name else {}
        self.fields = {name: str(text) for name, text in fields.items()}
        self.details = details
        self.also: tuple[Refusal, ...] = ()
        super().__init__(self.text)

    def with_others(self, *others: "Refusal") -> Self:
        """Return this refusal with others attached, so that all are reported at once."""
        self.also = others
        return self

    @classmethod
    def at(cls, field: str, sentence: str) -> Self:
        """Return the refusal of one field, whose message begins with the name of the field."""
        return cls(f"{field}: {sentence}", fields={field: sentence})

    def __str__(self) -> str:
        return self.text


def every_refusal() -> list[type[Refusal]]:
    """Return all classes of refusals, base classes first."""
    found: list[type[Refusal]] = [Refusal]
    for refusal in found:
        found += refusal.__subclasses__()
    return found


class Conflict(Refusal, code="conflict"):
    """The request is valid, but the state of the record forbids it."""

    message = _("The record is in another state than this needs.")
    advice = "Read the record again and decide anew; the message says what stands against it."


class Invalid(Refusal, code="invalid"):
    """The request contains a value that is not valid."""

    message = _("A field has a value that is not valid.")
    advice = "Send a value that the message allows. The answer names every field that is wrong."


class Misuse(Refusal, code="bad_request"):
    """The request has no effect in this state, such as archiving an archived record."""


class Outdated(Conflict, code="outdated"):
    """The request is based on an earlier state of the record."""

    message = _("The record has changed since it was read.")
    advice = "Read the record again and decide anew."
