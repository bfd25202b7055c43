"""One form for an address or name of a building, and its parts.

`normalise` makes equal what is written differently and `parse` takes an address apart: compound, street and number,
building, stairwell. Rooms and floors are recognised so that they can be left out: who lives behind which door is
nobody's business here.
"""

import re
import unicodedata
from dataclasses import dataclass, replace

from govmap.catalog import layer

LONGEST = 600  # letters; what is longer is no address, and taking it apart would last for minutes
_WRITTEN = ("零〇○", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
_DIGITS = {letter: value for value, letters in enumerate(_WRITTEN) for letter in letters}
_SCALES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10000}
_NUMERAL = re.compile(f"[{''.join(_DIGITS)}{''.join(_SCALES)}]+")
_SIMPLE = str.maketrans(layer("characters")["traditional"], layer("characters")["simple"])
_FIRST = {short: long for long, shorts in layer("ways")["first"].items() for short in shorts}
_HANZI = re.compile(r"[一-鿿]")
_N = r"[甲乙丙丁附]?[a-z]?\d+[a-z]?"
_COUNTED = "号|楼|栋|幢|座|单元|弄|门|室|层|期|区|组|村|-|$"
_BUILDING_WORDS = "号楼栋|号楼|号栋|号幢|号座|栋楼|楼栋|楼幢|栋|幢|座|#楼|#"
_NO_BUILDING = "层|上|下|道|梯|盘|市|宇|村|镇|房"
_BUILDING = re.compile(rf"(?P<building>{_N}|(?<![a-z])[a-z])号楼")
_PLAIN_BUILDING = re.compile(rf"(?P<name>.+?)(?P<building>{_N})号$")
_STRETCH = re.compile(r"[路街道巷弄][(（][^()（）]*[路街道巷弄]")
_BARE_BUILDING = re.compile(rf"(?P<building>{_N})号")
_ENTRANCE = re.compile(r"(?P<entrance>\d+|[a-z])(?:单元|门洞|门栋|门|梯)")
_DASHED = re.compile(r"(?<![\da-z])(?P<building>[a-z]?\d{1,3})-(?P<entrance>\d{1,2})(?:-\d{2,4}(?:室|户|房)?)$")
_ROOM = re.compile(r"-?(?:(?:\d+层)?\d{3,4}[a-z]?(?:室|房|户)?|\d+(?:室|户)|\d+层)$")
_STREET = re.compile(
    r"(?P<street>[^\d()]{1,12}?(?:大道|大街|路|街|道|巷|胡同|里弄|公路|坊)(?:[东西南北中]?[段路街])?)"
    rf"(?P<lane>{_N}弄)?(?:(?P<number>{_N})号(?!楼)(?:大?院)?)?"
)
_LANE = re.compile(rf"(?P<street>[^\d()]{{1,12}}?)(?P<lane>\d+弄)(?:(?P<number>{_N})号(?!楼))?")
_REGION = re.compile(r"^(?:[^\d]{2,8}?(?:省|自治区))?(?:[^\d]{2,7}?市)?")
_DISTRICT = re.compile(r"^[^\d]{1,6}?(?:新区|(?<!小)区|县|旗)(?!楼)")
_TOWN = re.compile(r"^[^\d]{1,8}?(?:街道办事处|街道办|街道|镇|乡)(?=.)")
_COMMUNITY = re.compile(r"^[^\d]{1,10}?(?:社区居委会|社区居民委员会|居委会|社区|村委会|村民委员会)(?=.)")
_BEFORE = re.compile(
    r"^(?P<number>\d+[a-z]?(?:[-/]\d+[a-z]?)?)\s+(?P<street>(?:\d+(?:st|nd|rd|th)\b|[^\d,]).*?)(?:,.*)?$"
)
_AFTER = re.compile(
    r"^(?P<street>(?:\d+(?:st|nd|rd|th)\b)?[^\d,]*[^\d,\s])\s*,?\s+(?P<number>\d+[a-z]?(?:-\d+[a-z]?)?)(?:,.*)?$"
)
_INNER = re.compile(r"\b(?:apt|apartment|unit|flat|suite|ste|room|rm|floor|fl)\b\s*\w*")
_HOUSE = re.compile(
    r"^(?:(?P<before>.*?[^\s,])[\s,]+)?(?:block|building|bldg|tower|house) (?P<building>\d+[a-z]?|[a-z])"
    r"(?:[\s,]+(?P<after>.*))?$"
)


