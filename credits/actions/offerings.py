"""The names of what a coupon or a pass is good for, and the ids that say which offering is meant.

A credit or a pass pays for what has one of its names. An id is kept beside its name.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from config.errors import Invalid


class Offered(NamedTuple):
    """A service, an event or a medium: its public id and its name."""

    id: str
    name: str


class Offerings(NamedTuple):
    """What a coupon or a pass is good for: names, and the ids that are known of them."""

    names: list[str]
    ids: list[str]


def choose_offerings(
    before: Offerings, *, names: list[str] | None, offered: Sequence[Offered] | None, field: str
) -> Offerings:
    """Return what something is good for, after names or ids or both were sent (None: not sent).

    New ids bring their names. With new names besides, each id's name has to be among them. New
    names without new ids keep the ids that they still name. Raises Invalid at the `field` of ids.
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
