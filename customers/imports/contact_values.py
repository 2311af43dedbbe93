"""E-mail addresses and phone numbers in a cell: one, several, or with other words.

>>> split_emails("Ann Lee <ann@x.org>"), split_emails("mailto:a@x.org; b@x.org")
(['ann@x.org'], ['a@x.org', 'b@x.org'])
>>> split_phones("020 7946 0141 / 07700 900141")
[('020 7946 0141', ''), ('07700 900141', '')]
>>> split_phones("0351/4567890"), split_phones("020 7946 0144 (mum)")
([('0351/4567890', '')], [('020 7946 0144', 'mum')])
"""

import re

from .damage import INVISIBLE

_IN_BRACKETS = re.compile(r"<\s*(?:mailto:)?([^<>\s]+@[^<>\s]+?)\s*>")
_EMAIL_BORDER = re.compile(r"[\s,;|]+|:::|/(?=[^/@]+@)")
_REMOVED = dict.fromkeys(map(ord, INVISIBLE))

_SURE_BORDER = re.compile(r"\s*(?::::|[;\n|])\s*")
_LIKELY_BORDERS = tuple(
    re.compile(words, re.IGNORECASE)
    for words in (r"\s+(?:or|oder|ou|o|of|and|und|et|&)\s+", r"\s*,\s*")
)
_SLASH = re.compile(r"\s*/\s*")
_LEAST_DIGITS = 6
# The least digits of a number that begins with 0 or `+`, of another number, and of another number
# after one with 0 or `+`.
_LEAST_WHOLE, _LEAST_LOCAL, _NATIONAL = 9, 7, 10
_BEGIN = re.compile(r"[+\d]")
# Longer cells are not lists of numbers, and would be slow to split.
_LONGEST = 1000
_DIGIT = re.compile(r"\d")
_IS_PLAIN = re.compile(r"[\d\s()+.-]{3,17}\Z")
_LABEL_BEFORE = re.compile(
    r"([^\W\d][\w .-]{0,30}):\s*(?=[+(\d])"
    r"|(tel|telephone|phone|ph|mobile|mob|mobil|cell|home|work|office|handy|privat|m|t|h|w|p)"
    r"[.:]?\s+(?=[+(\d])",
    re.IGNORECASE,
)
_LABEL_BEHIND = re.compile(r"(.*\d)\s*[(\[]\s*([^\W\d][^()\[\]]{0,40}?)\s*[)\]]\Z", re.DOTALL)
_LABEL_AFTER = re.compile(
    r"(.*\d)\s*[-–,]?\s+(mobile|mob|mobil|cell|home|work|office|mum|mom|dad|wife|husband|partner"
    r"|privat|whatsapp)\.?\Z",
    re.IGNORECASE | re.DOTALL,
)


def split_emails(text: str) -> list[str]:
    """Return the e-mail addresses of a cell, or the whole text if it has none."""
    if len(text) > _LONGEST:
        return [text]
    text = text.translate(_REMOVED) if not text.isascii() else text
    if _IN_BRACKETS.search(text):
        rest = _IN_BRACKETS.sub(r" <\1> ", text)
        pieces = [_bare(piece) for piece in _EMAIL_BORDER.split(rest)]
        return [piece for piece in pieces if "@" in piece[1:-1]]
    pieces = [_bare(piece) for piece in _EMAIL_BORDER.split(text)]
    found = [piece for piece in pieces if "@" in piece]
    others = [piece for piece in pieces if piece and "@" not in piece and piece[-1] != ":"]
    return [text.strip()] if others or not found else found


def split_phones(text: str) -> list[tuple[str, str]]:
    """Return the numbers of a cell as typed, each with the label next to it."""
    if len(text) > _LONGEST:
        return [(text, "")]
    text = text.translate(_REMOVED).strip() if not text.isascii() else text
    if _IS_PLAIN.match(text) and "\n" not in text:
        return [(text, "")]
    pieces = [text]
    for border in (_SURE_BORDER, *_LIKELY_BORDERS):
        is_sure = border is _SURE_BORDER
        pieces = [part for piece in pieces for part in _split(piece, border, is_sure)]
    pieces = [part for piece in pieces for part in _split_at_slashes(piece)]
    return [_without_label(piece) for piece in pieces if piece]


def _bare(piece: str) -> str:
    if piece[:7].casefold() == "mailto:":
        piece = piece[7:]
    return piece.strip("<>()[]\"'.,;")


def _split(text: str, border: re.Pattern[str], is_sure: bool) -> list[str]:
    """Split a text if every part is long enough to be a number."""
    pieces = [piece.strip() for piece in border.split(text)]
    least = 1 if is_sure else _LEAST_DIGITS
    fits = all(len(_DIGIT.findall(piece)) >= least for piece in pieces if piece)
    return pieces if fits else [text]


def _split_at_slashes(text: str) -> list[str]:
    """Split a text at slashes between two numbers, but not after an area code."""
    found, at = [], 0
    for slash in _SLASH.finditer(text):
        if _are_two(text[at : slash.start()], text[slash.end() :], slash[0] != "/"):
            found.append(text[at : slash.start()])
            at = slash.end()
    return [piece.strip() for piece in (*found, text[at:])]


def _are_two(before: str, behind: str, has_blanks: bool) -> bool:
    """Whether the texts on both sides of a slash are separate numbers.

    >>> _are_two("+49 2151", "987654", False), _are_two("07700 900141", "020 7946 0141", False)
    (False, True)
    """
    number = behind.split("/")[0]
    # A short piece is the area code of the number after it.
    behind = number if len(_DIGIT.findall(number)) >= _LEAST_DIGITS else behind
    size, further = len(_DIGIT.findall(before)), len(_DIGIT.findall(behind))
    begin, next_begin = _BEGIN.search(before), _BEGIN.search(behind)
    if begin is None or next_begin is None or further < _LEAST_DIGITS:
        return False
    if begin[0] in "+0":
        return size >= _LEAST_WHOLE and (next_begin[0] in "+0" or further >= _NATIONAL)
    least = _LEAST_LOCAL if has_blanks or next_begin[0] in "+0" else _LEAST_LOCAL + 1
    return min(size, further) >= least


def _without_label(text: str) -> tuple[str, str]:
    if found := _LABEL_BEFORE.match(text):
        return text[found.end() :].strip(), (found[1] or found[2]).strip()
    if found := _LABEL_BEHIND.match(text) or _LABEL_AFTER.match(text):
        return found[1].strip(), found[2]
    return text, ""