@dataclass(frozen=True)
class Address:
    """
    The parts of an address; empty where it has none.

    `name` is what is left beside street and numbers: a compound's or a building's name. `block` says that the number
    stands for a stretch of the street ("1700 block").
    """

    name: str = ""
    street: str = ""
    number: str = ""
    building: str = ""
    entrance: str = ""
    block: bool = False

    @property
    def place(self) -> str:
        """The address down to the stairwell, in one form."""
        stairs = f"{self.entrance}单元" if self.entrance else ""
        return f"{self._way}{self.name}" + (f"{self.building}号楼" if self.building else "") + stairs

    @property
    def _way(self) -> str:
        if _HANZI.search(self.street):
            return self.street + (f"{self.number}号" if self.number else "")
        return " ".join(one for one in (self.number, self.street) if one)


def numeral(text: str) -> int | None:
    """Read a Chinese numeral: 十二 is 12, 二〇三 is 203, 一百零五 is 105; None where it is none."""
    if not text or not _NUMERAL.fullmatch(text):
        return None
    if not any(letter in _SCALES for letter in text):
        return int("".join(str(_DIGITS[letter]) for letter in text))
    total, section, digit = 0, 0, 0
    for letter in text:
        if letter in _DIGITS:
            digit = _DIGITS[letter]
        elif letter == "万":
            total, section, digit = total + (section + digit) * _SCALES[letter], 0, 0
        else:
            section, digit = section + (digit or 1) * _SCALES[letter], 0
    return total + section + digit


def simplified(text: str) -> str:
    """Write the traditional letters that occur in the names of places as their simple ones."""
    return text.translate(_SIMPLE)


def normalise(text: str) -> str:
    """
    Give an address or a building's name in one form.

    Width, case, spaces and dashes; numerals before a word of counting (三号楼 is 3号楼); 栋, 幢, 座, 號樓 and # become
    号楼; traditional letters that occur in addresses; the common abbreviations of English streets.
    """
    text = unicodedata.normalize("NFKC", text).strip().casefold()
    if len(text) > LONGEST:
        return text
    text = re.sub(r"[‐-―−—–－~～]+", "-", text)
    if not _HANZI.search(text):
        return _western(text)
    text = re.sub(r"[\s,，。.、;；:：'\"“”]+", "", text).translate(_SIMPLE)
    text = re.sub(rf"{_NUMERAL.pattern}(?={_COUNTED})", _as_digits, text)
    text = re.sub(rf"({_N}|(?<![a-z])[a-z])(?:{_BUILDING_WORDS})(?!{_NO_BUILDING})", r"\1号楼", text)
    text = re.sub(rf"(\d[a-z]?)楼(?!{_NO_BUILDING}|[\da-z])", r"\1号楼", text)
    return re.sub(r"(?<!\d)0+(?=\d)", "", text)


def parse(text: str) -> Address:
    """Take an address apart; room and floor are left out, and province to community too where something stays."""
    text = re.sub(r"[(（].*?[)）]", "", normalise(text))
    if len(text) > LONGEST:
        return Address()
    if not _HANZI.search(text) and not _DASHED.fullmatch(text):
        return _parse_western(text)
    rest = below_the_town(text)
    community = _COMMUNITY.match(rest)
    address = _parse_chinese(rest[community.end() :] if community else rest)
    if community and not address.name and not address.street:
        return replace(address, name=community[0])
    return address


def readings(text: str) -> tuple[Address, ...]:
    """Take an address apart with the words before it, then without province to community: 万科城市花园 is no city."""
    plain = re.sub(r"[(（].*?[)）]", "", normalise(text))
    short = parse(text)
    whole = _parse_chinese(plain) if _HANZI.search(plain) and len(plain) <= LONGEST else short
    return (short,) if whole == short else (whole, short)


def without_room(text: str) -> str:
    """Give an address down to the stairwell, in one form."""
    plain = normalise(text)
    if len(plain) > LONGEST:
        return plain
    if not _HANZI.search(plain) and not _DASHED.fullmatch(plain):
        return re.sub(r"\s+", " ", _INNER.sub("", plain)).strip(" ,")
    return plain if _STRETCH.search(plain) else parse(text).place or plain


def _as_digits(found: re.Match[str]) -> str:
    value = numeral(found[0])
    return found[0] if value is None else str(value)


