"""Declares which columns of a model are personal data: `personal = Personal(erase=(…))`.

Every model with rows of companies has a declaration. The export and the erasure of a person use
only these declarations (`customers.privacy`). A system check reports each text column without one,
and makes `manage.py check`, the tests and migrations fail. Numbers, dates, ids, columns with
choices, currencies and generated columns need no declaration.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_TEXT = (models.CharField, models.TextField, models.JSONField, ArrayField, models.BinaryField)


@dataclass(frozen=True)
class Kept:
    """Why a column is kept when its person is erased, and until when."""

    reason: "StrOrPromise"
    until: "StrOrPromise"


BOOKS = Kept(
    _("Invoices, credit notes and payments are kept with the books, as tax law requires."),
    _("the end of the period for which the law of the company's country wants books to be kept"),
)
LEDGER = Kept(
    _("An entry of the ledger names what was paid for, so that every balance can be proved."),
    _("the end of the period for which the law of the company's country wants books to be kept"),
)


class Personal:
    """Which columns of a model are personal data, and what an erasure does to them.

    `erase`: columns to empty, or a mapping from columns to their values after the erasure.
    `keep`: maps columns that are kept to the reason. `impersonal`: text columns without personal
    data. `mentions`: columns that may contain data of any person; it is removed from rows that
    mention the erased person. `identifies`: the columns of `erase` with values that identify one
    person, such as e-mail addresses. `secret`: columns that are not shown to the person.
    `archives`: whether the rows are archived too.
    """

    def __init__(
        self,
        *,
        erase: Iterable[str] | Mapping[str, object] = (),
        keep: Mapping[str, Kept] = {},
        impersonal: Iterable[str] = (),
        mentions: Iterable[str] = (),
        identifies: Iterable[str] = (),
        secret: Iterable[str] = (),
        archives: bool = False,
        is_nobodys: bool = False,
    ) -> None:
        self.given = dict(erase) if isinstance(erase, Mapping) else {}
        self.erase, self.keep, self.impersonal = tuple(erase), dict(keep), tuple(impersonal)
        self.mentions, self.secret = tuple(mentions), tuple(secret)
        self.identifies = tuple(identifies)
        self.archives, self.is_nobodys = archives, is_nobodys

    @property
    def declared(self) -> set[str]:
        """The names of all columns in the declaration."""
        return {*self.erase, *self.keep, *self.impersonal, *self.mentions}

    def value_of(self, field: "models.Field[Any, Any]") -> object:
        """Return the value of a column after the erasure."""
        if field.name in self.given:
            return self.given[field.name]
        if field.null:
            return None
        if isinstance(field, models.JSONField):
            return {}
        return [] if isinstance(field, ArrayField) else ""


# For models without personal data of customers: the catalogue, settings, credentials, counters.
NOBODYS = Personal(is_nobodys=True)


def is_text(field: "models.Field[Any, Any]") -> bool:
    """Whether a column can contain text about a person."""
    if field.generated or field.choices or field.remote_field or field.name == "currency":
        return False
    return isinstance(field, _TEXT)


def undeclared(model: type[models.Model]) -> list[str]:
    """Return the text columns of a model that are not in its declaration."""
    personal: Personal | None = vars(model).get("personal")
    if personal is not None and personal.is_nobodys:
        return []
    declared = personal.declared if personal else set()
    fields = model._meta.concrete_fields
    return [one.name for one in fields if is_text(one) and one.name not in declared]
