"""The e-mail addresses, phone numbers and addresses of a row."""

import re
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from config.api.input_fields import EmailIn

from ..countries import country_code
from ..models import Customer
from ..models.contact_points import MOST_POINTS
from .addresses import PARTS, in_order, read_whole, repeats, split_city
from .cells import is_placeholder, read_list
from .columns import label_of, plain
from .contact_values import split_emails, split_phones
from .damage import DigitsLost, mend_exported, mend_number
from .fields import ADDRESS
from .limits import ImportedAddress, Limits
from .mapping import short
from .row_cells import Cell, RowCells

_LONGEST_PHONE = Customer.phone.field.max_length or 60
_LONGEST_LABEL = 60
# Labels without meaning, because they repeat the field.
_EMPTY_LABELS = frozenset(
    {"phone", "phone number", "tel", "telephone", "telefon", "teléfono", "telefono", "téléphone"}
    | {"email", "e-mail", "internet", "voice", "pref", "main", "primary", "t", "p", "ph", "default"}
)
_SHORT_LABELS = {
    "m": "mobile",
    "mob": "mobile",
    "cell": "mobile",
    "mobil": "mobile",
    "handy": "mobile",
    "h": "home",
    "privat": "home",
    "w": "work",
    "office": "work",
    "business": "work",
}
_VALUES = ("value", "number", "phone", "email", "address")
_BESIDE = ("address_label", "access_notes")
_STATE_OF = re.compile(r" \([A-Z]{2}\)\Z")
_EMAIL = EmailIn(Customer.email.field)
# Matches most e-mail addresses. Addresses that do not match are validated by the API's field.
_ORDINARY_EMAIL = re.compile(
    r"[a-z_+-]+(?:[.][a-z_+-]+)*\d{0,8}@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}\Z",
    re.IGNORECASE | re.ASCII,
)
_SHORT_EMAIL = 60


class ContactValue(NamedTuple):
    """A contact point: its kind (`email` or `phone`), value and label."""

    kind: str
    value: str
    label: str = ""


_ADDRESS = Limits(ImportedAddress())


def read_emails(cells: RowCells) -> tuple[Any, list[ContactValue]]:
    """Return the first e-mail address of a row, or None, and the others."""
    found: dict[str, ContactValue] = {}
    for cell in cells.all("email"):
        if not (texts := _texts(cell)):
            return cell.value, []
        given = [address for text in texts for address in _addresses(cells, cell, text)]
        for address in _first(given, cell, cells):
            if is_placeholder(address, "email") and not cells.is_ours:
                continue
            if not _is_email(address):
                why = _("“%(text)s” is not an e-mail address and was left out.")
                cells.leave(cell, why % {"text": short(address)})
                continue
            label = _label(cells, cell, "")
            found.setdefault(address.casefold(), ContactValue("email", address, label))
    return _main_and_others(found, cells, "email")


def read_phones(cells: RowCells) -> tuple[Any, list[ContactValue]]:
    """Return the first phone number of a row, or None, and the others."""
    found: dict[str, ContactValue] = {}
    for cell in cells.all("phone"):
        if not (texts := _texts(cell)):
            return cell.value, []
        given = [pair for text in texts for pair in _numbers(cells, cell, text)]
        for number, label in _first(given, cell, cells):
            value = _phone(cells, cell, number)
            if value and not found and _says_something(label):
                cells.leave(cell, _("“%(text)s” beside the number was left out.") % {"text": label})
            if value:
                one = ContactValue("phone", value, _label(cells, cell, label))
                found.setdefault(re.sub(r"\D", "", value) or value, one)
    return _main_and_others(found, cells, "phone")


def _first[Given](given: list[Given], cell: Cell, cells: RowCells) -> list[Given]:
    """Return as many values of a cell as a customer can have, and report the number of the rest."""
    if more := given[MOST_POINTS:]:
        why = _("%(more)s more were left out: a customer has at most %(most)s.")
        cells.leave(cell, why % {"more": f"{len(more):,}", "most": MOST_POINTS})
    return given[:MOST_POINTS]


def _main_and_others(
    found: dict[str, ContactValue], cells: RowCells, field: str
) -> tuple[Any, list[ContactValue]]:
    """Return the first value and the others; a row of our export may have only others."""
    values = [*found.values()]
    if not values or (cells.is_ours and all(map(_is_further, cells.all(field)))):
        return None, values
    return values[0].value, values[1:]


def _listed(cell: Cell, text: str) -> list[str]:
    """Return the values in a text of our export; its CSV has several in a cell."""
    return read_list(text) if _is_further(cell) and isinstance(cell.value, str) else [text]


def _is_further(cell: Cell) -> bool:
    """Whether a column of our export is for further values, besides the main one."""
    return cell.column.heading.startswith("other")


