"""Names that begin with the family name in their language.

>>> split_eastern("山田 太郎"), split_eastern("김민수"), split_eastern("田中太郎")
(('太郎', '山田'), ('민수', '김'), ('太郎', '田中'))
>>> split_eastern("王小明"), split_eastern("歐陽娜娜"), split_eastern("高橋誠")
(('小明', '王'), ('娜娜', '歐陽'), ('誠', '高橋'))
>>> count_family_words(["Kovács", "János"]), count_family_words(["János", "Kovács"])
(1, 0)
>>> count_family_words(["García", "Márquez", "Gabriel"])
2
"""

import re
import unicodedata

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
_HANGUL = re.compile(r"[\uac00-\ud7a3]{2,5}")
_EASTERN = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff]+")
# Korean family names of one and of two letters. The last list is ambiguous, because its names begin
# like a family name of one letter: they need a given name of two letters.
_KOREAN = frozenset(
    "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진지엄채원천방공"
    "현함변염여추도소석선설마길연위표명기반라왕금옥육인맹제모탁국어은편용예봉사부가복태목형계피두감"
    "음빈동온호범팽승간상시갈단견당화리량림"
)
_LONG_KOREAN = ("남궁", "제갈", "독고", "사공", "동방")
_MAYBE_LONG_KOREAN = ("황보", "선우", "서문")
# Chinese family names of one letter (simplified and traditional), and of two letters.
_CHINESE = frozenset(
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何高林罗羅郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹彭曾"
    "萧蕭肖田董袁潘于蒋蔣蔡余杜叶葉程苏蘇魏吕呂丁任沈姚卢盧姜崔钟鍾鐘谭譚陆陸汪范金石廖贾賈夏韦韋付傅"
    "方白邹鄒孟熊秦邱江尹薛闫閆阎閻段雷侯龙龍史陶黎贺賀顾顧毛郝龚龔邵万萬钱錢严嚴覃武戴莫孔向汤湯"
    "常温溫康施文牛樊葛邢安齐齊易乔喬伍庞龐颜顏倪庄莊聂聶章鲁魯岳翟殷詹申欧歐耿关關兰蘭焦俞左柳甘祝包"
    "宁寧尚符舒阮柯纪紀梅童凌毕畢单單季裴霍涂苗谷盛曲翁冉骆駱蓝藍路游辛靳阙闕卓饶饒"
)
_LONG_CHINESE = (
    *("欧阳", "歐陽", "司马", "司馬", "诸葛", "諸葛", "上官", "夏侯", "皇甫", "尉迟", "尉遲"),
    *("公孙", "公孫", "慕容", "令狐", "东方", "東方", "司徒", "长孙", "長孫", "宇文", "端木"),
    *("南宫", "南宮", "独孤", "獨孤", "轩辕", "軒轅", "百里", "呼延", "申屠", "范姜", "張簡"),
)
# Japanese family names of two and three letters. Some begin like a Chinese family name.
_JAPANESE_NAMES = """
佐藤 鈴木 高橋 田中 伊藤 渡辺 渡邊 渡邉 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本
井上 木村 斎藤 斉藤 齋藤 齊藤 清水 山崎 阿部 池田 橋本 山下 石川 中島 前田 藤田 後藤
小川 岡田 村上 長谷川 近藤 石井 坂本 遠藤 青木 藤井 西村 福田 太田 三浦 藤原 岡本 松田
中川 中野 原田 小野 田村 竹内 金子 和田 中山 石田 上田 森田 小島 柴田 宮崎 酒井 工藤
横山 宮本 内田 高木 安藤 谷口 大野 丸山 今井 高田 藤本 武田 村田 上野 杉山 増田 平野
大塚 千葉 久保 松井 小山 野口 菊地 菊池 岩崎 桜井 木下 野村 松尾 佐野 渡部 新井 古川
水野 大西 小松 高野 山内 西田 浜田 本田 中田 松岡 服部 大久保 五十嵐 川口 平田 川崎 飯田
吉川 樋口 川上 永井 松村 田口 山中 安田 石原 馬場 大島 熊谷 高山 黒田 白石 岡崎 尾崎
江口 江藤 石黒 石橋 石塚 金井 金田 高井 高島 田辺 田島 田代 武藤 白井 夏目 毛利 葉山
林田 関口 大石 大谷 小池 小泉 片山 神田 河野 川村 北村 児玉 榎本 宇野 小笠原 長田 成田
西川 萩原 早川 星野 堀内 矢野 吉村 金城 松浦 松下 平井 土屋 市川 岩田 大橋 荒木 福島
須藤 野田 小沢 岡部 渋谷
"""
_JAPANESE = frozenset(_JAPANESE_NAMES.split())

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
    """Return the first and the last name of a name in Chinese, Japanese or Korean letters.

    A name without a space is split after a known family name, or not at all.
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
    size = _family_size(words[0])
    return (words[0][size:], words[0][:size]) if size else None


def _family_size(name: str) -> int:
    """Return the length of the family name in a name without a space, 0 if it is unknown.

    One to three letters must follow the family name.
    """
    if _HANGUL.fullmatch(name):
        is_long = name.startswith(_LONG_KOREAN) and len(name) > 2
        is_long |= name.startswith(_MAYBE_LONG_KOREAN) and len(name) > 3
        size = 2 if is_long else int(name[0] in _KOREAN)
        return size if len(name) - size <= 3 else 0
    for size in (3, 2):
        is_family = name[:size] in _JAPANESE or (size == 2 and name.startswith(_LONG_CHINESE))
        if is_family and 1 <= len(name) - size <= 3:
            return size
    return int(name[0] in _CHINESE and 2 <= len(name) <= 3 and _HAN.fullmatch(name) is not None)


def count_family_words(words: list[str], *, hungarian: bool = False) -> int:
    """Return the number of words of a family name at the beginning, 0 if it is at the end.

    Hungarian: both words are known, or the row is Hungarian and the first word is not a first name.
    Spanish: two family names come before a word that is not one, as in office lists.
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
    """Return the number of words in capitals before other words: LEFEVRE Zoé, DE LA TOUR Jean."""
    at = next((at for at, word in enumerate(words) if not word.isupper()), 0)
    return at if all(word.isalpha() for word in words[:at]) else 0


def _is_spanish_family(key: str) -> bool:
    return key in _SPANISH_FAMILIES or (key.endswith("ez") and len(key) > 4)


def _fold(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(one for one in letters if not unicodedata.combining(one))
