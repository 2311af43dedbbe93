"""Names in which the family name comes first, as their language has it.

>>> split_eastern("山田 太郎"), split_eastern("김민수"), split_eastern("田中太郎")
(('太郎', '山田'), ('민수', '김'), None)
>>> count_family_words(["Kovács", "János"]), count_family_words(["János", "Kovács"])
(1, 0)
>>> count_family_words(["García", "Márquez", "Gabriel"])
2
"""

import re
import unicodedata

_EASTERN = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff]+")
_HANGUL = re.compile(r"[\uac00-\ud7a3]{2,5}\Z")
_LONG_HANGUL = ("남궁", "황보", "제갈", "사공", "선우", "서문", "독고", "동방")
# Family names in letters that only mainland Chinese has; a Japanese one may have several letters.
_CHINESE = frozenset("张刘陈杨赵孙马罗郑谢许韩冯邓吕苏卢钟谭陆范贾韦邹闫顾龚邵钱严汤吴万侯龙")
_LONG_CHINESE = ("欧阳", "司马", "诸葛", "上官", "夏侯", "皇甫", "尉迟")

_HUNGARIAN_FAMILIES = frozenset(
    (
        *("nagy", "kovacs", "toth", "szabo", "horvath", "varga", "kiss", "molnar", "nemeth"),
        *("farkas", "balogh", "papp", "takacs", "juhasz", "lakatos", "meszaros", "olah", "racz"),
        *("fekete", "szilagyi", "torok", "feher", "balazs", "gal", "kis", "szucs", "kocsis"),
        *("pinter", "fodor", "orsos", "szalai", "sipos", "magyar", "lukacs", "gulyas", "biro"),
        *("kiraly", "katona", "bogdan", "balog", "boros", "fazekas", "kelemen", "varadi"),
        *("somogyi", "fulop", "orosz", "vincze", "veres", "hegedus", "deak", "budai", "pap"),
        *("balint", "vass", "szoke", "illes", "voros", "bognar", "fabian", "lengyel", "bodnar"),
        *("hajdu", "halasz", "kozma", "szekely", "pasztor", "bakos", "dudas", "virag", "orban"),
        *("barna", "soos", "nemes", "pataki", "balla", "farago", "kerekes", "borbely", "barta"),
        *("szekeres", "csonka", "mezei", "sarkozi", "kertesz", "nemethi", "szentgyorgyi"),
        *("bartok", "kodaly"),
    )
)
_HUNGARIAN_FIRST = frozenset(
    (
        *("janos", "laszlo", "istvan", "jozsef", "zoltan", "gabor", "sandor", "ferenc", "attila"),
        *("peter", "tamas", "zsolt", "tibor", "andras", "csaba", "imre", "lajos", "gyorgy"),
        *("balazs", "gyula", "mihaly", "karoly", "robert", "bela", "daniel", "david", "adam"),
        *("krisztian", "miklos", "norbert", "bence", "mate", "geza", "szabolcs", "rezso", "jeno"),
        *("arpad", "kalman", "otto", "levente", "gergely", "marton", "maria", "erzsebet"),
        *("katalin", "ilona", "eva", "anna", "zsuzsanna", "margit", "julianna", "judit", "agnes"),
        *("andrea", "ildiko", "erika", "krisztina", "iren", "eszter", "magdolna", "monika"),
        *("edit", "gabriella", "szilvia", "timea", "marta", "piroska", "zsofia", "reka"),
        *("viktoria", "orsolya", "dora", "nora", "noemi", "tunde", "melinda", "beata", "klara"),
        *("hajnalka", "emese", "boglarka", "kinga", "csilla", "aniko", "eniko"),
    )
)
_SPANISH_FAMILIES = frozenset(
    (
        *("garcia", "moreno", "munoz", "alonso", "romero", "navarro", "torres", "serrano"),
        *("ramos", "blanco", "molina", "castro", "delgado", "ortega", "rubio", "marin"),
        *("iglesias", "medina", "garrido", "cortes", "castillo", "lozano", "guerrero", "cano"),
        *("prieto", "cruz", "calvo", "gallego", "vidal", "leon", "herrera", "flores", "cabrera"),
        *("campos", "vega", "fuentes", "carrasco", "aguilar", "reyes", "rojas", "vargas"),
        *("mendoza", "silva", "ortiz", "ruiz", "rios", "salazar", "soto", "contreras", "guzman"),
    )
)


def split_eastern(whole: str) -> tuple[str, str] | None:
    """Return first and last name of one in Chinese, Japanese or Korean letters.

    Without a blank inside only Korean names and those of some Chinese families can be told apart.
    """
    if whole.isascii():
        return None
    words = whole.split()
    if not all(_EASTERN.fullmatch(word) for word in words):
        return None
    if len(words) == 2:
        return words[1], words[0]
    if len(words) != 1:
        return None
    name = words[0]
    if _HANGUL.match(name):
        size = 2 if name.startswith(_LONG_HANGUL) and len(name) > 3 else 1
    elif name.startswith(_LONG_CHINESE) and len(name) > 2:
        size = 2
    elif name[0] in _CHINESE and 2 <= len(name) <= 3:
        size = 1
    else:
        return None
    return name[size:], name[:size]


def count_family_words(words: list[str], *, hungarian: bool = False) -> int:
    """Return of how many words the family name is that stands first, 0 where it stands last.

    Hungarian: both words are known as such, or the row is Hungarian and the first word is no first
    name. Spanish: two family names stand before a word that is none, as lists in offices have it.
    """
    keys = [_fold(word) for word in words]
    if hungarian and (capitals := _count_capitals(words)):
        return capitals
    if keys[0] not in _HUNGARIAN_FIRST:
        is_known = keys[0] in _HUNGARIAN_FAMILIES and keys[-1] in _HUNGARIAN_FIRST
        if hungarian or is_known:
            return 1
    is_spanish = len(keys) == 3 and all(map(_is_spanish_family, keys[:2]))
    return 2 if is_spanish and not _is_spanish_family(keys[2]) else 0


def _count_capitals(words: list[str]) -> int:
    """Return how many words in capitals stand before others: LEFEVRE Zoé, DE LA TOUR Jean."""
    at = next((at for at, word in enumerate(words) if not word.isupper()), 0)
    return at if all(word.isalpha() for word in words[:at]) else 0


def _is_spanish_family(key: str) -> bool:
    return key in _SPANISH_FAMILIES or (key.endswith("ez") and len(key) > 4)


def _fold(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(one for one in letters if not unicodedata.combining(one))
