"""Split a person's whole name into first and last name."""

import re
from typing import NamedTuple

from .family_first import count_family_words, split_eastern

# Words that belong to the last name after them.
PARTICLES = {
    *("af", "al", "av", "ben", "bin", "da", "das", "de", "degli", "dei", "del", "della", "den"),
    *("der", "di", "do", "dos", "du", "el", "ibn", "la", "las", "le", "los", "mac", "san"),
    *("santa", "st", "st.", "te", "ten", "ter", "van", "vande", "vander", "vom", "von", "y"),
    *("zu", "zum", "zur", "'t", "'s", "’t", "’s"),
}
# Suffixes that are part of a name.
_GENERATIONS = frozenset(
    {"jr", "sr", "jnr", "snr", "ii", "iii", "iv", "2nd", "3rd", "4th", "junior", "senior"}
    | {"júnior", "filho", "neto", "sobrinho"}
)
# Titles before a name. Those of the second set can also be names: they need a full stop.
_TITLES = frozenset(
    {"dr", "mr", "mrs", "ms", "miss", "mx", "prof", "professor", "doctor", "sir", "rev", "reverend"}
    | {"herr", "frau", "fräulein", "hr", "mme", "mlle", "madame", "mademoiselle", "monsieur"}
    | {"señor", "señora", "señorita", "sra", "srta", "signor", "signora", "signorina", "dott"}
    | {"dottssa", "dottore", "dottoressa", "sigra", "sigre", "dhr", "mevr", "mevrouw", "meneer"}
    | {"dra", "profa", "doutor", "doutora", "dipl-ing", "drs"}
)
_DOTTED_TITLES = frozenset({"fr.", "sr.", "sig.", "ing.", "mag.", "capt.", "col.", "lt.", "sgt."})
_DEGREES = frozenset(
    {"phd", "dphil", "md", "dds", "dvm", "esq", "esquire", "mba", "jd", "cpa", "rn", "dtm", "bsc"}
    | {"msc", "llb", "llm", "obe", "mbe", "cbe", "frcs", "lcsw", "lmft", "dmd", "psyd", "edd"}
)
_SURE_DEGREES = frozenset({"phd", "dphil", "esq", "esquire", "mba"})
_AND = frozenset({"&", "+", "and", "und", "et", "y", "e", "en"})
# Degrees that are also names or words: only after a comma, in capitals, without full stops.
_COMMA_DEGREES = frozenset(
    {
        "lpc",
        "lcpc",
        "lmhc",
        "np",
        "pa",
        "dc",
        "dpt",
        "pt",
        "ot",
        "lmt",
        "ma",
        "ms",
        "ba",
        "bs",
        "bsn",
    }
    | {"msn", "fnp", "pharmd", "od", "cfp", "cfa", "pe", "pmp", "ryt", "cpt", "cscs", "nd", "mph"}
    | {"mpa", "msw", "lsw", "qc", "kc", "fca", "aca", "mp", "mep", "lac", "crna", "aprn"}
)
# Longer texts are not names, and would be slow to split.
_LONGEST = 1000
# Any degree, if it comes after several commas.
_SHORT = re.compile(r"[A-Z][A-Za-z.]{1,5}\Z")


class PersonName(NamedTuple):
    """A name in two parts, with the titles and degrees removed from them."""

    first: str
    last: str
    titles: tuple[str, ...] = ()


def split_name(whole: str) -> tuple[str, str]:
    """Return the first and last name: `Isabel de Castro` and `Castro, Isabel` both work.

    The last word, with the particles before it, is the last name; a single word is a first name.
    """
    name = read_name(whole)
    return name.first, name.last


def read_name(whole: str, *, hungarian: bool = False) -> PersonName:
    """Return the first name, the last name with its suffix, and the titles.

    The family name comes first in names in Chinese, Japanese or Korean letters, and in Hungarian
    names (`hungarian` says that the row is Hungarian).

    >>> read_name("Dr. Jane Goodall"), read_name("Martin Luther King Jr.")[:2]
    (PersonName(first='Jane', last='Goodall', titles=('Dr.',)), ('Martin Luther', 'King Jr.'))
    >>> read_name("Moe Hall, DTM"), read_name("山田 太郎")[:2], read_name("Nagy János")[:2]
    (PersonName(first='Moe', last='Hall', titles=('DTM',)), ('太郎', '山田'), ('János', 'Nagy'))
    """
    if len(whole) > _LONGEST:
        return PersonName(whole.strip(), "")
    if eastern := split_eastern(whole):
        return PersonName(*eastern)
    parts = [part for part in map(str.strip, whole.split(",")) if part]
    titles: list[str] = []
    ending = ""
    while len(parts) > 1 and _is_behind(parts):
        if _bare(parts[-1]) in _GENERATIONS:
            ending = parts.pop()
        else:
            titles.append(parts.pop())
    if len(parts) == 2:
        words = parts[1].split()
        titles = _take_titles(words) + titles
        return PersonName(" ".join(words), _joined(parts[0], ending), tuple(titles))
    words = (parts[0] if len(parts) == 1 else whole).split()
    before = _take_titles(words)
    while len(words) > (1 if _bare(words[-1]) in _SURE_DEGREES else 2) and (
        _bare(words[-1]) in _DEGREES
    ):
        titles.insert(0, words.pop())
    if not ending and len(words) > 2 and _bare(words[-1]) in _GENERATIONS:
        ending = words.pop()
    titles = before + titles
    if len(words) == 1:
        first, last = ("", words[0]) if before else (words[0], "")
    else:
        first, last = _split_words(words, hungarian)
    if not last:
        first = _joined(first, ending)
    return PersonName(first, _joined(last, ending) if last else "", tuple(titles))


def is_ending(text: str) -> bool:
    """Whether a text is a suffix of a name, such as Jr. or III."""
    return _bare(text) in _GENERATIONS


def is_title(word: str) -> bool:
    """Whether a word is a title before a name, such as Dr. or Frau."""
    return _bare(word) in _TITLES


def _split_words(words: list[str], hungarian: bool) -> tuple[str, str]:
    if at := count_family_words(words, hungarian=hungarian):
        return " ".join(words[at:]), " ".join(words[:at])
    at = len(words) - 1
    while at > 1 and words[at - 1].casefold() in PARTICLES:
        at -= 1
    return " ".join(words[:at]), " ".join(words[at:])


def _take_titles(words: list[str]) -> list[str]:
    """Remove the titles before a name, and return them."""
    titles = []
    while len(words) > 1 and (_bare(words[0]) in _TITLES or words[0].casefold() in _DOTTED_TITLES):
        titles.append(words.pop(0))
        if len(words) > 2 and words[0].casefold() in _AND and _bare(words[1]) in _TITLES:
            words.pop(0)
    return titles


def _is_behind(parts: list[str]) -> bool:
    """Whether the text after the last comma is a suffix or a degree, and not a first name."""
    last, before = parts[-1], parts[-2]
    key = _bare(last)
    if key in _GENERATIONS:
        return True
    if len(parts) == 2 and before[:1].islower():
        # The name begins with a particle, so first names or initials follow the comma.
        return False
    if key in _DEGREES:
        return True
    is_short = _SHORT.match(last) is not None and last.replace(".", "").isupper()
    if len(before.split()) < 2 or before.isupper() or not is_short:
        return False
    return len(parts) > 2 or last.casefold() in _COMMA_DEGREES


def _bare(word: str) -> str:
    return word.casefold().replace(".", "").strip(",")


def _joined(name: str, ending: str) -> str:
    return f"{name} {ending}".strip()
