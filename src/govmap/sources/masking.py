"""Blots out of text what names or reaches a person: identity and telephone numbers, plates, mail, accounts, names.

Numbers go everywhere; names only where people write sentences (`people`), for a shop may well be called Zhang's. Public
service lines (12345, 400 and 800 numbers) stay, and so do dates, amounts, house numbers and numbers of tickets.
"""

import re
from typing import Any

import numpy as np
import pandas as pd

STARS = "***"
_WIDTH = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_WIDE = re.compile("[\uff01-\uff5e\u3000]")
_GAP = r"[-\s.·]?"
_NO_DIGIT, _END = r"(?<![\d.])", r"(?!\d)"
_DAY = r"(?:19|20)\d{2}GAP(?:0[1-9]|1[0-2])GAP(?:0[1-9]|[12]\d|3[01])".replace("GAP", _GAP)
_IDENTITY = rf"{_NO_DIGIT}[1-9]\d{{5}}{_GAP}{_DAY}{_GAP}\d{{3}}{_GAP}[\dXx](?![\dA-Za-z])"
_OLD_IDENTITY = r"(?<!\d)[1-9]\d{5}[2-9]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?![\dXx])"
_COUNTRY = r"(?:(?:\+|00)\s?86|\(\+?86\)|86(?=[-\s]?1[3-9]))[-\s]?"
_MOBILE = (
    rf"(?:(?<![\dA-Za-z.])|(?<=\+)){_COUNTRY}1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}{_END}"
    rf"|{_NO_DIGIT}1[3-9]\d(?:{_GAP}\d{{4}}{_GAP}\d{{4}}|[-\s]\d{{3}}[-\s]\d{{5}}|[-\s]\d{{2}}[-\s]\d{{3}}[-\s]\d{{3}})(?![\d元])"
)
_AREA = r"0(?:10|2\d|[3-9]\d{2})"
_LANDLINE = (
    rf"{_NO_DIGIT}(?:\({_AREA}\)\s?|{_AREA}[-\s])[2-9]\d{{2,3}}[-\s]?\d{{4}}(?:\s?(?:[-转#]|ext\.?)\s?\d{{1,5}})?{_END}"
    rf"|{_NO_DIGIT}{_AREA}[2-9]\d{{6,7}}(?![\d元])"
    r"|(?P<tel>(?:电话|座机|固话|tel|phone|call)\.?\s*[:号是]{0,2}\s*)(?:[2-9]\d{2,3}[-\s]?\d{4}|[1-9]\d{9,11})(?!\d)"
)
_ABROAD = (
    r"(?<![\d+])\+(?!86)\d{1,3}[-\s.]?(?:\(\d{1,4}\)[-\s.]?)?\d{1,4}(?:[-\s.]?\d{2,4}){2,4}(?!\d)"
    r"|(?<![\d-])(?:\([2-9]\d{2}\)\s?|(?!400|800|888|877|866)[2-9]\d{2}[-.])[2-9]\d{2}[-.\s]\d{4}(?![\d-])"
    r"|(?<!\d)0(?:7\d{3}\s?\d{3}\s?\d{3}|20\s\d{4}\s\d{4}|1\d{2,3}\s\d{3}\s?\d{3,4})(?!\d)"
    r"|(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])"
    r"|(?<![A-Za-z])[A-CEGHJ-PR-TW-Z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D](?![A-Za-z\d])"
)
_CARD = r"(?<!\d)62\d{2}(?:[\s-]?\d{4}){3}(?:[\s-]?\d{1,3})?(?!\d)"
_PLATE = (
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·•.\s-]?"
    r"(?:[A-HJ-NP-Z0-9]{5,6}|[A-HJ-NP-Z0-9]{4}[学警挂港澳])(?![A-Za-z0-9])"
)
_MAIL = r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"  # bounds of RFC 5321; a long word would take minutes
_ACCOUNT = (
    r"(?P<chat>(?:微信|weixin|wechat|vx|wx|加[vV薇威])\s*(?:号码?|id|ID)?\s*[:是为]?\s*)[A-Za-z\d][-_A-Za-z0-9]{5,19}"
    r"|(?P<qq>qq\s*(?:号码?|群)?\s*[:是为]?\s*)[1-9]\d{4,10}(?!\d)|(?P<pass>(?:护照|通行证)号?码?\s*[:是为]?\s*)[A-Za-z]{1,2}\d{7,9}"
)
_NUMBERS = re.compile(
    f"{_MAIL}|{_ACCOUNT}|{_IDENTITY}|{_OLD_IDENTITY}|{_CARD}|{_MOBILE}|{_LANDLINE}|{_ABROAD}|{_PLATE}", re.IGNORECASE
)
_LABEL = (
    r"(?:姓名|联系人|来电人|诉求人|投诉人|反映人|当事人|报案人|报修人|举报人|申请人|户主|房主|房东"
    r"|业主|租客|租户|住户|居民|市民|群众|机主)"
)
_HANZI = r"[一-鿿]"
_TITLES = r"先生|女士|小姐|太太|阿姨|叔叔|大爷|大妈|大叔|大姐|大哥|奶奶|爷爷|老太|老伯|老师傅|师傅|同志"
_SURNAME = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭"
    "廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢骆岳齐梅"
    "庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边"
    "陳楊趙黃吳孫馬羅鄭謝韓馮蕭許呂蘇盧蔣賈葉閻餘鄧鍾範譚鄒陸顧龍萬錢湯賴龔蘭顏嚴魯韋畢聶叢駱嶽齊莊關費紀項歐"
)
_NAMES = re.compile(
    rf"(?P<label>{_LABEL}\s*[:是]\s*){_HANZI}[一-鿿·]{{1,3}}(?={_TITLES}|$|[^一-鿿]|电话|手机|反映|来电|身份|住|在|称)"
    rf"|(?P<close>姓名|联系人|来电人|投诉人|当事人|户主|业主|租客)[{_SURNAME}]{_HANZI}{{1,2}}(?=电话|手机|反映|来电|身份|\s*\*)"
    rf"|(?P<family>(?:居民|业主|住户|市民|群众|租客|户主|村民)?)(?P<who>[{_SURNAME}][一-鿿]{{0,2}}?)(?P<title>{_TITLES})"
    rf"|(?<![一-鿿])(?:[{_SURNAME}])[一-鿿]{{1,2}}(?=家(?:门|里|中|楼|的|$|[^一-鿿]))"
    r"|\b(?P<english>Mr|Mrs|Ms|Miss)\.?\s+(?:[A-Z][\w'-]+)(?:\s+[A-Z][\w'-]+)?"
    r"|(?P<named>\b(?i:name|contact|caller|complainant|tenant|owner|resident)\s*:\s*)[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+){0,2}"
)
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_LOOKS = tuple(
    re.compile(look)  # each begins with a set of letters: such are found many times faster than all of them in one
    for look in (
        r"\d[\d ().·-]{5,}\d",
        rf"[A-Za-z{_PROVINCES}]\d|[{_PROVINCES}][A-Za-z]|@",
        "微信|护照|通行证|加[vV薇威]|[qQ][qQ]|[wW][eExX]|[vV][xX]",
    )
)
_LOOKS_FOR_NAMES = tuple(
    re.compile(look)
    for look in (
        f"{_TITLES}|家",
        _LABEL.removeprefix("(?:").removesuffix(")"),
        "Mr|Ms|Miss",
        "ame|ontact|aller|omplain|enant|wner|esident",
    )
)
PIECE, APART = 10_000, "\0"
INSIDE = frozenset({"who", "title", "english"})  # the rest of the named parts only announce what is blotted out


