"""Read a cell: absent, text, yes or no. Shared with the export, which writes such cells.

The export escapes text that a spreadsheet would run, and the import unescapes it
(config.spreadsheets). A text of exactly `NULL`, outside of a person's name, is escaped in the same
way in both formats.
"""

import json
import re
from typing import Any

PERSON = frozenset({"first_name", "middle_name", "last_name", "full_name"})

_NULL = re.compile(r"'*NULL\Z")

_YES = (
    *("true", "yes", "y", "t", "1", "on", "active", "enabled", "x", "✓", "✔"),
    *("ja", "oui", "si", "sí", "sim", "wahr", "vrai", "verdadero", "vero", "waar", "verdadeiro"),
    *("aktiv", "actif", "activo", "activa", "attivo", "attiva", "actief", "ativo", "ativa"),
)
_NO = (
    *("false", "no", "n", "f", "0", "off", "inactive", "disabled", "nein", "non", "nee", "não"),
    *("nao", "falsch", "faux", "falso", "onwaar", "inaktiv", "inactif", "inactivo", "inactiva"),
    *("inattivo", "inattiva", "inactief", "inativo", "inativa"),
)
_WORDS = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)

# Placeholders that people and systems write in cells without a value.
_NOWHERE = frozenset(
    {"-", "–", "—", "--", "---", "?", "??", "???", ".", "..", "...", "_", "/", "n/a", "n.a.", "n.a"}
    | {"#n/a", "#na", "#ref!", "#value!", "#name?", "#div/0!", "#null!", "#num!", "tbc", "tbd"}
    | {
        "tba",
        "(none)",
        "(blank)",
        "(empty)",
        "<none>",
        "<null>",
        "(null)",
        "[none]",
        "not provided",
    }
    | {"not available", "not applicable", "not given", "not known", "k.a.", "k. a.", "keine angabe"}
)
_NO_VALUE = frozenset(
    {"none", "null", "nil", "nan", "undefined", "unknown", "no phone", "no email", "no e-mail"}
    | {"no number", "no address", "unbekannt", "keine", "aucun", "aucune", "inconnu", "ninguno"}
    | {"desconocido", "nessuno", "sconosciuto", "geen", "onbekend", "nenhum", "desconhecido"}
    | {"to follow", "pending", "missing", "empty", "blank"}
)
_SHORT = frozenset({"na", "x", "xx", "xxx"})
_ZEROS = re.compile(r"\+?[0\s().-]{3,}\Z")
# Fields in which words such as "none" or "pending" may be real text.
_WORDY = PERSON | {"name", "legal_name", "tags", "note"}
_CONSENTS = frozenset(
    {"marketing_opt_in", "marketing_opt_out", "sms_opt_in", "sms_opt_out", "phone_opt_out"}
    | {"is_active", "status", "is_organisation", "archived"}
)


def mark_null(text: str, field: str) -> str:
    """Escape a text of exactly `NULL`, so that it is not read as absent."""
    return f"'{text}" if field not in PERSON and _NULL.match(text) else text


def read_text(text: str, field: str) -> str:
    """Return the trimmed text of a cell, "" if it is empty or exactly `NULL`."""
    text = text.strip()
    if field in PERSON:
        return text
    if text == "NULL":
        return ""
    return text[1:] if text.startswith("'") and _NULL.match(text) else text


def is_placeholder(text: str, field: str) -> bool:
    """Whether a cell of another system's export is a placeholder for an absent value.

    A person may be called None or Null, but nobody has the phone number 0000000000.

    >>> is_placeholder("N/A", "last_name"), is_placeholder("None", "last_name")
    (True, False)
    >>> is_placeholder("none", "email"), is_placeholder("0000000000", "phone")
    (True, True)
    """
    if len(text) > 20:
        return False
    key = text.casefold()
    if key in _NOWHERE:
        return True
    if field in _WORDY:
        return False
    if field in _CONSENTS:
        return key in ("unknown", "null", "nan", "undefined", "unbekannt")
    if field == "phone" and _ZEROS.match(text):
        return True
    return key in _NO_VALUE or (key in _SHORT and field in ("phone", "email"))


def read_flag(value: Any) -> Any:
    """Return true or false for words and numbers that mean it, anything else unchanged."""
    if isinstance(value, bool | str | int):
        return _WORDS.get(str(value).casefold(), value)
    return value


def read_list(text: str) -> list[str]:
    """Return the values of a cell: separated by semicolons, or a JSON list."""
    if text.startswith("["):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list) and all(isinstance(one, str) for one in found):
            return found
    return [part.strip() for part in text.split(";") if part.strip()]


def join_list(values: list[str]) -> str:
    """Return a cell that `read_list` reads back: JSON if a value contains a semicolon."""
    text = "; ".join(values)
    return text if read_list(text) == values else json.dumps(values, ensure_ascii=False)