def read_addresses(cells: RowCells) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Return the fields of the default address of a row, and the further addresses."""
    groups: dict[str, dict[str, str]] = {}
    for name in (*PARTS[1:], "street", *_BESIDE):
        for cell in cells.all(name):
            if not isinstance(cell.value, str):
                return {name: cell.value}, []
            _add_part(name, cell, groups.setdefault(cell.column.group, {}), cells)
    if not groups:
        return {}, []
    if not cells.is_ours:
        for parts in groups.values():
            if "postal_code" not in parts and "city" in parts:
                parts |= split_city(parts["city"])
            if not parts.keys() & {"city", "postal_code"} and "street" in parts:
                parts |= read_whole(parts["street"], parts.get("country", ""))
    groups = {group: _sorted(parts) for group, parts in groups.items()}
    (_main, default), *others = in_order(groups) or [("", {})]
    further = [_further(group, parts, cells) for group, parts in others]
    return default, [one for one in further if one]


def _sorted(parts: dict[str, str]) -> dict[str, str]:
    """Return the parts of an address in their usual order."""
    return {name: parts[name] for name in (*PARTS, *_BESIDE) if name in parts}


def _add_part(name: str, cell: Cell, parts: dict[str, str], cells: RowCells) -> None:
    text = cell.text
    if not cells.is_ours:
        text = _STATE_OF.sub("", text) if name == "state" else text.removeprefix("* ")
    if name == "country" and text.strip("+").isdecimal() and not cells.is_ours:
        cells.leave(cell, _("“%(text)s” is not a country and was left out.") % {"text": text})
    elif name not in parts:
        parts[name] = text
    elif _is_code_of(text, cell, name, parts):
        return
    elif name == "sub_premise":
        if text.casefold() not in parts[name].casefold():
            parts[name] = f"{parts[name]}, {text}"
    elif not repeats(text, parts):
        why = _("“%(text)s” was left out: the address has “%(other)s”.")
        cells.leave(cell, why % {"text": short(text), "other": short(parts[name])})


def _is_code_of(text: str, cell: Cell, name: str, parts: dict[str, str]) -> bool:
    """Whether a second column has only the code of a state or country that is given by name."""
    if name == "state":
        return plain(cell.column.heading).endswith("code")
    return name == "country" and country_code(text) == country_code(parts[name]) is not None


def _further(group: str, parts: dict[str, str], cells: RowCells) -> dict[str, str]:
    """Return a further address, with the name of its columns as the label."""
    label = parts.get("address_label") or ("" if group.isdigit() else group)
    given = {name: text for name, text in parts.items() if name in ADDRESS}
    given.pop("address_label", None)
    try:
        return _ADDRESS.hold({**given, "label": label})
    except ValidationError as error:
        details: Any = error.detail
        reasons = " ".join(str(one) for detail in details.values() for one in detail)
        address = short(", ".join(parts.values()))
        cells.left.append(
            _("The address “%(address)s” was left out: %(reasons)s")
            % {"address": address, "reasons": reasons}
        )
        return {}


def _texts(cell: Cell) -> list[str]:
    """Return the texts of a cell; none if it has values of another type."""
    if isinstance(cell.value, str):
        return [cell.value]
    values = cell.value if isinstance(cell.value, list) else []
    found = [_text_of(one) for one in values]
    return [one for one in found if one]


def _text_of(one: Any) -> str:
    """Return a text, or the number or address in an object; "" for other values."""
    if isinstance(one, dict):
        one = next((one[name] for name in _VALUES if isinstance(one.get(name), str)), "")
    return one if isinstance(one, str) else ""


def _addresses(cells: RowCells, cell: Cell, text: str) -> list[str]:
    if cells.is_ours:
        return _listed(cell, text)
    return split_emails(text)


def _numbers(cells: RowCells, cell: Cell, text: str) -> list[tuple[str, str]]:
    if cells.is_ours:
        several = _listed(cell, text)
        return [(one, "") for one in several]
    return split_phones(text)


def _is_email(text: str) -> bool:
    if len(text) <= _SHORT_EMAIL and _ORDINARY_EMAIL.match(text):
        return True
    try:
        _EMAIL.run_validation(text)
    except ValidationError:
        return False
    return True


def _phone(cells: RowCells, cell: Cell, number: str) -> str:
    """Return a number as typed, "" if it is not a number or has lost digits."""
    try:
        number = mend_exported(number) if cells.is_ours else mend_number(number)
    except DigitsLost as problem:
        cells.leave(cell, str(problem))
        return ""
    if cells.is_ours:
        return number
    if is_placeholder(number, "phone"):
        return ""
    if len(number) <= _LONGEST_PHONE and any(letter.isdigit() for letter in number):
        return number
    why = _("“%(text)s” is not a phone number and was left out.")
    cells.leave(cell, why % {"text": short(number)})
    return ""


def _says_something(label: str) -> bool:
    """Whether a label says more than the kind of the number."""
    key = label.casefold()
    return bool(label) and key not in _EMPTY_LABELS | _SHORT_LABELS.keys() and not label_of(label)


def _label(cells: RowCells, cell: Cell, beside: str) -> str:
    """Return the label of a number: from the label column, the words next to it, or its heading."""
    field, group = f"{cell.column.field}_label", cell.column.group
    own = next((one.text for one in cells.all(field) if one.column.group == group), "")
    text = beside or own.removeprefix("* ").strip() or label_of(cell.column.heading)
    text = _SHORT_LABELS.get(text.casefold(), text)
    return "" if text.casefold() in _EMPTY_LABELS else text[:_LONGEST_LABEL]
