"""Repair text damaged by spreadsheets, web pages or wrong encodings, if nothing is lost.

>>> mend('="02134"'), mend("\u200bZoÃ«\u00a0"), mend("O&#39;Neil"), mend("<b>Bob</b>")
('02134', 'Zoë', "O'Neil", 'Bob')
"""

import html
import re

from django.utils.translation import gettext as _

_SPACES = " \t\r\n\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
# Zero-width characters and direction marks, which copying adds.
INVISIBLE = "\u00ad\u061c\ufeff" + "".join(
    map(chr, (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A)))
)
_ENDS = _SPACES + INVISIBLE
_REMOVED = dict.fromkeys(map(ord, INVISIBLE))
_FORMULA_TEXT = re.compile(r'=\s*"((?:[^"]|"")*)"\Z')
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|amp|lt|gt|quot|apos|nbsp);", re.IGNORECASE)
_TAG = re.compile(r"</?(?:a|b|br|div|em|font|i|p|span|strong|u)(?=[\s/>])[^<>]*>", re.IGNORECASE)
# UTF-8 text of Latin letters and quotation marks that was decoded as a single-byte encoding.
_MISREAD = re.compile("[ÂÃÄÅ][\x80-\xbf\u0152-\u02dc\u2013-\u2122€]|â€")

_SCIENTIFIC = re.compile(r"(\d)(?:[.,](\d+))?[eE](\+?)(\d{1,2})\Z")
_LEAST_POWER = 11
_WHOLE = re.compile(r"(\+?\d+)[.,]0{1,2}\Z")
_APOSTROPHE = re.compile(r"'(?=[\d+])")


class DigitsLost(ValueError):
    """A number that a spreadsheet has rounded."""


def mend(text: str) -> str:
    """Return the repaired text, trimmed."""
    if text.startswith("=") and (found := _FORMULA_TEXT.match(text)):
        text = found[1].replace('""', '"')
    if not text.isascii():
        stripped = text.strip(_ENDS)
        if _MISREAD.search(text):
            # The last character of wrongly decoded text may look like a space.
            stripped = (_decode_again(text) or _decode_again(stripped) or stripped).strip(_ENDS)
        text = stripped
    if "&" in text and _ENTITY.search(text):
        text = _ENTITY.sub(lambda one: html.unescape(one[0]), text)
    if "<" in text:
        text = _TAG.sub("", text)
    return text.strip()


def mend_number(text: str) -> str:
    """Return the digits of an id, a phone or a postal code from a spreadsheet.

    Raises DigitsLost if the spreadsheet kept fewer digits than the number had.

    >>> mend_number("2079460123.0"), mend_number("'0123"), mend_number("4.47911123456E+11")
    ('2079460123', '0123', '447911123456')
    """
    text = _APOSTROPHE.sub("", text.translate(_REMOVED), count=1).strip()
    if found := _WHOLE.match(text):
        return found[1]
    if (found := _SCIENTIFIC.match(text)) and (found[2] or found[3]):
        digits, size = found[1] + (found[2] or ""), int(found[4]) + 1
        if len(digits) != size:
            raise DigitsLost(
                _(
                    "“%(text)s” is a number of which a spreadsheet kept only %(kept)d of %(size)d"
                    " digits. Copy the whole number from where it came."
                )
                % {"text": text, "kept": len(digits), "size": size}
            )
        return digits
    return text


def mend_exported(text: str) -> str:
    """Return a long number of our own export from a spreadsheet; other text is unchanged.

    Spreadsheets write numbers of twelve digits and more in scientific notation. Raises DigitsLost.

    >>> mend_exported("4.47911123456E+11"), mend_exported("1.5E+3"), mend_exported("10.0")
    ('447911123456', '1.5E+3', '10.0')
    """
    found = _SCIENTIFIC.match(text)
    return mend_number(text) if found and int(found[4]) >= _LEAST_POWER else text


def _decode_again(text: str) -> str:
    """Decode again text that was decoded as a single-byte encoding; "" if it is not UTF-8."""
    try:
        return b"".join(map(_byte, text)).decode("utf-8")
    except UnicodeError:
        return ""


def _byte(letter: str) -> bytes:
    """Return the byte of a letter in cp1252, or else in latin-1."""
    try:
        return letter.encode("cp1252")
    except UnicodeEncodeError:
        return letter.encode("latin-1")