def column(cells: "pd.Series[Any]") -> "pd.Series[Any]":
    """Blot numbers and names of people out of a column of sentences; cell by cell only where a first look finds any."""
    codes, unique = pd.factorize(cells)
    texts = [f"{one}" for one in unique]
    for start in range(0, len(texts), PIECE):
        piece = texts[start : start + PIECE]
        for row in _worth_a_look(piece):
            texts[start + row] = people(piece[row])
    answers = np.array([*texts, None], dtype=object)
    return pd.Series(answers[codes], index=cells.index, dtype=object)


def _worth_a_look(texts: list[str]) -> list[int]:
    whole = _narrow(APART.join(texts))
    ends = np.cumsum([len(text) + 1 for text in texts])
    places = [found.start() for look in _LOOKS + _LOOKS_FOR_NAMES for found in look.finditer(whole)]
    rows = np.unique(np.searchsorted(ends, places, side="right"))
    return [row for row in rows.tolist() if row < len(texts)]


def mask(text: str) -> str:
    """Blot numbers by which a person is known or reached out of a text; one without any is given back as it is."""
    plain = text if text.isascii() else _narrow(text)
    if not any(look.search(plain) for look in _LOOKS):
        return text
    return _blotted(text, plain, _NUMBERS)


def people(text: str) -> str:
    """Blot numbers and names of people out of a sentence."""
    masked = mask(text)
    plain = masked if masked.isascii() else _narrow(masked)
    return _blotted(masked, plain, _NAMES)


def _narrow(text: str) -> str:
    """Give full width letters, digits and signs in their narrow form, one for one."""
    return text.translate(_WIDTH) if _WIDE.search(text) else text


def _blotted(text: str, plain: str, pattern: re.Pattern[str]) -> str:
    """Put stars over what is found in the narrow form of a text; the words that announce it stay, and all else."""
    kept, at = [], 0
    for found in pattern.finditer(plain):
        parts = found.groupdict()
        before = next((said for name, said in parts.items() if said and name not in INSIDE), "")
        after = parts.get("title") or ""
        kept += [text[at : found.start() + len(before)], STARS]
        at = found.end() - len(after)
    return "".join([*kept, text[at:]])
