"""The properties of a contact card (vCard 2.1, 3.0 and 4.0), and their columns.

>>> card = "BEGIN:VCARD\\nN:Lee;Ann;;;\\nTEL;TYPE=CELL:+44 7700\\n  900123\\nEND:VCARD"
>>> [*columns_of_card(card).items()][:3]
[('Last Name', 'Lee'), ('First Name', 'Ann'), ('Phone 1 - Value', '+44 7700 900123')]
"""

import quopri
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

_NEWLINE = re.compile(r"\r\n|\r|\n")
_NAME = re.compile(r"(?:[\w-]+\.)?([\w-]+)((?:;(?:[^\":;]|\"[^\"]*\")*)*):", re.ASCII)
_GROUP = re.compile(r"([\w-]+)\.", re.ASCII)
_PARAMETER = re.compile(r";((?:[^\":;]|\"[^\"]*\")*)")
_ESCAPED = re.compile(r"\\(.)")
_STRUCTURE = re.compile(r"(?<!\\);")
_LIST = re.compile(r"(?<!\\),")
_MARKED_LABEL = re.compile(r"_\$!<(.*)>!\$_\Z")
# The most columns for numbers or addresses; the last column has all the rest.
MOST = 9
JOINT = " ::: "

_LABELS = {"cell": "mobile", "iphone": "mobile", "home": "home", "work": "work", "other": "other"}
_NOT_DIALLED = frozenset({"fax", "pager", "modem", "bbs"})
_ADDRESS = ("PO Box", "Extended Address", "Street", "City", "Region", "Postal Code", "Country")
_NAME_PARTS = ("Last Name", "First Name", "Middle Name", "Name Prefix", "Name Suffix")
_TEXTS = {"FN": "Full Name", "BDAY": "Birthday", "NICKNAME": "Nickname", "TITLE": "Job Title"}
# Properties that are not about the person.
_TECHNICAL = frozenset(
    {"BEGIN", "END", "VERSION", "PRODID", "REV", "UID", "CLIENTPIDMAP", "MAILER", "CLASS", "XML"}
    | {"X-ABLABEL", "X-ABADR", "X-ABSHOWAS", "KIND", "PROFILE", "SORT-STRING", "LANG", "CREATED"}
)
_BINARY = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})


class Property(NamedTuple):
    """A property of a card: name in capitals, types, preference, group and value."""

    name: str
    types: frozenset[str]
    pref: int
    group: str
    value: str


def columns_of_card(text: str) -> dict[str, str]:
    """Return the values of a card, under headings that the import recognises."""
    found: dict[str, str] = {}
    several: dict[str, list[Property]] = defaultdict(list)
    labels: dict[str, str] = {}
    for one in properties(text):
        several[one.name].append(one)
        if one.name == "X-ABLABEL" and one.group:
            labels[one.group] = _MARKED_LABEL.sub(r"\1", plain_text(one.value))
    _add_names(several, found)
    for name, kind in (("TEL", "Phone"), ("EMAIL", "E-mail")):
        _add_values(sorted(several[name], key=lambda one: one.pref), kind, labels, found)
    _add_addresses(several["ADR"], labels, found)
    if notes := [plain_text(one.value) for one in several["NOTE"] if one.value]:
        found["Notes"] = "\n".join(notes)
    tags = [tag for one in several["CATEGORIES"] for tag in _LIST.split(one.value)]
    if tags := [plain_text(tag) for tag in tags if tag]:
        found["Tags"] = JOINT.join(tags)
    known = {"N", "ORG", "TEL", "EMAIL", "ADR", "NOTE", "CATEGORIES", *_TEXTS}
    for name in sorted(several.keys() - known - _TECHNICAL):
        value = "…" if name in _BINARY else plain_text(several[name][0].value)
        found[name.title() if not name.startswith("X-") else name] = value
    return {name: value for name, value in found.items() if value}


def properties(text: str) -> Iterator[Property]:
    """Yield the properties of a card, with folded lines joined and encoded text decoded."""
    for line in _lines(text):
        match = _NAME.match(line)
        if match is None:
            continue
        group = _GROUP.match(line)
        types, pref, encoding, charset = set(), 100, "", "utf-8"
        for given in _PARAMETER.findall(match[2]):
            key, mark, value = given.partition("=")
            key, value = (key.upper(), value.strip('"')) if mark else ("TYPE", key)
            if key == "TYPE":
                types |= set(value.casefold().split(","))
            elif key == "ENCODING":
                encoding = value.upper()
            elif key == "CHARSET":
                charset = value
            elif key == "PREF" and value.isdecimal():
                pref = int(value)
        text = line[match.end() :]
        if encoding == "QUOTED-PRINTABLE" or "quoted-printable" in types:
            text = _decoded(text, charset)
        pref = min(pref, 1) if "pref" in types else pref
        yield Property(
            match[1].upper(), frozenset(types), pref, group[1] if group else "", text.strip()
        )


