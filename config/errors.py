"""The refusals of the software: what a rule says when it says no.

A refusal has a public `code`, one sentence for the person who asked, and a kind; a door turns
the kind into its own status (config.api.errors), the admin and commands show the sentence.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Refusal(Exception):
    """Base of every "no" that a rule can give.

    `code` is public and stable (it names the page that `doc_url` opens), `message` is the default
    sentence, `fields` says which of the domain's fields it is about.
    """

    code: ClassVar[str] = "refused"
    message: ClassVar["StrOrPromise"] = _("This cannot be done.")
    advice: ClassVar[str] = "Read the message: it names what to change."

    def __init__(
        self,
        message: "StrOrPromise | None" = None,
        *,
        fields: "Mapping[str, StrOrPromise] | None" = None,
    ) -> None:
        # Words are chosen where the rule says no: what an answer holds is text.
        self.text = str(message or self.message)
        self.fields = {name: str(text) for name, text in (fields or {}).items()}
        super().__init__(self.text)

    def __str__(self) -> str:
        return self.text


class Conflict(Refusal):
    """The request is sound, the state of the record is against it."""

    code = "conflict"
    message = _("The record is in another state than this needs.")
    advice = "Read the record again and decide anew; the message says what stands against it."


class Invalid(Refusal):
    """The request was understood and what it asks for is not valid."""

    code = "invalid"
    message = _("Something in this is not valid.")
    advice = "The message names the field and what it takes: correct it and send it again."


class Misuse(Refusal):
    """The request makes no sense in this state and should not have been sent."""

    code = "bad_request"
