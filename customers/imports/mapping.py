"""Which column holds what: guessed from headings, corrected by people."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from .errors import UnusableColumns
from .fields import EITHER_NAME, HEADINGS, IDENTIFYING

# What a report of refused rows adds to a file (refused.py).
OWN_HEADINGS = ("line", "reason")

_RANKS = {
    plain: (rank, field)
    for field, headings in HEADINGS.items()
    for rank, plain in enumerate(headings)
}


def plain(heading: str) -> str:
    """Return the letters and digits of a heading, without case."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", heading)).casefold()


def guess_mapping(headings: Iterable[str]) -> dict[str, str]:
    """Return the field that each recognised heading stands for.

    A field has one heading, and whatever spells the same one otherwise: in NDJSON one line may say
    `firstName` and the next one `first_name`.
    """
    headings = list(headings)
    best: dict[str, tuple[int, str]] = {}
    for heading in headings:
        rank, field = _RANKS.get(plain(heading), (0, ""))
        if field and (field not in best or rank < best[field][0]):
            best[field] = (rank, plain(heading))
    either = min(filter(is_either_name, headings), key=_either_rank, default=None)
    if either is not None:
        best.setdefault(_field_of_either(best), (0, plain(either)))
    found = {spelling: field for field, (_, spelling) in best.items()}
    return {heading: found[plain(heading)] for heading in headings if plain(heading) in found}


def is_either_name(heading: str) -> bool:
    """Whether a heading can stand for a person's and for an organisation's name."""
    return plain(heading) in EITHER_NAME


def _either_rank(heading: str) -> int:
    return EITHER_NAME.index(plain(heading))


def _field_of_either(others: Iterable[str]) -> str:
    """Beside columns for a person a `Name` is the organisation's, elsewhere it is the person's."""
    has_person = {"first_name", "last_name", "full_name"} & set(others)
    return "name" if has_person else "full_name"


def choose_fields(
    headings: Iterable[str], guessed: Mapping[str, str], choices: Mapping[str, str]
) -> dict[str, str]:
    """Return a mapping in which people's choices (heading to field, "" for none) come first.

    Raises UnusableColumns for a heading or field that there is not, or a field chosen twice.
    """
    headings = list(headings)
    chosen: dict[str, str] = {}
    for heading, wanted in choices.items():
        if heading not in headings:
            raise UnusableColumns(
                _("The file has no column “%(heading)s”: %(headings)s.")
                % {"heading": heading, "headings": _listed(headings)}
            )
        field = wanted if wanted in HEADINGS else _RANKS.get(plain(wanted), (0, ""))[1]
        if wanted and not field:
            raise UnusableColumns(
                _("There is no field “%(wanted)s”: %(choices)s.")
                % {"wanted": wanted, "choices": ", ".join(HEADINGS)}
            )
        if field and field in chosen.values():
            raise UnusableColumns(_("Two columns cannot both be %(field)s.") % {"field": field})
        chosen[heading] = field
    kept = {
        heading: field
        for heading, field in guessed.items()
        if heading not in chosen and field not in chosen.values()
    }
    merged = kept | chosen
    return {heading: merged[heading] for heading in headings if merged.get(heading)}


def check_mapping(headings: Iterable[str], mapping: Mapping[str, str]) -> None:
    """Raise UnusableColumns where no row could be a customer, or would hold nothing but an id."""
    fields = set(mapping.values())
    if not fields & IDENTIFYING:
        raise UnusableColumns(
            _(
                "No column is recognised as a name, an e-mail address, a phone number or an id: "
                "%(headings)s."
            )
            % {"headings": _listed(headings)}
        )
    if not fields - {"external_id", "regulars_id"}:
        raise UnusableColumns(
            _(
                "No column but that of the id is recognised: %(headings)s. "
                "Is this a list of customers?"
            )
            % {"headings": _listed(headings)}
        )


def left_out(headings: Iterable[str], mapping: Mapping[str, str]) -> list[str]:
    """Return the headings whose columns are not read, those of a report's own aside."""
    headings = list(headings)
    own = OWN_HEADINGS if set(OWN_HEADINGS) <= set(headings) else ()
    return [heading for heading in headings if heading not in mapping and heading not in own]


def _listed(headings: Iterable[str]) -> str:
    """Name the first few headings of a file, cut to what a sentence holds."""
    headings = list(headings)
    names = ", ".join(f"“{short(heading)}”" for heading in headings[:12])
    more = f" and {len(headings) - 12} more" if len(headings) > 12 else ""
    return f"it has {names}{more}" if headings else "it has none"


def short(heading: str) -> str:
    """Return a heading as a sentence shows it: on one line, of at most 40 letters."""
    shown = "".join(letter if letter.isprintable() else "�" for letter in heading)
    return shown if len(shown) <= 40 else shown[:39] + "…"
