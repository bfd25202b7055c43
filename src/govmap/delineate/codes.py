"""Codes of units: numbered inside each community from north to south and from west to east, kept for good.

A unit has the community's 12 digits and 3 more; what lies inside it has its code and 2 digits more, on every level.
Without the 12 digits it is U001, and what lies inside it U001-01. No number is given twice under the same stem.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from govmap import catalog
from govmap.errors import InputError, PlanError

if TYPE_CHECKING:
    import geopandas as gpd

BANDS = 10
DIGITS = 3
DIGITS_INSIDE = 2
DIGITS_OF_COMMUNITY = r"[0-9]{12}"
PREFIX = "U"


class Stem(NamedTuple):
    """What a code begins with, how many digits its number has, and whether it may have more."""

    text: str
    digits: int
    open: bool

    def place(self, code: str) -> int:
        """Give the number that a code has under this stem, 0 where it stands under another."""
        if not code.startswith(self.text):
            return 0
        tail = code[len(self.text) :]
        found = re.match(r"[0-9]+", tail if self.open else tail[: self.digits])
        return int(found[0]) if found and (self.open or len(found[0]) == self.digits) else 0

    def code(self, number: int, digits: int) -> str:
        """Write the code of a number."""
        return f"{self.text}{number:0{digits}d}"


def number(
    units: "gpd.GeoDataFrame",
    communities: "gpd.GeoDataFrame",
    *,
    former: Mapping[str, str] | None = None,
    given: Iterable[str] = (),
) -> pd.DataFrame:
    """
    Give every unit its code.

    Numbers run through bands of a tenth of the community's north-south extent, north first, and from west to east in
    each, by the representative point of the unit. Communities without 12 digits are counted on from one to the next.

    Parameters
    ----------
    units
        `unit_id`, `community_id`, geometry; `parent_unit_id` where there are units inside units.
    communities
        `community_id`, `code`, geometry.
    former
        Every code ever given in this plan, by unit id, also of units that are no more: units keep theirs, as long as
        they lie in the same unit above. New ones get the next free number.
    given
        Codes that were given elsewhere for good, as in a plan that was adopted: none is given again.

    Returns
    -------
    codes
        Sorted by unit_id: unit_id, code.

    Raises
    ------
    PlanError
        A community has more units than three digits can tell apart, or a unit more than two digits.
    """
    former = dict(former or {})
    ever = sorted({*former.values(), *given})
    prefix = _prefixes(communities)
    code: dict[str, str] = {}
    for rows in _by_depth(_ordered(units, communities), units):
        places = zip(rows["parent"].tolist(), rows["community_id"].tolist(), strict=True)
        stems = [_stem(parent, code, prefix.get(community)) for parent, community in places]
        code |= _numbered(list(rows["unit_id"]), stems, former, ever)
    ids = sorted(code)
    return pd.DataFrame({"unit_id": ids, "code": [code[unit] for unit in ids]})


def short(code: str) -> str:
    """Give a code as people inside one community say it: without the community's 12 digits."""
    found = re.fullmatch(rf"{DIGITS_OF_COMMUNITY}([0-9]{{{DIGITS},}})", code)
    return found[1] if found else code


def export20(code: str, kind: str, *, divided: bool = True) -> str:
    """
    Write a unit's code in the 20 digits of CJ/T 349-2010 (`layers/codes.toml`, from the text of its clause 5).

    Parameters
    ----------
    code
        15 digits.
    kind
        What is managed or served: 6 digits of CJ/T 348-2010, which the office that asks for the code names.
    divided
        Whether the community has more than one unit; else its last two digits are 00.

    Raises
    ------
    InputError
        `kind` is not six digits, or `code` has not the community's 12 digits and 3 more.
    PlanError
        The number of the unit has more than two digits.
    """
    rule = catalog.layer("codes")["cjt_349"]
    if not re.fullmatch(rf"[0-9]{{{rule['object_digits']}}}", kind):
        raise InputError("delineate_code20_kind", given=kind)
    if not re.fullmatch(rf"{DIGITS_OF_COMMUNITY}[0-9]{{{DIGITS}}}", code):
        raise InputError("delineate_code20_code", given=code)
    place = int(code[rule["community_digits"] :]) if divided else 0
    if len(str(place)) > rule["number_digits"]:
        raise PlanError("delineate_code20_full", given=code, most=10 ** rule["number_digits"] - 1)
    return f"{kind}{code[: rule['community_digits']]}{place:0{rule['number_digits']}d}"


