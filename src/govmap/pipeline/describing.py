"""What is said of buildings by hand: numbers in sequence, households, use and floors, stairwells and bands of floors.

Numbers, counts and stairwells are the office's own and no second fetch touches them; use, floors, name and status are
also the map's, so that a building of which they are said is `edited_by_hand`.
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from govmap import addresses, catalog
from govmap.errors import InputError
from govmap.messages import Note, note
from govmap.pipeline import along
from govmap.pipeline.handmade import Hand, called, hand, row_of
from govmap.pipeline.numbering import MOST
from govmap.pipeline.report import Report
from govmap.project import Project
from govmap.schema import TABLES

TABLE = "buildings"
OURS = {
    "households": "households_given", "residents": "residents_given", "dwellings": "dwellings", "levels": "levels",
    "use": "use", "name": "name", "stairwells": "stairwells", "homes_a_floor": "homes_a_floor", "number": "number",
    "status": "status",
}  # fmt: skip
OF_THE_MAP = frozenset({"dwellings", "levels", "use", "name", "status"})
COUNTING = frozenset({"households", "residents", "dwellings", "levels", "use", "status", "homes_a_floor", "stairwells"})
CUTTING = frozenset({"stairwells", "status"})
STANDING = ("standing", "new")
LONGEST = 60
MOST_AT_ONCE = 500


def number(
    project: Project,
    building_ids: Sequence[str],
    *,
    start: int = 1,
    step: int = 1,
    before: str = "",
    after: str = "",
) -> Report:
    """
    Number buildings in the order in which they are named: start, start + step and so on.

    Parameters
    ----------
    step
        2 numbers one side of a street: odd from 1, even from 2; a negative step counts down.
    before, after
        What stands before and behind the number, as 号楼.

    Raises
    ------
    InputError
        A building is unknown or gone, a number would be below 1, or another building of its compound has it.
    """
    wanted = list(dict.fromkeys(building_ids))
    if not wanted:
        raise InputError("base_none_named")
    last = start + step * (len(wanted) - 1)
    if min(start, last) < 1 or step == 0:
        raise InputError("base_number_low", first=start, last=last)
    told = [f"{_plain(before)}{start + step * at}{_plain(after)}" for at in range(len(wanted))]
    with hand(project, "number", {"count": len(wanted), "start": start, "step": step}) as made:
        rows = _rows(made, wanted)
        _refuse_twice(made, rows, wanted, told)
        _write_numbers(made, wanted, told)
    return _numbered(wanted, told, last + step)


def number_compound(
    project: Project, first: str, *, sides: bool = False, start: int = 1, before: str = "", after: str = ""
) -> Report:
    """
    Number all houses of a compound at once, beginning with one of them; what had a number gets a new one.

    Parameters
    ----------
    first
        The building that the numbers begin with: usually the first behind the gate.
    sides
        Odd numbers at the side of the first one, even ones at the other; without it along the way in.

    Raises
    ------
    InputError
        There is no such building, it lies in no compound, or the compound has too many.
    """
    if start < 1:
        raise InputError("base_number_low", first=start, last=start)
    with hand(project, "number", {"compound_of": first, "sides": sides, "start": start}) as made:
        compound = _rows(made, [first])["compound_id"].iloc[0]
        if not isinstance(compound, str):
            raise InputError("base_in_no_compound", building=first)
        rows = _houses(made, compound, first)
        at = [*rows.index].index(first)
        xy = np.column_stack([rows.geometry.centroid.x, rows.geometry.centroid.y])
        numbers = along.sided(xy, at) if sides else _places(along.walked(xy, at))
        order = np.argsort(numbers, kind="stable")
        wanted = [str(one) for one in rows.index[order]]
        told = [f"{_plain(before)}{start - 1 + numbers[one]}{_plain(after)}" for one in order]
        _rows(made, wanted)
        _refuse_twice(made, rows, wanted, told)
        had = int(rows["number"].notna().sum())
        _write_numbers(made, wanted, told)
    report = _numbered(wanted, told, start + max(numbers))
    report.notes += [note("base_numbers_new", count=had)] if had else []
    return report


def describe(project: Project, building_ids: Sequence[str], facts: Mapping[str, Any]) -> Report:
    """
    Say facts of buildings: households, residents, dwellings, levels, use, name, stairwells, homes_a_floor, status.

    None takes what was said away again, so that it is estimated as before. Households said of several buildings are of
    each of them.

    Raises
    ------
    InputError
        A building is unknown, a fact is not one of these, or a value cannot be meant.
    """
    wanted = list(dict.fromkeys(building_ids))
    if not wanted or not facts:
        raise InputError("base_none_named" if not wanted else "base_no_facts")
    told = checked(facts)
    with hand(project, "describe", {"buildings": len(wanted), "facts": sorted(facts)}) as made:
        _rows(made, wanted, standing="status" not in facts)
        by_hand = {"edited_by_hand": True} if OF_THE_MAP & set(facts) else {}
        back = {"reason": None} if facts.get("status") in STANDING else {}
        frames = [row_of(TABLE, made.crs, None, building_id=one, **told, **by_hand, **back) for one in wanted]
        made.put(TABLE, pd.concat(frames, ignore_index=True))
        made.stale = bool(CUTTING & set(facts))
        made.counted = bool(COUNTING & set(facts))
    stale = [note("base_stale")] if made.stale else []
    figures = {"building_ids": wanted, "stale": made.stale}
    report = Report(figures=figures, notes=[note("base_done_describe", count=len(wanted)), *stale])
    report.warnings = _against_registers(project, wanted, told.get("households_given"))
    return report


def divide(project: Project, building_id: str, stairwells: int, bands: Sequence[Sequence[int]] = ()) -> Report:
    """
    Divide a building into stairwells, each of them into bands of floors where such are given: these are its parts.

    Parameters
    ----------
    bands
        (first floor, last floor) from below, without gaps or overlaps; empty where stairwells stay whole.

    Raises
    ------
    InputError
        There is no such building, too many stairwells, or bands that do not follow each other.
    """
    if not 1 <= stairwells <= MOST["stairwells"]:
        raise InputError("base_fact_wrong", fact=note("base_fact_stairwells"), given=str(stairwells))
    floors = _bands(bands)
    with hand(project, "divide", {"building": building_id, "stairwells": stairwells, "bands": len(floors)}) as made:
        row = _rows(made, [building_id]).iloc[0]
        said = made.read("parts", building_id=[building_id], source=["given"])
        if len(said):
            made.remove("parts", sorted(said["part_id"]))
        count = {"stairwells": stairwells}
        if floors:
            count["levels"] = floors[-1][1]
            made.put("parts", _parts(building_id, stairwells, floors))
        made.put(TABLE, row_of(TABLE, made.crs, None, building_id=building_id, **count))
        made.stale = True
    parts = stairwells * max(1, len(floors))
    told = [note("base_done_divide", building=called(row), count=parts), note("base_stale")]
    figures = {"building_id": building_id, "parts": parts, "stale": True}
    return Report(figures=figures, notes=told, warnings=_other_height(row, floors))


def checked(facts: Mapping[str, Any]) -> dict[str, Any]:
    """
    Give facts in the columns of `buildings`.

    Raises
    ------
    InputError
        A fact is unknown, or a value cannot be meant.
    """
    unknown = sorted(set(facts) - set(OURS))
    if unknown:
        raise InputError("base_fact_unknown", given=unknown[0][:40], known=sorted(OURS))
    return {OURS[name]: _value(name, value) for name, value in facts.items()}


# below ---------------------------------------------------------------------------------------------------------------
def _other_height(row: "pd.Series[Any]", floors: Sequence[tuple[int, int]]) -> list[Note]:
    """Say that bands end at another floor than the building was known to have: the bands hold from now on."""
    known = row["levels"]
    if not floors or pd.isna(known) or round(float(known)) == floors[-1][1]:
        return []
    return [note("base_other_height", building=called(row), before=round(float(known)), after=floors[-1][1])]


def _value(name: str, value: Any) -> Any:
    if value is None or value == "":
        return None
    if name in ("name", "number"):
        return _text(value)
    if name == "use":
        known = [str(one["name"]) for one in catalog.layer("buildings")["uses"]]
        return _among(name, value, known)
    if name == "status":
        return _among(name, value, ["standing", "new", "demolished"])
    bounds = catalog.layer("drawing")["bounds"]
    most = {**MOST, "dwellings": MOST["households"], "residents": bounds["residents_most"]}[name]
    low = 0 if name in ("households", "residents", "dwellings") else 1
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or not low <= value <= most:
        raise InputError("base_fact_wrong", fact=note(f"base_fact_{name}"), given=str(value)[:40])
    return int(value)


def _among(name: str, value: Any, known: Sequence[str]) -> str:
    if value not in known:
        raise InputError("base_fact_wrong", fact=note(f"base_fact_{name}"), given=str(value)[:40])
    return str(value)


def _text(value: Any) -> str | None:
    """Give a name or number without what names or reaches a person."""
    from govmap.sources import masking

    plain = " ".join(str(value).split())
    if len(plain) > LONGEST:
        raise InputError("base_text_long", given=plain[:20], longest=LONGEST)
    return masking.mask(plain) or None


def _plain(text: str) -> str:
    return _text(text) or ""


def _rows(made: Hand, wanted: Sequence[str], *, standing: bool = True) -> pd.DataFrame:
    if len(wanted) > MOST_AT_ONCE:
        raise InputError("base_too_many", most=MOST_AT_ONCE)
    rows = made.read(TABLE, building_id=list(wanted)).set_index("building_id", drop=False)
    unknown = [one for one in wanted if one not in rows.index]
    if unknown:
        raise InputError("base_no_building", building=unknown[0][:40])
    gone = [one for one in wanted if rows["status"][one] not in STANDING]
    if standing and gone:
        raise InputError("base_building_gone", building=gone[0])
    found: pd.DataFrame = rows.loc[list(wanted)]
    return found


def _houses(made: Hand, compound: str, first: str) -> pd.DataFrame:
    """Give the buildings of a compound that have numbers as a rule: no sheds, garages or the like, but the first."""
    rules = catalog.layer("drawing")["numbering"]
    rows = made.read(TABLE, compound_id=[compound]).sort_values("building_id")
    rows = rows[rows["status"].isin(STANDING) & rows["geometry"].notna()].set_index("building_id", drop=False)
    small = rows.geometry.area < float(rules["smallest_m2"])
    homes = rows["households"].fillna(0) > 0
    found: pd.DataFrame = rows[((~small & ~rows["use"].isin(rules["without"])) | homes) | (rows.index == first)]
    return found


def _places(order: Sequence[int]) -> list[int]:
    """Turn an order of rows into the place of each row in it, from 1 on."""
    return [1 + at for at in np.argsort(order, kind="stable").tolist()]


def _write_numbers(made: Hand, wanted: Sequence[str], told: Sequence[str]) -> None:
    made.put(TABLE, pd.DataFrame({"building_id": list(wanted), "number": list(told)}))


def _numbered(wanted: Sequence[str], told: Sequence[str], following: int) -> Report:
    figures = {"numbers": dict(zip(wanted, told, strict=True)), "next": following}
    return Report(figures=figures, notes=[note("base_done_number", count=len(wanted), first=told[0], last=told[-1])])


def _refuse_twice(made: Hand, rows: pd.DataFrame, wanted: Sequence[str], told: Sequence[str]) -> None:
    """Refuse a number that another building of the same compound has; without a compound numbers go by streets."""
    fresh = {(rows["compound_id"][one], addresses.normalise(text)) for one, text in zip(wanted, told, strict=True)}
    compounds = sorted({one for one, _ in fresh if isinstance(one, str)})
    if not compounds:
        return
    others = made.read(TABLE, compound_id=compounds)
    others = others[~others["building_id"].isin(wanted) & others["number"].notna() & others["status"].isin(STANDING)]
    for compound, text in zip(others["compound_id"], others["number"], strict=True):
        if (compound, addresses.normalise(str(text))) in fresh:
            raise InputError("base_number_taken", number=str(text))


def _against_registers(project: Project, wanted: Sequence[str], households: int | None) -> list[Note]:
    """Say of how many buildings a register counts other households than were said here."""
    if households is None:
        return []
    rows = project.read(TABLE, where={"building_id": list(wanted)}, columns=["building_id", "households"])
    count = int((rows["households"] != households).sum())
    return [note("base_register_differs", count=count)] if count else []


def _bands(bands: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    found = sorted((int(low), int(high)) for low, high in bands)
    follows = all(high + 1 == low for (_, high), (low, _) in itertools.pairwise(found))
    fits = all(low <= high for low, high in found) and (not found or found[-1][1] <= MOST["levels"])
    if not follows or not fits:
        raise InputError("base_bands_wrong", bands=[f"{low}-{high}" for low, high in found[:10]])
    return found


def _parts(building_id: str, stairwells: int, floors: Sequence[tuple[int, int]]) -> pd.DataFrame:
    rows = [
        {
            "part_id": f"{building_id}/{stair}/{low}-{high}", "building_id": building_id, "entrance": str(stair),
            "floor_from": low, "floor_to": high, "source": "given",
        }
        for stair in range(1, stairwells + 1)
        for low, high in floors
    ]  # fmt: skip
    kinds = {"floor_from": "Int64", "floor_to": "Int64"}
    return pd.DataFrame(rows, columns=[name for name in TABLES["parts"].names if name in rows[0]]).astype(kinds)
