"""What a unit covers, in words that `addresses.listed` reads back: 幸福小区1-8、10号楼、建设路单号13-19号."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from govmap.addresses import normalise
from govmap.messages import Voice

FEWEST_IN_A_RUN, STEP = 3, 2
TOLD = ("compound", "building", "street", "house_number", "part")
NUMBERED = re.compile(r"(\d+)(?:号楼|号|栋|幢|座|楼)?|(?:block|building|bldg)\s*(\d+)")


@dataclass(frozen=True)
class Numbers:
    """House numbers of one street: all of them, to know where a run of some must end."""

    odd: tuple[int, ...]
    even: tuple[int, ...]


def natural(text: object) -> tuple[tuple[int, int, str], ...]:
    """Give a key by which 2号楼 stands before 10号楼, and 二号楼 with it; what is missing stands last."""
    if not isinstance(text, str) or not text:
        return ((2, 0, ""),)
    pieces = re.findall(r"\d+|\D+", normalise(text) or text)
    return tuple((0, int(one), "") if one.isdecimal() else (1, 0, one) for one in pieces)


def numbered(name: object) -> int | None:
    """Give the number of a building that is called by nothing else, such as 3号楼, 三栋, Block 3."""
    if not isinstance(name, str):
        return None
    found = NUMBERED.fullmatch(normalise(name))
    return int(found[1] or found[2]) if found else None


def covered(buildings: pd.DataFrame, unit: str, voice: Voice) -> pd.Series:
    """
    Say of every unit what it covers.

    Parameters
    ----------
    buildings
        One row a building and unit: `building_id`, `compound` (its name), `building` (its name), `street`,
        `house_number`, `part` (words for a part of it, where it is divided).
    unit
        The column that names the unit.

    Returns
    -------
    texts
        By unit, sorted; a compound is named alone where all its listed buildings lie whole in the unit.
    """
    buildings = pd.DataFrame({name: buildings[name].astype(object) for name in (unit, *TOLD)})  # plain rows, read fast
    homes = buildings.groupby("compound")[unit].nunique()
    cut = set(buildings.loc[buildings["part"] != "", "compound"])
    whole = frozenset(str(name) for name, count in homes.items() if count == 1 and name not in cut)
    streets = _streets(buildings)
    texts = {one: _text(rows, whole, streets, voice) for one, rows in buildings.groupby(unit, sort=True)}
    return pd.Series(texts, dtype=object)


def only_counted(buildings: pd.DataFrame, unit: str) -> int:
    """Count the buildings that words can only count: without name, number or address, where not all are of one unit."""
    home = buildings["compound"]
    bare = buildings["building"].isna() & (home.notna() | buildings["street"].isna() | buildings["house_number"].isna())
    whole = home.notna() & (buildings.groupby(home)[unit].transform("nunique") == 1)
    left = buildings[bare & ~whole]
    spread = left.groupby(left["compound"].fillna(""))[unit].transform("nunique") > 1
    return int(spread.sum())


def numbers(found: Iterable[int], known: Sequence[int] | None = None, *, fewest: int = FEWEST_IN_A_RUN) -> list[str]:
    """
    Give numbers as 1-8, 10: a run stands for every one between its ends.

    Parameters
    ----------
    known
        Every number there is; a run goes on over numbers that are none of these. Without it only over the next one.
    fewest
        A run has so many numbers at least; shorter ones are told one by one.
    """
    rows = sorted(set(found))
    place = {one: at for at, one in enumerate(known)} if known is not None else {one: one for one in rows}
    runs: list[list[int]] = []
    for one in rows:
        if runs and place[one] == place[runs[-1][-1]] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    told = [[f"{run[0]}-{run[-1]}"] if len(run) >= fewest else [str(one) for one in run] for run in runs]
    return [one for run in told for one in run]


def _streets(buildings: pd.DataFrame) -> Mapping[str, Numbers]:
    known: dict[str, set[int]] = defaultdict(set)
    for street, number in zip(buildings["street"], buildings["house_number"], strict=True):
        if isinstance(street, str) and isinstance(number, str) and number.isdecimal():
            known[street].add(int(number))
    sides = ((street, sorted(some)) for street, some in known.items())
    return {
        street: Numbers(tuple(one for one in some if one % STEP), tuple(one for one in some if not one % STEP))
        for street, some in sides
    }


def _text(rows: pd.DataFrame, whole: frozenset[str], streets: Mapping[str, Numbers], voice: Voice) -> str:
    """Tell compounds first, then streets, then what has a name alone; count what has none."""
    told: list[str] = []
    for compound in sorted(set(rows["compound"].dropna()), key=natural):
        told += [compound] if compound in whole else _of_compound(compound, rows[rows["compound"] == compound], voice)
    rest = rows[rows["compound"].isna()]
    by_street = rest[rest["street"].notna() & rest["house_number"].notna()]
    for street in sorted(set(by_street["street"]), key=natural):
        told += _of_street(street, by_street[by_street["street"] == street], streets.get(street), voice)
    rest = rest.drop(by_street.index)
    named = rest[rest["building"].notna()]
    told += [
        _parted(name, part, voice) for name, part in sorted(set(zip(named["building"], named["part"], strict=True)))
    ]
    bare = len(rest) - len(named)
    unnamed = [voice.say("roster_unnamed_one" if bare == 1 else "roster_unnamed", count=str(bare))] if bare else []
    return voice.say("roster_comma").join(told + unnamed)


def _of_compound(compound: str, rows: pd.DataFrame, voice: Voice) -> list[str]:
    """Tell a part of a compound: the numbers of its buildings, then names, then how many have neither."""
    number = rows["building"].map(numbered)
    plain = rows[number.notna() & (rows["part"] == "")]
    told = numbers(int(one) for one in number[plain.index])
    lines = [voice.say("roster_numbers", name=compound, numbers=told)] if told else []
    parted = rows[(rows["part"] != "") & rows["building"].notna()]
    apart = parted["building"].where(~parted["building"].str.contains(r"\d$"), parted["building"] + " ")
    parted = parted.assign(building=apart)  # 3 1单元 is not 31单元
    lines += [
        voice.say("roster_part", name="" if compound in name else compound, building=name, part=part).strip()
        for name, part in sorted(zip(parted["building"], parted["part"], strict=True), key=lambda one: natural(one[0]))
    ]
    named = rows[number.isna() & rows["building"].notna() & (rows["part"] == "")]
    lines += sorted(set(named["building"]))
    bare = int(rows["building"].isna().sum())
    key = "roster_unnamed_in_one" if bare == 1 else "roster_unnamed_in"
    return lines + ([voice.say(key, name=compound, count=str(bare))] if bare else [])


def _parted(name: str, part: str, voice: Voice) -> str:
    """Name a building, and the part of it where it is divided."""
    return voice.say("roster_part", name="", building=name, part=part).strip() if part else name


def _of_street(street: str, rows: pd.DataFrame, known: Numbers | None, voice: Voice) -> list[str]:
    """Tell the house numbers of a street, each side for itself."""
    plain = rows["house_number"].str.fullmatch(r"\d+") & (rows["part"] == "")
    found = [int(one) for one in rows.loc[plain, "house_number"]]
    lines = []
    for side, every in (("odd", known.odd), ("even", known.even)) if known else ():
        told = numbers((one for one in found if one in every), every)
        runs = [one for one in told if "-" in one]
        lines += [voice.say(f"roster_{side}", street=street, numbers=one) for one in runs]
        lines += [voice.say("roster_house", street=street, number=one) for one in told if "-" not in one]
    others = rows[~plain].sort_values("house_number")
    return lines + [
        _parted(voice.say("roster_house", street=street, number=number), part, voice)
        for number, part in zip(others["house_number"], others["part"], strict=True)
    ]
