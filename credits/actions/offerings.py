"""The offerings that a coupon or a pass is valid for, by name and by id.

A credit or a pass pays for an offering with one of its names. The ids are stored beside the names.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from config.errors import Invalid


class Offered(NamedTuple):
    """The public id and the name of a service, an event or a medium."""

    id: str
    name: str


class Offerings(NamedTuple):
    """The offerings of a coupon or a pass: their names, and their ids if known."""

    names: list[str]
    ids: list[str]


def choose_offerings(
    before: Offerings, *, names: list[str] | None, offered: Sequence[Offered] | None, field: str
) -> Offerings:
    """Return the new offerings after a change of names, ids or both (None: not sent).

    New ids set the names too. If names are sent with them, the names must include the name of each
    id. New names without new ids keep the ids whose names remain. Raises Invalid at `field`, the
    field of the ids.
    """
    if names == before.names:
        names = None
    ids = None if offered is None else [one.id for one in offered]
    if offered and ids != before.ids:
        if names is None:
            names = [one.name for one in offered]
        lacking = [one.name for one in offered if not _is_among(one.name, names)]
        if lacking:
            sentence = _("Its name is “%(name)s”; you sent another name. Send the id alone.")
            raise Invalid.at(field, sentence % {"name": lacking[0]})
        return Offerings(names, [one.id for one in offered])
    if names is not None:
        kept = [one.id for one in offered or () if _is_among(one.name, names)]
        return Offerings(names, kept)
    return before if ids is None else Offerings(before.names, ids)


def _is_among(name: str, names: list[str]) -> bool:
    return name.casefold() in map(str.casefold, names)