def below_the_town(text: str) -> str:
    """Leave out province, city, district and town, each only where the one above it or its own word makes it sure."""
    region = _REGION.match(text)
    inside = bool(region and region[0])
    text = text[region.end() :] if region else text
    district = _DISTRICT.match(text)
    if district and (inside or _TOWN.match(text[district.end() :])):
        inside, text = True, text[district.end() :]
    town = _TOWN.match(text)
    if town and (inside or "街道" in town[0] or _COMMUNITY.match(text[town.end() :])):
        text = text[town.end() :]
    return text


def _parse_chinese(text: str) -> Address:
    address, rest = _street(text)
    house = _BUILDING.search(rest)
    if house:
        address = replace(address, building=house["building"], name=rest[: house.start()].strip("-"))
        return _stairs(address, rest[house.end() :])
    return _name(address, rest)


def _street(text: str) -> tuple[Address, str]:
    """Take the street off the front: with a number, a lane, or a compound behind it."""
    found = _STREET.match(text) or _LANE.match(text)
    if not found or not (found["number"] or found["lane"]):
        return Address(), text
    return Address(street=found["street"] + (found["lane"] or ""), number=found["number"] or ""), text[found.end() :]


def _stairs(address: Address, rest: str) -> Address:
    """Read what stands behind the building: 2单元501, -2-501. A lane's building is its number."""
    door = _ENTRANCE.search(rest) or re.match(r"-?(?P<entrance>\d{1,2})-\d{3,4}", rest)
    address = replace(address, entrance=door["entrance"]) if door else address
    if address.street.endswith("弄") and not address.number and not address.name:
        return replace(address, number=address.building, building="")
    return address


def _name(address: Address, rest: str) -> Address:
    """Read what has no building word: a name, with stairwell and room behind it or with a bare number."""
    dashed = _DASHED.search(rest)
    if dashed:
        address = replace(address, building=dashed["building"], entrance=dashed["entrance"])
        return replace(address, name=rest[: dashed.start()].strip("-"))
    door = _ENTRANCE.search(rest)
    if door:
        address, rest = replace(address, entrance=door["entrance"]), rest[: door.start()].strip("-")
    rest = _ROOM.sub("", rest) or rest
    bare = _BARE_BUILDING.fullmatch(rest) if address.number else None
    if bare:
        return replace(address, building=bare["building"])
    numbered = _PLAIN_BUILDING.match(rest) if not address.street else None
    if numbered:
        return replace(address, name=numbered["name"], building=numbered["building"])
    return replace(address, name="" if address.street and rest and _ROOM.fullmatch(rest) else rest)


def _western(text: str) -> str:
    text = re.sub(r"[\s_]+", " ", text.replace(".", " ").replace("#", " ")).strip()
    text = re.sub(r"(?<=\d) ([a-z])(?=$|,)", r"\1", text)
    text = re.sub(r"^(\d+) ([a-df-mo-rt-vx-z])(?= \w\w)", r"\1\2", text)
    words: list[str] = re.split(r"([, ])", text)
    short: dict[str, str] = layer("ways")["short"]
    first = _first(words)
    return "".join(
        _FIRST.get(word, word) if at == first else short.get(word.strip("'\""), word) for at, word in enumerate(words)
    )


def _first(words: list[str]) -> int | None:
    """Find a word that begins a street's name and is short for saint and the like there: St Paul Street."""
    sides = layer("ways")["short"]
    for at, word in enumerate(words):
        if not word.isalpha() or (len(word) == 1 and sides.get(word)):
            continue
        after = words[at + 2] if at + 2 < len(words) and words[at + 1] == " " else ""
        return at if word in _FIRST and after.isalpha() and after not in sides and len(after) > 1 else None
    return None


def _parse_western(text: str) -> Address:
    text = re.sub(r"\s+", " ", _INNER.sub("", text)).strip(" ,")
    text, blocks = re.subn(r"^(\d+)(?:-\d+)? block(?: of)? ", r"\1 ", text)
    house = _HOUSE.match(text)
    if house and not blocks:
        name = (house["before"] or house["after"] or "").strip(" ,")
        return Address(name=name, building=house["building"])
    found = _BEFORE.match(text) or _AFTER.match(text)
    if not found:
        return Address(name=text)
    return Address(street=found["street"].strip(), number=found["number"], block=bool(blocks))
