"""How a model declares which of its columns are about a person: `personal = Personal(erase=(…))`.

Every model of a company has a declaration. What is held about one person is exported and erased by
these declarations alone (`customers.privacy`), and a system check names each column of text that
is in none: `manage.py check`, the tests and each migration fail then. Numbers, dates, ids, columns
with choices, currencies and generated columns need no declaration.
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
    """Why a column stays when its person is erased, and until when."""

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
    """Which columns of a model are about a person, and what becomes of them when it is erased.

    `erase` names columns that are emptied, or maps them to the value that they have then. `keep`
    maps columns that stay to the reason. `impersonal` names columns of text that are about nobody.
    `mentions` names columns that may have anybody's data: the rows that mention the person lose it.
    Of the columns in `erase`, those that `identifies` names hold a value that no two people share,
    such as an e-mail address, and `secret` ones are not shown to the person. With `archives` the
    rows are archived too.
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
        """The names of all columns that the declaration names."""
        return {*self.erase, *self.keep, *self.impersonal, *self.mentions}

    def value_of(self, field: "models.Field[Any, Any]") -> object:
        """Return what stands in an erased column."""
        if field.name in self.given:
            return self.given[field.name]
        if field.null:
            return None
        if isinstance(field, models.JSONField):
            return {}
        return [] if isinstance(field, ArrayField) else ""


# Of a model whose rows are about no customer: the catalogue, settings, credentials, counters.
NOBODYS = Personal(is_nobodys=True)


def is_text(field: "models.Field[Any, Any]") -> bool:
    """Whether a column can hold text about somebody."""
    if field.generated or field.choices or field.remote_field or field.name == "currency":
        return False
    return isinstance(field, _TEXT)


def undeclared(model: type[models.Model]) -> list[str]:
    """Return the columns of text of a model that its declaration does not name."""
    personal: Personal | None = vars(model).get("personal")
    if personal is not None and personal.is_nobodys:
        return []
    declared = personal.declared if personal else set()
    fields = model._meta.concrete_fields
    return [one.name for one in fields if is_text(one) and one.name not in declared]
