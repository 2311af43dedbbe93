import json
from collections.abc import Mapping

from django.utils.translation import gettext as _

from ..errors import InvalidPreference

MOST_KEYS, MOST_BYTES = 100, 16_384


def merge_preferences(
    present: Mapping[str, object], changes: Mapping[str, object]
) -> dict[str, object]:
    """Return preferences with changes merged one level deep; null removes a key.

    Raises InvalidPreference for a known key of the wrong type, or for more than can be stored.
    """
    merged = {key: value for key, value in {**present, **changes}.items() if value is not None}
    contact = merged.get("preferred_contact", "")
    if not isinstance(contact, str) or len(contact) > 40:
        raise InvalidPreference.at(
            "preferences.preferred_contact",
            _("Must be text of up to 40 letters, such as email or phone; got “%(contact)s”.")
            % {"contact": str(contact)[:40]},
        )
    if not isinstance(merged.get("marketing_opt_in", False), bool):
        raise InvalidPreference.at(
            "preferences.marketing_opt_in",
            _("Must be true or false; got “%(value)s”.")
            % {"value": str(merged["marketing_opt_in"])[:40]},
        )
    size = len(json.dumps(merged).encode())
    if len(merged) > MOST_KEYS or size > MOST_BYTES:
        raise InvalidPreference.at(
            "preferences",
            _(
                "Must have at most %(keys)s keys and %(bytes)s bytes in all; got %(count)s keys "
                "and %(size)s bytes. Remove some with null."
            )
            % {
                "keys": MOST_KEYS,
                "bytes": f"{MOST_BYTES:,}",
                "count": len(merged),
                "size": f"{size:,}",
            },
        )
    return merged
