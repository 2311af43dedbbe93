"""The rules of a customer's tags and birthday."""

import datetime
import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from config.card_numbers import CardNumber, holds_card_number
from config.times import FIRST_DAY, local_today

from ..errors import InvalidBirthday, InvalidTags
from ..models.birthdays import BIRTHDAY, NOT_A_BIRTHDAY
from ..models.customers import MOST_TAGS, TAG_LENGTH

LONGEST_QUOTE = 40


def clean_tags(tags: Iterable[object]) -> list[str]:
    """Return the tags, each trimmed and on one line, without duplicates that differ only in case.

    Raises InvalidTags for too many tags, or for a tag that is blank or too long, and CardNumber.
    """
    found: dict[str, str] = {}
    for one in tags:
        if not isinstance(one, str):
            raise InvalidTags(_("A tag must be text; got “%(tag)s”.") % {"tag": _quote(str(one))})
        tag = " ".join(one.split())
        if not tag or len(tag) > TAG_LENGTH or "\0" in tag:
            facts = {"most": TAG_LENGTH, "length": len(tag), "tag": _quote(tag)}
            raise InvalidTags(
                _("A tag must have 1 to %(most)s characters; “%(tag)s” has %(length)s.") % facts
            )
        if holds_card_number(tag):
            raise CardNumber(field="tags")
        found.setdefault(tag.lower(), tag)
    if len(found) > MOST_TAGS:
        facts = {"most": MOST_TAGS, "count": len(found)}
        raise InvalidTags(
            _("A customer has at most %(most)s tags; got %(count)s. Leave some out.") % facts
        )
    return [*found.values()]


def clean_birthday(birthday: object) -> str:
    """Return a trimmed birthday, "" for none; raises InvalidBirthday for an invalid or future day.

    The format is `1990-05-04`, or `--05-04` if the year is not known.
    """
    day = str(birthday or "").strip()
    if not day:
        return ""
    if not re.match(BIRTHDAY, day) or day.endswith("\n"):
        raise _not_a_birthday(day)
    if day.startswith("--"):
        return day
    try:
        born = datetime.date.fromisoformat(day)
    except ValueError as error:
        raise _not_a_birthday(day) from error
    # In the first time zone of the world it may already be tomorrow.
    if born > local_today() + datetime.timedelta(days=1):
        raise InvalidBirthday(
            _("A birthday must not be in the future; got “%(given)s”.") % {"given": day}
        )
    if born < FIRST_DAY:
        facts = {"given": day, "first": FIRST_DAY}
        raise InvalidBirthday(
            _("A birthday must not be before %(first)s; got “%(given)s”.") % facts
        )
    return day


def _not_a_birthday(given: str) -> InvalidBirthday:
    return InvalidBirthday(str(NOT_A_BIRTHDAY) % {"value": _quote(given)})


def _quote(text: str) -> str:
    """Return the beginning of a text, on one line."""
    return " ".join(text.split())[:LONGEST_QUOTE]