def plain_text(value: str) -> str:
    """Return a value without the escapes of its commas, semicolons and newlines.

    >>> plain_text("Lee\\\\, Ann\\\\nLeeds")
    'Lee, Ann\\nLeeds'
    """
    return _ESCAPED.sub(lambda one: "\n" if one[1] in "nN" else one[1], value).strip()


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a card; a space (in quoted-printable an `=`) continues a line."""
    parts: list[str] = []
    is_quoted = False
    for line in _NEWLINE.split(text):
        if is_quoted and parts[-1].endswith("="):
            parts[-1] = parts[-1][:-1]
            parts.append(line.removeprefix(" "))
        elif line[:1] in (" ", "\t") and parts:
            parts.append(line[1:])
        else:
            if parts:
                yield "".join(parts)
            parts = [line]
            is_quoted = "QUOTED-PRINTABLE" in line.partition(":")[0].upper()
    yield "".join(parts)


def _decoded(text: str, charset: str) -> str:
    data = quopri.decodestring(text.encode("utf-8", "replace"))
    try:
        return data.decode(charset)
    except (LookupError, UnicodeDecodeError):
        return data.decode("utf-8", "replace")


def _add_names(several: dict[str, list[Property]], found: dict[str, str]) -> None:
    for one in several["N"]:
        parts = [plain_text(part).replace(",", " ") for part in _STRUCTURE.split(one.value)]
        if any(parts[:3]):
            if "Last Name" in found:
                found["Other Name"] = " ".join(part for part in parts if part)
                continue
            found |= dict(zip(_NAME_PARTS, parts, strict=False))
    for name, heading in _TEXTS.items():
        values = [plain_text(one.value) for one in several[name] if one.value]
        if values:
            found[heading] = values[0]
        if others := [value for value in values[1:] if value != values[0]]:
            found[f"Other {heading}"] = JOINT.join(others)
    organisations = [_STRUCTURE.split(one.value) for one in several["ORG"] if one.value]
    if organisations:
        found["Company"] = plain_text(organisations[0][0])
        found["Department"] = ", ".join(map(plain_text, filter(None, organisations[0][1:])))
        for number, (name, *_rest) in enumerate(organisations[1:MOST], start=2):
            found[f"Company ({number})"] = plain_text(name)
    kinds = {one.value.casefold() for name in ("KIND", "X-ABSHOWAS") for one in several[name]}
    if kinds & {"org", "company", "organization"}:
        found["Is Company"] = "yes"


def _add_values(
    given: list[Property], kind: str, labels: dict[str, str], found: dict[str, str]
) -> None:
    """Put phone numbers or e-mail addresses into columns of their own, without fax numbers."""
    at = 0
    for one in given:
        value = plain_text(one.value)
        value = re.sub(r"\A(?:tel|mailto):", "", value, flags=re.IGNORECASE).replace(";ext=", " x")
        if not value:
            continue
        if machine := next(iter(one.types & _NOT_DIALLED), ""):
            found[machine.title()] = value
            continue
        at += 1
        heading = f"{kind} {min(at, MOST)}"
        before = found.get(f"{heading} - Value")
        found[f"{heading} - Value"] = f"{before}{JOINT}{value}" if before else value
        if label := labels.get(one.group) or _label(one):
            found.setdefault(f"{heading} - Label", label)


def _add_addresses(given: list[Property], labels: dict[str, str], found: dict[str, str]) -> None:
    at = 0
    for one in given:
        parts = [plain_text(part) for part in _STRUCTURE.split(one.value)]
        if not any(parts) or at == MOST:
            continue
        at += 1
        address = dict(zip(_ADDRESS, parts, strict=False))
        if address.get("PO Box") and not address.get("Street"):
            address["Street"] = address.pop("PO Box")
        label = labels.get(one.group) or _label(one)
        found |= {f"Address {at} - {name}": part for name, part in address.items()}
        found[f"Address {at} - Label"] = label


def _label(one: Property) -> str:
    return next((label for kind, label in _LABELS.items() if kind in one.types), "")
