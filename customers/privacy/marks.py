"""Marks of people who were erased: salted digests, by which they are known again and not read.

The key is the company's own (`change_key`), so that marks move with the company to another
database and say nothing to another company.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any
from uuid import UUID

from config.tenancy.actors import Actor
from config.tenancy.companies import Company

from ..countries import dialling_countries
from ..models import ErasureMark
from ..phones import read_phone


def key_of(company: UUID) -> bytes:
    """Return the key of a company's marks."""
    change_key = Company.objects.values_list("change_key", flat=True).get(pk=company)
    return hashlib.sha512(b"marks of erased people" + change_key.bytes).digest()


def marks_of(people: Iterable[Mapping[str, Any]], key: bytes) -> set[str]:
    """Return the digests of what people are known by.

    Those are the e-mail address, the phone as it was read, the external id, and the name together
    with the birthday.
    """
    return {
        hmac.new(key, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()
        for facts in people
        for kind, value in _known_by(facts)
        if value
    }


class Marks:
    """The marks of the active company, looked up for what a file says of people.

    Of a company that has erased nobody nothing else is asked.
    """

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._key: bytes | None = None

    @cached_property
    def _are_there(self) -> bool:
        return ErasureMark.objects.visible_to(self._actor).exists()

    def has(self, given: Mapping[str, Any], address: Mapping[str, Any]) -> bool:
        """Return whether somebody was erased who was known by what is given, or by part of it."""
        if not self._are_there:
            return False
        self._key = self._key or key_of(self._actor.company_id)
        countries = dialling_countries(str(address.get("country", "")), self._actor.country)
        phone = read_phone(str(given.get("phone", "")), countries).e164
        digests = marks_of([{**given, "phone_e164": phone}], self._key)
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
