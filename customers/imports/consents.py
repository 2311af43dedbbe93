"""Whether a person agrees to receive offers, from the words that systems and people use.

>>> read_consent("Subscribed"), read_consent("never subscribed"), read_consent("perhaps")
(True, False, None)
>>> read_opt_out("2024-03-01"), read_opt_out("No"), read_consent("2024-03-01")
(False, None, None)
"""

import re
import unicodedata

_TICKED = frozenset(
    {"true", "yes", "y", "t", "1", "on", "x", "✓", "✔", "ja", "oui", "si", "sim", "wahr", "vrai"}
    | {"verdadero", "vero", "waar", "verdadeiro"}
)
_UNTICKED = frozenset(
    {"false", "no", "n", "f", "0", "off", "nein", "non", "nee", "nao", "falsch", "faux", "falso"}
    | {"onwaar", "never", "none"}
)
_AGREES = frozenset(
    {"subscribed", "subscriber", "opted in", "opt in", "optin", "opted-in", "opt-in", "optedin"}
    | {"granted", "given", "consented", "accepted", "agreed", "allowed", "allow", "accept"}
    | {"active", "confirmed", "enabled", "explicit", "express"}
    | {"single opt-in", "double opt-in", "confirmed opt-in", "single opt in", "double opt in"}
    | {"abonniert", "angemeldet", "eingewilligt", "abonne", "inscrit", "accepte", "suscrito"}
    | {"acepta", "aceptado", "iscritto", "accettato", "aangemeld", "ingeschreven", "geabonneerd"}
    | {"inscrito", "aceito", "aceita", "subscrito"}
)
_DECLINES = frozenset(
    {"unsubscribed", "never subscribed", "not subscribed", "non-subscribed", "nonsubscribed"}
    | {"non subscribed", "opted out", "opt out", "optout", "opted-out", "opt-out", "optedout"}
    | {"denied", "declined", "refused", "revoked", "withdrawn", "rejected", "blocked"}
    | {"blacklisted", "suppressed", "cleaned", "bounced", "inactive", "disabled", "not opted in"}
    | {"not given", "do not contact", "do not email", "complained", "spam", "unconfirmed"}
    | {"pending", "transactional", "archived", "deleted", "not set", "hard bounced", "removed"}
    | {"marked as spam", "cancelled", "canceled", "nicht abonniert", "abgemeldet", "gesperrt"}
    | {"desabonne", "desinscrit", "non inscrit", "refuse", "dado de baja", "baja", "no suscrito"}
    | {"disiscritto", "non iscritto", "cancellato", "afgemeld", "uitgeschreven", "cancelado"}
    | {"niet aangemeld", "descadastrado", "nao inscrito"}
)
# The words that also occur in other status columns.
_SUBSCRIPTIONS = frozenset(
    {"subscribed", "opted in", "opt-in", "opted-in", "unsubscribed", "never subscribed"}
    | {"not subscribed", "non-subscribed", "opted out", "opted-out", "opt-out", "unconfirmed"}
    | {"cleaned", "bounced", "blacklisted", "suppressed", "marked as spam", "do not contact"}
    | {"abgemeldet", "desabonne", "desinscrit", "disiscritto", "uitgeschreven", "descadastrado"}
)
_MOMENT = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?\Z|\d{1,2}\.? [^\W\d]{3,9}\.? \d{4}\b"
)


def read_consent(text: str) -> bool | None:
    """Return the value of a column for opt-ins, None if it is neither yes nor no."""
    key = _fold(text)
    if key in _TICKED or key in _AGREES:
        return True
    return False if key in _UNTICKED or key in _DECLINES else None


def read_subscription(text: str) -> bool | None:
    """Return whether a status means a subscription to e-mails, None for other statuses.

    >>> read_subscription("Unsubscribed"), read_subscription("cancelled")
    (False, None)
    """
    key = _fold(text)
    if key not in _SUBSCRIPTIONS:
        return None
    return key in _AGREES


def read_opt_out(text: str) -> bool | None:
    """Return False if a column for opt-outs says yes, or has a date; None if it says no.

    A missing opt-out is not a consent. Raises ValueError for other text.
    """
    key = _fold(text)
    if key in _TICKED or key in _DECLINES or _MOMENT.match(text):
        return False
    if key in _UNTICKED or key in _AGREES:
        return None
    raise ValueError(text)


def _fold(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold().strip())
    folded = "".join(one for one in letters if not unicodedata.combining(one))
    return " ".join(folded.replace("_", " ").split())
