"""The mapping of headings to fields: guessed from headings, corrected by people."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from .columns import find_field, plain
from .errors import UnusableColumns
from .fields import EITHER_NAME, HEADINGS, IDENTIFYING, MANY
from .foreign_headings import FIRST_NAMES, LAST_NAMES

# The headings that a report adds to the file, for refused and for accepted rows (refused.py).
OWN_HEADINGS = ("line", "reason")
TAKEN_HEADINGS = (*OWN_HEADINGS, "regulars_customer")

# Headings for one part of a person's name if another column has the other part.
_HALF_NAMES = ("name", "nom", "nombre", "nome", "naam")


def guess_mapping(headings: Iterable[str]) -> dict[str, str]:
    """Return the field of each recognised heading.

    A field with one value has one heading, in all its spellings: in NDJSON one line may have
    `firstName` and the next `first_name`. Fields with several values (`MANY`) have every matching
    heading.
    """
    headings = list(headings)
    best: dict[str, tuple[int, str]] = {}
    found: dict[str, str] = {}
    for heading in headings:
        field, _group, rank = find_field(heading) or ("", "", 0)
        if field in MANY:
            found[plain(heading)] = field
        if field and (field not in best or rank < best[field][0]):
            best[field] = (rank, plain(heading))
    found |= {spelling: field for field, (_, spelling) in best.items()}
    either = min(filter(is_either_name, headings), key=_either_rank, default=None)
    if either is not None and (field := _field_of_either(plain(either), best)):
        found[plain(either)] = field
    return {heading: found[plain(heading)] for heading in headings if plain(heading) in found}


def is_either_name(heading: str) -> bool:
    """Whether a heading can mean a person's name or an organisation's name."""
    return plain(heading) in EITHER_NAME


def _either_rank(heading: str) -> int:
    return EITHER_NAME.index(plain(heading))


def _field_of_either(either: str, best: Mapping[str, tuple[int, str]]) -> str:
    """Return the field of a heading such as `Name`: a part of a person's name, or a whole name.

    Next to columns for a person, it is the organisation's name, unless another column has that.
    """
    first, last = (best.get(field, (0, ""))[1] for field in ("first_name", "last_name"))
    if first in FIRST_NAMES and not last and either in _HALF_NAMES:
        return "last_name"
    if last in LAST_NAMES and not first and either in _HALF_NAMES:
        return "first_name"
    if not (first or last or "full_name" in best):
        return "full_name"
    return next((field for field in ("name", "full_name") if field not in best), "")


def choose_fields(
    headings: Iterable[str], guessed: Mapping[str, str], choices: Mapping[str, str]
) -> dict[str, str]:
    """Return a mapping in which choices (heading to field, "" for none) override the guesses.

    Raises UnusableColumns for an unknown heading or field, or for a field chosen twice.
    """
    headings = list(headings)
    chosen: dict[str, str] = {}
    for heading, wanted in choices.items():
        if heading not in headings:
            raise UnusableColumns(
                _("The file has no column “%(heading)s”: %(headings)s.")
                % {"heading": heading, "headings": _listed(headings)}
            )
        field = wanted if wanted in HEADINGS else (find_field(wanted) or ("",))[0]
        if wanted and not field:
            raise UnusableColumns(
                _("There is no field “%(wanted)s”: %(choices)s.")
                % {"wanted": wanted, "choices": ", ".join(HEADINGS)}
            )
        if field and field not in MANY and field in chosen.values():
            raise UnusableColumns(_("Two columns cannot both be %(field)s.") % {"field": field})
        chosen[heading] = field
    kept = {
        heading: field
        for heading, field in guessed.items()
        if heading not in chosen and (field in MANY or field not in chosen.values())
    }
    merged = kept | chosen
    return {heading: merged[heading] for heading in headings if merged.get(heading)}


def check_mapping(headings: Iterable[str], mapping: Mapping[str, str]) -> None:
    """Raise UnusableColumns if no row could identify a customer, or has only an id."""
    fields = set(mapping.values())
    if not fields & IDENTIFYING:
        raise UnusableColumns(
            _(
                "No column is recognised as a name, an e-mail address, a phone number or an id: "
                "%(headings)s."
            )
            % {"headings": _listed(headings)}
        )
    if not fields - {"external_id", "regulars_id", "own_id"}:
        raise UnusableColumns(
            _(
                "No column but that of the id is recognised: %(headings)s. "
                "Is this a list of customers?"
            )
            % {"headings": _listed(headings)}
        )


def left_out(headings: Iterable[str], mapping: Mapping[str, str]) -> list[str]:
    """Return the headings of the columns that are not read, except those that a report adds."""
    headings = list(headings)
    own = OWN_HEADINGS if set(OWN_HEADINGS) <= set(headings) else ()
    return [heading for heading in headings if heading not in mapping and heading not in own]


def _listed(headings: Iterable[str]) -> str:
    """Return the first few headings of a file as text, cut to a sentence's length."""
    headings = list(headings)
    names = ", ".join(f"“{short(heading)}”" for heading in headings[:12])
    more = f" and {len(headings) - 12} more" if len(headings) > 12 else ""
    return f"it has {names}{more}" if headings else "it has none"


def short(heading: str) -> str:
    """Return a heading for a sentence: on one line, of at most 40 characters."""
    shown = "".join(letter if letter.isprintable() else "�" for letter in heading)
    return shown if len(shown) <= 40 else shown[:39] + "…"
