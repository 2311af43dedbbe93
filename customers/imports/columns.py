"""The columns of a file: the field of each, and the address or number that it belongs to.

>>> find_field("Billing City"), find_field("E-mail 2 - Value"), find_field("Fax")
(('city', 'billing', 1000), ('email', '2', 10), None)
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from .fields import ADDRESS, HEADINGS

# The addresses of a row, in the order in which the first filled one becomes the default.
_GROUPS = {
    **dict.fromkeys(("default", "primary", "main", "mailing", "contact", "customer"), ""),
    "address": "",
    **dict.fromkeys(("home", "personal", "residential", "private", "privat"), "home"),
    **dict.fromkeys(("billing", "bill", "invoice", "rechnung", "facturation"), "billing"),
    **dict.fromkeys(("po", "postal"), "postal"),
    **dict.fromkeys(("sa", "physical"), "physical"),
    **dict.fromkeys(("work", "business", "office", "company"), "work"),
    **dict.fromkeys(("shipping", "ship", "delivery", "lieferung", "livraison"), "shipping"),
    **dict.fromkeys(("other", "secondary", "alternate"), "other"),
}
GROUP_ORDER = {
    group: at
    for at, group in enumerate(
        ("", "home", "1", "billing", "postal", "physical", "work", "shipping", "other", "2", "3")
    )
}
_ALL_GROUPS = (
    *_GROUPS.items(),
    *(("geschaftlich", "work"), ("dienstlich", "work"), ("travail", "work"), ("trabajo", "work")),
    *(("lavoro", "work"), ("domicile", "home"), ("casa", "home"), ("thuis", "home")),
    *(("lieferadresse", "shipping"), ("liefer", "shipping"), ("spedizione", "shipping")),
    *(("envio", "shipping"), ("rechnungsadresse", "billing"), ("rechnungs", "billing")),
    *(("fatturazione", "billing"), ("facturacion", "billing"), ("factuur", "billing")),
)
_PERSON_WORDS = re.compile(
    r"(?:guest|customer|client|contact|member|patient|student|attendee|participant|subscriber|lead"
    r"|person|buyer|kunden|cliente?|klant)s?"
)
_OF_PERSONS = ADDRESS | {"email", "phone", "first_name", "last_name", "birthday", "tags", "note"}
_SHORT_PARTS = frozenset({"zip", "plz", "ort", "tel", "rue", "city"})
# The headings of the parts of an address, after the name of the address.
_PARTS: dict[str, tuple[str, ...]] = {
    "street": (
        *("street", "address", "address1", "addressline1", "streetaddress", "street1", "line1"),
        *("formatted", "addressformatted", "fulladdress"),
    ),
    "sub_premise": (
        *("street2", "address2", "addressline2", "line2", "extendedaddress", "streetaddress2"),
        *("street3", "address3", "addressline3", "addressline4", "subpremise", "apartment"),
        *("unit", "suite"),
    ),
    "city": ("city", "town", "locality", "suburb"),
    "state": (
        *("state", "region", "province", "county", "stateprovince", "provincecode", "stateregion"),
        "statecode",
    ),
    "postal_code": ("postalcode", "postcode", "zip", "zipcode", "zippostalcode", "zippostcode"),
    "country": ("country", "countryregion", "countrycode"),
    "address_label": ("label", "type"),
}
_OF_SEVERAL = re.compile(
    r"(e?mail|phone|telephone|mobile|mobilephone|cell|tel|homephone|workphone|businessphone|"
    r"address|organization|phonenumber|emailaddress|otherphone|otheremail)(\d)(\w*)"
)
_KINDS = {
    **dict.fromkeys(("email", "mail", "emailaddress", "otheremail"), "email"),
    **dict.fromkeys(("address", "organization"), ""),
}
# Opt-ins and opt-outs have many headings. Headings about when, why and how are not consents.
_OPT_OUT = re.compile(
    r"unsubscri|optout|optedout|blacklist|suppress|donot(?:e?mail|contact|market|text|sms|call|phone)|nosms"
    r"|nomarketing|nonewsletter"
)
_CONSENT_ENDS = (
    r"(?:status|state|flag|consent|permissions?|preferences?|choice|yesno|yn|agreed|accepted|allowed"
    r"|subscriptions?|subscribed|subscribers?|signup|optedin|optin|in|to|for|from|the|our|of|and|via"
    r"|emails?|text|sms|messages|mobile|whatsapp|post|phone|marketing|news|newsletters?|offers"
    r"|promotions|communications?|updates|mailings?)*"
)
_OPT_IN = re.compile(
    # Exclude words that contain "opt in" by chance: Adopting, Shop TIN.
    rf"(?:.*(?<!ad|sh))?opt(?:ed)?in{_CONSENT_ENDS}|.*newsletters?{_CONSENT_ENDS}"
    r"|.*(?:subscriberstatus|acceptsmarketing|marketing(?:sms|email)?consent|marketingpermission)"
    rf"{_CONSENT_ENDS}"
    r"|(?:accepts?|receives?|wants?|gets?|agrees?to|agreed|allows?|sendme|send|has|is|ok|e?mail|text"
    r"|sms|marketing|and|to|for|customer|client|contact|guest|member|subscriber|special|weekly"
    r"|monthly)*"
    rf"(?:(?:email|text|sms)(?:marketing|promotions|campaigns|offers)|promotions){_CONSENT_ENDS}"
)
_ABOUT_CONSENT = re.compile(
    r"(?:reason|id|title|url|link|source|ip|by|method|counts?|token|form|page|level|name|type|text"
    r"|time|date|at|(?<!i)on|since|campaign|country)\Z|last|first|total|sent|open|click|number"
    r"|received|redeemed|delivered|used\Z"
)
# Longer texts are not headings, and would be slow to match.
_LONGEST = 200
_BY_TEXT, _BY_CALL = re.compile(r"sms|text|mobile"), re.compile(r"call|phone")
_BY_POST = re.compile(r"fax|post|(?<!news)letter|directmail")
# More phones and e-mail addresses of the person, not of other people.
_FURTHER = re.compile(
    r"(?:night|day|evening|alt|alternate|second|secondary|2nd|other|main|personal|private|direct"
    r"|preferred|best|backup|invoice|emailand)?"
    r"(?:(phone|telephone|mobile|cell|tel|mobilephone|cellphone)(?:number|no)?|(e?mail)(?:address)?)\d?"
)
_ENDS = re.compile(r"\w*?(?:customer|client|contact|member)id")
_OWNERS = re.compile(
    r"last|owner|account|company|parent|assigned|user|sales|agent|team|staff|employee|referr"
)
_REPEATED = re.compile(r" \(\d+\)\Z")
# The rank after the known headings, in the order of the file.
_LATER = 1000


class Column(NamedTuple):
    """A column to read: its heading, its field, and the name of its address or number."""

    heading: str
    field: str
    group: str
    rank: int


def plain(heading: str) -> str:
    """Return the letters and digits of a heading, without case, accents and repetition number.

    >>> plain("  Code-Postal (2)"), plain("Straße"), plain("*Prénom")
    ('codepostal', 'strasse', 'prenom')
    """
    text = unicodedata.normalize("NFKD", _REPEATED.sub("", heading)).casefold()
    return re.sub(r"[\W_]", "", "".join(one for one in text if not unicodedata.combining(one)))


@lru_cache(4096)
def find_field(heading: str) -> tuple[str, str, int] | None:
    """Return the field of a heading, the name of its address or number, and its rank."""
    key = plain(heading)
    if key in _NAMED:
        return _NAMED[key]
    if found := _OF_SEVERAL.fullmatch(key):
        return _one_of_several(*found.groups())
    if consent := _consent(key):
        return consent, "", _LATER
    if found := _FURTHER.fullmatch(key):
        return "phone" if found[1] else "email", "", _LATER
    if part := _of_group(key) or _of_person(key):
        return part
    if _ENDS.fullmatch(key) and not _OWNERS.match(key):
        return "external_id", "", _LATER
    return None


def columns_of(mapping: Mapping[str, str]) -> list[Column]:
    """Return the columns to read; for each field, the most usual heading first."""
    columns = []
    for at, (heading, field) in enumerate(mapping.items()):
        named = find_field(heading)
        fits = named is not None and (named[0] == field or {named[0], field} <= ADDRESS)
        group = named[1] if named and fits else ""
        rank = named[2] if named and fits else 2 * _LATER + at
        columns.append(Column(heading, field, group, rank))
    return sorted(columns, key=lambda one: one.rank)


def label_of(heading: str) -> str:
    """Return the kind of number or address in a heading: mobile, home, work or other.

    >>> label_of("Business Phone 2"), label_of("Mobil"), label_of("Phone")
    ('work', 'mobile', '')
    """
    key = plain(heading)
    return next((label for label, words in _LABELS if words.search(key)), "")


_LABELS = [
    (label, re.compile(words))
    for label, words in (
        ("mobile", "mobil|mobiel|cell|portable|movil|celular|handy|gsm|telemovel|sms"),
        ("whatsapp", "whatsapp"),
        ("work", "work|business|office|company|geschaftlich|dienst|assistant"),
        ("home", "home|privat|personal|fixe|fijo|casa|festnetz|landline"),
        ("billing", "billing"),
        ("shipping", "shipping"),
        ("other", "other|secondary|alternat|additional"),
    )
]


def _one_of_several(kind: str, number: str, rest: str) -> tuple[str, str, int] | None:
    """Return the field of `Phone 2`, `E-mail 1 - Label` or `Address 2 - City`."""
    rank = _LATER + int(number) * 10
    if kind == "address":
        part = next((part for part, names in _PARTS.items() if rest in names), "")
        return (part, number, rank + _PARTS[part].index(rest)) if part else None
    if kind == "organization":
        return ("name", number, rank) if rest == "name" else None
    field = _KINDS.get(kind, "phone")
    if rest in ("", "value", "address", "number"):
        return field, number, int(number) * 5
    return (f"{field}_label", number, rank) if rest in ("label", "type") else None


def _consent(key: str) -> str:
    """Return the consent in a heading that is not in the list, "" if it has none."""
    if len(key) > _LONGEST or _BY_POST.search(key) or _ABOUT_CONSENT.search(key):
        return ""
    if _OPT_OUT.search(key):
        if _BY_TEXT.search(key):
            return "sms_opt_out"
        return "phone_opt_out" if _BY_CALL.search(key) else "marketing_opt_out"
    if _OPT_IN.fullmatch(key):
        return "sms_opt_in" if _BY_TEXT.search(key) else "marketing_opt_in"
    return ""


def _of_group(key: str) -> tuple[str, str, int] | None:
    """Return the field of a heading that begins or ends with the name of an address."""
    for word, group in _ALL_GROUPS:
        for rest in (key.removeprefix(word), key.removesuffix(word)):
            if rest == key or (len(rest) < 4 and rest not in _SHORT_PARTS):
                continue
            field, _group, rank = _NAMED.get(rest, ("", "", 0))
            if field in ADDRESS:
                return field, group, _LATER + rank
            if field in ("phone", "email"):
                return field, "", _LATER + rank
    return None


def _of_person(key: str) -> tuple[str, str, int] | None:
    """Return the field of a heading such as `Guest Email` or `Student First Name`."""
    if (word := _PERSON_WORDS.match(key)) is None:
        return None
    field, _group, rank = _NAMED.get(key[word.end() :], ("", "", 0))
    return (field, "", _LATER + rank) if field in _OF_PERSONS else None


def _named() -> dict[str, tuple[str, str, int]]:
    """Return the fields of all listed headings and of the parts of an address."""
    found: dict[str, tuple[str, str, int]] = {}
    for field, headings in HEADINGS.items():
        found |= {plain: (field, "", rank) for rank, plain in enumerate(headings)}
    for prefix, group in _GROUPS.items():
        for field, parts in _PARTS.items():
            for rank, part in enumerate(parts):
                found.setdefault(f"{prefix}address{part}", (field, group, _LATER + rank))
                if field != "address_label":
                    found.setdefault(prefix + part, (field, group, _LATER + rank))
    return found


_NAMED = _named()
# Numbers of the first phone and e-mail address if their labels have columns of their own.
for _kind in ("phone", "email"):
    _NAMED[f"{_kind}1value"] = (_kind, "1", 0)
