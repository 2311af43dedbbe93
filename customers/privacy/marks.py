"""Marks of erased people: salted digests that recognise a person but cannot be read.

The key belongs to the company (`change_key`), so marks move with the company to another database
and mean nothing in another company.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any
from uuid import UUID

from config.tenancy.actors import Actor
from config.tenancy.companies import Company

from ..countries import dialling_countries
from ..models import ContactPoint, Customer, CustomerMerge, CustomerUser, ErasureMark, MovedRow
from ..phones import read_phone
from .registry import rows_of_others


def key_of(company: UUID) -> bytes:
    """Return the key for a company's marks."""
    change_key = Company.objects.values_list("change_key", flat=True).get(pk=company)
    return hashlib.sha512(b"marks of erased people" + change_key.bytes).digest()


def facts_about(people: list[UUID]) -> Iterator[Mapping[str, Any]]:
    """Yield the identifying values of people.

    They come from their own rows, from the earlier values of records merged into them, and from
    their users and contact points.
    """
    others = rows_of_others(people)
    yield from Customer.objects.filter(pk__in=people).values()
    merges = CustomerMerge.objects.standing().filter(kept__in=people)
    yield from merges.values("external_id")
    before = MovedRow.objects.filter(merge__in=merges, table_name=Customer._meta.db_table)
    yield from before.values_list("before", flat=True)
    yield from CustomerUser.objects.filter(customer__in=people).values("email")
    for point in ContactPoint.objects.filter(customer__in=people).exclude(pk__in=others):
        email = point.value if point.kind == ContactPoint.Kind.EMAIL else ""
        yield {"email": email, "phone_e164": point.phone_e164}


def marks_of(people: Iterable[Mapping[str, Any]], key: bytes) -> set[str]:
    """Return the digests of people's identifying values.

    These are e-mail addresses, phones in E.164, the external id, and the name with the birthday.
    """
    return {
        hmac.new(key, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()
        for facts in people
        for kind, value in _known_by(facts)
        if value
    }


class Marks:
    """The marks of the active company, which are compared with the rows of a file.

    For a company that has erased nobody, one query in total is made.
    """

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._key: bytes | None = None

    @cached_property
    def _are_there(self) -> bool:
        return ErasureMark.objects.visible_to(self._actor).exists()

    def has(
        self,
        given: Mapping[str, Any],
        address: Mapping[str, Any],
        contact_points: Iterable[tuple[str, str, str]] = (),
    ) -> bool:
        """Return whether one of the given values identifies an erased person.

        A contact point is a tuple of kind, value and label.
        """
        if not self._are_there:
            return False
        self._key = self._key or key_of(self._actor.company_id)
        countries = dialling_countries(str(address.get("country", "")), self._actor.country)
        several = [given, *({kind: value} for kind, value, _label in contact_points)]
        facts = (
            {**one, "phone_e164": read_phone(str(one.get("phone", "")), countries).e164}
            for one in several
        )
        digests = marks_of(facts, self._key)
        return ErasureMark.objects.visible_to(self._actor).filter(digest__in=digests).exists()


def _known_by(facts: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    def fact(name: str) -> str:
        return " ".join(str(facts.get(name) or "").split()).casefold()

    names = (fact("first_name"), fact("last_name"), fact("name"))
    birthday = fact("birthday")
    yield "email", fact("email")
    yield "phone", fact("phone_e164")
    yield "external_id", str(facts.get("external_id") or "")
    yield "name and birthday", "\0".join((*names, birthday)) if any(names) and birthday else ""
