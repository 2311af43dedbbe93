"""Whether a name is an organisation's name, judged by its ending.

>>> is_organisation("Cool Cars Ltd"), is_organisation("Müller GmbH & Co. KG")
(True, True)
>>> is_organisation("Maria Sá"), is_organisation("Ana Sa"), is_organisation("株式会社田中")
(False, False, True)
"""

import re

# In their usual spelling; a full stop may follow.
_ANY_CASE = (
    *(
        r"GmbH(?: & Co\.? KG)?",
        "gGmbH",
        "KGaA",
        "OHG",
        "PartG",
        r"e\. ?V",
        r"e\.K",
        r"UG \(haftungsbeschränkt\)",
    ),
    *("Ltd", "Limited", "LLC", r"L\.L\.C", "LLP", "Inc", "Incorporated", "Corp", "Corporation"),
    *("PLC", "PLLC", "Pty", "Pte", "& Sons", "& Co", "and Sons", "Group", "Holdings?"),
    *("SARL", r"S\.?à\.?r\.?l", r"S\.A\.R\.L", r"S\.A\.S(?:\.U)?", "SASU", "EURL", r"S\.N\.C"),
    *("S ?rl", r"S\.r\.l(?:\.s)?", "SpA", r"S\.p\.A", r"S\.a\.s", r"S\.n\.c", r"S\.C\.?r\.l"),
    *(r"S\.L(?:\.U)?", r"S\.A(?: de C\.V)?", r"S\.? ?L\.? ?U", r"S\. ?Coop", r"S\.C"),
    *(r"B\.V", r"N\.V", r"V\.O\.F", "Lda", "Ltda", "S/A", "EIRELI"),
    *(
        "Kft",
        "Zrt",
        "Nyrt",
        "Oyj",
        "ApS",
        "A/S",
        r"Sp\. ?z ?o\. ?o",
        r"s\.r\.o",
        r"a\.s",
        r"d\.o\.o",
    ),
    *(r"K\.K", r"Stichting", "AB \\(publ\\)"),
)
# Words that are also names when they are not in capitals.
_CAPITALS = (
    "AG",
    "KG",
    "UG",
    "SE",
    "SA",
    "SAS",
    "SL",
    "SNC",
    "BV",
    "NV",
    "VOF",
    "AB",
    "AS",
    "OY",
    "CV",
    "EI",
)
_ENDING = re.compile(rf".*(?:\s|,\s?)(?:{'|'.join(_ANY_CASE)})\.?\Z", re.IGNORECASE)
_CAPITAL_ENDING = re.compile(rf".*(?:\s|,\s?)(?:{'|'.join(_CAPITALS)})\.?\Z")
_CO = re.compile(r".*(?:(?:&|,|\sand)\s?Co\.?|\sCo\.|\sCompany\.?)\Z")
_EASTERN = re.compile(
    r"(?:株式会社|有限会社|合同会社|\(株\)|（株）|㈱|주식회사|\(주\)|㈜)|(?:有限公司|株式会社|公司|集团)\Z"
    r"|\A(?:ООО|ОАО|ЗАО|ПАО|ТОВ|АО)\s"
)
_YES = frozenset(
    {"company", "organisation", "organization", "business", "corporate", "firma", "unternehmen"}
    | {"entreprise", "societe", "société", "professionnel", "empresa", "azienda", "societa"}
    | {"società", "bedrijf", "zakelijk", "b2b", "legal", "legal entity", "corporation"}
    | {"geschäftskunde", "geschäftlich", "persona juridica", "juridica", "org"}
)
_NO = frozenset(
    {"individual", "person", "private", "consumer", "privat", "privatperson", "privatkunde"}
    | {"particulier", "particular", "privato", "b2c", "contact", "customer", "client", "natural"}
    | {"persona", "personne", "persoon", "pessoa", "persona fisica", "residential"}
)


def is_organisation(name: str) -> bool:
    """Whether a name ends (in some languages begins) like an organisation's name."""
    if _ENDING.match(name) or _CO.match(name):
        return True
    if not name.isascii() and _EASTERN.search(name):
        return True
    return _CAPITAL_ENDING.match(name) is not None and not name.isupper()


def read_kind(text: str) -> bool | None:
    """Return whether a column says that a customer is an organisation; None if it says neither."""
    key = text.casefold()
    if key in _YES:
        return True
    return False if key in _NO else None