def in_twenty(units: pd.DataFrame, kind: str) -> pd.Series:
    """
    Give the 20-digit code of each unit of `units`, None for what lies inside a unit: the standard knows no such level.

    Raises as `export20` does.
    """
    top = units["parent_unit_id"].isna() if "parent_unit_id" in units else pd.Series(data=True, index=units.index)
    count = units["community_id"].where(top).value_counts()
    rows = zip(units["code"], units["community_id"].map(count), top, strict=True)
    told = [export20(str(code), kind, divided=of > 1) if outer else None for code, of, outer in rows]
    return pd.Series(told, index=units.index, dtype=object)


def _ordered(units: "gpd.GeoDataFrame", communities: "gpd.GeoDataFrame") -> pd.DataFrame:
    """Put units in the order of their numbers; units without an outline come last in their community."""
    extent = communities.set_index("community_id").geometry.bounds
    point = np.where(units.geometry.is_empty, None, shapely.point_on_surface(units.geometry.to_numpy()))
    x, y = shapely.get_x(point), shapely.get_y(point)
    north = extent["maxy"].reindex(units["community_id"]).to_numpy(dtype=float)
    south = extent["miny"].reindex(units["community_id"]).to_numpy(dtype=float)
    height = np.maximum(north - south, 1e-9)
    band = np.clip(np.floor((north - y) / height * BANDS), 0, BANDS - 1)
    rows = pd.DataFrame({"unit_id": units["unit_id"].to_numpy(), "community_id": units["community_id"].to_numpy()})
    rows = rows.assign(band=band, x=x, y=-y)
    return rows.sort_values(["community_id", "band", "x", "y", "unit_id"], kind="stable", na_position="last")


def _by_depth(ordered: pd.DataFrame, units: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Give the units that lie in no other, then those in them, and so on, each with its `parent`."""
    parents = dict(zip(units["unit_id"], units["parent_unit_id"], strict=True)) if "parent_unit_id" in units else {}
    known = set(ordered["unit_id"])
    above = [parents.get(unit) for unit in ordered["unit_id"].tolist()]
    ordered = ordered.assign(parent=pd.Series([one if one in known else None for one in above], ordered.index, object))
    here = ordered["parent"].isna()
    while here.any():
        yield ordered[here]
        here = ordered["parent"].isin(set(ordered.loc[here, "unit_id"]))


def _prefixes(communities: pd.DataFrame) -> dict[str, str]:
    """Give the 12 digits of the communities that have them."""
    if "code" not in communities:
        return {}
    codes = zip(communities["community_id"], communities["code"], strict=True)
    return {one: str(code) for one, code in codes if isinstance(code, str) and re.fullmatch(DIGITS_OF_COMMUNITY, code)}


def _stem(parent: str | None, code: Mapping[str, str], community: str | None) -> Stem:
    """Say what the code of a unit begins with."""
    if isinstance(parent, str):
        above = code[parent]
        official = above.isdecimal()
        return Stem(above if official else f"{above}-", DIGITS_INSIDE, not official)
    return Stem(PREFIX, DIGITS, open=True) if community is None else Stem(community, DIGITS, open=False)


def _numbered(unit_ids: list[str], stems: list[Stem], former: Mapping[str, str], ever: list[str]) -> dict[str, str]:
    """Give units their former codes where they still hold, the others the numbers that follow the highest given."""
    code: dict[str, str] = {}
    held: set[str] = set()
    fresh: dict[Stem, list[str]] = {}
    for unit, stem in zip(unit_ids, stems, strict=True):
        kept = former.get(unit)
        # A unit keeps its code even where the community got its digits since; what lies inside follows the unit above.
        inside = stem.digits == DIGITS_INSIDE
        if kept is None or kept in held or (inside and not stem.place(kept)):
            fresh.setdefault(stem, []).append(unit)
        else:
            code[unit] = kept
            held.add(kept)
    for stem in sorted(fresh):
        code |= _counted_on(stem, fresh[stem], ever)
    return code


def _counted_on(stem: Stem, unit_ids: list[str], ever: list[str]) -> dict[str, str]:
    """Number units after the highest number ever given under a stem."""
    highest = max((stem.place(code) for code in ever), default=0)
    last = highest + len(unit_ids)
    if not stem.open and len(str(last)) > stem.digits:
        key = "delineate_codes_full" if stem.digits == DIGITS else "delineate_codes_full_inside"
        raise PlanError(key, community=stem.text, count=last, most=10**stem.digits - 1)
    digits = max(stem.digits, len(str(last)))
    return {unit: stem.code(highest + 1 + place, digits) for place, unit in enumerate(unit_ids)}
